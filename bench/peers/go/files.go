// SPDX-License-Identifier: MIT
package main

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// measureFiles: 64 goroutines open, read and close the files 0 to N - 1 of a
// directory. What blocks takes a thread of its own, though one of them runs Go
// at a time.
func measureFiles() {
	directory, n := word(1), number(2, 20000)
	useFiles(directory, n)
	start := time.Now()
	useFiles(directory, n)
	reportEach("files", start, n, n)
}

func useFiles(directory string, n int) {
	const inFlight = 64
	names := make(chan int)
	var wg sync.WaitGroup
	for i := 0; i < inFlight; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			buffer := make([]byte, 4096)
			for i := range names {
				useFile(filepath.Join(directory, strconv.Itoa(i)), buffer)
			}
		}()
	}
	for i := 0; i < n; i++ {
		names <- i
	}
	close(names)
	wg.Wait()
}

func useFile(path string, buffer []byte) {
	f, err := os.Open(path)
	if err != nil {
		fail(err.Error())
	}
	defer f.Close()
	if n, _ := f.Read(buffer); n != len(buffer) {
		fail(path + " is shorter than it should be")
	}
}
