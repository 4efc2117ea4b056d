/* SPDX-License-Identifier: MIT
 * base/bug.c - the end of a program that has made a mistake. */
#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void smi_bug(const char *format, ...)
{
	va_list args;

	fputs("simul: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
