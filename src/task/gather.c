/* SPDX-License-Identifier: MIT
 * task/gather.c - waiting for several tasks. */
#include <simul/gather.h>

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "task/wait.h"

/* ---- Gather */

/* The failure that came first in time. */
struct first_failure {
	uint64_t end;
	int result;
};

static void consider(struct first_failure *first, uint64_t end, int result)
{
	if (result >= 0 || (first->result < 0 && first->end <= end))
		return;
	first->end = end;
	first->result = result;
}

struct gathering {
	simul_task **tasks;
	size_t n;
	bool cancelled;
};

static void cancel_all(struct gathering *g)
{
	g->cancelled = true;
	for (size_t i = 0; i < g->n; i++)
		simul_cancel(g->tasks[i]);
}

static void cancel_gathered(struct simul_task *self, void *arg)
{
	struct simul_waiter *waiter = arg;

	(void)self;
	cancel_all(waiter->value);
}

static const struct smi_wait gathering = { "the tasks that it gathers",
					   cancel_gathered };

/* The order in which we wait does not matter: we need them all. */
static void wait_for_all(struct simul_task *self, struct gathering *g)
{
	struct simul_waiter waiter = { .value = g };

	if (self->scope->cancelled)
		cancel_all(g);
	for (size_t i = 0; i < g->n; i++) {
		struct simul_task *task = g->tasks[i];

		if (!task || task->state == SMI_DONE)
			continue;
		/* That may have come between two ends. */
		if (self->scope->cancelled && !g->cancelled)
			cancel_all(g);
		smi_wait_in(&task->waiters, &waiter, &gathering);
	}
}

/* Most have ended a while ago, and lie far apart: to fetch what is read of one
 * while others are released makes a gathering of 1000 a twentieth faster. */
enum { AHEAD = 4 };

static inline void fetch(const struct simul_task *task)
{
	for (size_t i = 0; i < sizeof *task; i += 64)
		smi_prefetch((const char *)task + i);
}

int simul_gather(simul_task **tasks, size_t n, int *results)
{
	struct simul_task *self = smi_current;
	struct first_failure first = { 0 };
	struct gathering g = { tasks, n, false };

	if (!self)
		return -EPERM;
	for (size_t i = 0; i < n; i++)
		if (tasks[i] && smi_parent(tasks[i]) != self)
			return -EINVAL;
	wait_for_all(self, &g);
	for (size_t i = 0; i < n; i++) {
		struct simul_task *task = tasks[i];
		int result = task ? task->result : -ENOMEM;

		if (n - i > AHEAD)
			fetch(tasks[i + AHEAD]);
		consider(&first, task ? task->end : 0, result);
		if (results)
			results[i] = result;
		if (task)
			smi_task_release(task);
		tasks[i] = NULL;
	}
	return g.cancelled ? -ECANCELED : first.result;
}

/* ---- Wait */

struct watch {
	struct simul_waiters all; /* where the waiting task waits */
	struct simul_waiter *waiters;
	size_t wanted; /* more ends */
	size_t done;   /* counted here: another's tasks may be gone by then */
	enum simul_when when;
};

/* As in asyncio, to have been cancelled is no error here. */
static bool is_error(int result)
{
	return result < 0 && result != -ECANCELED;
}

static bool is_enough(const struct watch *w, int result)
{
	return w->wanted == 0 ||
	       (w->when == SIMUL_FIRST_ERROR && is_error(result));
}

static void one_ended(struct simul_waiter *waiter, int result)
{
	struct watch *w = waiter->value;

	w->wanted--;
	w->done++;
	if (is_enough(w, result))
		smi_wake_first(&w->all, 0);
}

static size_t count_done(simul_task **tasks, size_t n, bool *ret_failed)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		if (!simul_task_is_done(tasks[i]))
			continue;
		done++;
		if (is_error(simul_task_result(tasks[i])))
			*ret_failed = true;
	}
	return done;
}

static int wait_for_some(simul_task **tasks, size_t n, struct watch *w)
{
	static const struct smi_wait waiting = { "some of several tasks to end",
						 smi_interrupt_waiter };
	struct simul_waiter self;
	int r;

	w->waiters = smi_alloc_zero(n * sizeof *w->waiters);
	if (!w->waiters)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (simul_task_is_done(tasks[i]))
			continue;
		w->waiters[i].task = tasks[i];
		w->waiters[i].value = w;
		w->waiters[i].notify = one_ended;
		smi_waiters_add(&tasks[i]->waiters, &w->waiters[i]);
	}
	r = smi_wait_in(&w->all, &self, &waiting);
	for (size_t i = 0; i < n; i++)
		if (w->waiters[i].queue)
			smi_waiters_remove(&w->waiters[i]);
	smi_free(w->waiters);
	return r;
}

int simul_wait(simul_task **tasks, size_t n, enum simul_when when)
{
	struct watch w = { .when = when };
	bool failed = false;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	w.done = count_done(tasks, n, &failed);
	w.wanted = n - w.done;
	if (when == SIMUL_FIRST_COMPLETED && w.wanted > 0)
		w.wanted = w.done > 0 ? 0 : 1;
	if (!is_enough(&w, failed ? -1 : 0))
		r = wait_for_some(tasks, n, &w);
	return r < 0 ? r : (int)w.done;
}

/* ---- As completed */

struct simul_completion {
	struct simul_waiter waiter;
	struct simul_completed *all;
	struct simul_completion *next;
};

static void append(struct simul_completed *all, struct simul_completion *c)
{
	c->next = NULL;
	if (all->last)
		all->last->next = c;
	else
		all->first = c;
	all->last = c;
}

static void completed(struct simul_waiter *waiter, int result)
{
	struct simul_completion *c = (struct simul_completion *)waiter;
	struct simul_task *waiting = c->all->waiting;

	(void)result;
	append(c->all, c);
	if (waiting && waiting->state == SMI_WAITING)
		smi_resume(waiting, 0);
}

static int by_end(const void *a, const void *b)
{
	const struct simul_completion *const *x = a, *const *y = b;
	uint64_t i = (*x)->waiter.task->end, j = (*y)->waiter.task->end;

	return (i > j) - (i < j);
}

/* Those that have ended by now are reported in the order in which they did. */
static int append_done(simul_completed *c)
{
	struct simul_completion **done = smi_alloc(c->count * sizeof *done);
	size_t n = 0;

	if (!done)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++)
		if (c->tasks[i] && c->tasks[i]->state == SMI_DONE)
			done[n++] = &c->watched[i];
	qsort(done, n, sizeof *done, by_end);
	for (size_t i = 0; i < n; i++)
		append(c, done[i]);
	smi_free(done);
	return 0;
}

static int start_watching(simul_completed *c)
{
	c->watched = smi_alloc_zero(c->count * sizeof *c->watched);
	if (!c->watched)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++) {
		struct simul_completion *w = &c->watched[i];

		w->all = c;
		w->waiter.task = c->tasks[i];
		w->waiter.notify = completed;
		if (!c->tasks[i])
			append(c, w);
		else if (c->tasks[i]->state != SMI_DONE)
			smi_waiters_add(&c->tasks[i]->waiters, &w->waiter);
	}
	if (append_done(c) == 0)
		return 0;
	simul_completed_done(c);
	return -ENOMEM;
}

static void stop_waiting(struct simul_task *task, void *arg)
{
	(void)arg;
	smi_resume(task, -ECANCELED);
}

/* It is ours until we are back: who has been woken, but has not run, will find
 * what it was woken for. */
static int wait_for_next(simul_completed *c)
{
	static const struct smi_wait waiting = { "the next task to end",
						 stop_waiting };
	int r;

	c->waiting = smi_current;
	r = smi_suspend(&waiting, c);
	c->waiting = NULL;
	return r;
}

int simul_next_completed(simul_completed *c, size_t *ret_index)
{
	struct simul_completion *done;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (c->waiting)
		return -EBUSY;
	if (c->reported == c->count)
		return 0;
	if (!c->watched) {
		r = start_watching(c);
		if (r < 0)
			return r;
	}
	if (!c->first) {
		r = wait_for_next(c);
		if (r < 0)
			return r;
	}
	done = c->first;
	c->first = done->next;
	if (!c->first)
		c->last = NULL;
	c->reported++;
	*ret_index = (size_t)(done - c->watched);
	return 1;
}

void simul_completed_done(simul_completed *c)
{
	for (size_t i = 0; c->watched && i < c->count; i++)
		if (c->watched[i].waiter.queue)
			smi_waiters_remove(&c->watched[i].waiter);
	smi_free(c->watched);
	*c = (simul_completed){ .tasks = c->tasks, .count = c->count };
}
