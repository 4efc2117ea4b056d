/* SPDX-License-Identifier: MIT
 * tests/chaos.c - a bad network. */
#include "chaos.h"

#include <errno.h>

#include <simul/group.h>
#include <simul/task.h>

enum { SLICE = 4096 };

/* One direction. */
struct pump {
	const struct chaos *chaos;
	simul_stream *from;
	simul_stream *to;
	enum chaos_way way;
};

/* xorshift64*: the same seed, the same network. */
static double draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)(*state * 2685821657736338717u >> 11) /
	       (double)(1ul << 53);
}

static size_t smaller_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How much to pass on next, when so much has passed; 0: now it happens. */
static size_t next_slice(const struct pump *my, size_t passed, double drawn)
{
	const struct chaos *c = my->chaos;
	size_t most = c->slice ? smaller_of(c->slice, SLICE) : SLICE;

	if (c->seed)
		most = 1 + (size_t)(drawn * (double)(most - 1));
	if (c->fault != CHAOS_NONE && c->way == my->way)
		most = smaller_of(most, c->at - passed);
	return most;
}

/* It takes its time. */
static int travel(const struct chaos *c, size_t n, double drawn)
{
	double seconds = c->seed ? c->latency * drawn : c->latency;

	if (c->bandwidth > 0)
		seconds += (double)n / c->bandwidth;
	return seconds > 0 ? simul_sleep(seconds) : 0;
}

/* Take what comes, and pass nothing on. */
static int swallow(simul_stream *from)
{
	char buffer[SLICE];
	ptrdiff_t n;

	while ((n = simul_read(from, buffer, sizeof buffer)) > 0)
		continue;
	return (int)n;
}

static int suffer(const struct pump *my)
{
	switch (my->chaos->fault) {
	case CHAOS_RESET:
		return -ECONNABORTED;
	case CHAOS_CLOSE:
		return -ESHUTDOWN;
	case CHAOS_HALF_CLOSE:
		simul_shutdown_write(my->to);
		return swallow(my->from);
	default:
		/* Not even the end. */
		swallow(my->from);
		return simul_sleep(3600);
	}
}

static int end(const struct pump *my)
{
	int r = my->chaos->close_delay > 0 ? simul_sleep(my->chaos->close_delay)
					   : 0;

	return r < 0 ? r : simul_shutdown_write(my->to);
}

static int pump(void *arg)
{
	const struct pump *my = arg;
	uint64_t state = my->chaos->seed + my->way;
	char buffer[SLICE];
	size_t passed = 0;
	ptrdiff_t n;
	int r = 0;

	while (r >= 0) {
		double drawn = draw(&state);
		size_t most = next_slice(my, passed, drawn);

		if (most == 0)
			return suffer(my);
		n = simul_read(my->from, buffer, most);
		if (n <= 0)
			return n < 0 ? (int)n : end(my);
		r = travel(my->chaos, (size_t)n, drawn);
		if (r >= 0)
			r = simul_write(my->to, buffer, (size_t)n);
		if (r >= 0)
			r = simul_flush(my->to);
		passed += (size_t)n;
	}
	return r;
}

int chaos_relay(const struct chaos *chaos, simul_stream *client,
		simul_stream *server)
{
	simul_group both = { 0 };
	int r;

	simul_group_go(&both, pump, .chaos = chaos, .from = client,
		       .to = server, .way = CHAOS_TO_SERVER);
	simul_group_go(&both, pump, .chaos = chaos, .from = server,
		       .to = client, .way = CHAOS_TO_CLIENT);
	r = simul_group_wait(&both);
	simul_group_done(&both);
	if (r < 0 && r != -ESHUTDOWN) {
		simul_abort(client);
		simul_abort(server);
	} else {
		simul_close(client);
		simul_close(server);
	}
	return r;
}

int chaos_line(void *line)
{
	const struct chaos_line *my = line;

	return chaos_relay(my->chaos, my->client, my->server);
}

/* ---- As a server */

static int pass_on(simul_stream *client, const struct chaos_proxy *proxy)
{
	simul_stream *server;
	int r = simul_connect_address(&proxy->to, &server);

	if (r < 0) {
		simul_abort(client);
		return r;
	}
	return chaos_relay(proxy->chaos, client, server);
}

struct pass_on_task {
	const struct chaos_proxy *proxy;
	simul_stream *client;
};

static int pass_on_task(void *arg)
{
	const struct pass_on_task *my = arg;

	return pass_on(my->client, my->proxy);
}

int chaos_proxy(void *proxy)
{
	const struct chaos_proxy *my = proxy;
	simul_stream *client;
	int r;

	while ((r = simul_accept(my->listener, &client)) >= 0)
		if (!simul_go(pass_on_task, .proxy = my, .client = client))
			simul_abort(client);
	return r;
}
