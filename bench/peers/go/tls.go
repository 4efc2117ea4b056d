// SPDX-License-Identifier: MIT
package main

import (
	"crypto/tls"
	"fmt"
	"os"
)

// serveTLS does what serveEcho does, by TLS.
func serveTLS() {
	pem := os.Getenv("SIMUL_BENCH_PEM")
	certificate, err := tls.LoadX509KeyPair(pem, pem)
	if err != nil {
		fail(err.Error())
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS13,
	}
	listener, err := tls.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", number(1, 7000)), config)
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
