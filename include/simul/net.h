/* SPDX-License-Identifier: MIT
 * simul/net.h - connections.
 *
 * A client:
 *
 *	simul_stream *s;
 *	int r = simul_connect("example.org", 80, &s);
 *
 * Who is connected to waits for it:
 *
 *	simul_address_parse("127.0.0.1", 8080, &address);
 *	r = simul_listen(&address, NULL, &listener);
 *	r = simul_accept(listener, &s);
 *
 * though mostly by way of simul/server.h, which does this again and again.
 *
 * Connections are streams: simul/stream.h has the verbs. No signal is ever
 * sent for a peer that is gone; a write is then -EPIPE or -ECONNRESET.
 *
 * This header only includes the others; each is the manual of its part:
 *	address.h    where a socket is
 *	resolve.h    from names to addresses, and back
 *	connect.h    connections that we begin
 *	listen.h     connections that others begin
 *	socket.h     streams that are sockets: their ends, their options
 *
 * Datagrams are in simul/udp.h, TLS is in simul/tls.h.
 */
#ifndef SIMUL_NET_H
#define SIMUL_NET_H

#include <simul/address.h>
#include <simul/connect.h>
#include <simul/listen.h>
#include <simul/resolve.h>
#include <simul/socket.h>

#endif /* SIMUL_NET_H */
