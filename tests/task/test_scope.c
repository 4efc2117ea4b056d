/* SPDX-License-Identifier: MIT
 * tests/task/test_scope.c - deadlines, shields and levels of cancellation. */
#include "dies.h"
#include "trail.h"

#include <errno.h>
#include <math.h>

#include <simul.h>

static int sleeps(void *arg)
{
	return simul_sleep(*(double *)arg);
}

static int nap(double seconds)
{
	return simul_sleep(seconds);
}

/* ---- Timeout */

TEST_VIRTUAL(a_timeout_that_is_not_reached_changes_nothing)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, nap(1)), ==, 0);
	CHECK(!simul_timeout_expired(&limit));
	CHECK_INT(nap(10), ==, 0);
}

TEST_VIRTUAL(a_timeout_that_passes_turns_cancelled_into_timed_out)
{
	double start = simul_now();
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	CHECK_INT(nap(10), ==, -ECANCELED);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
	CHECK(simul_timeout_expired(&limit));
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
	CHECK_INT(nap(1), ==, 0);
}

TEST_VIRTUAL(every_call_inside_says_it_again_until_the_scope_is_left)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(nap(2), ==, -ECANCELED);
	CHECK_INT(nap(2), ==, -ECANCELED);
	CHECK_INT(nap(0), ==, -ECANCELED);
	CHECK_INT(simul_check_cancelled(), ==, -ECANCELED);
	CHECK(simul_is_cancelled());
	CHECK_INT(simul_timeout_close(&limit, 5), ==, 5);
	CHECK(!simul_is_cancelled());
	CHECK_INT(nap(2), ==, 0);
}

TEST_VIRTUAL(another_result_than_cancelled_is_left_as_it_is)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	nap(2);
	CHECK_INT(simul_timeout_close(&limit, -EIO), ==, -EIO);
}

TEST_VIRTUAL(a_deadline_of_nothing_or_less_is_reached_at_once)
{
	static const double seconds[] = { 0, -0.5, -1 };

	for (int i = 0; i < 3; i++) {
		simul_timeout limit;

		CHECK_INT(simul_timeout_open(&limit, seconds[i]), ==, 0);
		CHECK(simul_is_cancelled());
		CHECK_INT(simul_timeout_close(&limit, nap(0)), ==, -ETIMEDOUT);
	}
}

TEST_VIRTUAL(a_point_of_time_that_has_passed_is_reached_at_once)
{
	simul_timeout limit;

	nap(10);
	CHECK_INT(simul_timeout_open_at(&limit, simul_now() - 1), ==, 0);
	CHECK_INT(nap(0), ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
	CHECK_INT(simul_timeout_open_at(&limit, -1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, nap(0)), ==, -ETIMEDOUT);
}

TEST_VIRTUAL(a_deadline_may_be_a_point_of_time)
{
	double when;
	simul_timeout limit;

	nap(3);
	when = simul_now() + 4;
	CHECK_INT(simul_timeout_open_at(&limit, when), ==, 0);
	CHECK_NEAR(simul_timeout_when(&limit), when, 1e-6);
	CHECK_INT(simul_timeout_close(&limit, nap(5)), ==, -ETIMEDOUT);
	CHECK_NEAR(simul_now(), when, 1e-6);
}

TEST_VIRTUAL(infinity_is_never)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, INFINITY), ==, 0);
	CHECK(isinf(simul_timeout_when(&limit)));
	CHECK_INT(simul_timeout_close(&limit, nap(1e6)), ==, 0);
	CHECK_INT(simul_timeout_open_at(&limit, INFINITY), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, nap(1e6)), ==, 0);
}

TEST_VIRTUAL(what_is_no_number_is_refused)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, NAN), ==, -EINVAL);
	CHECK_INT(simul_timeout_open_at(&limit, NAN), ==, -EINVAL);
	CHECK_INT(nap(NAN), ==, -EINVAL);
	CHECK_INT(simul_wait_for(NAN, sleeps, NULL), ==, -EINVAL);
	CHECK_INT(nap(1), ==, 0);
}

TEST(scopes_are_for_tasks)
{
	simul_timeout limit;
	double s = 1;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, -EPERM);
	CHECK_INT(simul_timeout_open_at(&limit, 1), ==, -EPERM);
	CHECK_INT(simul_wait_for(1, sleeps, &s), ==, -EPERM);
	CHECK_INT(simul_shield(sleeps, &s), ==, -EPERM);
	CHECK_INT(nap(1), ==, -EPERM);
	CHECK(!simul_is_cancelled());
}

/* ---- Moving a deadline */

TEST_VIRTUAL(a_deadline_can_be_moved_away_and_closer)
{
	double start = simul_now();
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	CHECK_INT(nap(4), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&limit, 10), ==, 0);
	CHECK_NEAR(simul_timeout_when(&limit) - start, 14, 1e-6);
	CHECK_INT(nap(4), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&limit, 1), ==, 0);
	CHECK_INT(nap(4), ==, -ECANCELED);
	CHECK_NEAR(simul_now() - start, 9, 1e-6);
	CHECK_INT(simul_timeout_reschedule(&limit, 1), ==, -EINVAL);
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
	CHECK_INT(simul_timeout_reschedule(&limit, 1), ==, -EINVAL);
}

TEST_VIRTUAL(a_deadline_can_be_moved_to_never_and_back)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&limit, INFINITY), ==, 0);
	CHECK(isinf(simul_timeout_when(&limit)));
	CHECK_INT(nap(100), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&limit, NAN), ==, -EINVAL);
	CHECK_INT(simul_timeout_reschedule(&limit, 2), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, nap(3)), ==, -ETIMEDOUT);
}

TEST_VIRTUAL(a_deadline_that_is_moved_to_now_has_passed)
{
	simul_timeout limit;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&limit, 0), ==, 0);
	CHECK(simul_timeout_expired(&limit));
	CHECK_INT(simul_timeout_close(&limit, nap(1)), ==, -ETIMEDOUT);
}

static int extends(void *arg)
{
	nap(4);
	return simul_timeout_reschedule(arg, 10);
}

TEST_VIRTUAL(another_task_may_move_a_deadline)
{
	simul_timeout limit;
	simul_task *t;

	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	t = simul_create_task(extends, &limit);
	CHECK_INT(nap(12), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, simul_await(t)), ==, 0);
}

/* ---- One inside another */

TEST_VIRTUAL(the_inner_deadline_is_not_the_outer_one)
{
	simul_timeout outer, inner;

	CHECK_INT(simul_timeout_open(&outer, 10), ==, 0);
	CHECK_INT(simul_timeout_open(&inner, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&inner, nap(5)), ==, -ETIMEDOUT);
	CHECK_INT(nap(5), ==, 0);
	CHECK(!simul_timeout_expired(&outer));
	CHECK_INT(simul_timeout_close(&outer, 3), ==, 3);
}

TEST_VIRTUAL(the_outer_deadline_passes_through_the_inner_scope)
{
	simul_timeout outer, inner;
	int r;

	CHECK_INT(simul_timeout_open(&outer, 1), ==, 0);
	CHECK_INT(simul_timeout_open(&inner, 10), ==, 0);
	r = simul_timeout_close(&inner, nap(20));
	CHECK_INT(r, ==, -ECANCELED);
	CHECK(!simul_timeout_expired(&inner));
	CHECK_INT(simul_timeout_close(&outer, r), ==, -ETIMEDOUT);
}

TEST_VIRTUAL(if_both_pass_at_the_same_time_the_outer_one_wins)
{
	simul_timeout outer, inner;
	int r;

	CHECK_INT(simul_timeout_open(&outer, 3), ==, 0);
	CHECK_INT(simul_timeout_open(&inner, 3), ==, 0);
	r = simul_timeout_close(&inner, nap(20));
	CHECK_INT(r, ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&outer, r), ==, -ETIMEDOUT);
}

TEST_VIRTUAL(the_outer_one_wins_whichever_was_set_first)
{
	simul_timeout outer, inner;
	int r;

	CHECK_INT(simul_timeout_open(&outer, INFINITY), ==, 0);
	CHECK_INT(simul_timeout_open(&inner, 3), ==, 0);
	CHECK_INT(simul_timeout_reschedule(&outer, 3), ==, 0);
	r = simul_timeout_close(&inner, nap(20));
	CHECK_INT(r, ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&outer, r), ==, -ETIMEDOUT);
}

static int times_out(void *arg)
{
	simul_timeout limit;
	int r;

	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	r = simul_timeout_close(&limit, nap(20));
	*(int *)arg = r;
	return r;
}

static int cancels_at_five(void *arg)
{
	nap(5);
	simul_cancel(*(simul_task **)arg);
	return 0;
}

TEST_VIRTUAL(a_cancel_from_outside_at_the_same_time_wins)
{
	int seen = 0;
	simul_task *t, *c;

	/* The deadline has passed when it comes, but it is not closed yet. */
	c = simul_create_task(cancels_at_five, &t);
	t = simul_create_task(times_out, &seen);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(seen, ==, -ECANCELED);
	CHECK_INT(simul_await(c), ==, 0);
}

TEST_VIRTUAL(deadlines_nest_deeply)
{
	enum { DEPTH = 100 };
	simul_timeout limits[DEPTH];
	int r = 0;

	for (int i = 0; i < DEPTH; i++)
		CHECK_INT(simul_timeout_open(&limits[i], i == 40 ? 1 : 50), ==,
			  0);
	r = nap(100);
	for (int i = DEPTH; i-- > 0;) {
		r = simul_timeout_close(&limits[i], r);
		CHECK_INT(r, ==, i > 40 ? -ECANCELED : -ETIMEDOUT);
		if (i == 40)
			CHECK_INT(nap(1), ==, 0);
	}
}

/* ---- Children */

static int child(void *arg)
{
	int r = nap(100);

	mark(r == -ECANCELED ? 'c' : '?');
	*(double *)arg = simul_now();
	return r;
}

TEST_VIRTUAL(a_deadline_cancels_tasks_that_were_created_in_its_scope)
{
	simul_task *t = NULL;
	double start = simul_now(), end = 0;
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	{
		t = simul_create_task(child, &end);
		r = nap(100);
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_NEAR(end - start, 5, 1e-6);
}

TEST_VIRTUAL(a_task_outlives_the_scope_that_it_was_created_in)
{
	simul_task *t = NULL;
	double seconds = 10;
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	t = simul_create_task(sleeps, &seconds);
	CHECK_INT(r, ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(a_task_from_a_scope_that_was_left_belongs_to_the_next_one_out)
{
	simul_task *t = NULL;
	simul_timeout inner;
	double end = 0;
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	{
		CHECK_INT(simul_timeout_open(&inner, 1), ==, 0);
		t = simul_create_task(child, &end);
		CHECK_INT(simul_timeout_close(&inner, 0), ==, 0);
		r = nap(100);
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
}

TEST_VIRTUAL(tasks_from_before_the_scope_are_not_in_it)
{
	double seconds = 10;
	simul_task *t = simul_create_task(sleeps, &seconds);
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	r = nap(100);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_await(t), ==, 0);
}

/* ---- Delivered wins */

static int cancels(void *arg)
{
	simul_cancel(arg);
	return 0;
}

static int waits(void *arg)
{
	int r = simul_future_wait(arg, NULL);

	mark(r == 7 ? 'd' : r == -ECANCELED ? 'c' : '?');
	r = nap(1);
	mark(r == 0 ? '0' : r == -ECANCELED ? 'c' : '?');
	return 0;
}

TEST_VIRTUAL(a_result_before_a_cancel_in_the_same_turn_is_delivered)
{
	simul_future future = { 0 };
	simul_task *t = simul_create_task(waits, &future);

	nap(1);
	simul_future_set(&future, 7, NULL);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("dc");
}

TEST_VIRTUAL(a_cancel_before_a_result_in_the_same_turn_is_told)
{
	simul_future future = { 0 };
	simul_task *t = simul_create_task(waits, &future);

	nap(1);
	simul_cancel(t);
	simul_future_set(&future, 7, NULL);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("cc");
}

TEST_VIRTUAL(a_sleep_that_is_over_when_the_deadline_passes_is_a_success)
{
	simul_timeout limit;
	int r;

	/* Its timer was set after the deadline's: cancelled. */
	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	r = nap(5);
	CHECK_INT(r, ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&limit, r), ==, -ETIMEDOUT);
	/* Its timer comes first: the sleep is over, and that is it. */
	CHECK_INT(simul_timeout_open(&limit, 10), ==, 0);
	r = nap(5);
	CHECK_INT(r, ==, 0);
	CHECK_INT(simul_timeout_close(&limit, r), ==, 0);
}

/* ---- Sleeping */

TEST_VIRTUAL(sleeping_for_ever_can_be_cancelled_and_takes_no_time)
{
	double start = simul_now();
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	r = nap(INFINITY);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
	r = 0;
	SIMUL_WITH_TIMEOUT(5, r)
	r = nap(1e300);
	CHECK_INT(r, ==, -ETIMEDOUT);
}

static int sleeps_for_ever(void *arg)
{
	(void)arg;
	return nap(INFINITY);
}

TEST(sleeping_for_ever_with_nobody_else_is_a_deadlock)
{
	CHECK_INT(run_virtual(sleeps_for_ever, NULL), ==, -EDEADLK);
	CHECK_INT(simul_run(sleeps_for_ever, NULL), ==, -EDEADLK);
}

TEST_VIRTUAL(sleeping_for_less_than_nothing_is_taking_a_turn)
{
	simul_task *t = simul_create_task(cancels, NULL);

	CHECK_INT(nap(-5), ==, 0);
	CHECK(simul_task_is_done(t));
	CHECK_INT(nap(-INFINITY), ==, 0);
	simul_await(t);
}

/* ---- Mistakes */

static int leaves_open(void *arg)
{
	static simul_timeout limit;

	(void)arg;
	return simul_timeout_open(&limit, 5);
}

static void run_leaves_open(void)
{
	run_virtual(leaves_open, NULL);
}

static int closes_the_wrong_one(void *arg)
{
	simul_timeout outer, inner;

	(void)arg;
	simul_timeout_open(&outer, 5);
	simul_timeout_open(&inner, 5);
	return simul_timeout_close(&outer, 0);
}

static void run_closes_the_wrong_one(void)
{
	run_virtual(closes_the_wrong_one, NULL);
}

TEST(a_scope_that_is_left_open_or_crossed_ends_the_program_with_a_word)
{
	CHECK_DIES(run_leaves_open, "returned with a scope open");
	CHECK_DIES(run_closes_the_wrong_one, "not its innermost");
}
