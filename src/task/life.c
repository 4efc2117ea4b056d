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

_Thread_local struct simul_task *smi_current
	__attribute__((tls_model("initial-exec")));
_Thread_local struct simul_loop *smi_current_loop
	__attribute__((tls_model("initial-exec")));

/* The task that runs after self, or NULL: the loop itself. */
static inline struct simul_task *successor(struct simul_task *self)
{
	struct smi_loop *loop = &self->loop->loop;
	struct simul_task *next = self->hand_to;
	struct smi_job *job;

	if (next) {
		self->hand_to = NULL;
		return next;
	}
	if (loop->head == loop->turn_end && !smi_loop_fast_turn(loop))
		return NULL;
	job = smi_loop_peek(loop);
	if (job->run != smi_task_run)
		return NULL;
	smi_loop_take(loop);
	return smi_task_of_job(job);
}

void smi_task_run(struct smi_job *job)
{
	struct simul_task *task = smi_task_of_job(job);
	struct simul_loop *loop = task->loop;

	smi_current = task;
	task->state = SMI_RUNNING;
	smi_fiber_leave(&loop->fiber, &task->fiber);
	smi_switch(&loop->sp, task->job.hot);
	smi_fiber_arrive(&loop->fiber);
}

int smi_suspend(const struct smi_wait *wait, void *on)
{
	struct simul_task *self = smi_current, *next;
	struct simul_loop *loop = self->loop;

	self->wait = wait;
	self->wait_on = on;
	self->interrupted = false;
	if (self->state == SMI_RUNNING)
		self->state = SMI_WAITING;
	if (loop->observe)
		loop->observe(self, false);
	next = successor(self);
	/* It may be ourselves, woken already, with nobody else ready. */
	if (next != self) {
		smi_current = next;
		if (next)
			next->state = SMI_RUNNING;
		smi_fiber_leave(&self->fiber,
				next ? &next->fiber : &loop->fiber);
		smi_switch(&self->job.hot, next ? next->job.hot : loop->sp);
		smi_fiber_arrive(&self->fiber);
	}
	self->state = SMI_RUNNING;
	if (loop->observe)
		loop->observe(self, true);
	return self->result;
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

static inline void finish(struct simul_task *task, int result)
{
	struct simul_waiter *waiter;

	check_scopes(task);
	if (task->root.first_child)
		smi_end_children(&task->root);
	if (task->deferred)
		smi_run_deferred(task);
	if (task->locals)
		smi_locals_release(task->locals);
	if (task->loop->observe)
		task->loop->observe(task, false);
	task->result = result;
	task->state = SMI_DONE;
	task->end = ++task->loop->ends;
	task->loop->tasks--;
	if (task->detached)
		smi_scope_disown(task);
	if (task->ended)
		task->ended(task);
	while ((waiter = task->waiters.first))
		smi_wake(waiter, 0);
}

void smi_task_main(void *arg)
{
	struct simul_task *self = arg, *next;
	struct simul_loop *loop = self->loop;

	smi_fiber_begin(&loop->fiber);
	if (loop->observe)
		loop->observe(self, true);
	finish(self, self->fn(self->arg));
	next = successor(self);
	smi_current = next;
	if (next)
		next->state = SMI_RUNNING;
	smi_fiber_end(next ? &next->fiber : &loop->fiber);
	/* Nobody takes a stack between here and the switch. */
	if (self->detached)
		smi_task_put_away(self);
	smi_switch(&self->job.hot, next ? next->job.hot : loop->sp);
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

/* ---- Awaiting */

/* To be cancelled while awaiting is to cancel what is awaited, and to stay
 * until it has ended. */
static void cancel_awaited(struct simul_task *self, void *arg)
{
	struct simul_waiter *waiter = arg;

	(void)self;
	simul_cancel(waiter->value);
}

static const struct smi_wait awaiting = { "the end of a task", cancel_awaited };

static inline int wait_for_end(struct simul_task *self, struct simul_task *task)
{
	struct simul_waiter waiter = { .value = task };

	if (task == self)
		return -EDEADLK;
	if (self->scope->cancelled)
		simul_cancel(task);
	smi_wait_in(&task->waiters, &waiter, &awaiting);
	return 0;
}

int simul_await(simul_task *task)
{
	struct simul_task *self = smi_current;
	int result, r;

	if (!task)
		return -ENOMEM;
	if (!self)
		return -EPERM;
	if (task->state == SMI_FREE)
		smi_bug("task '%s' is awaited, but its handle was consumed "
			"before",
			simul_task_name(task));
	if (task->state != SMI_DONE) {
		r = wait_for_end(self, task);
		if (r < 0)
			return r;
	}
	task->observed = true;
	result = task->result;
	if (smi_parent(task) == self)
		smi_task_release(task);
	return result;
}
