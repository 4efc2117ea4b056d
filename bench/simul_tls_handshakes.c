/* SPDX-License-Identifier: MIT
 * bench/simul_tls_handshakes.c - connections with TLS of one loop to itself.
 * Time per handshake, both ends and the connection by TCP included, in full and
 * resumed; and the memory of idle connections, per end. */
#include "tls_ends.h"

enum { IDLE = 500 };

/* What the server says brings its tickets along. */
static int shake_hands(struct ends *e)
{
	char c = 0;
	int r = connect_ends(e);

	if (r >= 0)
		r = simul_write(e->server, &c, 1);
	if (r >= 0)
		r = simul_read_exactly(e->client, &c, 1);
	return r;
}

static int measure(const char *name, bool resume, long n)
{
	struct ends e;
	double start;
	int r = open_ends(&e, resume);

	if (r >= 0)
		r = shake_hands(&e);
	start = bench_now();
	for (long i = 0; i < n && r >= 0; i++) {
		simul_close(e.client);
		simul_close(e.server);
		r = shake_hands(&e);
	}
	if (r < 0)
		return r;
	if (simul_tls_was_resumed(e.client) != resume)
		return -1;
	bench_report_each(name, start, (double)n, n);
	simul_close(e.client);
	simul_close(e.server);
	close_ends(&e);
	return 0;
}

static int measure_idle(void)
{
	static simul_stream *streams[2 * IDLE];
	double before = bench_memory("VmRSS");
	struct ends e;
	int r = open_ends(&e, true);

	for (int i = 0; i < IDLE && r >= 0; i++) {
		r = shake_hands(&e);
		streams[2 * i] = e.client;
		streams[2 * i + 1] = e.server;
	}
	if (r < 0)
		return r;
	bench_report("idle",
		     (bench_memory("VmRSS") - before) * 1e3 / (2 * IDLE), "kB",
		     2 * IDLE);
	for (int i = 0; i < 2 * IDLE; i++)
		simul_close(streams[i]);
	close_ends(&e);
	return 0;
}

static int run(void *arg)
{
	long n = *(long *)arg;
	int r = measure_idle();

	if (r >= 0)
		r = measure("handshake", false, n);
	if (r >= 0)
		r = measure("resumed", true, n);
	return r;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 1000);

	return bench_exit(simul_run(run, &n));
}
