// SPDX-License-Identifier: MIT

// Command go measures goroutines as bench/ measures Simul: the same programs
// by the same names, with the same arguments and the same lines of output.
// bench/run runs it with GOMAXPROCS=1, pinned to one core.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

var programs = map[string]func(){
	"switch":   measureSwitch,
	"create":   measureCreate,
	"queue":    measureQueue,
	"timer":    measureTimer,
	"random":   measureRandom,
	"growth":   measureGrowth,
	"sleepers": measureSleepers,
	"echo":     serveEcho,
	"http":     serveHTTP,
	"client":   measureClient,
	"tls":      serveTLS,
	"udp":      serveUDP,
	"files":    measureFiles,
	"bytes":    measureBytes,
	"lines":    measureLines,
	"walk":     measureWalk,
	"loops":    measureLoops,
}

func main() {
	if len(os.Args) > 1 {
		if program := programs[os.Args[1]]; program != nil {
			program()
			return
		}
	}
	fail("usage: PROGRAM NAME [ARGUMENT...]; see bench/README.md")
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

// word returns argument i of the program, or "".
func word(i int) string {
	if len(os.Args) <= i+1 {
		return ""
	}
	return os.Args[i+1]
}

// number returns argument i of the program, or fallback where it is absent.
func number(i int, fallback int) int {
	if word(i) == "" {
		return fallback
	}
	n, err := strconv.Atoi(word(i))
	if err != nil || n < 1 {
		fail(word(i) + " is not a positive number")
	}
	return n
}

func report(measure string, value float64, unit string, n int) {
	fmt.Printf("measure=%s value=%.4g unit=%s n=%d\n", measure, value, unit, n)
}

// reportEach shares the time since start out over that many operations.
func reportEach(measure string, start time.Time, operations int, n int) {
	nanoseconds := float64(time.Since(start).Nanoseconds())
	report(measure, nanoseconds/float64(operations), "ns", n)
}

// reportGiB reports the time since start, in which so many MiB came or went, as
// that for a GiB.
func reportGiB(measure string, start time.Time, mib int) {
	seconds := time.Since(start).Seconds()
	report(measure, seconds*1024/float64(mib)*1e3, "ms", mib)
}
