// SPDX-License-Identifier: MIT
package main

import (
	"math/rand"
	"runtime"
	"time"
)

// measureRandom: N goroutines take turns in an order that has nothing to do
// with where their stacks lie: each waits for a channel of its own, and these
// are closed in random order. Turns are counted, as the scheduler now and then
// changes the order a little. One thread runs them all, so a plain counter
// will do.
func measureRandom() {
	tasks, turns := number(1, 100000), number(2, 3000000)
	events := make([]chan struct{}, tasks)
	for i := range events {
		events[i] = make(chan struct{})
		go takeTurnsAfter(events[i])
	}
	runtime.Gosched()
	order := rand.New(rand.NewSource(1)).Perm(tasks)
	for _, i := range order {
		close(events[i])
	}
	letRun(3 * tasks)
	start, before := time.Now(), turnsTaken
	letRun(turns)
	reportEach("random", start, turnsTaken-before, tasks)
}

var turnsTaken int

func takeTurnsAfter(event chan struct{}) {
	<-event
	for {
		touchStack()
		turnsTaken++
		runtime.Gosched()
	}
}

func letRun(turns int) {
	for end := turnsTaken + turns; turnsTaken < end; {
		runtime.Gosched()
	}
}

// touchStack does a small amount of work on the stack: four cache lines.
//
//go:noinline
func touchStack() byte {
	var frame [200]byte
	for i := 0; i < len(frame); i += 64 {
		frame[i] = 1
	}
	return frame[turnsTaken&127]
}
