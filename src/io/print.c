/* SPDX-License-Identifier: MIT
 * io/print.c - formatted text into a stream. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <simul/stream.h>

#include "base/alloc.h"

/* Text up to this length is formatted on the stack. */
enum { SHORT = 512 };

/* What vsnprintf says went wrong. */
static int failure(void)
{
	return errno > 0 ? -errno : -EINVAL;
}

static int write_long(simul_stream *s, size_t length, const char *format,
		      va_list arguments)
{
	char *text = smi_alloc(length + 1);
	int r;

	if (!text)
		return -ENOMEM;
	r = vsnprintf(text, length + 1, format, arguments);
	r = r < 0 ? failure() : simul_write(s, text, length);
	smi_free(text);
	return r;
}

int simul_vprintf(simul_stream *s, const char *format, va_list arguments)
{
	char text[SHORT];
	va_list again;
	int n, r;

	va_copy(again, arguments);
	n = vsnprintf(text, sizeof text, format, arguments);
	if (n < 0)
		r = failure();
	else if (n < SHORT)
		r = simul_write(s, text, (size_t)n);
	else
		r = write_long(s, (size_t)n, format, again);
	va_end(again);
	return r;
}

int simul_printf(simul_stream *s, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = simul_vprintf(s, format, arguments);
	va_end(arguments);
	return r;
}
