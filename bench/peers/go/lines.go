// SPDX-License-Identifier: MIT
package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"
)

// measureLines: lines of 20 to 60 bytes are written over those that the file
// "lines" has, and read again.
func measureLines() {
	n := number(2, 2000000)
	f, err := os.OpenFile(filepath.Join(word(1), "lines"), os.O_RDWR, 0)
	if err != nil {
		fail(err.Error())
	}
	defer f.Close()
	start := time.Now()
	writeLines(f, n)
	reportEach("lines_write", start, n, n)
	f.Seek(0, io.SeekStart)
	start = time.Now()
	readLines(f, n)
	reportEach("lines_read", start, n, n)
}

func writeLines(f *os.File, n int) {
	w := bufio.NewWriter(f)
	line := bytes.Repeat([]byte("x"), 64)
	for i := 0; i < n; i++ {
		length := 20 + i%41
		line[length-1] = '\n'
		w.Write(line[:length])
		line[length-1] = 'x'
	}
	if err := w.Flush(); err != nil {
		fail(err.Error())
	}
}

func readLines(f *os.File, n int) {
	lines := bufio.NewScanner(f)
	for i := 0; i < n; i++ {
		if !lines.Scan() {
			fail("lines are missing")
		}
	}
}
