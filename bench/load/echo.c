/* SPDX-License-Identifier: MIT
 * bench/load/echo.c - what is sent comes back. */
#include "load.h"

/* A prime, so that no message begins where another one did for long. */
enum { PERIOD = 4099 };

static void prepare(struct load *load)
{
	size_t length = PERIOD + AT_ONCE;

	load->out.bytes = bench_alloc(length);
	for (size_t i = 0; i < PERIOD; i++)
		load->out.bytes[i] = (char)bench_random();
	for (size_t i = PERIOD; i < length; i++)
		load->out.bytes[i] = load->out.bytes[i - PERIOD];
	load->out.period = PERIOD;
	load->out.request = load->options.size;
}

static size_t begin(const struct load *load, long i)
{
	(void)load;
	return (size_t)i * 1009 % PERIOD;
}

static long take(struct load *load, struct connection *c, char *bytes, size_t n)
{
	size_t size = load->options.size;

	if (memcmp(bytes, load->out.bytes + c->received, n) != 0)
		return -1;
	c->received = (c->received + n) % PERIOD;
	c->arrived += n;
	n = c->arrived / size;
	c->arrived %= size;
	return (long)n;
}

const struct protocol protocol_echo = {
	.name = "echo", .prepare = prepare, .begin = begin, .take = take
};
