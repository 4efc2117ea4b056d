/* SPDX-License-Identifier: MIT
 * task/future.c - a result that will be there later. */
#include <simul/future.h>

#include <errno.h>

#include "task/wait.h"

int simul_future_set(simul_future *future, int result, void *value)
{
	if (future->is_set)
		return -EALREADY;
	future->is_set = true;
	future->result = result;
	future->value = value;
	smi_wake_all(&future->waiters, 0);
	return 0;
}

void simul_future_cancel(simul_future *future)
{
	if (!future->is_set)
		simul_future_set(future, -ECANCELED, NULL);
}

int simul_future_wait(simul_future *future, void **ret_value)
{
	static const struct smi_wait waiting = { "a future",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!future->is_set) {
		r = smi_wait_in(&future->waiters, &waiter, &waiting);
		if (r < 0)
			return r;
	}
	if (future->result >= 0 && ret_value)
		*ret_value = future->value;
	return future->result;
}
