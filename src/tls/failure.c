/* SPDX-License-Identifier: MIT
 * tls/failure.c - what went wrong, in words. */
#include "tls/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

int smi_tls_fail(simul_tls_failure *failure, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure->text, sizeof failure->text, format, args);
	va_end(args);
	return error;
}

/* Where there are several, the last one is from furthest outside, and says
 * least. */
static void append_reason(simul_tls_failure *failure)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);
	size_t n = strlen(failure->text);

	if (reason)
		snprintf(failure->text + n, sizeof failure->text - n, ": %s",
			 reason);
	ERR_clear_error();
}

int smi_tls_fail_because(simul_tls_failure *failure, int error,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure->text, sizeof failure->text, format, args);
	va_end(args);
	append_reason(failure);
	return error;
}
