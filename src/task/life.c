/* SPDX-License-Identifier: MIT
 * task/life.c - how a task runs, waits and ends.
 *
 * A task that suspends goes straight to the next task that is ready; the
 * loop's own stack is visited only when a turn has ended and the world is to
 * be asked. That saves one of two switches.
 */
#include <assert.h>
#include <errno.h>

#include "base/bug.h"
#include "task/debug.h"
#include "task/wait.h"

_Thread_local struct simul_task *smi_current;
_Thread_local struct simul_loop *smi_current_loop;

/* The thread goes from one task to the other by name. */
static void observe_handover(struct simul_task *self, struct simul_task *next)
{
	struct simul_loop *loop = self->loop;

	if (loop->debug)
		smi_note_place(self);
	if (self->state != SMI_DONE)
		loop->observe(self, false);
	else if (loop->debug)
		smi_report_hog(loop);
	loop->observe(next, true);
}

/* The loop itself, which goes on after self. */
static inline struct simul_task *home_of(struct simul_task *self)
{
	if (self->loop->debug)
		smi_note_place(self);
	return &self->loop->home;
}

/* Who runs after self: the next task that is ready, or the loop itself. */
static inline struct simul_task *successor(struct simul_task *self)
{
	struct smi_loop *loop = &self->loop->loop;
	struct simul_task *next = self->hand_to;
	struct smi_job *job;

	if (next) {
		self->hand_to = NULL;
		if (self->loop->observe)
			observe_handover(self, next);
		return next;
	}
	if (loop->head == loop->turn_end && !smi_loop_fast_turn(loop))
		return home_of(self);
	job = smi_loop_peek(loop);
	if (job->run != smi_task_run)
		return home_of(self);
	smi_loop_take(loop);
	return smi_task_of_job(job);
}

/* Go on with somebody else, and come back when somebody goes on with us. */
static inline void leave(struct simul_task *self)
{
	struct simul_task *next = successor(self);

	/* It may be ourselves, ready again, with nobody else before us. */
	if (next != self) {
		smi_current = next;
		next->state = SMI_RUNNING;
		smi_fiber_leave(&self->fiber, &next->fiber);
		smi_switch(&self->job.hot, next->job.hot, next);
		smi_fiber_arrive(&self->fiber);
	}
	self->state = SMI_RUNNING;
}

static inline int suspend(struct simul_task *self, const struct smi_wait *wait,
			  void *on)
{
	self->wait = wait;
	self->wait_on = on;
	self->interrupted = false;
	self->state = SMI_WAITING;
	leave(self);
	return self->result;
}

int smi_suspend(const struct smi_wait *wait, void *on)
{
	return suspend(smi_current, wait, on);
}

int smi_wait_in(struct simul_waiters *queue, struct simul_waiter *waiter,
		const struct smi_wait *wait)
{
	struct simul_task *self = smi_current;

	waiter->task = self;
	waiter->notify = NULL;
	smi_waiters_add(queue, waiter);
	return suspend(self, wait, waiter);
}

int smi_yield(void)
{
	struct simul_task *self = smi_current;

	self->state = SMI_READY;
	smi_loop_ready(&self->loop->loop, &self->job);
	leave(self);
	return 0;
}

/* ---- From the loop's own stack */

void smi_task_run(struct smi_job *job)
{
	struct simul_task *task = smi_task_of_job(job);
	struct simul_task *home = &task->loop->home;

	smi_current = task;
	task->state = SMI_RUNNING;
	smi_fiber_leave(&home->fiber, &task->fiber);
	smi_switch(&home->job.hot, task->job.hot, task);
	smi_fiber_arrive(&home->fiber);
	smi_current = NULL;
}

/* The job of tasks that are observed. As it is another one, nobody switches to
 * such a task directly, and those that are not observed pay nothing. */
static void run_observed(struct smi_job *job)
{
	struct simul_task *task = smi_task_of_job(job);
	struct simul_loop *loop = task->loop;

	loop->observe(task, true);
	smi_task_run(job);
	if (loop->observe &&
	    (task->state == SMI_WAITING || task->state == SMI_READY))
		loop->observe(task, false);
	else if (loop->debug)
		smi_report_hog(loop);
}

void smi_observe(struct simul_loop *loop,
		 void (*observe)(struct simul_task *task, bool resumed))
{
	struct simul_task *task = NULL;

	loop->observe = observe;
	loop->run = observe ? run_observed : smi_task_run;
	while ((task = smi_task_after(loop, task)))
		if (task->state != SMI_DONE)
			task->job.run = loop->run;
}

/* ---- The end */

/* A scope in a frame that has returned can't be repaired: what it was linked
 * to has been overwritten. */
static void check_scopes(const struct simul_task *task)
{
	if (task->scope != &task->root)
		smi_bug("task '%s' returned with a scope open: each "
			"simul_timeout_open needs its simul_timeout_close, "
			"and each group its simul_group_wait",
			simul_task_name(task));
}

/* All that a task may have got itself into, but mostly hasn't. */
static void unload(struct simul_task *task)
{
	if (task->deferred)
		smi_run_deferred(task);
	if (task->locals)
		smi_locals_release(task->locals);
}

/* Let the parent go on that awaits us. It would be the next to run if nobody
 * else is ready, and then it need not stand in line. */
static inline void answer_parent(struct simul_task *task)
{
	struct smi_loop *loop = &task->loop->loop;
	struct simul_task *parent = task->awaiting;

	if (loop->head != loop->tail || loop->fast_turns == 0) {
		smi_resume(parent, 0);
		return;
	}
	loop->fast_turns--;
	task->hand_to = parent;
}

/* Tell everybody; the task's struct may be gone after that. */
static inline void announce(struct simul_task *task)
{
	struct simul_waiter *waiter;

	if (task->detached) {
		if (!task->ended && !task->observed && task->loop->debug)
			smi_report_unseen(task);
		/* If it was the last one, the loop has nothing to wait for. */
		task->loop->loop.hurry |= !smi_parent(task);
		smi_scope_disown(task);
	}
	if (task->laden && task->ended)
		task->ended(task);
	while ((waiter = task->waiters.first))
		smi_wake(waiter, task->result);
}

void smi_task_trim_stack(void)
{
	smi_stack_trim_below(smi_task_top(smi_current), smi_current->shift);
}

/* Was p in a frame of task's, which has returned? A copied argument lives on
 * above the frames. */
static bool was_in_frame(const struct simul_task *task, const void *p)
{
	const char *bottom = smi_stack_bottom(task + 1, task->shift);
	const char *top = task->arg_copied ? task->arg : (const char *)task;

	return (const char *)p > bottom && (const char *)p < top;
}

/* A child that waits in a queue in the frame that has just been left would be
 * unlinked from whatever has been written there since. */
static void check_queue(const struct simul_task *task,
			const struct simul_task *child)
{
	const struct simul_waiter *waiter = child->wait_on;

	if (child->state == SMI_WAITING &&
	    child->wait->interrupt == smi_interrupt_waiter &&
	    was_in_frame(task, waiter->queue))
		smi_bug("task '%s' returned while its child '%s' waits for %s "
			"that was in its frame: end the child before, by "
			"gather, a group, or simul_end_children",
			simul_task_name(task), simul_task_name(child),
			child->wait->what);
}

static void check_children(const struct simul_task *task)
{
	const struct simul_task *child;

	for (child = task->root.first_child; child; child = child->next) {
		if (child->state == SMI_DONE)
			continue;
		check_queue(task, child);
		if (task->loop->debug && was_in_frame(task, child->arg))
			smi_report_frame(task, child);
	}
}

static inline void finish(struct simul_task *task, int result)
{
	check_scopes(task);
	if (task->root.first_child) {
		check_children(task);
		smi_end_children(&task->root);
	}
	if (task->laden)
		unload(task);
	task->result = result;
	task->state = SMI_DONE;
	task->end = ++task->loop->ends;
	if (task->awaiting)
		answer_parent(task);
	if (task->laden || task->waiters.first)
		announce(task);
}

void smi_task_main(void *arg)
{
	struct simul_task *self = arg, *next;

	smi_switch_outermost();
	smi_fiber_begin(&self->loop->home.fiber);
	finish(self, self->fn(self->arg));
	next = successor(self);
	smi_current = next;
	next->state = SMI_RUNNING;
	smi_fiber_end(&next->fiber);
	/* Nobody takes a stack between here and the switch. */
	if (self->detached)
		smi_task_put_away(self);
	smi_switch(&self->job.hot, next->job.hot, next);
}

/* Children that are released without that anybody has looked at them. */
static void release_unseen(struct simul_task *child)
{
	if (!child->observed && child->loop->debug)
		smi_report_unseen(child);
	smi_task_release(child);
}

static const struct smi_wait joining = { "the end of a task", NULL };

void smi_task_join(struct simul_task *task)
{
	struct simul_waiter waiter = { 0 };

	while (task->state != SMI_DONE)
		smi_wait_in(&task->waiters, &waiter, &joining);
}

void smi_end_children(struct simul_scope *scope)
{
	struct simul_task *child;

	for (child = scope->first_child; child; child = child->next)
		simul_cancel(child);
	while ((child = scope->first_child)) {
		smi_task_join(child);
		release_unseen(child);
	}
}

int simul_end_children(int result)
{
	if (smi_current)
		smi_end_children(smi_current->scope);
	return result;
}

/* ---- Awaiting
 *
 * To be cancelled while awaiting is to cancel what is awaited, and to stay
 * until it has ended. */

static void cancel_child(struct simul_task *self, void *task)
{
	(void)self;
	simul_cancel(task);
}

static int await_child(struct simul_task *self, struct simul_task *task)
{
	static const struct smi_wait awaiting = { "the end of a child",
						  cancel_child };
	int result;

	if (task->state != SMI_DONE) {
		if (self->scope->cancelled)
			simul_cancel(task);
		task->awaiting = self;
		smi_suspend(&awaiting, task);
	}
	result = task->result;
	smi_task_release(task);
	return result;
}

static void cancel_awaited(struct simul_task *self, void *arg)
{
	struct simul_waiter *waiter = arg;

	(void)self;
	simul_cancel(waiter->value);
}

/* A task of somebody else's, who may have released it by the time that we are
 * back. */
static int await_other(struct simul_task *self, struct simul_task *task)
{
	static const struct smi_wait awaiting = { "the end of a task",
						  cancel_awaited };
	struct simul_waiter waiter = { .value = task };

	if (task->state == SMI_DONE)
		return task->result;
	if (self->scope->cancelled)
		simul_cancel(task);
	return smi_wait_in(&task->waiters, &waiter, &awaiting);
}

int simul_await(simul_task *task)
{
	struct simul_task *self = smi_current;

	if (!task)
		return -ENOMEM;
	if (!self)
		return -EPERM;
	if (task == self)
		return -EDEADLK;
	if (task->state == SMI_FREE)
		smi_bug("task '%s' is awaited, but its handle was consumed "
			"before",
			simul_task_name(task));
	task->observed = true;
	return smi_parent(task) == self ? await_child(self, task)
					: await_other(self, task);
}
