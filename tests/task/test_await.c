/* SPDX-License-Identifier: MIT
 * tests/task/test_await.c - wait for the end of a task. */
#include "trail.h"

#include <errno.h>

#include <simul.h>

#include "sanitized.h"

struct nap {
	double seconds;
	int result;
};

static int nap(void *arg)
{
	const struct nap *my = arg;
	int r = simul_sleep(my->seconds);

	return r < 0 ? r : my->result;
}

static int awaits(void *arg)
{
	return simul_await(*(simul_task **)arg);
}

TEST_VIRTUAL(awaiting_returns_the_result)
{
	CHECK_INT(simul_await(simul_go(nap, .result = 5)), ==, 5);
	CHECK_INT(simul_await(simul_go(nap, .result = -EIO)), ==, -EIO);
}

TEST_VIRTUAL(awaiting_null_is_no_memory)
{
	CHECK_INT(simul_await(NULL), ==, -ENOMEM);
}

TEST_VIRTUAL(awaiting_oneself_is_a_deadlock)
{
	CHECK_INT(simul_await(simul_current_task()), ==, -EDEADLK);
}

TEST(awaiting_outside_of_a_task_is_not_permitted)
{
	CHECK_INT(simul_await(NULL), ==, -ENOMEM);
	CHECK(!simul_create_task(nap, NULL));
}

TEST_VIRTUAL(several_may_await_one_task)
{
	simul_task *t = simul_go(nap, .seconds = 2, .result = 9);
	simul_task *w[2] = { simul_create_task(awaits, &t),
			     simul_create_task(awaits, &t) };
	int results[2];

	CHECK_INT(simul_gather(w, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 9);
	CHECK_INT(results[1], ==, 9);
	CHECK_INT(simul_await(t), ==, 9);
}

/* The parent is the first to wake, releases the task, and its stack goes to
 * another before the others have looked. */
TEST_VIRTUAL(others_get_the_result_though_the_parent_has_consumed_the_handle)
{
	simul_task *t = simul_go(nap, .seconds = 2, .result = 9);
	simul_task *w[2] = { simul_create_task(awaits, &t),
			     simul_create_task(awaits, &t) };
	simul_task *next;
	int results[2];

	CHECK_INT(simul_await(t), ==, 9);
	next = simul_go(nap, .seconds = 5, .result = 1);
	CHECK_INT(simul_gather(w, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 9);
	CHECK_INT(results[1], ==, 9);
	CHECK_INT(simul_await(next), ==, 1);
}

static int awaits_given(void *arg)
{
	int r = simul_await(arg);

	mark('w');
	return r;
}

TEST_VIRTUAL(a_background_task_can_be_awaited_by_who_has_its_handle)
{
	simul_task *b = simul_create_task_with(
		&(simul_task_options){ .background = true,
				       .arg_size = sizeof(struct nap) },
		nap, &(struct nap){ .seconds = 2, .result = 9 });
	simul_task *w = simul_create_task(awaits_given, b);

	CHECK_INT(simul_await(b), ==, 9);
	CHECK_INT(simul_await(w), ==, 9);
}

/* ---- Cancelled while awaiting */

TEST_VIRTUAL(who_is_cancelled_while_awaiting_cancels_what_it_awaits)
{
	simul_task *t = simul_go(nap, .seconds = 100);
	simul_task *w = simul_create_task(awaits_given, t);

	simul_sleep(1);
	simul_cancel(w);
	CHECK_INT(simul_await(w), ==, -ECANCELED);
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, -ECANCELED);
}

static int ignores_the_first(void *arg)
{
	(void)arg;
	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	return 5;
}

TEST_VIRTUAL(
	a_success_that_came_first_is_returned_though_the_waiter_is_cancelled)
{
	int r = 0;
	simul_task *t = simul_create_task(ignores_the_first, NULL);

	SIMUL_WITH_TIMEOUT(1, r)
	r = simul_await(t);
	CHECK_INT(r, ==, 5);
}

TEST_VIRTUAL(awaiting_in_a_cancelled_scope_cancels_at_once_and_waits)
{
	simul_task *t = simul_go(nap, .seconds = 100);
	double start = simul_now();
	int r = 0;

	SIMUL_WITH_TIMEOUT(0, r)
	r = simul_await(t);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_NEAR(simul_now() - start, 0, 1e-6);
}

enum { CHAIN = IS_SANITIZED ? 5000 : 20000 };

static int awaits_previous(void *arg)
{
	simul_task **mine = arg;

	return simul_await(mine[-1]);
}

/* Not parent and child: each awaits its elder sister. */
TEST_VIRTUAL(a_long_chain_of_tasks_that_await_each_other_can_be_cancelled)
{
	static simul_task *t[CHAIN];

	t[0] = simul_go(nap, .seconds = 100);
	for (int i = 1; i < CHAIN; i++)
		t[i] = simul_create_task(awaits_previous, &t[i]);
	simul_sleep(1);
	simul_cancel(t[CHAIN - 1]);
	CHECK_INT(simul_gather(t, CHAIN, NULL), ==, -ECANCELED);
	CHECK_NEAR(simul_now(), 1, 1e-6);
}
