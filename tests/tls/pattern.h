/* SPDX-License-Identifier: MIT
 * tests/tls/pattern.h - bytes by which it can be seen that none is missing. */
#ifndef TLS_PATTERN_H
#define TLS_PATTERN_H

#include <simul/run.h>
#include <simul/stream.h>

#include "test.h"

static inline unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

/* Read from s and compare until the end: how many bytes, or an error. */
static inline int compare(simul_stream *s, size_t from, double pause)
{
	static unsigned char piece[100000];
	size_t at = from;
	ptrdiff_t n;

	while ((n = simul_read(s, piece, sizeof piece)) > 0) {
		for (ptrdiff_t i = 0; i < n; i++)
			CHECK_INT(piece[i], ==, byte_at(at++));
		if (pause > 0)
			CHECK_INT(simul_sleep(pause), ==, 0);
	}
	return n < 0 ? (int)n : (int)(at - from);
}

#endif /* TLS_PATTERN_H */
