// SPDX-License-Identifier: MIT
package main

import (
	"runtime"
	"sync"
	"time"
)

// measureSwitch: two goroutines that yield to each other.
func measureSwitch() {
	n := number(1, 3000000)
	takeTurns(n / 10)
	start := time.Now()
	takeTurns(n)
	reportEach("switch", start, 2*n, n)
}

func takeTurns(n int) {
	var wg sync.WaitGroup
	for i := 0; i < 2; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; k < n; k++ {
				runtime.Gosched()
			}
		}()
	}
	wg.Wait()
}
