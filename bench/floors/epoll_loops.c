/* SPDX-License-Identifier: MIT
 * bench/floors/epoll_loops.c - "loops" by hand: two threads, each waits at an
 * epoll with an eventfd in it, by which the other wakes it. */
#include "../bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct side {
	int epoll;
	int event;
	atomic_uint item; /* what has come in, or 0 */
} sides[2];

static void side_open(struct side *side)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };

	side->epoll = epoll_create1(EPOLL_CLOEXEC);
	side->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_ctl(side->epoll, EPOLL_CTL_ADD, side->event, &e) < 0)
		exit(1);
}

static void put(struct side *side, unsigned item)
{
	uint64_t one = 1;

	atomic_store(&side->item, item);
	if (write(side->event, &one, sizeof one) < 0)
		exit(1);
}

/* Edge-triggered: that the eventfd is never read costs nothing. */
static unsigned get(struct side *side)
{
	struct epoll_event e;
	unsigned item;

	while ((item = atomic_exchange(&side->item, 0)) == 0)
		epoll_wait(side->epoll, &e, 1, -1);
	return item;
}

static void *answer(void *arg)
{
	for (;;)
		put(&sides[0], get(&sides[1]));
	return arg;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 10000);
	pthread_t thread;
	double start = 0;

	side_open(&sides[0]);
	side_open(&sides[1]);
	if (pthread_create(&thread, NULL, answer, NULL) != 0)
		return 1;
	for (long i = -n / 10; i < n; i++) {
		if (i == 0)
			start = bench_now();
		put(&sides[1], 1);
		get(&sides[0]);
	}
	bench_report_each("loops", start, (double)n, n);
	return 0;
}
