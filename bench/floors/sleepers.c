/* SPDX-License-Identifier: MIT
 * bench/floors/sleepers.c - floor of "sleepers": stacks with guards, each
 * suspended a few frames deep, and then resumed once. No timers, no sleep. */
#include "fiber.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum { PAGE = 4096, BATCH = 1000 };

struct task {
	void *sp;
	char room[192]; /* what a real task's struct would need */
};

static void *loop_sp;
static struct task *running;

__attribute__((noinline)) static int frames(int depth)
{
	volatile char frame[200];

	for (int i = 0; i < 200; i += 8)
		frame[i] = (char)(depth + i);
	if (depth > 0)
		frames(depth - 1);
	else
		fiber_switch(&running->sp, loop_sp);
	return frame[8 * depth];
}

static void body(void *arg)
{
	(void)arg;
	for (;;)
		frames(2);
}

/* One lightweight guard at the foot of each stack, a thousand in one call. */
static void install_guards(char *slab, long n, size_t stride)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec pages[BATCH];

	for (long i = 0; i < n;) {
		int k;

		for (k = 0; k < BATCH && i < n; k++, i++) {
			pages[k].iov_base = slab + (size_t)i * stride;
			pages[k].iov_len = PAGE;
		}
		if (syscall(SYS_process_madvise, self, pages, k,
			    MADV_GUARD_INSTALL, 0) != (long)k * PAGE) {
			perror("guards (they need Linux 6.13)");
			exit(1);
		}
	}
	close(self);
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 1000000);
	size_t stride = (size_t)bench_number(argc, argv, 3, 262144);
	struct task **tasks = bench_alloc((size_t)n * sizeof(*tasks));
	double start = bench_now(), seconds;
	char *slab = fiber_stacks((size_t)n, stride);

	install_guards(slab, n, stride);
	for (long i = 0; i < n; i++) {
		running = fiber_top(slab, (size_t)i, stride, sizeof(*running));
		tasks[i] = running;
		fiber_switch(&loop_sp, fiber_prepare(running, body, NULL));
	}
	seconds = bench_now() - start;
	bench_report_memory(n);
	start = bench_now();
	for (long i = 0; i < n; i++) {
		running = tasks[i];
		fiber_switch(&loop_sp, running->sp);
	}
	bench_report("sleepers", seconds + bench_now() - start, "s", n);
	return 0;
}
