/* SPDX-License-Identifier: MIT
 * sync/semaphore.c - at most so many at a time.
 *
 * While a task waits the value is 0: what is released goes to the first in the
 * queue without ever being there for others. */
#include <simul/sync.h>

#include <errno.h>
#include <stdint.h>

#include "task/wait.h"

int simul_semaphore_acquire(simul_semaphore *semaphore)
{
	static const struct smi_wait waiting = { "a semaphore",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (simul_semaphore_try_acquire(semaphore) == 0)
		return 0;
	return smi_wait_in(&semaphore->waiters, &waiter, &waiting);
}

int simul_semaphore_try_acquire(simul_semaphore *semaphore)
{
	if (semaphore->value == 0 || semaphore->waiters.first)
		return -EAGAIN;
	semaphore->value--;
	return 0;
}

int simul_semaphore_release(simul_semaphore *semaphore)
{
	size_t bound = semaphore->bound ? semaphore->bound : SIZE_MAX;

	if (semaphore->value >= bound)
		return -EOVERFLOW;
	if (!smi_wake_first(&semaphore->waiters, 0))
		semaphore->value++;
	return 0;
}
