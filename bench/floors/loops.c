/* SPDX-License-Identifier: MIT
 * bench/floors/loops.c - "loops" between two threads that wait at futexes: no
 * loop, so they could wait for nothing else. */
#include "../bench.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is on its way, or 0. */
static atomic_uint there, back;

static void put(atomic_uint *way, unsigned item)
{
	atomic_store(way, item);
	syscall(SYS_futex, way, FUTEX_WAKE_PRIVATE, 1, NULL);
}

static unsigned get(atomic_uint *way)
{
	unsigned item;

	while ((item = atomic_exchange(way, 0)) == 0)
		syscall(SYS_futex, way, FUTEX_WAIT_PRIVATE, 0, NULL);
	return item;
}

static void *answer(void *arg)
{
	for (;;)
		put(&back, get(&there));
	return arg;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 10000);
	pthread_t thread;
	double start = 0;

	if (pthread_create(&thread, NULL, answer, NULL) != 0)
		return 1;
	for (long i = -n / 10; i < n; i++) {
		if (i == 0)
			start = bench_now();
		put(&there, 1);
		get(&back);
	}
	bench_report_each("loops", start, (double)n, n);
	return 0;
}
