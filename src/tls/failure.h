/* SPDX-License-Identifier: MIT
 * tls/failure.h - what went wrong, in words. */
#ifndef SMI_TLS_FAILURE_H
#define SMI_TLS_FAILURE_H

#include <simul/tls.h>

/* Write the words down and return error. */
int smi_tls_fail(simul_tls_failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with what OpenSSL has to say behind them: ": " and its reason. Its
 * queue is empty then. */
int smi_tls_fail_because(simul_tls_failure *failure, int error,
			 const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* SMI_TLS_FAILURE_H */
