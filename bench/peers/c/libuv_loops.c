/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_loops.c - "loops" with libuv: two loops in two threads,
 * which wake each other by uv_async_send. */
#include "../../bench.h"

#include <stdatomic.h>
#include <uv.h>

static struct side {
	uv_loop_t loop;
	uv_async_t called;
	atomic_uint item; /* what has come in, or 0 */
} sides[2];

static long n, left;
static double start;

static void put(struct side *side, unsigned item)
{
	atomic_store(&side->item, item);
	uv_async_send(&side->called);
}

/* A wake-up may stand for several. */
static void answer(uv_async_t *called)
{
	struct side *side = called->data;
	unsigned item = atomic_exchange(&side->item, 0);

	if (item > 1)
		uv_close((uv_handle_t *)called, NULL);
	if (item)
		put(&sides[0], item);
}

static void came_back(uv_async_t *called)
{
	struct side *side = called->data;

	if (!atomic_exchange(&side->item, 0))
		return;
	if (left == n)
		start = bench_now();
	if (left-- > 0)
		put(&sides[1], 1 + (left == 0));
	else
		uv_close((uv_handle_t *)called, NULL);
}

static void side_open(struct side *side, uv_async_cb called)
{
	uv_loop_init(&side->loop);
	uv_async_init(&side->loop, &side->called, called);
	side->called.data = side;
}

static void run(void *side)
{
	uv_run(&((struct side *)side)->loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
	uv_thread_t thread;

	n = bench_number(argc, argv, 1, 10000);
	left = n + n / 10;
	side_open(&sides[0], came_back);
	side_open(&sides[1], answer);
	if (uv_thread_create(&thread, run, &sides[1]) < 0)
		return 1;
	put(&sides[1], 1);
	run(&sides[0]);
	bench_report_each("loops", start, (double)n, n);
	uv_thread_join(&thread);
	return 0;
}
