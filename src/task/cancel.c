/* SPDX-License-Identifier: MIT
 * task/cancel.c - scopes, and how a cancellation spreads through them.
 *
 * To ask whether one is cancelled must be cheap, as every call that may
 * suspend asks; to cancel may take longer. So a cancellation is written into
 * every scope that it reaches, at once: inward through the scopes of the same
 * task as far as the first shield, and down into the tasks that were created
 * in these scopes. The tree may be as deep as there is memory, so the tasks
 * still to be visited are a list, not a recursion.
 */
#include <errno.h>

#include "task/wait.h"

void smi_scope_hand_on(struct simul_scope *scope)
{
	struct simul_task *child;

	while ((child = scope->first_child)) {
		smi_scope_disown(child);
		smi_scope_adopt(scope->outer, child);
	}
}

/* ---- Cancellation */

/* Tasks whose root scope was cancelled and whose inner scopes were not yet. */
struct smi_reached {
	struct simul_task *first;
	struct simul_task *last;
};

static void reach(struct smi_reached *reached, struct simul_task *task)
{
	if (task->root.cancelled)
		return;
	task->root.cancelled = true;
	task->next_cancelled = NULL;
	if (reached->last)
		reached->last->next_cancelled = task;
	else
		reached->first = task;
	reached->last = task;
}

static void mark(struct smi_reached *reached, struct simul_scope *scope)
{
	struct simul_task *child;

	scope->cancelled = true;
	for (child = scope->first_child; child; child = child->next)
		reach(reached, child);
}

/* Cut short what the task waits for. */
static void interrupt(struct simul_task *task)
{
	if (task->state != SMI_WAITING || !task->wait->interrupt ||
	    task->interrupted)
		return;
	task->interrupted = true;
	task->wait->interrupt(task, task->wait_on);
}

/* Mark scope, which is one of task's, and all inside it that no shield
 * protects. */
static void cancel_inward(struct smi_reached *reached, struct simul_task *task,
			  struct simul_scope *scope, bool shields_hold)
{
	struct simul_scope *s, *from = task->scope;

	for (s = task->scope; shields_hold && s != scope; s = s->outer)
		if (s->shielded)
			from = s->outer;
	for (s = from; s != scope; s = s->outer)
		mark(reached, s);
	mark(reached, scope);
	/* A generator that is to end will not be asked, shields or not. */
	if (from == task->scope ||
	    (scope == &task->root && task->wait == &smi_parked))
		interrupt(task);
}

static void spread(struct smi_reached *reached, bool shields_hold)
{
	struct simul_task *task;

	while ((task = reached->first)) {
		reached->first = task->next_cancelled;
		if (!reached->first)
			reached->last = NULL;
		cancel_inward(reached, task, &task->root, shields_hold);
	}
}

/* A scope without a task is the loop's own. */
static struct simul_loop *loop_of(struct simul_scope *scope)
{
	return scope->task ? scope->task->loop
			   : (struct simul_loop *)((char *)scope -
						   offsetof(struct simul_loop,
							    scope));
}

void smi_scope_cancel(struct simul_scope *scope)
{
	struct simul_loop *loop = loop_of(scope);
	struct smi_reached reached = { 0 }, *outer = loop->cancelling;

	if (scope->cancelled)
		return;
	loop->cancelling = &reached;
	if (scope->task)
		cancel_inward(&reached, scope->task, scope, true);
	else
		mark(&reached, scope);
	spread(&reached, true);
	loop->cancelling = outer;
}

void smi_cancel_everything(struct simul_loop *loop)
{
	struct simul_task *task = NULL;

	loop->scope.cancelled = true;
	while ((task = smi_task_after(loop, task))) {
		struct smi_reached reached = { 0 };

		loop->cancelling = &reached;
		task->root.cancelled = true;
		cancel_inward(&reached, task, &task->root, false);
		spread(&reached, false);
	}
	loop->cancelling = NULL;
}

void simul_cancel(simul_task *task)
{
	if (!task || task->state == SMI_DONE)
		return;
	/* Those who await each other may be a long row: a cancellation that is
	 * under way visits the next one, too. */
	if (task->loop->cancelling)
		reach(task->loop->cancelling, task);
	else
		smi_scope_cancel(&task->root);
}

bool simul_is_cancelled(void)
{
	return smi_current && smi_current->scope->cancelled;
}

int simul_check_cancelled(void)
{
	return simul_is_cancelled() ? -ECANCELED : 0;
}

/* ---- The tree */

/* The first child of task in its scope or one that is outside it. */
static struct simul_task *child_from(struct simul_scope *scope,
				     const struct simul_scope *root)
{
	for (; scope; scope = scope->outer) {
		if (scope->first_child)
			return scope->first_child;
		if (scope == root)
			break;
	}
	return NULL;
}

struct simul_task *smi_task_after(const struct simul_loop *loop,
				  const struct simul_task *task)
{
	struct simul_task *next;

	if (!task)
		return loop->scope.first_child;
	next = task->state == SMI_DONE ? NULL
				       : child_from(task->scope, &task->root);
	while (!next) {
		const struct simul_scope *in = task->root.outer;

		if (task->next)
			return task->next;
		if (!in->task)
			return NULL;
		task = in->task;
		/* The next scope of the parent, on its way out. */
		if (in != &task->root)
			next = child_from(in->outer, &task->root);
	}
	return next;
}
