// SPDX-License-Identifier: MIT
package main

import (
	"net"
	"net/netip"
)

// serveUDP sends datagrams back, one after the other.
func serveUDP() {
	port := uint16(number(1, 7000))
	address := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
	socket, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(address))
	if err != nil {
		fail(err.Error())
	}
	buffer := make([]byte, 2048)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err == nil {
			_, err = socket.WriteToUDPAddrPort(buffer[:n], from)
		}
		if err != nil {
			fail(err.Error())
		}
	}
}
