/* SPDX-License-Identifier: MIT
 * bench/floors/scheduler.h - the least that can be called tasks: create, join,
 * yield, with pooled stacks and a ready queue in an array.
 *
 * No cancellation, parents, timers, or I/O, and no check for anything.
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include "fiber.h"

enum { AHEAD = 4 }; /* prefetch stacks that will run so many turns later */

/* Lives at the top of its stack. */
struct task {
	void *sp;
	struct task *next; /* in the pool */
	struct task *joiner;
	fiber_fn *fn;
	void *arg;
	int done;
} __attribute__((aligned(LINE)));

static struct task *pool;
static struct task *running;
static void *loop_sp;
static char *slab;
static size_t stacks_used;

/* The ready queue: a ring of a power of two. Entries past the tail are stale
 * or NULL; prefetching through them does no harm. */
static struct task **ring;
static size_t ring_mask, head, tail;

static inline void scheduler_open(size_t most_tasks)
{
	size_t size = 64;

	while (size < most_tasks + 1)
		size *= 2;
	ring = bench_alloc(size * sizeof(*ring));
	ring_mask = size - 1;
	slab = fiber_stacks(most_tasks + 1, STACK_SIZE);
}

static inline void make_ready(struct task *task)
{
	ring[tail++ & ring_mask] = task;
}

static inline void suspend(void)
{
	fiber_switch(&running->sp, loop_sp);
}

static inline void yield(void)
{
	make_ready(running);
	suspend();
}

static void task_main(void *arg)
{
	struct task *task = arg;

	task->fn(task->arg);
	task->done = 1;
	if (task->joiner)
		make_ready(task->joiner);
	suspend();
}

static inline struct task *create(fiber_fn *fn, void *arg)
{
	struct task *task = pool;

	if (task)
		pool = task->next;
	else
		task = fiber_top(slab, stacks_used++, STACK_SIZE,
				 sizeof(*task));
	task->fn = fn;
	task->arg = arg;
	task->done = 0;
	task->joiner = NULL;
	task->sp = fiber_prepare(task, task_main, task);
	make_ready(task);
	return task;
}

static inline void join(struct task *task)
{
	if (!task->done) {
		task->joiner = running;
		suspend();
	}
	task->next = pool;
	pool = task;
}

static inline void prefetch_ahead(void)
{
	struct task *soon = ring[(head + AHEAD) & ring_mask];

	__builtin_prefetch(ring[(head + 2 * AHEAD) & ring_mask], 1);
	if (soon && tail - head > AHEAD)
		for (int i = 0; i < 4; i++)
			__builtin_prefetch((char *)soon->sp - i * LINE, 1);
}

static inline void run_all(void)
{
	while (head != tail) {
		prefetch_ahead();
		running = ring[head++ & ring_mask];
		fiber_switch(&loop_sp, running->sp);
	}
}

#endif /* SCHEDULER_H */
