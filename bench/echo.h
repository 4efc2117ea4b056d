/* SPDX-License-Identifier: MIT
 * bench/echo.h - connections whose bytes are sent back, plain or by TLS. */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <simul/stream.h>

static inline int echo_by(simul_stream *s, char *buffer, size_t size)
{
	ptrdiff_t n;
	int r = 0;

	while (r >= 0 && (n = simul_read(s, buffer, size)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
}

static inline int echo(simul_stream *s, void *arg)
{
	char buffer[4096];

	(void)arg;
	return echo_by(s, buffer, sizeof(buffer));
}

static inline int echo_peek(simul_stream *s, void *arg)
{
	const char *bytes;
	ptrdiff_t n;
	int r = 0;

	(void)arg;
	while (r >= 0 && (n = simul_peek(s, 1, &bytes)) != 0) {
		r = n < 0 ? (int)n : simul_write(s, bytes, (size_t)n);
		if (r >= 0)
			simul_consume(s, (size_t)n);
	}
	return r;
}

#endif /* BENCH_ECHO_H */
