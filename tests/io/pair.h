/* SPDX-License-Identifier: MIT
 * tests/io/pair.h - both ends of a pair of streams, and what one does with
 * them in tests. */
#ifndef PAIR_H
#define PAIR_H

#include <string.h>

#include <simul/stream.h>

#include "test.h"

/* Static, as some tests are functions without arguments. */
static simul_stream *here, *there;

static inline void open_pair(void)
{
	CHECK_INT(simul_stream_pair(&here, &there), ==, 0);
}

static inline void close_pair(void)
{
	CHECK_INT(simul_close(here), ==, 0);
	CHECK_INT(simul_close(there), ==, 0);
}

/* Write a string. */
static inline void say(simul_stream *s, const char *text)
{
	CHECK_INT(simul_write(s, text, strlen(text)), ==, 0);
}

/* What comes next is this. */
static inline void check_hears(simul_stream *s, const char *text)
{
	char buffer[256];
	size_t n = strlen(text);

	CHECK_INT(simul_read_exactly(s, buffer, n), ==, 1);
	CHECK_BYTES(buffer, text, n);
}

/* Nothing comes any more. */
static inline void check_ends(simul_stream *s)
{
	char c;

	CHECK_INT(simul_read(s, &c, 1), ==, 0);
}

#endif /* PAIR_H */
