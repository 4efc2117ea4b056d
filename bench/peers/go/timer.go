// SPDX-License-Identifier: MIT
package main

import (
	"math/rand"
	"time"
)

const (
	pending    = 1000000
	timerBatch = 64
)

// measureTimer: set and stop 64 timers while a million others are pending. Only
// "clock": a timer of Go's always looks at the clock. time.AfterFunc, because
// the timers of NewTimer are set only when somebody receives from them, since
// Go 1.23.
func measureTimer() {
	if word(1) != "clock" {
		fail("usage: timer clock [N]")
	}
	batches := number(2, 1000000) / timerBatch
	random := rand.New(rand.NewSource(1))
	held := make([]*time.Timer, pending)
	for i := range held {
		held[i] = time.AfterFunc(1000*time.Second+
			time.Duration(random.Int63n(int64(60*time.Second))), never)
	}
	setAndStop(batches / 10)
	start := time.Now()
	setAndStop(batches)
	reportEach("timer", start, batches*timerBatch, batches*timerBatch)
	for _, timer := range held {
		timer.Stop()
	}
}

func never() {}

func setAndStop(batches int) {
	var timers [timerBatch]*time.Timer
	for i := 0; i < batches; i++ {
		for k := range timers {
			timers[k] = time.AfterFunc(1030*time.Second, never)
		}
		for k := len(timers) - 1; k >= 0; k-- {
			timers[k].Stop()
		}
	}
}
