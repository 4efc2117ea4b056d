// SPDX-License-Identifier: MIT
package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// measureSleepers: N goroutines that all sleep at the same time.
func measureSleepers() {
	tasks := number(1, 1000000)
	seconds := time.Duration(number(2, 10)) * time.Second
	var asleep atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	wg.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			defer wg.Done()
			if asleep.Add(1) == int64(tasks) {
				reportMemory(tasks)
			}
			time.Sleep(seconds)
			asleep.Add(-1)
		}()
	}
	wg.Wait()
	report("sleepers", (time.Since(start) - seconds).Seconds(), "s", tasks)
}

// reportMemory reports pages, and the page tables that the kernel keeps for
// them, which VmRSS does not count.
func reportMemory(n int) {
	rss, pageTables := memory("VmRSS:"), memory("VmPTE:")
	report("memory", rss+pageTables, "MB", n)
	report("rss", rss, "MB", n)
	report("page_tables", pageTables, "MB", n)
}

// memory returns a line of /proc/self/status in MB (10^6 bytes).
func memory(key string) float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 1 && fields[0] == key {
			kb, _ := strconv.ParseFloat(fields[1], 64)
			return kb * 1024 / 1e6
		}
	}
	return 0
}
