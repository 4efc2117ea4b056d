/* SPDX-License-Identifier: MIT
 * task/task.h - what a task and its loop are made of.
 *
 * A task's struct lies at the top of its stack, above the copy of its argument
 * and its first frames, so that a task that waits costs one page:
 *
 *	top	struct simul_task
 *		the copied argument, if there is one
 *		frames, growing down
 *		...
 *	bottom	guard page
 *
 * Tasks form a tree. The children of a task hang in its scopes: each in the
 * scope that was innermost when it was created, which is its root scope's
 * outer one. The loop itself has a scope, for the main task and for those in
 * the background.
 */
#ifndef SMI_TASK_TASK_H
#define SMI_TASK_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "arch/fiber.h"
#include "arch/stack.h"
#include "arch/switch.h"
#include "base/bug.h"
#include "base/shared.h"
#include "loop/loop.h"

struct smi_wait; /* see task/wait.h */

enum smi_state {
	SMI_RUNNING,
	SMI_READY,
	SMI_WAITING,
	SMI_DONE,
	SMI_FREE /* the handle was consumed */
};

/* In the order of use: a task that only runs, waits and ends touches three
 * lines of the cache, and not the last, which is for those that are laden. */
struct simul_task {
	_Alignas(64) struct smi_job job; /* job.hot: the saved stack pointer */
	struct simul_loop *loop;
	struct simul_scope *scope; /* the innermost one that is open */
	enum smi_state state;
	int result; /* of the task when it is done; before, of its last wait */
	void *wait_on;
	const struct smi_wait *wait; /* how it waits, while it does */
	struct simul_task *hand_to;  /* who runs next when it leaves, if not
				     * the next that is ready */

	simul_fn *fn;
	void *arg;
	struct simul_scope root;
	unsigned char shift; /* log2 of the stack's size */
	bool observed;	     /* somebody has seen the result */
	bool arg_copied;
	bool detached;	  /* nobody has the handle: goes when it has ended */
	bool laden;	  /* its end is more than a result: see below */
	bool interrupted; /* in this wait already */

	struct simul_task *awaiting;  /* the parent, if it does */
	struct simul_waiters waiters; /* others, for its end */
	struct simul_task *next;      /* siblings, in root.outer */
	struct simul_task *prev;
	const char *name;
	uint64_t end; /* which end this was, counted by the loop */
	void *owner;  /* whom ended tells */

	/* See smi_task_load. */
	void (*ended)(struct simul_task *task); /* told of its end first */
	struct smi_deferred *deferred;
	struct smi_binding *locals;
	struct simul_task *next_cancelled; /* see task/cancel.c */
	struct smi_fiber fiber;
};

/* A place in the program: the calls that led there, the innermost first. */
struct smi_place {
	void *calls[12];
	int depth;
};

struct simul_loop {
	struct simul_task home; /* the thread's own stack, as if it were one */
	struct smi_loop loop;
	struct smi_stacks stacks;
	struct simul_scope scope; /* of the main task and background tasks */
	struct simul_task *main;
	struct smi_workers *threads;	/* for simul_to_thread */
	struct smi_reached *cancelling; /* see task/cancel.c */
	uint64_t ends;			/* of tasks so far */
	size_t open; /* streams, which somebody has to close before its end */
	uint64_t epoch; /* what to add to the loop's time: since 1970 */
	atomic_size_t references; /* by whoever may still use the handle */
	struct smi_job wakes;	  /* see task/letters.c */
	struct simul_loop *to_wake[16];
	size_t to_wake_count;
	struct smi_letter *postponed; /* submissions without memory, ... */
	struct smi_letter *last_postponed;
	struct simul_timer retry; /* ... and when they are tried again */
	void (*run)(struct smi_job *job); /* the job of its tasks */
	void (*observe)(struct simul_task *task, bool resumed);
	uint64_t resumed_at;	  /* when debugging, and who: its name may be */
	char resumed_name[48];	  /* gone when it has ended */
	struct smi_place place;	  /* where it suspended, if it took long */
	struct simul_task *quick; /* whose operations ended at once, ... */
	unsigned at_once;	  /* ... and how many did: see io/perform.c */
	unsigned char shift;	  /* log2 of the size of its tasks' stacks */
	bool debug;
};

/* The task that runs in this thread, and the loop it is of. Tasks never change
 * thread, so these may be looked up once per function. (The build asks for
 * thread-locals that need no call, also in the shared library.) */
SMI_SHARED extern _Thread_local struct simul_task *smi_current;
extern _Thread_local struct simul_loop *smi_current_loop;

/* The task around a member that is called name in it. */
static inline struct simul_task *smi_task_of_job(struct smi_job *job)
{
	return (struct simul_task *)job;
}

/* The usable stack of a task begins here; its struct ends there. */
static inline void *smi_task_top(struct simul_task *task)
{
	return task + 1;
}

/* The parent, or NULL where the loop itself is. */
static inline struct simul_task *smi_parent(const struct simul_task *task)
{
	return task->root.outer->task;
}

/* ---- task/create.c */

/* How a task is to be made. */
struct smi_task_plan {
	simul_fn *fn;
	const void *arg;
	size_t arg_size; /* copy so much of arg; 0: hand the pointer on */
	size_t room;	 /* zero bytes for the maker, at task->owner */
	unsigned shift;
	const char *name;
	struct simul_scope *scope; /* that it is a child in */
};

/* The plan for a task with options, which may be NULL. */
struct smi_task_plan smi_task_plan(const struct simul_loop *loop,
				   const simul_task_options *options,
				   struct simul_scope *scope, simul_fn *fn,
				   const void *arg);

/* Make a task that is suspended before its first step and not ready, or NULL.
 * It runs when smi_task_start or a hand-over says so. */
struct simul_task *smi_task_new(struct simul_loop *loop,
				const struct smi_task_plan *plan);

/* Before it is given anything that its end has to look after. Until then those
 * members are not even zero. */
static inline void smi_task_load(struct simul_task *task)
{
	if (task->laden)
		return;
	task->laden = true;
	task->ended = NULL;
	task->deferred = NULL;
	task->locals = NULL;
}

/* Have ended called when it ends. */
static inline void smi_task_tell(struct simul_task *task,
				 void (*ended)(struct simul_task *task))
{
	smi_task_load(task);
	task->ended = ended;
}

/* Let it go by itself when it has ended: nobody will have the handle. */
static inline void smi_task_detach(struct simul_task *task)
{
	smi_task_load(task);
	task->detached = true;
}

/* Let it take its turn. */
void smi_task_start(struct simul_task *task);

/* Run it at once, until it first suspends or ends. */
void smi_task_start_eagerly(struct simul_task *task);

/* Give back the stack of a task that is unlinked already. */
static inline void smi_task_put_away(struct simul_task *task)
{
	struct simul_loop *loop = task->loop;

	smi_loop_unreserve(&loop->loop);
	task->state = SMI_FREE;
	smi_fiber_done(&task->fiber);
	smi_stack_give(&loop->stacks, task->shift, smi_task_top(task));
}

/* ---- task/life.c */

/* The current task has called something that went deep, which it won't do soon
 * again: give back what that has touched of its stack. */
SMI_SHARED void smi_task_trim_stack(void);

/* What runs on a new stack. */
void smi_task_main(void *task);

/* The job of every task: go on where it was left. In the loop's context. */
void smi_task_run(struct smi_job *job);

/* In tests and when debugging: call observe before each resumption of a task
 * and after each suspension, from the loop's own stack; NULL: no more. */
void smi_observe(struct simul_loop *loop,
		 void (*observe)(struct simul_task *task, bool resumed));

/* Wait for the end of task, whatever happens meanwhile. */
void smi_task_join(struct simul_task *task);

/* Cancel all children of a scope and release them when they have ended. */
void smi_end_children(struct simul_scope *scope);

/* ---- task/cancel.c */

/* Add a child to a scope. */
static inline void smi_scope_adopt(struct simul_scope *scope,
				   struct simul_task *child)
{
	child->root.outer = scope;
	child->next = NULL;
	child->prev = scope->last_child;
	if (scope->last_child)
		scope->last_child->next = child;
	else
		scope->first_child = child;
	scope->last_child = child;
}

/* Take a child out of its scope. */
static inline void smi_scope_disown(struct simul_task *child)
{
	struct simul_scope *scope = child->root.outer;

	if (child->prev)
		child->prev->next = child->next;
	else
		scope->first_child = child->next;
	if (child->next)
		child->next->prev = child->prev;
	else
		scope->last_child = child->prev;
}

/* Unlink a task that has ended from its parent and give its stack back. */
static inline void smi_task_release(struct simul_task *task)
{
	if (task->state != SMI_DONE)
		smi_bug("the handle of task '%s' is consumed twice",
			simul_task_name(task));
	smi_scope_disown(task);
	smi_task_put_away(task);
}

/* Give the children of a scope to the one around it. */
void smi_scope_hand_on(struct simul_scope *scope);

/* Open a scope inside task's innermost one. */
static inline void smi_scope_open(struct simul_task *task,
				  struct simul_scope *scope)
{
	scope->outer = task->scope;
	scope->task = task;
	scope->first_child = NULL;
	scope->last_child = NULL;
	scope->cancelled = task->scope->cancelled;
	scope->shielded = false;
	task->scope = scope;
}

/* Leave it: its children stay, in the scope around it. */
static inline void smi_scope_close(struct simul_scope *scope)
{
	if (scope->first_child)
		smi_scope_hand_on(scope);
	scope->task->scope = scope->outer;
	scope->task = NULL;
}

/* Cancel a scope and everything in it. */
void smi_scope_cancel(struct simul_scope *scope);

/* Cancel everything in the loop, shields or not: nothing is left that could
 * wake anybody. */
void smi_cancel_everything(struct simul_loop *loop);

/* The task after this one in a walk over the whole tree, parents first. */
struct simul_task *smi_task_after(const struct simul_loop *loop,
				  const struct simul_task *task);

/* ---- task/generator.c */

/* How a generator waits at a yield, or before its start. */
extern const struct smi_wait smi_parked;

/* ---- Others */

/* Give a reference to the loop's memory back (task/thread.c). */
void smi_loop_unreference(struct simul_loop *loop);

/* smi_mailbox_post and smi_mailbox_answer for calls that go to and fro: the
 * other loop is woken when the tasks that are ready have had their turn
 * (task/letters.c). */
int smi_letter_post(struct simul_loop *there, struct smi_letter *letter);
void smi_letter_answer(struct simul_loop *there, struct smi_letter *letter);

/* The job that wakes them, and what it does. */
void smi_wakes_run(struct smi_job *job);
void smi_wake_others(struct simul_loop *here);

/* Try once more what was submitted and found no memory (task/thread.c). */
void smi_retry_submissions(struct simul_loop *loop);

/* Call fn(arg) as if it were a task of its own, within the current one: when
 * this returns its children have ended, what it deferred has run, and the
 * locals are what they were. (task/end.c) */
SMI_SHARED int smi_call_apart(simul_fn *fn, void *arg);

/* Run the task's deferred functions; forget its locals (task/end.c). */
void smi_run_deferred(struct simul_task *task);
void smi_locals_release(struct smi_binding *locals);
struct smi_binding *smi_locals_share(struct smi_binding *locals);

#endif /* SMI_TASK_TASK_H */
