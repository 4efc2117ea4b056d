/* SPDX-License-Identifier: MIT
 * bench/client.h - how clients in C are timed: some answers to warm up, then
 * those of a while, and the CPU time that the process used for them. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "bench.h"

#include <stdbool.h>

enum { CLIENTS = 64 };

#define CLIENT_WARM_UP 0.2
#define CLIENT_SECONDS 0.6

struct client_count {
	bool counting;
	long done; /* answers */
	double start, cpu;
};

static inline double client_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void client_begin(struct client_count *count)
{
	count->done = 0;
	count->start = bench_now();
	count->cpu = client_cpu();
}

/* False when there has been enough. */
static inline bool client_goes_on(struct client_count *count)
{
	double past = bench_now() - count->start;

	if (count->counting)
		return past < CLIENT_SECONDS;
	if (past >= CLIENT_WARM_UP) {
		count->counting = true;
		client_begin(count);
	}
	return true;
}

static inline void client_report(const struct client_count *count)
{
	double seconds = bench_now() - count->start;
	double cpu = client_cpu() - count->cpu;
	long n = count->done;

	bench_report("cpu", cpu / (double)n * 1e6, "us", n);
	bench_report("rate", (double)n / seconds, "/s", n);
	bench_report("memory", bench_memory("VmRSS") + bench_memory("VmPTE"),
		     "MB", n);
}

static inline bool client_is_hello(int status, const char *body, size_t length)
{
	return status == 200 && length == 13 &&
	       memcmp(body, "Hello, World!", 13) == 0;
}

#endif /* BENCH_CLIENT_H */
