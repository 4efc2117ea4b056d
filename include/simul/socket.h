/* SPDX-License-Identifier: MIT
 * simul/socket.h - streams that are sockets: their ends, options, descriptors.
 *
 * simul_connect and simul_accept make them; simul/stream.h has the verbs. Here
 * is what only sockets have. Where a stream is something else (a file, a pair
 * in memory), these functions say -ENOTSOCK.
 */
#ifndef SIMUL_SOCKET_H
#define SIMUL_SOCKET_H

#include <stdbool.h>

#include <simul/address.h>
#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Where its ends are */

/* The addresses of both ends of a connection. -ENOTCONN if it was reset.
 * Suspends: never. */
SIMUL_API int simul_local_address(const simul_stream *s,
				  simul_address *ret_address);

/* The same, for the other end.
 * Suspends: never. */
SIMUL_API int simul_peer_address(const simul_stream *s,
				 simul_address *ret_address);

/* ---- Options */

/* When a connection is silent, ask the peer for a sign of life, so that one
 * that has vanished is noticed: -ETIMEDOUT is then the result of reading. See
 * tcp(7). All zero is not to ask. */
typedef struct simul_keep_alive {
	int idle;     /* seconds of silence before it is asked; 0: never */
	int interval; /* seconds from one question to the next; 0: the
		       * system's choice (75) */
	int count;    /* so many without an answer are the end; 0: the
		       * system's choice (9) */
} simul_keep_alive;

/* Keep a TCP connection alive like this from now on. -EINVAL if a number is
 * negative or too large for the system (32767 seconds, 127 questions);
 * -EOPNOTSUPP: it is no TCP connection.
 * Suspends: never. */
SIMUL_API int simul_socket_set_keep_alive(const simul_stream *s,
					  const simul_keep_alive *keep_alive);

/* Send small writes at once (TCP_NODELAY, as connections begin), or let the
 * system gather them while earlier ones are on their way. -EOPNOTSUPP: it is
 * no TCP connection.
 * Suspends: never. */
SIMUL_API int simul_socket_set_no_delay(const simul_stream *s, bool no_delay);

/* The descriptor, for setsockopt and the like. It stays the stream's: don't
 * read, write or close it. (The loop would not learn that it was closed, and
 * the next socket with its number would never be heard of.)
 * Suspends: never. */
SIMUL_API int simul_socket_fd(const simul_stream *s);

/* ---- Sockets from elsewhere */

/* Make a stream of a connected socket of type SOCK_STREAM that somebody else
 * has made: it was inherited, or came from another process. It is the stream's
 * from then on, and is closed with it; if this fails it is still yours. It may
 * become non-blocking, as do all descriptors that were duplicated from it, and
 * is not inherited by programs that are executed. -ENOTSOCK, -ENOTCONN,
 * -EPROTOTYPE: it is of another type; -EBADF.
 * Suspends: never. */
SIMUL_API int simul_socket_adopt(int fd, simul_stream **ret_stream);

/* Make two streams that are the ends of a Unix connection (socketpair(2)). In
 * one process simul_stream_pair is cheaper; this is for giving one end away.
 * Suspends: never. */
SIMUL_API int simul_socket_pair(simul_stream **ret_a, simul_stream **ret_b);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SOCKET_H */
