// SPDX-License-Identifier: MIT
package main

import "time"

// measureQueue: two goroutines pass an item to and fro. A channel in Go is
// unbuffered or has a capacity: beside Simul's unlimited queue stands the
// unbuffered one, which hands over directly.
func measureQueue() {
	n := number(2, 1000000)
	capacity := 0
	switch word(1) {
	case "one":
		capacity = 1
	case "unlimited":
	default:
		fail("usage: queue one|unlimited [N]")
	}
	there, back := make(chan *int, capacity), make(chan *int, capacity)
	go func() {
		for item := range there {
			back <- item
		}
	}()
	thereAndBack(there, back, n/10)
	start := time.Now()
	thereAndBack(there, back, n)
	reportEach("queue", start, 2*n, n)
	close(there)
}

func thereAndBack(there, back chan *int, n int) {
	item := new(int)
	for i := 0; i < n; i++ {
		there <- item
		item = <-back
	}
}
