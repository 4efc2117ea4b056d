// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"net"
)

// serveEcho: a goroutine for each connection, which sends back what it reads.
func serveEcho() {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", number(1, 7000)))
	if err != nil {
		fail(err.Error())
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail(err.Error())
		}
		go echo(connection, number(2, 4096))
	}
}

func echo(connection net.Conn, size int) {
	defer connection.Close()
	buffer := make([]byte, size)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}
