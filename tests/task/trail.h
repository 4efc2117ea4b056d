/* SPDX-License-Identifier: MIT
 * tests/task/trail.h - what happened, in order, as a string of letters. */
#ifndef TEST_TASK_TRAIL_H
#define TEST_TASK_TRAIL_H

#include "test.h"

#include <string.h>

static char trail[4096];
static size_t trail_length;

static inline void mark(char c)
{
	CHECK(trail_length < sizeof trail - 1);
	trail[trail_length++] = c;
	trail[trail_length] = '\0';
}

/* Has this happened, and nothing else, since the last time? */
#define CHECK_TRAIL(expected)                                                  \
	do {                                                                   \
		trail_length = 0;                                              \
		CHECK_STR(trail, expected);                                    \
		trail[0] = '\0';                                               \
	} while (0)

#endif /* TEST_TASK_TRAIL_H */
