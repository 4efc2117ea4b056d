// SPDX-License-Identifier: MIT
package main

import (
	"runtime"
	"time"
)

// measureLoops: a value goes to and fro between goroutines that are locked to
// two threads, both of which may run.
func measureLoops() {
	n := number(1, 10000)
	runtime.GOMAXPROCS(2)
	runtime.LockOSThread()
	there, back := make(chan *int), make(chan *int)
	go func() {
		runtime.LockOSThread()
		for item := range there {
			back <- item
		}
	}()
	thereAndBack(there, back, n/10)
	start := time.Now()
	thereAndBack(there, back, n)
	reportEach("loops", start, n, n)
	close(there)
}
