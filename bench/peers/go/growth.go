// SPDX-License-Identifier: MIT
package main

import (
	"runtime"
	"sync"
	"time"
)

// measureGrowth: N goroutines at a time are started, yield once, end, and are
// waited for; the first batch is not counted.
func measureGrowth() {
	tasks := number(1, 1000)
	batches := number(2, 500000)/tasks + 1
	liveTogether(tasks)
	start := time.Now()
	for i := 0; i < batches; i++ {
		liveTogether(tasks)
	}
	reportEach("growth", start, batches*tasks, tasks)
}

func liveTogether(tasks int) {
	var wg sync.WaitGroup
	wg.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			defer wg.Done()
			touchStack()
			runtime.Gosched()
		}()
	}
	wg.Wait()
}
