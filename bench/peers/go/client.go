// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const clients = 64

// measureClient: 64 goroutines that GET the same page through one client.
func measureClient() {
	url := fmt.Sprintf("http://127.0.0.1:%d/", number(1, 7000))
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConns: clients, MaxIdleConnsPerHost: clients}}
	var done, over atomic.Int64
	var wg sync.WaitGroup
	for i := 0; i < clients; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for over.Load() == 0 {
				get(client, url)
				done.Add(1)
			}
		}()
	}
	time.Sleep(200 * time.Millisecond)
	before, cpu, start := done.Load(), cpuTime(), time.Now()
	time.Sleep(600 * time.Millisecond)
	n := int(done.Load() - before)
	report("cpu", float64((cpuTime()-cpu).Microseconds())/float64(n), "us", n)
	report("rate", float64(n)/time.Since(start).Seconds(), "/s", n)
	report("memory", memory("VmRSS:")+memory("VmPTE:"), "MB", n)
	over.Store(1)
	wg.Wait()
}

func get(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		fail(err.Error())
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || string(body) != "Hello, World!" {
		fail("that is not what was asked for")
	}
}

// cpuTime returns what the process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
