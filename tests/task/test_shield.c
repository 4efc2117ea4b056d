/* SPDX-License-Identifier: MIT
 * tests/task/test_shield.c - calls in scopes of their own: wait for, shield,
 * and the block form. */
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

static int child(void *arg)
{
	int r = nap(100);

	mark(r == -ECANCELED ? 'c' : '?');
	*(double *)arg = simul_now();
	return r;
}

/* ---- Wait for */

TEST_VIRTUAL(wait_for_returns_the_result_in_time)
{
	double seconds = 1;

	CHECK_INT(simul_wait_for(5, sleeps, &seconds), ==, 0);
}

static int cleans_up_slowly(void *arg)
{
	double two = 2;

	(void)arg;
	CHECK_INT(nap(100), ==, -ECANCELED);
	CHECK_INT(simul_shield(sleeps, &two), ==, 0);
	mark('e');
	return -ECANCELED;
}

TEST_VIRTUAL(wait_for_cancels_and_waits_for_the_end)
{
	double start = simul_now();

	CHECK_INT(simul_wait_for(5, cleans_up_slowly, NULL), ==, -ETIMEDOUT);
	CHECK_TRAIL("e");
	CHECK_NEAR(simul_now() - start, 7, 1e-6);
}

static int waits_for_waiting(void *arg)
{
	return simul_wait_for(5, sleeps, arg);
}

TEST_VIRTUAL(wait_for_does_not_swallow_a_cancel_from_outside)
{
	double long_time = 100;
	simul_task *t = simul_create_task(waits_for_waiting, &long_time);

	nap(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	/* Also not at the very moment when the time is up. */
	t = simul_create_task(waits_for_waiting, &long_time);
	nap(5);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
}

/* ---- Shield */

static int shields(void *arg)
{
	int r = simul_shield(sleeps, arg);

	mark(r == 0 ? 's' : '?');
	r = nap(1);
	mark(r == -ECANCELED ? 'c' : '?');
	return r;
}

TEST_VIRTUAL(a_shielded_call_runs_to_its_end_and_then_the_caller_is_told)
{
	double seconds = 10, start = simul_now();
	simul_task *t = simul_create_task(shields, &seconds);

	nap(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("sc");
	CHECK_NEAR(simul_now() - start, 10, 1e-6);
}

static int shielded_body(void *arg)
{
	double seconds = 2;
	simul_task *t = simul_create_task(sleeps, &seconds);
	int r = 0;

	(void)arg;
	CHECK(!simul_is_cancelled());
	CHECK_INT(simul_await(t), ==, 0);
	SIMUL_WITH_TIMEOUT(1, r)
	r = nap(5);
	CHECK_INT(r, ==, -ETIMEDOUT);
	mark('b');
	return 4;
}

TEST_VIRTUAL(behind_a_shield_tasks_and_deadlines_work_as_ever)
{
	simul_cancel(simul_current_task());
	CHECK_INT(nap(1), ==, -ECANCELED);
	CHECK_INT(simul_shield(shielded_body, NULL), ==, 4);
	CHECK_TRAIL("b");
	CHECK_INT(nap(1), ==, -ECANCELED);
}

static int cancels_itself_behind_a_shield(void *arg)
{
	(void)arg;
	simul_cancel(simul_current_task());
	CHECK_INT(nap(1), ==, 0);
	CHECK(!simul_is_cancelled());
	return 0;
}

TEST_VIRTUAL(a_cancel_while_shielded_waits_outside)
{
	CHECK_INT(simul_shield(cancels_itself_behind_a_shield, NULL), ==, 0);
	CHECK(simul_is_cancelled());
}

static int creates_behind_a_shield(void *arg)
{
	simul_task **t = arg;
	static double end;

	*t = simul_create_task(child, &end);
	nap(1);
	simul_cancel(simul_current_task());
	nap(1);
	CHECK(!simul_task_is_done(*t));
	return 0;
}

static int leaves_one_from_behind_a_shield(void *arg)
{
	simul_task *t;

	(void)arg;
	CHECK_INT(simul_shield(creates_behind_a_shield, &t), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	mark('l');
	return 0;
}

TEST_VIRTUAL(a_child_that_comes_out_of_a_shield_can_still_be_cancelled)
{
	simul_task *t =
		simul_create_task(leaves_one_from_behind_a_shield, NULL);

	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("cl");
}

/* ---- The block form */

static int leaves_by_return(void)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(1, r)
	{
		if (nap(5) < 0)
			return -EINTR;
		return 1;
	}
	return r;
}

TEST_VIRTUAL(a_block_may_be_left_by_break_goto_and_return)
{
	int r = 0;

	CHECK_INT(leaves_by_return(), ==, -EINTR);
	CHECK_INT(nap(5), ==, 0);
	SIMUL_WITH_TIMEOUT(1, r)
	{
		r = nap(5);
		if (r < 0)
			break;
		mark('?');
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(nap(5), ==, 0);
	r = 0;
	SIMUL_WITH_TIMEOUT(1, r)
	{
		r = nap(5);
		goto out;
	}
	mark('?');
out:
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(nap(5), ==, 0);
	CHECK_TRAIL("");
}

TEST_VIRTUAL(a_block_that_can_not_be_opened_does_not_run)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(NAN, r)
	mark('?');
	CHECK_INT(r, ==, -EINVAL);
	CHECK_TRAIL("");
}

static int sleeps_in_a_block(void)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(1, r)
	r = nap(5);
	return r;
}

TEST_VIRTUAL(blocks_may_be_nested)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(3, r)
	{
		CHECK_INT(sleeps_in_a_block(), ==, -ETIMEDOUT);
		r = nap(5);
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
}
