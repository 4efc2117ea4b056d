// SPDX-License-Identifier: MIT
package main

import (
	"io/fs"
	"path/filepath"
	"time"
)

// measureWalk: over all that is below a directory, N times. (WalkDir sorts the
// entries of each directory.)
func measureWalk() {
	directory, n := word(1), number(2, 3)
	walk(directory)
	entries := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		entries += walk(directory)
	}
	reportEach("walk", start, entries, entries)
}

func walk(directory string) int {
	entries := 0
	err := filepath.WalkDir(directory, func(_ string, _ fs.DirEntry, err error) error {
		entries++
		return err
	})
	if err != nil {
		fail(err.Error())
	}
	return entries
}
