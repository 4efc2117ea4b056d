/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_timer.c - "timer" with libuv: 64 timers started and
 * stopped, with a million others pending. Its clock is the loop's, which is
 * looked at once in a turn: so it stands beside `at`. */
#include "../../bench.h"

#include <uv.h>

enum { PENDING = 1000000, BATCH = 64 };

static void never(uv_timer_t *timer)
{
	(void)timer;
}

static void run_batches(uv_timer_t *timers, long batches)
{
	for (long i = 0; i < batches; i++) {
		for (int k = 0; k < BATCH; k++)
			uv_timer_start(&timers[k], never, 1030000, 0);
		for (int k = BATCH - 1; k >= 0; k--)
			uv_timer_stop(&timers[k]);
	}
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 5000000), batches = n / BATCH;
	uv_timer_t *pending = bench_alloc(PENDING * sizeof(*pending));
	uv_loop_t *loop = uv_default_loop();
	uv_timer_t timers[BATCH];
	double start;

	for (int i = 0; i < PENDING; i++) {
		uv_timer_init(loop, &pending[i]);
		uv_timer_start(&pending[i], never,
			       1000000 + bench_random() % 60000, 0);
	}
	for (int k = 0; k < BATCH; k++)
		uv_timer_init(loop, &timers[k]);
	run_batches(timers, batches / 10);
	start = bench_now();
	run_batches(timers, batches);
	bench_report_each("timer", start, (double)(batches * BATCH), n);
	return 0;
}
