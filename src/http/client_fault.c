/* SPDX-License-Identifier: MIT
 * http/client_fault.c - what went wrong, in words. */
#include "http/client_fault.h"

#include <stdarg.h>
#include <stdio.h>

#include <simul/error.h>

int smi_client_fail(struct smi_client_fault *fault, int error,
		    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return error;
}

int smi_client_fail_at(struct smi_client_fault *fault, int error,
		       const char *doing, const char *whom)
{
	return smi_client_fail(fault, error, "%s %s: %s", doing, whom,
			       simul_strerror(error));
}

void smi_client_fault_precede(struct smi_client_fault *fault,
			      const char *format, ...)
{
	struct smi_client_fault old = *fault;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(fault->text))
		snprintf(fault->text + n, sizeof(fault->text) - (size_t)n, "%s",
			 old.text);
}
