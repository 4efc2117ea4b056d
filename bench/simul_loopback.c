/* SPDX-License-Identifier: MIT
 * bench/simul_loopback.c - "loopback": many TCP connections of one loop to
 * itself, on each of which a message of 64 bytes goes to and fro, written in so
 * many pieces. Time per message and its answer, both ends and the kernel's part
 * included: no server's figure, but one that shows what a change does. */
#include "bench.h"

#include <simul.h>

enum { MESSAGE = 64, MOST = 1000 };

struct job {
	long messages, connections, pieces;
	simul_stream *near[MOST], *far[MOST];
};

struct ask {
	simul_stream *s;
	long times, pieces;
};

struct answer {
	simul_stream *s;
	long pieces;
};

static int write_in(long pieces, simul_stream *s, const char *bytes)
{
	size_t piece = (size_t)(MESSAGE / pieces);
	int r = 0;

	for (long i = 0; i < pieces && r >= 0; i++)
		r = simul_write(s, bytes + (size_t)i * piece, piece);
	return r;
}

static int ask(void *arg)
{
	const struct ask *my = arg;
	char bytes[MESSAGE] = { 0 };
	int r = 1;

	for (long i = 0; i < my->times && r > 0; i++) {
		r = write_in(my->pieces, my->s, bytes);
		if (r >= 0)
			r = simul_read_exactly(my->s, bytes, MESSAGE);
	}
	return r;
}

static int answer(void *arg)
{
	const struct answer *my = arg;
	char bytes[MESSAGE];
	int r;

	while ((r = simul_read_exactly(my->s, bytes, MESSAGE)) > 0)
		if (write_in(my->pieces, my->s, bytes) < 0)
			return -1;
	return r;
}

static int connect_all(struct job *job)
{
	simul_address address;
	simul_listener *listener;
	int r = simul_address_parse("127.0.0.1", 0, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_listener_address(listener, &address);
	for (long i = 0; i < job->connections && r >= 0; i++) {
		r = simul_connect_address(&address, &job->near[i]);
		if (r >= 0)
			r = simul_accept(listener, &job->far[i]);
	}
	simul_listener_close(listener);
	return r;
}

static int ask_all(const struct job *job, long messages)
{
	simul_task *tasks[MOST];
	long n = job->connections;

	for (long i = 0; i < n; i++)
		tasks[i] = simul_go(ask, .s = job->near[i],
				    .times = messages / n + 1,
				    .pieces = job->pieces);
	return simul_gather(tasks, (size_t)n, NULL);
}

static int measure(void *arg)
{
	struct job *job = arg;
	simul_task *tasks[MOST];
	long n = job->connections;
	double start;
	int r = connect_all(job);

	if (r < 0)
		return r;
	for (long i = 0; i < n; i++)
		tasks[i] = simul_go(answer, .s = job->far[i],
				    .pieces = job->pieces);
	r = ask_all(job, job->messages / 10);
	start = bench_now();
	if (r >= 0)
		r = ask_all(job, job->messages);
	if (r >= 0)
		bench_report_each("loopback", start, (double)job->messages, n);
	for (long i = 0; i < n; i++)
		simul_close(job->near[i]);
	simul_gather(tasks, (size_t)n, NULL);
	for (long i = 0; i < n; i++)
		simul_close(job->far[i]);
	return r;
}

int main(int argc, char **argv)
{
	static struct job job;

	job.connections = bench_number(argc, argv, 1, 50);
	job.pieces = bench_number(argc, argv, 2, 1);
	job.messages = bench_number(argc, argv, 3, 200000);
	if (job.connections > MOST || MESSAGE % job.pieces != 0) {
		fprintf(stderr,
			"usage: %s [CONNECTIONS [PIECES [MESSAGES]]]\n"
			"at most %d connections, and a divisor of %d pieces\n",
			argv[0], MOST, MESSAGE);
		return 2;
	}
	return bench_exit(simul_run(measure, &job));
}
