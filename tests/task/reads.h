/* SPDX-License-Identifier: MIT
 * tests/task/reads.h - tasks that wait for the kernel, with nothing between. */
#ifndef TEST_TASK_READS_H
#define TEST_TASK_READS_H

#include "test.h"

#include <errno.h>
#include <poll.h>

#include "task/task.h"
#include "task/wait.h"

struct reading {
	struct smi_op op; /* the first member */
	struct simul_task *task;
};

static inline void reading_done(struct smi_op *op)
{
	smi_resume(((struct reading *)op)->task, op->result);
}

static inline void reading_cancelled(struct simul_task *task, void *op)
{
	smi_op_cancel(&task->loop->loop, op);
}

/* Carry out an operation as the current task, and return its result. */
static inline int carry_out(struct smi_op op)
{
	static const struct smi_wait waiting = { "the kernel",
						 reading_cancelled };
	struct reading my = { .op = op, .task = smi_current };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	my.op.done = reading_done;
	r = smi_op_submit(&my.task->loop->loop, &my.op);
	if (r != 0)
		return r < 0 ? r : my.op.result;
	return smi_suspend(&waiting, &my);
}

/* Wait until fd is readable. */
static inline int wait_readable(int fd)
{
	return carry_out((struct smi_op){
		.kind = SMI_OP_POLL, .fd = fd, .flags = POLLIN });
}

#endif /* TEST_TASK_READS_H */
