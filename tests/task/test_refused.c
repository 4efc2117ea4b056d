/* SPDX-License-Identifier: MIT
 * tests/task/test_refused.c - each public call with each of its allocations
 * refused: -ENOMEM or NULL, nothing lost, nothing left. */
#include "test.h"

#include <errno.h>
#include <pthread.h>

#include <simul.h>

static bool fine_or_refused(int r)
{
	return r >= 0 || r == -ENOMEM;
}

#define CHECK_REFUSED(r)                                                       \
	do {                                                                   \
		int r_ = (r);                                                  \
                                                                               \
		if (!fine_or_refused(r_))                                      \
			CHECK_INT(r_, ==, -ENOMEM);                            \
	} while (0)

static int nap(void *arg)
{
	(void)arg;
	return simul_sleep(1);
}

/* Whatever happens, the run says so and ends. */
static void run(simul_fn *fn)
{
	CHECK_REFUSED(run_virtual(fn, NULL));
}

/* ---- Tasks */

struct copied {
	long bytes[30];
};

static int copied(void *arg)
{
	const struct copied *my = arg;

	return (int)my->bytes[7];
}

static int creates(void *arg)
{
	simul_task *t[5];
	int results[5], r;

	(void)arg;
	t[0] = simul_create_task(nap, NULL);
	t[1] = simul_create_task_with(
		&(simul_task_options){ .stack_size = 20000 }, nap, NULL);
	t[2] = simul_create_task_with(&(simul_task_options){ .eager = true },
				      nap, NULL);
	t[3] = simul_go(copied, .bytes = { [7] = 7 });
	t[4] = simul_create_task(nap, NULL);
	simul_create_task_with(&(simul_task_options){ .background = true }, nap,
			       NULL);
	CHECK_INT(simul_task_result(t[3]), ==, t[3] ? -EBUSY : -ENOMEM);
	r = simul_gather(t, 5, results);
	CHECK_REFUSED(r);
	CHECK(results[3] == 7 || results[3] == -ENOMEM);
	CHECK_REFUSED(simul_await(simul_create_task(nap, NULL)));
	return r;
}

static void sweep_creates(void)
{
	run(creates);
}

TEST(tasks)
{
	sweep_allocations(sweep_creates);
}

static int creates_many(void *arg)
{
	static simul_task *t[300];

	(void)arg;
	for (int i = 0; i < 300; i++)
		t[i] = simul_create_task(nap, NULL);
	return simul_gather(t, 300, NULL);
}

static void sweep_creates_many(void)
{
	run(creates_many);
}

TEST(more_tasks_than_the_first_slab_and_ring_hold)
{
	sweep_allocations(sweep_creates_many);
}

/* ---- Waiting */

static int waits(void *arg)
{
	simul_task *t[3] = { simul_create_task(nap, NULL),
			     simul_create_task(nap, NULL), NULL };
	simul_completed done = { .tasks = t, .count = 3 };
	size_t i;
	int r, n = 0;

	(void)arg;
	CHECK_REFUSED(simul_wait(t, 3, SIMUL_FIRST_COMPLETED));
	CHECK_REFUSED(simul_wait(t, 3, SIMUL_ALL_COMPLETED));
	while ((r = simul_next_completed(&done, &i)) > 0)
		n++;
	CHECK(r == 0 ? n == 3 : r == -ENOMEM && n == 0);
	simul_completed_done(&done);
	return simul_gather(t, 2, NULL);
}

static void sweep_waits(void)
{
	run(waits);
}

TEST(waiting_for_several_tasks)
{
	sweep_allocations(sweep_waits);
}

/* ---- Scopes */

static int scopes(void *arg)
{
	simul_timeout limit;
	int r = simul_timeout_open(&limit, 5);

	(void)arg;
	CHECK_REFUSED(r);
	if (r >= 0) {
		CHECK_REFUSED(simul_timeout_reschedule(&limit, 7));
		r = simul_timeout_close(&limit, simul_sleep(1));
		CHECK_REFUSED(r);
	}
	CHECK_REFUSED(simul_wait_for(5, nap, NULL));
	CHECK_REFUSED(simul_shield(nap, NULL));
	r = 0;
	SIMUL_WITH_TIMEOUT(5, r)
	r = simul_sleep(1);
	CHECK_REFUSED(r);
	return simul_sleep(1);
}

static void sweep_scopes(void)
{
	run(scopes);
}

TEST(deadlines_and_shields)
{
	sweep_allocations(sweep_scopes);
}

static int reschedules_from_never(void *arg)
{
	simul_timeout limit;
	int r;

	(void)arg;
	CHECK_INT(simul_timeout_open(&limit, 1.0 / 0.0), ==, 0);
	r = simul_timeout_reschedule(&limit, 1);
	CHECK_REFUSED(r);
	r = simul_timeout_close(&limit, r < 0 ? r : simul_sleep(5));
	CHECK(r == -ETIMEDOUT || r == -ENOMEM);
	return r == -ETIMEDOUT ? 0 : r;
}

static void sweep_reschedules(void)
{
	run(reschedules_from_never);
}

TEST(a_deadline_moved_from_never)
{
	sweep_allocations(sweep_reschedules);
}

/* ---- Groups */

static int fails(void *arg)
{
	(void)arg;
	return -EIO;
}

static int groups(void *arg)
{
	const simul_failure *failures;
	simul_group group = { 0 };
	int r, n = 0;

	(void)arg;
	for (int i = 0; i < 3; i++)
		n += simul_group_create_task(&group, nap, NULL) == 0;
	r = simul_group_wait(&group);
	CHECK_REFUSED(r);
	CHECK(n == 3 || r == -ENOMEM);
	simul_group_done(&group);
	if (simul_group_create_task(&group, fails, NULL) == 0) {
		simul_sleep(1);
		r = simul_group_wait(&group);
		CHECK_INT(r, ==, -EIO);
		CHECK(simul_group_failures(&group, &failures) <= 1);
	} else {
		CHECK_INT(simul_group_wait(&group), ==, -ENOMEM);
	}
	simul_group_done(&group);
	return 0;
}

static void sweep_groups(void)
{
	run(groups);
}

TEST(groups_of_tasks)
{
	sweep_allocations(sweep_groups);
}

/* ---- Deferred functions, locals */

static void count(void *arg)
{
	++*(int *)arg;
}

static int run_count, deferred_count;

static int defers(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		int r = simul_defer(count, &run_count);

		CHECK_REFUSED(r);
		deferred_count += r == 0;
	}
	return 0;
}

static void sweep_defers(void)
{
	run_count = deferred_count = 0;
	run(defers);
	CHECK_INT(run_count, ==, deferred_count);
}

TEST(deferred_functions)
{
	sweep_allocations(sweep_defers);
}

static simul_local x, y;

static int changes_both(void *arg)
{
	intptr_t was = (intptr_t)simul_local_get(&x);
	int r;

	(void)arg;
	r = simul_local_set(&x, (void *)9);
	CHECK_REFUSED(r);
	CHECK_INT((intptr_t)simul_local_get(&x), ==, r < 0 ? was : 9);
	r = simul_local_set(&y, (void *)8);
	CHECK_REFUSED(r);
	return 0;
}

static int locals(void *arg)
{
	intptr_t was;

	(void)arg;
	CHECK_REFUSED(simul_local_set(&x, (void *)1));
	CHECK_REFUSED(simul_local_set(&y, (void *)2));
	was = (intptr_t)simul_local_get(&x);
	CHECK_REFUSED(simul_await(simul_create_task(changes_both, NULL)));
	CHECK_INT((intptr_t)simul_local_get(&x), ==, was);
	return 0;
}

static void sweep_locals(void)
{
	run(locals);
}

TEST(task_locals)
{
	sweep_allocations(sweep_locals);
}

/* ---- Generators */

static int numbers(void *arg)
{
	int r = 0;

	for (int i = 0; i < 3 && r >= 0; i++) {
		r = simul_sleep(1);
		if (r >= 0)
			r = simul_yield_value(arg);
	}
	return r;
}

static void *same(void *value, void *arg)
{
	(void)arg;
	return value;
}

static int generates(void *arg)
{
	simul_generator *g =
		simul_map(simul_generator_new(NULL, numbers, NULL), same, NULL);
	void *value;
	int r;

	(void)arg;
	while ((r = simul_next(g, &value)) > 0)
		;
	CHECK_REFUSED(r);
	CHECK_REFUSED(simul_generator_close(g));
	return r;
}

static void sweep_generates(void)
{
	run(generates);
}

TEST(generators)
{
	sweep_allocations(sweep_generates);
}

/* ---- Threads */

static int five(void *arg)
{
	(void)arg;
	return 5;
}

static int goes_out(void *arg)
{
	int r = simul_to_thread(five, NULL);

	(void)arg;
	CHECK(r == 5 || r == -ENOMEM);
	return r;
}

static void sweep_goes_out(void)
{
	run(goes_out);
}

TEST(threads)
{
	sweep_allocations(sweep_goes_out);
}

struct visitor {
	simul_loop *loop;
	simul_future *future;
	int submitted, called, posted;
};

static int is_called(void *arg)
{
	struct visitor *v = arg;

	v->called++;
	return 0;
}

static void *visits(void *arg)
{
	struct visitor *v = arg;

	for (int i = 0; i < 3; i++)
		v->submitted += simul_submit(v->loop, is_called, v) == 0;
	v->posted = simul_future_post(v->loop, v->future, 0, NULL) == 0;
	simul_loop_release(v->loop);
	return NULL;
}

static struct visitor visitor;

static int is_visited(void *arg)
{
	simul_future future = { 0 };
	pthread_t thread;
	int r = 0;

	(void)arg;
	visitor = (struct visitor){ simul_loop_hold(simul_current_loop()),
				    &future, 0, 0, 0 };
	CHECK_INT(pthread_create(&thread, NULL, visits, &visitor), ==, 0);
	pthread_join(thread, NULL);
	if (visitor.posted)
		r = simul_future_wait(&future, NULL);
	return r;
}

static void sweep_is_visited(void)
{
	visitor = (struct visitor){ 0 };
	run(is_visited);
	/* What was accepted is run, with a task around it or without. */
	CHECK_INT(visitor.called, ==, visitor.submitted);
}

TEST(letters_from_other_threads)
{
	sweep_allocations(sweep_is_visited);
}

/* ---- Guests */

static void drives_a_guest(void)
{
	simul_loop *loop = NULL;
	int r = simul_loop_new(&(simul_options){ .virtual_clock = true }, nap,
			       NULL, &loop);

	CHECK_REFUSED(r);
	CHECK(r >= 0 || !loop);
	if (r < 0)
		return;
	while ((r = simul_loop_turn(loop)) > 0)
		;
	CHECK_REFUSED(r);
	CHECK_REFUSED(simul_loop_free(loop));
}

TEST(a_loop_driven_from_outside)
{
	sweep_allocations(drives_a_guest);
}

static int debugs(void *arg)
{
	(void)arg;
	return simul_await(simul_create_task(nap, NULL));
}

static void sweep_debugs(void)
{
	CHECK_REFUSED(simul_run_with(
		&(simul_options){ .virtual_clock = true, .debug = true },
		debugs, NULL));
}

TEST(debug_mode)
{
	sweep_allocations(sweep_debugs);
}
