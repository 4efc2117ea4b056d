module simul/bench/peers/go

go 1.22
