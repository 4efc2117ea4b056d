/* SPDX-License-Identifier: MIT
 * simul/error.h - what can go wrong, and how it is said.
 *
 * A function that can fail returns an int (or a ptrdiff_t): zero or more is
 * success, a negative number says what went wrong. System errors are negative
 * errno values (-ENOMEM, -ECONNREFUSED); what the system has no word for is
 * one of the numbers below, negative too (-SIMUL_EEOF). errno itself is never
 * part of an answer.
 *
 * A failed call leaves its output parameters untouched, and what was yours
 * before the call is still yours, unless its description says otherwise.
 *
 * Three answers come up everywhere:
 *   -ECANCELED  the task or the scope around the call was cancelled
 *   -ETIMEDOUT  a deadline of yours passed (see simul/scope.h)
 *   -ENOMEM     no memory; nothing was done
 * and a fourth where Simul is not running: what needs a task is -EPERM outside
 * of simul_run, and in threads of simul_to_thread or a pool.
 */
#ifndef SIMUL_ERROR_H
#define SIMUL_ERROR_H

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Errors that errno.h has no name for. They start where the kernel's end. */
enum simul_error {
	SIMUL_EEOF = 4096,  /* the stream ended before all was read */
	SIMUL_ETOOLONG,	    /* a line or header is longer than its limit */
	SIMUL_EBROKEN,	    /* the barrier was broken */
	SIMUL_ENONAME,	    /* no such host name */
	SIMUL_ERESOLVE,	    /* the name could not be looked up just now */
	SIMUL_EURL,	    /* not a URL that can be used here */
	SIMUL_EPROTOCOL,    /* the peer broke the rules of the protocol */
	SIMUL_EREDIRECTS,   /* too many redirects */
	SIMUL_EUNSUPPORTED, /* Simul, or this build of it, can't do that */
	SIMUL_ECERTIFICATE, /* the peer's certificate is not to be trusted */
	SIMUL_EHOSTNAME,    /* the peer's certificate is for another host */
	SIMUL_EALERT,	    /* the peer has refused us by an alert of TLS */
	SIMUL_ETRUNCATED,   /* the connection was cut off: no goodbye */
	SIMUL_EWORKER	    /* a worker process died of its job */
};

/* What error means, in words, for any negative result of this library; also
 * for 0 ("success"). The string is constant and never freed.
 * Suspends: never. */
SIMUL_API const char *simul_strerror(int error);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_ERROR_H */
