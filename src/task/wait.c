/* SPDX-License-Identifier: MIT
 * task/wait.c - where tasks wait and are woken: what need not be inline. */
#include "task/wait.h"

void smi_interrupt_waiter(struct simul_task *task, void *waiter)
{
	smi_waiters_remove(waiter);
	smi_resume(task, -ECANCELED);
}

static void reach(struct simul_waiter *mark, int result)
{
}

/* A notify function may make others wait anew, which are not meant, and may
 * wake all of this queue itself. So where to stop is marked in the queue. */
static void wake_to_mark(struct simul_waiters *queue, int result)
{
	struct simul_waiter mark = { .notify = reach };

	smi_waiters_add(queue, &mark);
	while (mark.queue)
		smi_wake(queue->first, result);
}

void smi_wake_each(struct simul_waiters *queue, int result)
{
	struct simul_waiter *w;

	/* Tasks go on later: until then nobody joins. */
	while ((w = queue->first) && !w->notify)
		smi_wake(w, result);
	if (w)
		wake_to_mark(queue, result);
}
