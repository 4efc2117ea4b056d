/* SPDX-License-Identifier: MIT
 * sync/lock.c - at most one task holds it.
 *
 * A lock is never free while a task waits for it: who releases it makes the
 * next in the queue its owner. So nobody can come in between, and a task that
 * is cancelled after that simply has the lock. */
#include "sync/lock.h"

#include <errno.h>

#include "task/wait.h"

static const struct smi_wait waiting = { "a lock", smi_interrupt_waiter };
static const struct smi_wait waiting_always = { "a lock", NULL };

bool smi_lock_is_mine(const simul_lock *lock)
{
	return smi_current && lock->owner == smi_current;
}

/* To be resumed is to be its owner. */
static int take(simul_lock *lock, const struct smi_wait *wait)
{
	struct simul_waiter waiter;

	if (lock->owner)
		return smi_wait_in(&lock->waiters, &waiter, wait);
	lock->owner = smi_current;
	return 0;
}

void smi_lock_take(simul_lock *lock)
{
	take(lock, &waiting_always);
}

int simul_lock_acquire(simul_lock *lock)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (smi_lock_is_mine(lock))
		return -EDEADLK;
	return take(lock, &waiting);
}

int simul_lock_try_acquire(simul_lock *lock)
{
	if (!smi_current)
		return -EPERM;
	if (lock->owner)
		return -EAGAIN;
	lock->owner = smi_current;
	return 0;
}

int simul_lock_release(simul_lock *lock)
{
	struct simul_waiter *next = lock->waiters.first;

	if (!smi_lock_is_mine(lock))
		return -EPERM;
	lock->owner = next ? next->task : NULL;
	if (next)
		smi_wake(next, 0);
	return 0;
}
