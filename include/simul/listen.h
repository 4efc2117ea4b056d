/* SPDX-License-Identifier: MIT
 * simul/listen.h - connections that others begin.
 *
 *	simul_address_parse("::", 8080, &address);
 *	r = simul_listen(&address, NULL, &listener);
 *	while (r >= 0 && (r = simul_accept(listener, &s)) >= 0)
 *		...
 *	simul_listener_close(listener);
 *
 * Mostly that is left to simul_serve, which has a task for each connection.
 */
#ifndef SIMUL_LISTEN_H
#define SIMUL_LISTEN_H

#include <stdbool.h>

#include <simul/address.h>
#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_listener simul_listener;

/* How to listen; all zero is a good choice. */
typedef struct simul_listen_options {
	int backlog;	 /* connections that wait to be accepted; 0: 1024,
			  * or what the system allows */
	bool reuse_port; /* share the port with others that say so, too */
	bool ipv6_only;	 /* "::" without IPv4, which otherwise comes there,
			  * too, as ::ffff:192.0.2.1 and the like */
	unsigned mode;	 /* of a Unix socket's file, as for chmod(2), whatever
			  * the umask is; nobody can connect before it is so.
			  * 0: what the umask leaves of 0777 */
	bool keep_path;	 /* leave a Unix socket's file when it is closed */
} simul_listen_options;

/* Accept connections at address. With port 0 the system chooses one, which
 * simul_listener_address tells. The port can be taken again at once when a
 * server has ended (SO_REUSEADDR). options may be NULL. -EADDRINUSE, -EACCES,
 * -EADDRNOTAVAIL, ...
 *
 * A Unix socket's file is made, and is removed by simul_listener_close if it is
 * still the same file. (A relative path must lead there then, too.) One where
 * nobody listens any more, as its server has ended without removing it, is
 * replaced; one where somebody does, or what is no socket, is -EADDRINUSE.
 * Suspends: never. */
SIMUL_API int simul_listen(const simul_address *address,
			   const simul_listen_options *options,
			   simul_listener **ret_listener);

/* Listen at all addresses of host, with a listener for each: up to room of
 * them, and 16. Returns how many; if one fails, there are none. With port 0 the
 * system chooses one for all. Host NULL is every address of this machine, which
 * takes one listener: "::", or "0.0.0.0" where there is no IPv6. What to do
 * with several: simul_serve_listeners. Errors as for simul_resolve and
 * simul_listen.
 * Suspends: as simul_resolve. Cancelled: there is none. */
SIMUL_API int simul_listen_host(const char *host, int port,
				const simul_listen_options *options,
				simul_listener **ret_listeners, size_t room);

/* Listen at a socket that somebody else has bound and listens at already. It
 * is the listener's from then on, and is closed with it; if this fails it is
 * still yours. It may become non-blocking, and is not inherited by programs
 * that are executed. The file of a Unix socket stays. -EINVAL: it doesn't
 * listen; -ENOTSOCK; -EPROTOTYPE: it is no SOCK_STREAM; -EBADF.
 * Suspends: never. */
SIMUL_API int simul_listener_adopt(int fd, simul_listener **ret_listener);

/* The same for a socket that whoever started the program hands over, as
 * systemd does for a .socket unit (sd_listen_fds(3)): index counts from 0.
 * -ENOENT: there are not so many, or they are not for this process, or it was
 * adopted already. (One that has the flag FD_CLOEXEC, as after sd_listen_fds,
 * is taken for adopted; there is simul_listener_adopt for it.)
 * Suspends: never. */
SIMUL_API int simul_listener_inherit(int index, simul_listener **ret_listener);

/* Where it listens.
 * Suspends: never. */
SIMUL_API int simul_listener_address(const simul_listener *listener,
				     simul_address *ret_address);

/* Its descriptor, for setsockopt and the like. It stays the listener's.
 * Suspends: never. */
SIMUL_API int simul_listener_fd(const simul_listener *listener);

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
#endif /* SIMUL_LISTEN_H */
