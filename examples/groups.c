/* SPDX-License-Identifier: MIT
 * groups.c - tasks that fail together, and every failure is told.
 *
 * coro C fails first, after half a second. That cancels the other two: their
 * sleep ends early, and each ends with an error of its own. simul_group_wait
 * returns the first error; simul_group_failures has them all, and whatever
 * nobody handles is the result.
 *
 *	try:
 *	    async with asyncio.TaskGroup() as group:
 *	        group.create_task(coro_a())
 *	        ...
 *	except* ValueError as group:
 *	    print(f'[ValueError handled] {group.exceptions}')
 *	except* TypeError as group:
 *	    ...
 *
 * Run it: groups */
#include <errno.h>
#include <simul.h>
#include <stdio.h>

struct coro {
	const char *name;
	double delay;
	int error;
};

static int coro(void *arg)
{
	const struct coro *my = arg;

	simul_sleep(my->delay);
	return my->error;
}

/* What `except*` does: take the failures of one kind out of the group. */
static size_t handle(const simul_group *group, int error, const char *kind)
{
	const simul_failure *failures;
	size_t n = simul_group_failures(group, &failures);
	size_t handled = 0;

	for (size_t i = 0; i < n; i++) {
		const struct coro *who = failures[i].arg;

		if (failures[i].error != error)
			continue;
		printf("[%s handled] Error in %s: %s\n", kind, who->name,
		       simul_strerror(error));
		handled++;
	}
	return handled;
}

static int amain(void *arg)
{
	struct coro coros[] = {
		{ .name = "coro A", .delay = 1, .error = -EINVAL },
		{ .name = "coro B", .delay = 2, .error = -EPROTOTYPE },
		{ .name = "coro C", .delay = 0.5, .error = -ERANGE },
	};
	simul_group group = { 0 };
	const simul_failure *failures;
	size_t handled;
	int r;

	for (int i = 0; i < 3; i++)
		simul_group_create_task(&group, coro, &coros[i]);
	r = simul_group_wait(&group);

	handled = handle(&group, -EINVAL, "EINVAL");
	handled += handle(&group, -EPROTOTYPE, "EPROTOTYPE");
	handled += handle(&group, -ERANGE, "ERANGE");
	if (handled == simul_group_failures(&group, &failures))
		r = 0;
	simul_group_done(&group);
	return r;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "groups: %s\n", simul_strerror(r));
	return r < 0;
}
