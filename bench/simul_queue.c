/* SPDX-License-Identifier: MIT
 * bench/simul_queue.c - "queue": two tasks pass an item to and fro through two
 * queues, the taker always waiting already. Time per item handed over. */
#include "bench.h"

#include <simul/queue.h>
#include <simul/run.h>
#include <simul/task.h>

struct pair {
	simul_queue there, back;
	long n;
};

static int echo(void *arg)
{
	struct pair *pair = arg;
	void *item;
	int r;

	do {
		r = simul_queue_get(&pair->there, &item);
		if (r >= 0)
			r = simul_queue_put(&pair->back, item);
	} while (r >= 0);
	return 0; /* the queue was shut down */
}

static int there_and_back(struct pair *pair, long n)
{
	void *item = pair;
	int r = 0;

	for (long i = 0; i < n && r >= 0; i++) {
		r = simul_queue_put(&pair->there, item);
		if (r >= 0)
			r = simul_queue_get(&pair->back, &item);
	}
	return r;
}

static int measure(void *arg)
{
	struct pair *pair = arg;
	simul_task *task = simul_create_task(echo, pair);
	int r = there_and_back(pair, pair->n / 10);
	double start = bench_now();

	if (r >= 0)
		r = there_and_back(pair, pair->n);
	if (r >= 0)
		bench_report_each("queue", start, 2.0 * (double)pair->n,
				  pair->n);
	simul_queue_shutdown(&pair->there);
	return r < 0 ? r : simul_await(task);
}

int main(int argc, char **argv)
{
	struct pair pair = { 0 };
	int r;

	if (bench_word(argc, argv, 1, "one")) {
		pair.there.capacity = pair.back.capacity = 1;
	} else if (!bench_word(argc, argv, 1, "unlimited")) {
		fprintf(stderr, "usage: %s one|unlimited [N]\n", argv[0]);
		return 2;
	}
	pair.n = bench_number(argc, argv, 2, 3000000);
	r = simul_run(measure, &pair);
	simul_queue_done(&pair.there);
	simul_queue_done(&pair.back);
	return bench_exit(r);
}
