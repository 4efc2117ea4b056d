/* SPDX-License-Identifier: MIT
 * tests/tls/swept.h - a conversation that may fail or be cancelled anywhere. */
#ifndef TLS_SWEPT_H
#define TLS_SWEPT_H

#include <errno.h>
#include <string.h>

#include "tls/both.h"

/* Owns its end, as does who talks. */
static inline int answer(void *arg)
{
	simul_stream *plain = arg, *s;
	char *line;
	int r = simul_start_tls(server_tls, plain, NULL, &s), closed;

	if (r < 0) {
		simul_close(plain);
		return r;
	}
	while ((r = simul_read_line(s, &line, NULL)) > 0) {
		r = simul_write(s, line, strlen(line));
		if (r >= 0)
			r = simul_write(s, "\n", 1);
		if (r < 0)
			break;
	}
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

/* Say n bytes, at most 40,000, hear them, and see the end. */
static inline int talk(simul_stream *s, size_t n)
{
	static char much[40000];
	char *line;
	int r;

	memset(much, 'a', n);
	much[n - 1] = '\n';
	r = simul_write(s, much, n);
	if (r >= 0)
		r = simul_read_line(s, &line, NULL);
	if (r >= 0)
		r = simul_shutdown_write(s);
	if (r >= 0)
		r = (int)simul_read(s, much, 1);
	return r;
}

static inline int ask(simul_stream *plain, size_t n)
{
	simul_stream *s;
	int r = simul_start_tls(client_tls, plain, &asked, &s), closed;

	if (r < 0) {
		simul_close(plain);
		return r;
	}
	r = talk(s, n);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

/* For sweep_cancellations. */
static inline void check_outcome(void *state, int result)
{
	switch (result) {
	case 0:
	case -ECANCELED:
	case -ETIMEDOUT:
	case -ECONNRESET:
	case -EPIPE:
	case -SIMUL_ETRUNCATED:
	case -SIMUL_EPROTOCOL: /* goodbye instead of a handshake */
		return;
	default:
		CHECK_INT(result, ==, 0);
	}
}

#endif /* TLS_SWEPT_H */
