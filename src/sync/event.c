/* SPDX-License-Identifier: MIT
 * sync/event.c - a flag to wait for. */
#include <simul/sync.h>

#include "task/wait.h"

void simul_event_set(simul_event *event)
{
	event->is_set = true;
	smi_wake_all(&event->waiters, 0);
}

void simul_event_clear(simul_event *event)
{
	event->is_set = false;
}

int simul_event_wait(simul_event *event)
{
	static const struct smi_wait waiting = { "an event",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_may_suspend();

	if (r < 0 || event->is_set)
		return r;
	return smi_wait_in(&event->waiters, &waiter, &waiting);
}
