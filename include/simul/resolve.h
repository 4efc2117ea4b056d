/* SPDX-License-Identifier: MIT
 * simul/resolve.h - from host names to addresses, and back.
 *
 * The system's resolver does the work, in threads, so that its configuration
 * holds (/etc/hosts, /etc/resolv.conf, nsswitch.conf). It has threads of its
 * own, so that slow names keep no file waiting. Three kinds of names never get
 * that far:
 *   addresses in numbers;
 *   "localhost" and what ends in ".localhost", which are this machine's own
 *   addresses (RFC 6761, section 6.3);
 *   names that are being looked up, or were a moment ago: each loop keeps what
 *   it has found, and many tasks that ask for the same name at once cause one
 *   look-up.
 */
#ifndef SIMUL_RESOLVE_H
#define SIMUL_RESOLVE_H

#include <stddef.h>

#include <simul/address.h>
#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Look host up and fill addresses with up to room of its addresses, in the
 * order in which they should be tried (RFC 6724), for use with port. Returns
 * how many were stored, at least one; more than 64 are never known.
 * -SIMUL_ENONAME: there is no such name, or it has no address;
 * -SIMUL_ERESOLVE: that could not be found out just now; -EAGAIN, -ENOMEM:
 * there was no thread, or no memory, to do so.
 * Suspends: if the answer isn't known here. Cancelled: nothing was stored; a
 * look-up that has begun ends on its own, and nobody waits for it but the end
 * of the loop. */
SIMUL_API int simul_resolve(const char *host, int port,
			    simul_address *addresses, size_t room);

/* Enough for any name in the domain name system. */
enum { SIMUL_HOST_TEXT = 256 };

/* The other way round: write the name of the host that has this address. It is
 * what somebody claims who owns the address, so trust it only if simul_resolve
 * leads from it back to the address. -SIMUL_ENONAME: it has none; -EINVAL: it
 * is no Internet address; -ENOBUFS: room is too small. Otherwise as
 * simul_resolve, but nothing is kept.
 * Suspends: always. Cancelled: nothing was stored; see simul_resolve. */
SIMUL_API int simul_resolve_reverse(const simul_address *address, char *host,
				    size_t room);

/* ---- What a loop keeps */

/* How the current loop looks names up; all zero is how it begins. The system
 * does not tell how long an answer is good for, so it is kept for a while that
 * is stated here. */
typedef struct simul_resolve_options {
	double seconds;	 /* that addresses are kept; 0: 10, less: not at all */
	double negative; /* that it is kept that there is no such name; 0: 1,
			  * less: not at all. Other errors never are. */
	size_t names;	 /* that are kept at most; 0: 256. The one that was
			  * asked for longest ago makes room. */
	size_t threads;	 /* look-ups at a time; 0: 8. Decided by the first */
} simul_resolve_options;

/* Change that, for look-ups that end after this; what is kept is forgotten.
 * NULL is as good as all zero. -EINVAL for a NaN, -ENOMEM, -EPERM outside of a
 * task.
 * Suspends: never. */
SIMUL_API int simul_resolve_set(const simul_resolve_options *options);

/* Forget what the current loop has kept. Look-ups that are under way go on,
 * for those who wait for them.
 * Suspends: never. */
SIMUL_API void simul_resolve_forget(void);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_RESOLVE_H */
