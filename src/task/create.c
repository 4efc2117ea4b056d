/* SPDX-License-Identifier: MIT
 * task/create.c - how tasks come into being and are put away. */
#include <string.h>

#include "base/bug.h"
#include "task/task.h"

/* Below the task's struct, aligned for anything. */
static void *below(void *p, size_t size)
{
	return (void *)(((uintptr_t)p - size) & ~(uintptr_t)15);
}

struct simul_task *smi_task_new(struct simul_loop *loop,
				const struct smi_task_plan *plan)
{
	struct simul_task *task, *self = smi_current;
	void *stack;
	char *top;

	if (plan->arg_size > (size_t)1 << (plan->shift - 1))
		return NULL;
	if (smi_loop_reserve(&loop->loop) < 0)
		return NULL;
	top = smi_stack_take(&loop->stacks, plan->shift);
	if (!top) {
		smi_loop_unreserve(&loop->loop);
		return NULL;
	}
	task = (struct simul_task *)top - 1;
	stack = task;
	*task = (struct simul_task){
		.job.run = smi_task_run,
		.loop = loop,
		.scope = &task->root,
		.state = SMI_WAITING,
		.fn = plan->fn,
		.arg = (void *)plan->arg,
		.root = { .task = task, .cancelled = plan->scope->cancelled },
		.name = plan->name,
		.shift = (unsigned char)plan->shift,
	};
	if (plan->room) {
		stack = below(stack, plan->room);
		task->owner = memset(stack, 0, plan->room);
	}
	if (plan->arg_size) {
		stack = below(stack, plan->arg_size);
		task->arg = memcpy(stack, plan->arg, plan->arg_size);
		task->arg_copied = true;
	}
	task->job.hot = smi_switch_prepare(stack, smi_task_main, task);
	smi_fiber_new(&task->fiber, smi_stack_bottom(top, plan->shift),
		      (size_t)1 << plan->shift);
	smi_scope_adopt(plan->scope, task);
	if (self && self->locals)
		task->locals = smi_locals_share(self->locals);
	loop->tasks++;
	return task;
}

void smi_task_start(struct simul_task *task)
{
	task->state = SMI_READY;
	smi_loop_ready(&task->loop->loop, &task->job);
}

void smi_task_start_eagerly(struct simul_task *task)
{
	static const struct smi_wait starting = { "a task to start", NULL };
	struct simul_task *self = smi_current;

	task->hand_to = self;
	self->hand_to = task;
	smi_suspend(&starting, task);
}

void smi_task_put_away(struct simul_task *task)
{
	struct simul_loop *loop = task->loop;

	smi_loop_unreserve(&loop->loop);
	task->state = SMI_FREE;
	smi_fiber_done(&task->fiber);
	smi_stack_give(&loop->stacks, task->shift, smi_task_top(task));
}

void smi_task_release(struct simul_task *task)
{
	if (task->state != SMI_DONE)
		smi_bug("the handle of task '%s' is consumed twice",
			simul_task_name(task));
	smi_scope_disown(task);
	smi_task_put_away(task);
}

/* ---- Public */

simul_task *simul_create_task(simul_fn *fn, void *arg)
{
	struct simul_task *self = smi_current, *task;

	if (!self)
		return NULL;
	task = smi_task_new(self->loop,
			    &(struct smi_task_plan){
				    .fn = fn,
				    .arg = arg,
				    .shift = self->loop->shift,
				    .scope = self->scope });
	if (task)
		smi_task_start(task);
	return task;
}

simul_task *simul_create_task_with(const simul_task_options *o, simul_fn *fn,
				   const void *arg)
{
	struct simul_loop *loop = smi_current_loop;
	struct simul_task *self = smi_current, *task;

	if (!loop || (!self && !o->background))
		return NULL;
	task = smi_task_new(
		loop,
		&(struct smi_task_plan){
			.fn = fn,
			.arg = arg,
			.arg_size = o->arg_size,
			.shift = o->stack_size ? smi_stack_shift(o->stack_size)
					       : loop->shift,
			.name = o->name,
			.scope = o->background ? &loop->scope : self->scope });
	if (!task)
		return NULL;
	if (o->background)
		task->detached = true;
	if (o->eager && self)
		smi_task_start_eagerly(task);
	else
		smi_task_start(task);
	return task;
}
