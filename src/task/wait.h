/* SPDX-License-Identifier: MIT
 * task/wait.h - the wait queue: the one place where tasks wait and are woken.
 *
 * Everything in Simul that waits for another task is built from these calls.
 * A waiter is a record in the frame of the call that waits, linked into a
 * queue while it waits there. Whoever wakes it unlinks it first, and that
 * decides: a wake-up that comes before a cancellation has delivered, one that
 * comes after it finds somebody else at the head of the queue. Nothing that
 * was handed over is ever lost between the two.
 */
#ifndef SMI_TASK_WAIT_H
#define SMI_TASK_WAIT_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include <simul/sync.h>
#include <simul/task.h>

#include "task/task.h"

/* How a task waits. */
struct smi_wait {
	const char *what; /* for people: "waits for ..." */

	/* The waiting task has been cancelled: wake it now, or see to it that
	 * it will be woken. Called once at most for each time it waits; NULL:
	 * such a wait is not cut short. */
	void (*interrupt)(struct simul_task *task, void *on);
};

/* One who waits in a queue. */
struct simul_waiter {
	struct simul_waiter *next;
	struct simul_waiter *prev;
	struct simul_waiters *queue; /* NULL: it was woken, or never waited */
	struct simul_task *task;
	/* Called instead of waking the task, if not NULL. */
	void (*notify)(struct simul_waiter *waiter, int result);
	void *value; /* from or for whoever wakes it */
};

/* May the caller suspend? 0; -ECANCELED inside a cancelled scope; -EPERM where
 * there is no task. */
static inline int smi_may_suspend(void)
{
	const struct simul_task *self = smi_current;

	if (!self)
		return -EPERM;
	return self->scope->cancelled ? -ECANCELED : 0;
}

/* Suspend the current task until smi_resume, and return the result given
 * there. on is handed to wait->interrupt. The caller has asked
 * smi_may_suspend, or must not be cancelled. */
int smi_suspend(const struct smi_wait *wait, void *on);

/* Let those that are ready take their turns first. Returns 0. */
int smi_yield(void);

/* Let a task that is suspended go on in the next turn. */
static inline void smi_resume(struct simul_task *task, int result)
{
	assert(task->state == SMI_WAITING);
	task->state = SMI_READY;
	task->result = result;
	smi_loop_ready(&task->loop->loop, &task->job);
}

/* ---- Queues */

/* Join the queue at its end. */
static inline void smi_waiters_add(struct simul_waiters *queue,
				   struct simul_waiter *waiter)
{
	waiter->queue = queue;
	waiter->next = NULL;
	waiter->prev = queue->last;
	if (queue->last)
		queue->last->next = waiter;
	else
		queue->first = waiter;
	queue->last = waiter;
}

/* Leave the queue. */
static inline void smi_waiters_remove(struct simul_waiter *waiter)
{
	struct simul_waiters *queue = waiter->queue;

	assert(queue);
	if (waiter->prev)
		waiter->prev->next = waiter->next;
	else
		queue->first = waiter->next;
	if (waiter->next)
		waiter->next->prev = waiter->prev;
	else
		queue->last = waiter->prev;
	waiter->queue = NULL;
}

/* Wait in queue as the current task. waiter->value is the caller's to set
 * before. Returns what smi_wake was given, or -ECANCELED. */
SMI_SHARED int smi_wait_in(struct simul_waiters *queue,
			   struct simul_waiter *waiter,
			   const struct smi_wait *wait);

/* The interrupt for waits in a queue: leave it and tell the task. */
SMI_SHARED void smi_interrupt_waiter(struct simul_task *task, void *waiter);

/* Unlink waiter and let its task go on with result. */
static inline void smi_wake(struct simul_waiter *waiter, int result)
{
	smi_waiters_remove(waiter);
	if (waiter->notify)
		waiter->notify(waiter, result);
	else
		smi_resume(waiter->task, result);
}

/* Wake the one that waits longest; false if none does. */
static inline bool smi_wake_first(struct simul_waiters *queue, int result)
{
	if (!queue->first)
		return false;
	smi_wake(queue->first, result);
	return true;
}

/* Wake all that wait now; somebody does. */
SMI_SHARED void smi_wake_each(struct simul_waiters *queue, int result);

/* Wake all that wait now, who mostly are nobody. */
static inline void smi_wake_all(struct simul_waiters *queue, int result)
{
	if (queue->first)
		smi_wake_each(queue, result);
}

#endif /* SMI_TASK_WAIT_H */
