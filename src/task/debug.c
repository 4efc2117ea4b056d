/* SPDX-License-Identifier: MIT
 * task/debug.c - what is said on stderr in debug mode, and only then. */
#include "task/debug.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <simul/error.h>

#include "arch/overflow.h"
#include "task/wait.h"

static const uint64_t HOG = 100000000; /* ns */

void smi_report_unseen(const struct simul_task *task)
{
	if (task->result < 0 && task->result != -ECANCELED)
		fprintf(stderr,
			"simul: task '%s' failed, and nobody awaited it: %s\n",
			simul_task_name(task), simul_strerror(task->result));
}

void smi_report_frame(const struct simul_task *task,
		      const struct simul_task *child)
{
	fprintf(stderr,
		"simul: task '%s' returned while its child '%s' still runs, "
		"whose argument was in its frame: end the child before, by "
		"gather, a group, or simul_end_children\n",
		simul_task_name(task), simul_task_name(child));
}

void smi_report_deadlock(const struct simul_loop *loop)
{
	struct simul_task *task = NULL;

	fputs("simul: deadlock: every task waits, and nothing is left that "
	      "could wake one:\n",
	      stderr);
	while ((task = smi_task_after(loop, task))) {
		if (task->state != SMI_WAITING)
			continue;
		fprintf(stderr, "simul:   task '%s' (%p) waits for %s (%p)\n",
			simul_task_name(task), (void *)task, task->wait->what,
			task->wait_on);
	}
}

void smi_report_hog(const struct simul_loop *loop)
{
	uint64_t span = smi_clock() - loop->resumed_at;

	if (span > HOG)
		fprintf(stderr,
			"simul: task '%s' kept the loop to itself for "
			"%" PRIu64 " ms\n",
			loop->resumed_name, span / 1000000);
}

/* Between a resumption and the next suspension nobody else runs. */
static void watch(struct simul_task *task, bool resumed)
{
	struct simul_loop *loop = task->loop;

	if (!resumed)
		smi_report_hog(loop);
	else
		snprintf(loop->resumed_name, sizeof loop->resumed_name, "%s",
			 simul_task_name(task));
	loop->resumed_at = smi_clock();
}

/* The task on whose stack's guard page addr lies, in words. */
static const char *whose_guard(const void *addr, size_t *ret_size)
{
	const struct simul_task *task = smi_current;
	const char *bottom;

	if (!task)
		return NULL;
	bottom = smi_stack_bottom(task + 1, task->shift);
	if ((const char *)addr < bottom ||
	    (const char *)addr >= bottom + smi_stack_guard_size())
		return NULL;
	*ret_size = (size_t)1 << task->shift;
	return simul_task_name(task);
}

void smi_debug_start(struct simul_loop *loop)
{
	smi_observe(loop, watch);
	loop->resumed_at = smi_clock();
	smi_overflow_watch(whose_guard);
}

void smi_debug_stop(struct simul_loop *loop)
{
	if (loop->debug)
		smi_overflow_unwatch();
}
