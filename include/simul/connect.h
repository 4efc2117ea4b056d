/* SPDX-License-Identifier: MIT
 * simul/connect.h - connections that we begin.
 *
 *	simul_stream *s;
 *	int r = simul_connect("example.org", 80, &s);
 *
 * A host may have several addresses, of which one family, IPv4 or IPv6, may
 * lead nowhere from here. So they are tried as RFC 8305 ("happy eyeballs")
 * says: one of each family in turn, in the order that the system's resolver
 * prefers; the next begins when one has failed, or has not connected within
 * 250 ms, while it goes on. The first connection is the one; when the call
 * returns nothing is left of the others.
 */
#ifndef SIMUL_CONNECT_H
#define SIMUL_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/address.h>
#include <simul/export.h>
#include <simul/socket.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect to host (a name, or an address in numbers) at a TCP port. Small
 * writes are sent at once (TCP_NODELAY), as the stream has gathered them
 * already. Errors as for simul_resolve, and -ECONNREFUSED, -EHOSTUNREACH, ...:
 * if addresses failed in different ways, the one that tells most (to be
 * refused says more than to have no way there).
 * Suspends: as simul_resolve, and always once there is an address to try.
 * Cancelled: there is no connection. */
SIMUL_API int simul_connect(const char *host, int port,
			    simul_stream **ret_stream);

/* Connect to one address, of any kind. If so many wait to be accepted at a
 * Unix socket that there is no room for one more, this waits, too.
 * Suspends: always. Cancelled: there is no connection. */
SIMUL_API int simul_connect_address(const simul_address *address,
				    simul_stream **ret_stream);

/* ---- With options */

/* So many addresses are tried at most. */
enum { SIMUL_MOST_ATTEMPTS = 16 };

/* How one address fared. */
typedef struct simul_attempt {
	simul_address address;
	int result;	/* 0: it is the connection; -ECANCELED: given up, as
			 * another was quicker or the call was cancelled */
	double seconds; /* that it took */
} simul_attempt;

/* All that were begun, in this order. */
typedef struct simul_connect_report {
	size_t count;
	simul_attempt attempts[SIMUL_MOST_ATTEMPTS];
} simul_connect_report;

/* How to connect; all zero is a good choice. */
typedef struct simul_connect_options {
	int family; /* AF_INET or AF_INET6 only; 0: both */

	/* Connect from this address of ours; port 0: any. Addresses of another
	 * family are -EAFNOSUPPORT. */
	const simul_address *local;

	/* Seconds until the next address is tried although one is still under
	 * way; 0: 0.25. INFINITY: only when it has failed. */
	double attempt_delay;

	simul_keep_alive keep_alive; /* of TCP; Unix sockets have none */
	bool gather_small; /* let the system hold small writes back until
			    * earlier ones have arrived (no TCP_NODELAY) */

	/* Filled in whether or not there is a connection, once there was an
	 * attempt; untouched if not. */
	simul_connect_report *report;
} simul_connect_options;

/* simul_connect with options, which may be NULL. -EINVAL for a NaN, or if a
 * number of .keep_alive is negative.
 * Suspends: as simul_connect. Cancelled: there is no connection. */
SIMUL_API int simul_connect_with(const simul_connect_options *options,
				 const char *host, int port,
				 simul_stream **ret_stream);

/* Connect to whichever of n addresses of TCP servers is the first to answer,
 * trying them in this order; or to one address of any kind. Those beyond the
 * 16th are not tried. options may be NULL; .family is of no use here. -EINVAL
 * if n is 0.
 * Suspends: always. Cancelled: there is no connection. */
SIMUL_API int simul_connect_any(const simul_connect_options *options,
				const simul_address *addresses, size_t n,
				simul_stream **ret_stream);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_CONNECT_H */
