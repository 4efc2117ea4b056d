/* SPDX-License-Identifier: MIT
 * task/create.c - how tasks come into being and are put away. */
#include <string.h>

#include "base/bug.h"
#include "task/debug.h"
#include "task/wait.h"

/* Below the task's struct, aligned for anything. */
static void *below(void *p, size_t size)
{
	return (void *)(((uintptr_t)p - size) & ~(uintptr_t)15);
}

/* Every member is set by itself: clearing the whole struct first costs more
 * than all of this. */
static inline struct simul_task *
new_task(struct simul_loop *loop, const struct simul_task *self,
	 struct simul_scope *scope, unsigned shift, simul_fn *fn, void *arg)
{
	struct simul_task *task;
	char *top;

	if (smi_loop_reserve(&loop->loop) < 0)
		return NULL;
	top = smi_stack_take(&loop->stacks, shift);
	if (!top) {
		smi_loop_unreserve(&loop->loop);
		return NULL;
	}
	task = (struct simul_task *)top - 1;
	task->job.run = loop->run;
	task->loop = loop;
	task->scope = &task->root;
	task->state = SMI_WAITING;
	task->wait = NULL;
	task->hand_to = NULL;
	task->fn = fn;
	task->arg = arg;
	task->root.task = task;
	task->root.first_child = NULL;
	task->root.last_child = NULL;
	task->root.cancelled = scope->cancelled;
	task->root.shielded = false;
	task->shift = (unsigned char)shift;
	task->observed = false;
	task->arg_copied = false;
	task->detached = false;
	task->laden = false;
	task->awaiting = NULL;
	task->waiters.first = NULL;
	task->waiters.last = NULL;
	smi_scope_adopt(scope, task);
	smi_fiber_new(&task->fiber, smi_stack_bottom(top, shift),
		      (size_t)1 << shift);
	if (self && self->laden && self->locals) {
		smi_task_load(task);
		task->locals = smi_locals_share(self->locals);
	}
	return task;
}

struct simul_task *smi_task_new(struct simul_loop *loop,
				const struct smi_task_plan *plan)
{
	struct simul_task *task;
	void *stack;

	if (plan->arg_size > (size_t)1 << (plan->shift - 1))
		return NULL;
	task = new_task(loop, smi_current, plan->scope, plan->shift, plan->fn,
			(void *)plan->arg);
	if (!task)
		return NULL;
	stack = task;
	task->name = plan->name;
	if (plan->room) {
		stack = below(stack, plan->room);
		task->owner = memset(stack, 0, plan->room);
	}
	if (plan->arg_size) {
		stack = below(stack, plan->arg_size);
		task->arg = memcpy(stack, plan->arg, plan->arg_size);
		task->arg_copied = true;
	}
	task->job.hot = smi_switch_prepare(stack, smi_task_main);
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
	struct simul_task *starter = self->hand_to; /* waits for us, in turn */

	task->state = SMI_RUNNING; /* no cancellation comes in between */
	task->hand_to = self;
	self->hand_to = task;
	smi_suspend(&starting, task);
	self->hand_to = starter;
}

/* The job of a task that has ended and that nobody owns. */
static void release_now(struct smi_job *job)
{
	struct simul_task *task = smi_task_of_job(job);

	if (!task->observed && task->loop->debug)
		smi_report_unseen(task);
	/* If it was the last one, the loop has nothing to wait for. */
	task->loop->loop.hurry = true;
	smi_task_release(task);
}

/* Release it when its creator, who is handed the handle just now, has had the
 * time to look at it. */
static void release_soon(struct simul_task *task)
{
	task->job.run = release_now;
	smi_loop_ready(&task->loop->loop, &task->job);
}

/* ---- Public */

simul_task *simul_create_named_task(const char *name, simul_fn *fn, void *arg)
{
	struct simul_task *self = smi_current, *task;

	if (!self)
		return NULL;
	task = new_task(self->loop, self, self->scope, self->loop->shift, fn,
			arg);
	if (!task)
		return NULL;
	task->name = name;
	task->job.hot = smi_switch_prepare(task, smi_task_main);
	smi_task_start(task);
	return task;
}

struct smi_task_plan smi_task_plan(const struct simul_loop *loop,
				   const simul_task_options *o,
				   struct simul_scope *scope, simul_fn *fn,
				   const void *arg)
{
	struct smi_task_plan plan = {
		.fn = fn, .arg = arg, .scope = scope, .shift = loop->shift
	};

	if (!o)
		return plan;
	plan.name = o->name;
	plan.arg_size = o->arg_size;
	if (o->stack_size)
		plan.shift = smi_stack_shift(o->stack_size);
	return plan;
}

simul_task *simul_create_task_with(const simul_task_options *options,
				   simul_fn *fn, const void *arg)
{
	static const simul_task_options none;
	const simul_task_options *o = options ? options : &none;
	struct simul_loop *loop = smi_current_loop;
	struct simul_task *self = smi_current, *task;
	struct smi_task_plan plan;

	if (!loop || (!self && !o->background))
		return NULL;
	plan = smi_task_plan(
		loop, o, o->background ? &loop->scope : self->scope, fn, arg);
	task = smi_task_new(loop, &plan);
	if (!task)
		return NULL;
	if (o->eager && self)
		smi_task_start_eagerly(task);
	else
		smi_task_start(task);
	if (o->background) {
		if (task->state == SMI_DONE)
			release_soon(task);
		else
			smi_task_detach(task);
	}
	return task;
}
