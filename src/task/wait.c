/* SPDX-License-Identifier: MIT
 * task/wait.c - where tasks wait and are woken: what need not be inline. */
#include "task/wait.h"

void smi_interrupt_waiter(struct simul_task *task, void *waiter)
{
	smi_waiters_remove(waiter);
	smi_resume(task, -ECANCELED);
}

void smi_wake_each(struct simul_waiters *queue, int result)
{
	/* A notify function may make others wait anew, behind the last one. */
	struct simul_waiter *last = queue->last, *w;

	do {
		w = queue->first;
		if (w)
			smi_wake(w, result);
	} while (w && w != last);
}
