/* SPDX-License-Identifier: MIT
 * bench/floors/random.c - floor of "random": N stacks resumed in a random
 * order, tops staggered over 16 lines, stacks prefetched 4 turns ahead. */
#include "fiber.h"

enum { AHEAD = 4 };

struct task {
	void *sp;
} __attribute__((aligned(LINE)));

static void *loop_sp;

static void body(void *arg)
{
	struct task *task = arg;

	for (;;) {
		bench_touch_stack();
		fiber_switch(&task->sp, loop_sp);
	}
}

/* order has 2 * AHEAD entries more than n, the first ones again. */
static void resume_all(struct task **order, long n)
{
	for (long i = 0; i < n; i++) {
		char *sp = order[i + AHEAD]->sp;

		__builtin_prefetch(order[i + 2 * AHEAD], 1);
		for (int k = 0; k < 4; k++)
			__builtin_prefetch(sp - k * LINE, 1);
		fiber_switch(&loop_sp, order[i]->sp);
	}
}

static struct task **make_tasks(long n)
{
	char *slab = fiber_stacks((size_t)n, STACK_SIZE);
	struct task **tasks = bench_alloc((size_t)(n + 2 * AHEAD) * 8);
	uint32_t *order = bench_alloc((size_t)n * sizeof(*order));

	bench_shuffle(order, n);
	for (long i = 0; i < n; i++) {
		struct task *task =
			fiber_top(slab, (size_t)i, STACK_SIZE, sizeof(*task));

		task->sp = fiber_prepare(task, body, task);
		tasks[order[i]] = task;
	}
	for (long i = 0; i < 2 * AHEAD; i++)
		tasks[n + i] = tasks[i % n];
	free(order);
	return tasks;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 100000);
	long rounds = bench_number(argc, argv, 2, 5000000) / n + 1;
	struct task **tasks = make_tasks(n);
	double start;

	resume_all(tasks, n);
	resume_all(tasks, n);
	start = bench_now();
	for (long i = 0; i < rounds; i++)
		resume_all(tasks, n);
	bench_report_each("random", start, (double)(rounds * n), n);
	return 0;
}
