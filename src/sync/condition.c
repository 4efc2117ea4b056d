/* SPDX-License-Identifier: MIT
 * sync/condition.c - wait, under a lock, for something to become true. */
#include <simul/sync.h>

#include <errno.h>

#include "sync/lock.h"
#include "task/wait.h"

/* Whoever was notified and then cancelled will hardly look at what it was
 * notified of. It is of no use to say that it has received the notification:
 * somebody else may need it. */
static int pass_on(simul_condition *condition)
{
	simul_condition_notify(condition, 1);
	return -ECANCELED;
}

int simul_condition_wait(simul_condition *condition, simul_lock *lock)
{
	static const struct smi_wait waiting = { "a condition",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r;

	if (!smi_lock_is_mine(lock))
		return -EPERM;
	r = smi_may_suspend();
	if (r < 0)
		return r;
	simul_lock_release(lock);
	r = smi_wait_in(&condition->waiters, &waiter, &waiting);
	smi_lock_take(lock);
	if (r >= 0 && simul_is_cancelled())
		return pass_on(condition);
	return r;
}

int simul_condition_wait_for(simul_condition *condition, simul_lock *lock,
			     bool (*test)(void *arg), void *arg)
{
	int r;

	if (!smi_lock_is_mine(lock))
		return -EPERM;
	r = smi_may_suspend();
	while (r >= 0 && !test(arg))
		r = simul_condition_wait(condition, lock);
	return r;
}

void simul_condition_notify(simul_condition *condition, size_t n)
{
	while (n > 0 && smi_wake_first(&condition->waiters, 0))
		n--;
}

void simul_condition_notify_all(simul_condition *condition)
{
	smi_wake_all(&condition->waiters, 0);
}
