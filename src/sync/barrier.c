/* SPDX-License-Identifier: MIT
 * sync/barrier.c - wait until so many tasks have arrived, again and again.
 *
 * The last to arrive empties the barrier and wakes the others at once, so that
 * it is ready for the next round before any of them runs. */
#include <simul/sync.h>

#include <errno.h>

#include <simul/error.h>

#include "task/wait.h"

struct arrival {
	struct simul_waiter waiter;
	simul_barrier *barrier;
};

/* Let all that wait go with result. */
static void empty(simul_barrier *barrier, int result)
{
	barrier->arrived = 0;
	smi_wake_all(&barrier->waiters, result);
}

/* One that waits was cancelled. The barrier breaks now, not when that task
 * runs: another may arrive before, and would make the number full. */
static void give_up(struct simul_task *task, void *on)
{
	struct arrival *arrival = on;

	smi_interrupt_waiter(task, &arrival->waiter);
	simul_barrier_abort(arrival->barrier);
}

static int await_others(simul_barrier *barrier)
{
	static const struct smi_wait waiting = { "others to reach a barrier",
						 give_up };
	struct arrival arrival = { .barrier = barrier };

	return smi_wait_in(&barrier->waiters, &arrival.waiter, &waiting);
}

static int arrive(simul_barrier *barrier)
{
	size_t number = barrier->arrived++;
	int r = 0;

	if (number + 1 >= barrier->parties)
		empty(barrier, 0);
	else
		r = await_others(barrier);
	return r < 0 ? r : (int)number;
}

int simul_barrier_wait(simul_barrier *barrier)
{
	int r = smi_may_suspend();

	if (r == -ECANCELED)
		simul_barrier_abort(barrier);
	if (r < 0)
		return r;
	if (barrier->parties == 0)
		return -EINVAL;
	return barrier->broken ? -SIMUL_EBROKEN : arrive(barrier);
}

void simul_barrier_abort(simul_barrier *barrier)
{
	barrier->broken = true;
	empty(barrier, -SIMUL_EBROKEN);
}

void simul_barrier_reset(simul_barrier *barrier)
{
	barrier->broken = false;
	empty(barrier, -SIMUL_EBROKEN);
}
