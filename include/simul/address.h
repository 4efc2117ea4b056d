/* SPDX-License-Identifier: MIT
 * simul/address.h - where a socket is: addresses in numbers and as text.
 *
 *	simul_address a;
 *	char text[SIMUL_ADDRESS_TEXT];
 *
 *	simul_address_parse("::1", 80, &a);
 *	simul_address_format(&a, text, sizeof text);	// "[::1]:80"
 *
 * Host names are in simul/resolve.h.
 */
#ifndef SIMUL_ADDRESS_H
#define SIMUL_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a socket is. What is not used of it is zero. */
typedef struct simul_address {
	struct sockaddr_storage storage;
	socklen_t length; /* so much of it counts */
} simul_address;

/* Enough for any address as text. */
enum { SIMUL_ADDRESS_TEXT = 128 };

/* The address that text spells in numbers: "127.0.0.1", "::1", "[::1]" or
 * "fe80::1%eth0". -EINVAL if it does not, or if port is not one (0 to 65535).
 * Suspends: never. */
SIMUL_API int simul_address_parse(const char *text, int port,
				  simul_address *ret_address);

/* The address of a Unix socket. A path that begins with '@' is a name in the
 * abstract namespace, without a file. -EINVAL if it is empty, -ENAMETOOLONG if
 * it is too long to be one (107 bytes).
 * Suspends: never. */
SIMUL_API int simul_address_unix(const char *path, simul_address *ret_address);

/* Write the address as people do: "127.0.0.1:80", "[::1]:80", "/run/x",
 * "@name"; "-" for one that has no name. Cut off if room is too small; returns
 * the length that it has or would have had.
 * Suspends: never. */
SIMUL_API int simul_address_format(const simul_address *address, char *text,
				   size_t room);

/* The port, or 0 where there is none.
 * Suspends: never. */
SIMUL_API int simul_address_port(const simul_address *address);

/* Set the port. -EINVAL if there is none to be set, or if it is not one.
 * Suspends: never. */
SIMUL_API int simul_address_set_port(simul_address *address, int port);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_ADDRESS_H */
