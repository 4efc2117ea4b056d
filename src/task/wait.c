/* SPDX-License-Identifier: MIT
 * task/wait.c - where tasks wait and are woken. */
#include "task/wait.h"

#include <assert.h>
#include <errno.h>

#include "task/task.h"

int smi_may_suspend(void)
{
	struct simul_task *self = smi_current;

	if (!self)
		return -EPERM;
	return self->scope->cancelled ? -ECANCELED : 0;
}

void smi_resume(struct simul_task *task, int result)
{
	assert(task->state == SMI_WAITING);
	task->state = SMI_READY;
	task->result = result;
	smi_loop_ready(&task->loop->loop, &task->job);
}

void smi_waiters_add(struct simul_waiters *queue, struct simul_waiter *waiter)
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

void smi_waiters_remove(struct simul_waiter *waiter)
{
	struct simul_waiters *queue = waiter->queue;

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

int smi_wait_in(struct simul_waiters *queue, struct simul_waiter *waiter,
		const struct smi_wait *wait)
{
	waiter->task = smi_current;
	waiter->notify = NULL;
	smi_waiters_add(queue, waiter);
	return smi_suspend(wait, waiter);
}

void smi_interrupt_waiter(struct simul_task *task, void *waiter)
{
	smi_waiters_remove(waiter);
	smi_resume(task, -ECANCELED);
}

void smi_wake(struct simul_waiter *waiter, int result)
{
	smi_waiters_remove(waiter);
	if (waiter->notify)
		waiter->notify(waiter, result);
	else
		smi_resume(waiter->task, result);
}

bool smi_wake_first(struct simul_waiters *queue, int result)
{
	if (!queue->first)
		return false;
	smi_wake(queue->first, result);
	return true;
}

void smi_wake_all(struct simul_waiters *queue, int result)
{
	/* A notify function may make others wait anew, behind the last one. */
	struct simul_waiter *last = queue->last, *w;

	do {
		w = queue->first;
		if (w)
			smi_wake(w, result);
	} while (w && w != last);
}
