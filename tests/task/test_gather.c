/* SPDX-License-Identifier: MIT
 * tests/task/test_gather.c - wait for all of several tasks. */
#include "trail.h"

#include <errno.h>

#include <simul.h>

struct nap {
	double seconds;
	int result;
	char letter;
};

/* Sleep, and return the result; -ECANCELED if cancelled. */
static int nap(void *arg)
{
	const struct nap *my = arg;
	int r = simul_sleep(my->seconds);

	mark(my->letter ? my->letter : '.');
	return r < 0 ? r : my->result;
}

TEST_VIRTUAL(gather_gives_results_in_the_order_of_its_arguments)
{
	int results[3];
	simul_task *t[3] = { simul_go(nap, .seconds = 3, .result = 30),
			     simul_go(nap, .seconds = 1, .result = 10),
			     simul_go(nap, .seconds = 2, .result = 20) };

	CHECK_INT(simul_gather(t, 3, results), ==, 0);
	CHECK_INT(results[0], ==, 30);
	CHECK_INT(results[1], ==, 10);
	CHECK_INT(results[2], ==, 20);
}

TEST_VIRTUAL(gather_takes_as_long_as_the_slowest)
{
	double start = simul_now();
	simul_task *t[2] = { simul_go(nap, .seconds = 3),
			     simul_go(nap, .seconds = 5) };

	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
}

TEST_VIRTUAL(gather_returns_the_failure_that_came_first_in_time)
{
	int results[3];
	simul_task *t[3] = {
		simul_go(nap, .seconds = 3, .result = -EIO),
		simul_go(nap, .seconds = 2, .result = -EPIPE),
		simul_go(nap, .seconds = 4, .result = 4),
	};

	CHECK_INT(simul_gather(t, 3, results), ==, -EPIPE);
	CHECK_INT(results[0], ==, -EIO);
	CHECK_INT(results[1], ==, -EPIPE);
	CHECK_INT(results[2], ==, 4);
}

TEST_VIRTUAL(a_failure_cancels_nobody_and_gather_waits_for_all)
{
	double start = simul_now();
	simul_task *t[2] = {
		simul_go(nap, .seconds = 1, .result = -EIO, .letter = 'f'),
		simul_go(nap, .seconds = 9, .result = 9, .letter = 's'),
	};
	int results[2];

	CHECK_INT(simul_gather(t, 2, results), ==, -EIO);
	CHECK_INT(results[1], ==, 9);
	CHECK_NEAR(simul_now() - start, 9, 1e-6);
	CHECK_TRAIL("fs");
}

TEST_VIRTUAL(gathering_nothing_is_success_at_once)
{
	CHECK_INT(simul_gather(NULL, 0, NULL), ==, 0);
}

TEST_VIRTUAL(a_null_handle_is_a_failure_that_came_before_all_others)
{
	int results[2];
	simul_task *t[2] = { simul_go(nap, .seconds = 1, .result = -EIO),
			     NULL };

	CHECK_INT(simul_gather(t, 2, results), ==, -ENOMEM);
	CHECK_INT(results[0], ==, -EIO);
	CHECK_INT(results[1], ==, -ENOMEM);
}

TEST_VIRTUAL(gather_takes_tasks_that_have_ended_already)
{
	int results[2];
	simul_task *t[2] = { simul_go(nap, .seconds = 1, .result = 1),
			     simul_go(nap, .seconds = 5, .result = 5) };

	simul_sleep(2);
	CHECK(simul_task_is_done(t[0]));
	CHECK_INT(simul_gather(t, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 1);
}

static int gathers_anothers(void *arg)
{
	simul_task *t[1] = { arg };

	return simul_gather(t, 1, NULL);
}

TEST_VIRTUAL(only_the_parent_may_gather)
{
	simul_task *t = simul_go(nap, .seconds = 1, .result = 1);
	simul_task *other = simul_create_task(gathers_anothers, t);

	CHECK_INT(simul_await(other), ==, -EINVAL);
	CHECK_INT(simul_await(t), ==, 1);
}

/* ---- Cancelled */

static int gathers_two(void *arg)
{
	simul_task *t[2] = {
		simul_go(nap, .seconds = 10, .letter = 'a'),
		simul_go(nap, .seconds = 20, .letter = 'b'),
	};
	int *results = arg;

	return simul_gather(t, 2, results);
}

TEST_VIRTUAL(cancelling_the_gatherer_cancels_all_and_waits_for_their_end)
{
	int results[2] = { 0 };
	simul_task *t = simul_create_task(gathers_two, results);

	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(results[0], ==, -ECANCELED);
	CHECK_INT(results[1], ==, -ECANCELED);
	CHECK_TRAIL("ab");
}

TEST_VIRTUAL(a_deadline_cancels_tasks_from_outside_its_scope_that_it_gathers)
{
	simul_task *t[2] = { simul_go(nap, .seconds = 10),
			     simul_go(nap, .seconds = 20) };
	double start = simul_now();
	int r = 0, results[2] = { 0 };

	SIMUL_WITH_TIMEOUT(5, r)
	r = simul_gather(t, 2, results);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(results[0], ==, -ECANCELED);
	CHECK_INT(results[1], ==, -ECANCELED);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
}

TEST_VIRTUAL(gathering_in_a_scope_that_was_cancelled_cancels_at_once)
{
	simul_task *t[1] = { simul_go(nap, .seconds = 10) };
	double start = simul_now();
	int r = 0, results[1] = { 0 };

	SIMUL_WITH_TIMEOUT(0, r)
	r = simul_gather(t, 1, results);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(results[0], ==, -ECANCELED);
	CHECK_NEAR(simul_now() - start, 0, 1e-6);
}

static int shortens(void *arg)
{
	return simul_timeout_reschedule(arg, 0);
}

/* The gatherer has been woken by the end of the first and has not run yet. */
TEST_VIRTUAL(a_deadline_that_passes_between_two_ends_is_not_lost)
{
	double start = simul_now();
	simul_timeout limit;
	simul_task *t[3];
	int results[2];

	t[0] = simul_go(nap, .seconds = 0);
	t[1] = simul_go(nap, .seconds = 100);
	CHECK_INT(simul_timeout_open(&limit, 50), ==, 0);
	simul_sleep(0); /* both have begun */
	t[2] = simul_create_task(shortens, &limit);
	CHECK_INT(simul_timeout_close(&limit, simul_gather(t, 2, results)), ==,
		  -ETIMEDOUT);
	CHECK_NEAR(simul_now() - start, 0, 1e-6);
	CHECK_INT(results[0], ==, 0);
	CHECK_INT(results[1], ==, -ECANCELED);
	CHECK_INT(simul_await(t[2]), ==, 0);
}

static int cancels_later(void *arg)
{
	simul_cancel(arg);
	return 0;
}

static int gathers_one(void *arg)
{
	simul_task *t[1] = { simul_go(nap, .seconds = 0, .result = 5) };
	int *results = arg;

	return simul_gather(t, 1, results);
}

TEST_VIRTUAL(a_cancel_that_comes_after_the_last_end_does_not_undo_the_result)
{
	int results[1] = { 0 };
	simul_task *t = simul_create_task(gathers_one, results);

	simul_sleep(0); /* the child is created */
	simul_sleep(0); /* it sleeps */
	simul_create_task(cancels_later, t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(results[0], ==, 5);
}

static int takes_its_time_to_end(void *arg)
{
	(void)arg;
	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	return simul_shield(
		nap, &(struct nap){ .seconds = 7, .result = 3, .letter = 's' });
}

TEST_VIRTUAL(a_cancelled_gather_waits_for_shielded_clean_up)
{
	double start = simul_now();
	simul_task *t[2] = { simul_create_task(takes_its_time_to_end, NULL),
			     simul_go(nap, .seconds = 50) };
	int r = 0, results[2] = { 0 };

	SIMUL_WITH_TIMEOUT(1, r)
	r = simul_gather(t, 2, results);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(results[0], ==, 3);
	CHECK_NEAR(simul_now() - start, 8, 1e-6);
}
