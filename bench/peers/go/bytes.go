// SPDX-License-Identifier: MIT
package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"
)

const pieceSize = 1 << 20

// measureBytes: the file "bytes" is written over and read in pieces of 1 MiB.
func measureBytes() {
	mib := number(2, 1024)
	piece := bytes.Repeat([]byte("x"), pieceSize)
	f, err := os.OpenFile(filepath.Join(word(1), "bytes"), os.O_RDWR, 0)
	if err != nil {
		fail(err.Error())
	}
	defer f.Close()
	start := time.Now()
	for i := 0; i < mib; i++ {
		if _, err := f.Write(piece); err != nil {
			fail(err.Error())
		}
	}
	reportGiB("bytes_write", start, mib)
	f.Seek(0, io.SeekStart)
	start = time.Now()
	for i := 0; i < mib; i++ {
		if n, _ := f.Read(piece); n != pieceSize {
			fail("a short read")
		}
	}
	reportGiB("bytes_read", start, mib)
}
