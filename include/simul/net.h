/* SPDX-License-Identifier: MIT
 * simul/net.h - addresses, names and connections.
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
 */
#ifndef SIMUL_NET_H
#define SIMUL_NET_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/address.h>
#include <simul/export.h>
#include <simul/resolve.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Connecting */

/* Connect to host (a name, or an address in numbers) at a TCP port. Its
 * addresses are tried in turn; the error is that of the last one. Small writes
 * are sent at once (TCP_NODELAY), as the stream has gathered them already.
 * Errors as for simul_resolve, and -ECONNREFUSED, -ENETUNREACH, ...
 * Suspends: always. Cancelled: there is no connection. */
SIMUL_API int simul_connect(const char *host, int port,
			    simul_stream **ret_stream);

/* Connect to one address, of any kind.
 * Suspends: always. Cancelled: there is no connection. */
SIMUL_API int simul_connect_address(const simul_address *address,
				    simul_stream **ret_stream);

/* The addresses of both ends of a connection. -ENOTSOCK if the stream is
 * something else, -ENOTCONN if it was reset.
 * Suspends: never. */
SIMUL_API int simul_local_address(const simul_stream *s,
				  simul_address *ret_address);

/* The same, for the other end.
 * Suspends: never. */
SIMUL_API int simul_peer_address(const simul_stream *s,
				 simul_address *ret_address);

/* ---- Listening */

typedef struct simul_listener simul_listener;

/* How to listen; all zero is a good choice. */
typedef struct simul_listen_options {
	int backlog;	 /* connections that wait to be accepted; 0: 1024,
			  * or what the system allows */
	bool reuse_port; /* share the port with others that say so, too */
	bool ipv6_only;	 /* "::" without IPv4 */
} simul_listen_options;

/* Accept connections at address. With port 0 the system chooses one, which
 * simul_listener_address tells. The port can be taken again at once when a
 * server has ended (SO_REUSEADDR). options may be NULL. -EADDRINUSE, -EACCES,
 * -EADDRNOTAVAIL, ... A Unix socket's file stays when the listener is closed.
 * Suspends: never. */
SIMUL_API int simul_listen(const simul_address *address,
			   const simul_listen_options *options,
			   simul_listener **ret_listener);

/* Where it listens.
 * Suspends: never. */
SIMUL_API int simul_listener_address(const simul_listener *listener,
				     simul_address *ret_address);

/* Wait for a connection. Those that fail before they are accepted are passed
 * over. -EMFILE, -ENFILE, -ENOBUFS and -ENOMEM mean that there is no room for
 * another one just now: what waits goes on waiting.
 * Suspends: if none waits. Cancelled: none was accepted. */
SIMUL_API int simul_accept(simul_listener *listener, simul_stream **ret_stream);

/* Stop listening. Nobody may be waiting in simul_accept: that is a bug that
 * aborts. NULL does nothing.
 * Suspends: until the system has let go of it, which a cancellation can't cut
 * short. */
SIMUL_API void simul_listener_close(simul_listener *listener);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_NET_H */
