/* SPDX-License-Identifier: MIT
 * simul/task.h - functions that run beside each other.
 *
 * A task runs a coroutine beside its creator, in the same thread: tasks take
 * turns, and one changes for another only inside calls that suspend. Between
 * two such calls nobody else runs.
 *
 * A task belongs to the task that created it, its parent, and ends before the
 * parent does. This is the end of a task, in order:
 *   1. its function returns;
 *   2. children that still run are cancelled and waited for;
 *   3. its deferred functions run, the last one first;
 *   4. its result is delivered to whoever waits for it.
 * What children use must therefore outlive the function's frame and be freed
 * in a deferred function; or the function ends its children itself, by gather,
 * a group, or simul_end_children.
 *
 * The parent owns the handle. It is consumed by simul_await or simul_gather;
 * one that never is, is released with the parent.
 *
 * A NULL handle stands for a task that failed with -ENOMEM. Every call here
 * accepts it and says so, so a row of calls needs one check, at its end:
 *
 *	t[0] = simul_go(fetch, .url = a);
 *	t[1] = simul_go(fetch, .url = b);
 *	r = simul_gather(t, 2, NULL);	// -ENOMEM if either could not start
 *
 * None of this is safe from other threads; see simul/thread.h for that.
 */
#ifndef SIMUL_TASK_H
#define SIMUL_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_task simul_task;

/* ---- Starting */

typedef struct simul_task_options {
	const char *name;  /* for people; lent until the task ends */
	size_t arg_size;   /* copy that many bytes of arg for the task; at
			    * most half a stack, else -ENOMEM (a NULL handle) */
	size_t stack_size; /* as in simul_options; 0: the loop's */
	bool eager;	   /* run it until it first suspends, now */
	bool background;   /* owned by the loop, not by the caller: nobody
			    * awaits it, it is cancelled when the main task
			    * has ended. Its handle is good until it ends, but
			    * at least until its creator next suspends. */
} simul_task_options;

/* Run fn(arg) beside the caller, as its child. It starts when the caller next
 * suspends, after the tasks that are ready already. A task that is cancelled
 * before it starts runs all the same, so that what arg owns gets freed; it is
 * told at its first call that would suspend. NULL is -ENOMEM, or that there is
 * no task that calls.
 * Suspends: never. */
#define simul_create_task(fn, arg) simul_create_named_task(#fn, fn, arg)

/* simul_create_task with a name for people, which is lent until the task ends;
 * otherwise that is the function's.
 * Suspends: never. */
SIMUL_API simul_task *simul_create_named_task(const char *name, simul_fn *fn,
					      void *arg);

/* simul_create_named_task with options; they are only read during the call,
 * and NULL is as good as all zero.
 * Suspends: never. */
SIMUL_API simul_task *simul_create_task_with(const simul_task_options *options,
					     simul_fn *fn, const void *arg);

/* Start coroutine f with named arguments: by convention they are the members
 * of `struct f`, which the task gets a copy of. What is not named is zero. As
 * the copy is the task's, what is to come back goes through a pointer in it.
 *
 *	struct greet { const char *whom; int times; };
 *
 *	static int greet(void *arg)
 *	{
 *		const struct greet *my = arg;
 *		...
 *	}
 *
 *	simul_task *t = simul_go(greet, .whom = "world", .times = 3);
 *
 * Before C23 at least one must be named; what needs none is started by
 * simul_create_task(f, NULL). Neither this nor the other macros for groups and
 * generators are for C++: use simul_create_task_with and its like there.
 *
 * Suspends: never. */
#define simul_go(f, ...)                                                       \
	simul_create_task_with(                                                \
		&(simul_task_options){ .name = #f,                             \
				       .arg_size = sizeof(struct f) },         \
		f, &(struct f){ __VA_ARGS__ })

/* ---- Ending */

/* Wait until task ends and return its result. If the caller is its parent, the
 * handle is consumed. Awaiting oneself is -EDEADLK.
 * Suspends: if the task still runs. Cancelled: the task has been cancelled too
 * and has ended; what is returned is its result, which may be a success that
 * came first. */
SIMUL_API int simul_await(simul_task *task);

/* Cancel task and all its children: whatever they wait for, and everything
 * they would wait for later, fails with -ECANCELED. A task that has ended is
 * left as it is. Cancelling oneself is allowed. NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_cancel(simul_task *task);

/* Has the current task been cancelled, or a scope that it is in? For loops
 * that compute for long and never suspend.
 * Suspends: never. */
SIMUL_API bool simul_is_cancelled(void);

/* Look for cancellation, and nothing else: 0 or -ECANCELED.
 * Suspends: never. Cancelled: nothing was done. */
SIMUL_API int simul_check_cancelled(void);

/* Cancel the children of the current task that still run, wait for them, and
 * release all; then return result. It is for the last line of a function whose
 * children use its frame, as an early end would pull it from under their feet:
 *
 *	return simul_end_children(r);
 *
 * Children in a scope that is open (a group, a timeout) are that scope's.
 * Suspends: if a child still runs; cancellation does not cut this short. */
SIMUL_API int simul_end_children(int result);

/* Call fn(arg) when the current task ends, however it ends. Deferred functions
 * run in reverse order, after the task's children have ended, and may suspend
 * (inside simul_shield, if the task may have been cancelled). -ENOMEM: it was
 * not registered.
 * Suspends: never. */
SIMUL_API int simul_defer(void (*fn)(void *arg), void *arg);

/* ---- Looking */

/* The task that is running, or NULL outside of one.
 * Suspends: never. */
SIMUL_API simul_task *simul_current_task(void);

/* Fill tasks with up to room handles of tasks of this thread's loop that have
 * not ended, parents before their children, and return how many there are
 * (which may be more).
 * Suspends: never. */
SIMUL_API size_t simul_all_tasks(simul_task **tasks, size_t room);

/* Has task ended? True for NULL.
 * Suspends: never. */
SIMUL_API bool simul_task_is_done(const simul_task *task);

/* The result of a task that has ended, without consuming the handle, or
 * -EBUSY while it runs; -ENOMEM for NULL.
 * Suspends: never. */
SIMUL_API int simul_task_result(const simul_task *task);

/* The parent, or NULL for the main task, background tasks, and NULL.
 * Suspends: never. */
SIMUL_API simul_task *simul_task_parent(const simul_task *task);

/* The name given to the task, or "task".
 * Suspends: never. */
SIMUL_API const char *simul_task_name(const simul_task *task);

/* Name the task, for people. The string is lent until the task ends or has
 * another name. NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_task_set_name(simul_task *task, const char *name);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_TASK_H */
