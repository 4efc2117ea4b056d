/* SPDX-License-Identifier: MIT
 * task/group.c - tasks that succeed or fail together. */
#include <simul/group.h>

#include <errno.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "task/wait.h"

/* Remember a failure, as well as memory allows: that there was one is known in
 * any case. */
static void record(simul_group *group, const simul_failure *failure,
		   const char *name)
{
	size_t room = group->failure_room;
	simul_failure *kept;

	if (!group->error)
		group->error = failure->error;
	if (group->failure_count == room) {
		simul_failure *more;

		room = room ? room * 2 : 4;
		more = smi_resize(group->failures, room * sizeof *more);
		if (!more)
			return;
		group->failures = more;
		group->failure_room = room;
	}
	kept = &group->failures[group->failure_count++];
	*kept = *failure;
	snprintf(kept->name, sizeof kept->name, "%s", name);
}

static void fail(simul_group *group, const simul_failure *failure,
		 const char *name)
{
	record(group, failure, name);
	group->aborted = true;
	smi_scope_cancel(&group->scope);
}

/* What a member's task has in its owner. */
struct member {
	simul_group *group;
	size_t index;
};

/* Has the owner been cancelled? What comes after the last end is too late to
 * undo it. */
static int verdict(const simul_group *group)
{
	return group->scope.outer->cancelled ? -ECANCELED : 0;
}

static void member_ended(struct simul_task *task)
{
	const struct member *member = task->owner;
	simul_group *group = member->group;
	int result = task->result;

	group->running--;
	if (result < 0 && result != -ECANCELED)
		fail(group,
		     &(simul_failure){ .error = result,
				       .index = member->index,
				       .arg = task->arg_copied ? NULL
							       : task->arg },
		     simul_task_name(task));
	if (group->running == 0)
		smi_wake_all(&group->waiters, verdict(group));
}

static void start(simul_group *group, struct simul_task *task)
{
	struct member *member = task->owner;

	member->group = group;
	member->index = group->created++;
	group->running++;
	smi_task_detach(task);
	smi_task_tell(task, member_ended);
	smi_task_start(task);
}

int simul_group_create_task_with(simul_group *group,
				 const simul_task_options *options,
				 simul_fn *fn, const void *arg)
{
	struct simul_task *self = smi_current, *task;
	struct smi_task_plan plan;

	if (!self)
		return -EPERM;
	if (group->aborted)
		return -ECANCELED;
	if (!group->scope.task)
		smi_scope_open(self, &group->scope);
	plan = smi_task_plan(self->loop, options, &group->scope, fn, arg);
	plan.room = sizeof(struct member);
	task = smi_task_new(self->loop, &plan);
	if (!task) {
		fail(group,
		     &(simul_failure){ .error = -ENOMEM,
				       .index = group->created++ },
		     plan.name ? plan.name : "task");
		return -ENOMEM;
	}
	start(group, task);
	return 0;
}

int simul_group_create_named_task(simul_group *group, const char *name,
				  simul_fn *fn, void *arg)
{
	return simul_group_create_task_with(
		group, &(simul_task_options){ .name = name }, fn, arg);
}

void simul_group_cancel(simul_group *group)
{
	group->aborted = true;
	if (group->scope.task)
		smi_scope_cancel(&group->scope);
}

int simul_group_wait(simul_group *group)
{
	/* Whatever cancels us cancels the members, too, which are in our
	 * scope: there is nothing to do but wait for them. */
	static const struct smi_wait waiting = { "the members of its group",
						 NULL };
	struct simul_task *self = smi_current;
	struct simul_waiter waiter = { 0 };
	int r;

	if (!group->scope.task) {
		group->aborted = false;
		return 0;
	}
	if (group->scope.task != self)
		return -EPERM;
	r = verdict(group);
	while (group->running > 0)
		r = smi_wait_in(&group->waiters, &waiter, &waiting);
	if (self->scope != &group->scope)
		smi_bug("task '%s' waits for a group that is not its innermost "
			"scope",
			simul_task_name(self));
	smi_scope_close(&group->scope);
	group->aborted = false;
	return group->error ? group->error : r;
}

size_t simul_group_failures(const simul_group *group,
			    const simul_failure **ret_failures)
{
	*ret_failures = group->failures;
	return group->failure_count;
}

void simul_group_done(simul_group *group)
{
	smi_free(group->failures);
	*group = (simul_group){ 0 };
}
