/* SPDX-License-Identifier: MIT
 * task/debug.c - what is said on stderr in debug mode, and only then. */
#include "task/debug.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>

#include <simul/error.h>

#include "arch/overflow.h"
#include "task/wait.h"

static const uint64_t HOG = 100000000; /* ns */

enum { PLACE = sizeof((struct smi_place *)0)->calls / sizeof(void *) };

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

void smi_note_place(struct simul_task *task)
{
	struct simul_loop *loop = task->loop;
	struct smi_place *place = &loop->place;

	place->depth = 0;
	if (task->state != SMI_DONE && smi_clock() - loop->resumed_at > HOG)
		place->depth = backtrace(place->calls, PLACE);
}

/* As addr2line(1) takes it: addr2line -fe PROGRAM OFFSET says function, file
 * and line. A call returns behind itself, perhaps to the next line. */
static void report_call(const char *address)
{
	const struct link_map *map;
	Dl_info info;
	void *extra;

	address--;
	if (dladdr1(address, &info, &extra, RTLD_DL_LINKMAP) == 0)
		return;
	map = extra;
	fprintf(stderr, "simul:   from %s %#" PRIxPTR "%s%s\n", info.dli_fname,
		(uintptr_t)address - map->l_addr, info.dli_sname ? " in " : "",
		info.dli_sname ? info.dli_sname : "");
}

void smi_report_hog(const struct simul_loop *loop)
{
	const struct smi_place *place = &loop->place;
	uint64_t span = smi_clock() - loop->resumed_at;

	if (span <= HOG)
		return;
	fprintf(stderr,
		"simul: task '%s' kept the loop to itself for %" PRIu64
		" ms%s\n",
		loop->resumed_name, span / 1000000,
		place->depth ? ", and suspended here:" : "");
	/* The first is ours. */
	for (int i = 1; i < place->depth; i++)
		report_call(place->calls[i]);
}

void smi_report_open(const struct simul_loop *loop)
{
	if (loop->open > 0)
		fprintf(stderr,
			"simul: the loop has ended, and of its streams %zu "
			"are open: each needs its simul_close before that\n",
			loop->open);
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
	/* The first call loads a library, for which a task's stack may be too
	 * small. */
	backtrace(loop->place.calls, 1);
	smi_observe(loop, watch);
	loop->resumed_at = smi_clock();
	smi_overflow_watch(whose_guard);
}

void smi_debug_stop(struct simul_loop *loop)
{
	if (loop->debug)
		smi_overflow_unwatch();
}
