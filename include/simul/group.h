/* SPDX-License-Identifier: MIT
 * simul/group.h - tasks that succeed or fail together.
 *
 *	simul_group group = {0};
 *
 *	simul_group_go(&group, fetch, .url = a);
 *	simul_group_go(&group, fetch, .url = b);
 *	r = simul_group_wait(&group);
 *
 * The first member that fails cancels the others, and whatever the owner does
 * between the first member and simul_group_wait. When simul_group_wait
 * returns, all members have ended and nothing is left of them.
 *
 * A group is a scope of the task that adds the first member, its owner: from
 * then until simul_group_wait, which must be reached in the same function.
 * Others may add members while the group runs: a member that adds a member is
 * how a crawler or a server grows.
 */
#ifndef SIMUL_GROUP_H
#define SIMUL_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a name that are kept when its task is gone. */
enum { SIMUL_FAILURE_NAME = 48 };

/* How a member failed. */
typedef struct simul_failure {
	int error;
	size_t index; /* which member, in the order of creation */
	void *arg;    /* what it was created with; NULL if it was copied */
	char name[SIMUL_FAILURE_NAME]; /* of the task, if need be cut */
} simul_failure;

typedef struct simul_group {
	struct simul_scope scope;
	struct simul_waiters waiters;
	size_t created; /* members so far */
	size_t running; /* those that have not ended */
	int error;	/* of the first failure */
	bool aborted;	/* no more members may be added */
	simul_failure *failures;
	size_t failure_count;
	size_t failure_room;
} simul_group;

/* Start fn(arg) as a member. -ECANCELED once the group was cancelled or a
 * member has failed, -ENOMEM (which fails the group, as if the member had
 * started and failed).
 * Suspends: never. */
#define simul_group_create_task(group, fn, arg)                                \
	simul_group_create_named_task(group, #fn, fn, arg)

/* simul_group_create_task with another name than the function's, lent until
 * the task ends.
 * Suspends: never. */
SIMUL_API int simul_group_create_named_task(simul_group *group,
					    const char *name, simul_fn *fn,
					    void *arg);

/* simul_group_create_task with options (neither eager nor background), which
 * may be NULL.
 * Suspends: never. */
SIMUL_API int simul_group_create_task_with(simul_group *group,
					   const simul_task_options *options,
					   simul_fn *fn, const void *arg);

/* Start coroutine f with named arguments as a member; see simul_go.
 * Suspends: never. */
#define simul_group_go(group, f, ...)                                          \
	simul_group_create_task_with(                                          \
		group,                                                         \
		&(simul_task_options){ .name = #f,                             \
				       .arg_size = sizeof(struct f) },         \
		f, &(struct f){ __VA_ARGS__ })

/* Cancel the members and the owner's body, without that being an error: then
 * simul_group_wait returns 0 if nothing else fails. A group without members
 * gets none until simul_group_wait, so that it may be called at any time.
 * Suspends: never. */
SIMUL_API void simul_group_cancel(simul_group *group);

/* Wait until all members have ended and leave the group's scope. Returns 0 if
 * none failed, else the error of the first that did. Members that end with
 * -ECANCELED have not failed. Only the owner may call it, else -EPERM; a group
 * that never had a member is 0 at once.
 * Suspends: if a member still runs. Cancelled: all members have been cancelled
 * and have ended; -ECANCELED, unless one had failed before. */
SIMUL_API int simul_group_wait(simul_group *group);

/* All failures, in the order in which they happened, until simul_group_done;
 * returns how many there are. (One that could not be recorded for lack of
 * memory is missing here, but the group has failed nevertheless.)
 * Suspends: never. */
SIMUL_API size_t simul_group_failures(const simul_group *group,
				      const simul_failure **ret_failures);

/* Free the list of failures; only needed if a member failed. The group is then
 * all zero and may be used again.
 * Suspends: never. */
SIMUL_API void simul_group_done(simul_group *group);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_GROUP_H */
