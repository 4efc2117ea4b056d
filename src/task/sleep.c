/* SPDX-License-Identifier: MIT
 * task/sleep.c - waiting for time to pass. */
#include <simul/run.h>

#include <errno.h>
#include <math.h>

#include "task/wait.h"

struct sleeper {
	struct simul_timer timer;
	struct simul_task *task;
};

static void wake(struct simul_timer *timer)
{
	smi_resume(((struct sleeper *)timer)->task, 0);
}

static void interrupt(struct simul_task *task, void *on)
{
	struct sleeper *sleeper = on;

	smi_loop_clear_timer(&task->loop->loop, &sleeper->timer);
	smi_resume(task, -ECANCELED);
}

static const struct smi_wait sleeping = { "time to pass", interrupt };

int simul_sleep(double seconds)
{
	struct simul_task *self = smi_current;
	struct sleeper sleeper;
	struct smi_loop *loop;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	/* A jump there and no frame of ours: a switch takes a sixth less. */
	if (seconds <= 0)
		return smi_yield();
	if (isnan(seconds))
		return -EINVAL;
	loop = &self->loop->loop;
	sleeper.task = self;
	sleeper.timer.slot = 0;
	sleeper.timer.fire = wake;
	sleeper.timer.when =
		smi_after(smi_loop_now(loop), smi_nanoseconds(seconds));
	/* For ever is a time that no clock, however virtual, shall reach. */
	if (sleeper.timer.when != SMI_NEVER)
		r = smi_loop_set_timer(loop, &sleeper.timer);
	return r < 0 ? r : smi_suspend(&sleeping, &sleeper);
}

double simul_time(void)
{
	const struct simul_loop *loop = smi_current_loop;
	uint64_t epoch = loop ? loop->epoch : smi_clock_epoch();
	uint64_t now = loop ? smi_loop_now(&loop->loop) : smi_clock();

	return (double)(epoch + now) * 1e-9;
}

double simul_now(void)
{
	const struct simul_loop *loop = smi_current_loop;

	return (double)(loop ? smi_loop_now(&loop->loop) : smi_clock()) * 1e-9;
}
