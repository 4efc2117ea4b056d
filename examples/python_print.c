/* SPDX-License-Identifier: MIT
 * python_print.c - print lists and times of day the way Python does. */
#include "python_print.h"

#include <simul.h>
#include <stdio.h>
#include <time.h>

void print_list(const int *numbers, size_t n)
{
	putchar('[');
	for (size_t i = 0; i < n; i++)
		printf("%s%d", i ? ", " : "", numbers[i]);
	putchar(']');
}

/* What to add to simul_now() to get the time of day. */
static double time_of_day_offset(void)
{
	struct timespec now;

	timespec_get(&now, TIME_UTC);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - simul_now();
}

void print_time(void)
{
	static double offset;
	char text[sizeof("HH:MM:SS")];
	time_t now;

	if (offset == 0)
		offset = time_of_day_offset();
	now = (time_t)(offset + simul_now());
	strftime(text, sizeof(text), "%H:%M:%S", localtime(&now));
	puts(text);
}
