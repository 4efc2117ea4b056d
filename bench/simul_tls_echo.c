/* SPDX-License-Identifier: MIT
 * bench/simul_tls_echo.c - a message goes to and fro on a TLS connection of
 * one loop to itself, by TCP. Time per message and its answer, both ends and
 * the kernel's part included; "plain" is the same without TLS. */
#include "tls_ends.h"

enum { LARGEST = 100 * 1024 };

struct job {
	size_t size;
	simul_stream *near, *far;
};

static int answer(void *arg)
{
	const struct job *job = arg;
	static char bytes[LARGEST];
	int r;

	while ((r = simul_read_exactly(job->far, bytes, job->size)) > 0)
		if (simul_write(job->far, bytes, job->size) < 0)
			return -1;
	return r;
}

static int ask(const struct job *job, long times)
{
	static char bytes[LARGEST];
	int r = 1;

	for (long i = 0; i < times && r > 0; i++) {
		r = simul_write(job->near, bytes, job->size);
		if (r >= 0)
			r = simul_read_exactly(job->near, bytes, job->size);
	}
	return r;
}

static int measure(const char *name, simul_stream *near, simul_stream *far,
		   size_t size)
{
	struct job job = { size, near, far };
	long times = size > 10000 ? 3000 : 30000;
	simul_task *t = simul_create_task(answer, &job);
	double start;
	int r = ask(&job, times / 10);

	start = bench_now();
	if (r > 0)
		r = ask(&job, times);
	bench_report_each(name, start, (double)times, times);
	simul_shutdown_write(near);
	simul_await(t);
	simul_close(near);
	simul_close(far);
	return r;
}

static int connect_plain(struct ends *e)
{
	int r = simul_connect("127.0.0.1", e->port, &e->client);

	return r < 0 ? r : simul_accept(e->listener, &e->server);
}

static int run(void *arg)
{
	static const struct {
		const char *tls, *plain;
		size_t size;
	} sizes[] = { { "tls-64", "plain-64", 64 },
		      { "tls-1k", "plain-1k", 1024 },
		      { "tls-100k", "plain-100k", LARGEST } };
	struct ends e;
	int r = open_ends(&e, true);

	for (size_t i = 0; i < 3 && r >= 0; i++) {
		r = connect_ends(&e);
		if (r >= 0)
			r = measure(sizes[i].tls, e.client, e.server,
				    sizes[i].size);
		if (r >= 0)
			r = connect_plain(&e);
		if (r >= 0)
			r = measure(sizes[i].plain, e.client, e.server,
				    sizes[i].size);
	}
	if (r >= 0)
		close_ends(&e);
	return r;
}

int main(void)
{
	return bench_exit(simul_run(run, NULL));
}
