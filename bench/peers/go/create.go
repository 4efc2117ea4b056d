// SPDX-License-Identifier: MIT
package main

import (
	"sync"
	"time"
)

const batch = 1000

var sum int

// measureCreate: start a goroutine and wait for its result through a channel;
// or start 1000 and wait for all with a WaitGroup.
func measureCreate() {
	n := number(2, 1000000)
	switch word(1) {
	case "await":
		createAndAwait(n / 10)
		start := time.Now()
		createAndAwait(n)
		reportEach("create_await", start, n, n)
	case "gather":
		createAndGather(n / batch / 10)
		start := time.Now()
		createAndGather(n / batch)
		reportEach("create_gather", start, n/batch*batch, batch)
	default:
		fail("usage: create await|gather [N]")
	}
}

// One channel for all, which a program could not always have: in Go's favour.
func createAndAwait(n int) {
	result := make(chan int)
	for i := 0; i < n; i++ {
		go func() { result <- i }()
		sum += <-result
	}
}

func createAndGather(batches int) {
	for i := 0; i < batches; i++ {
		var wg sync.WaitGroup
		wg.Add(batch)
		for k := 0; k < batch; k++ {
			go func() {
				defer wg.Done()
				sum += k
			}()
		}
		wg.Wait()
	}
}
