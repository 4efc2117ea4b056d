/* SPDX-License-Identifier: MIT
 * net/linger.c - let the peer hear the last word.
 *
 * A system that closes a connection while bytes that nobody has read are there,
 * or still come, answers them with a reset, and the peer's system then drops
 * what it had received from us: the last answer is lost. So say that this is
 * all, and take in what comes until the peer has heard it and closes, too (RFC
 * 9112, 9.6). A peer that does not is left after a time. */
#include "io/stream.h"
#include "net/server.h"

static int wait_for_end(void *arg)
{
	simul_stream *s = arg;
	const char *bytes;
	ptrdiff_t n = simul_shutdown_write(s);

	while (n >= 0 && (n = simul_peek(s, 1, &bytes)) > 0)
		simul_consume(s, (size_t)n);
	return (int)n;
}

void smi_linger(simul_stream *s, double seconds)
{
	if (s->ended || s->write_error || !(seconds > 0))
		return;
	simul_wait_for(seconds, wait_for_end, s);
}
