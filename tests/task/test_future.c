/* SPDX-License-Identifier: MIT
 * tests/task/test_future.c - a result that will be there later. */
#include "trail.h"

#include <errno.h>

#include <simul.h>

static int waits(void *arg)
{
	void *value = NULL;
	int r = simul_future_wait(arg, &value);

	if (value)
		mark(*(char *)value);
	return r;
}

static char v[] = "v";

TEST_VIRTUAL(many_may_wait_for_a_future_and_all_get_its_result)
{
	simul_future future = { 0 };
	simul_task *t[3];
	int results[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(waits, &future);
	simul_sleep(1);
	CHECK_INT(simul_future_set(&future, 7, v), ==, 0);
	CHECK_INT(simul_gather(t, 3, results), ==, 0);
	CHECK_INT(results[0], ==, 7);
	CHECK_INT(results[2], ==, 7);
	CHECK_TRAIL("vvv");
}

TEST_VIRTUAL(a_future_that_is_set_already_does_not_suspend)
{
	simul_future future = { 0 };
	simul_task *t;
	void *value;

	simul_future_set(&future, 3, v);
	t = simul_create_task(waits, &future);
	CHECK_INT(simul_future_wait(&future, &value), ==, 3);
	CHECK(value == v);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, 3);
}

TEST_VIRTUAL(a_future_is_set_once)
{
	simul_future future = { 0 };
	void *value;

	CHECK_INT(simul_future_set(&future, 3, v), ==, 0);
	CHECK_INT(simul_future_set(&future, 4, NULL), ==, -EALREADY);
	simul_future_cancel(&future);
	CHECK_INT(simul_future_wait(&future, &value), ==, 3);
	CHECK(value == v);
}

TEST_VIRTUAL(an_error_leaves_the_value_untouched)
{
	simul_future future = { 0 };
	void *value = v;

	simul_future_set(&future, -EIO, NULL);
	CHECK_INT(simul_future_wait(&future, &value), ==, -EIO);
	CHECK(value == v);
	CHECK_INT(simul_future_wait(&future, NULL), ==, -EIO);
}

TEST_VIRTUAL(a_future_can_be_cancelled)
{
	simul_future future = { 0 };
	simul_task *t = simul_create_task(waits, &future);

	simul_sleep(1);
	simul_future_cancel(&future);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(simul_sleep(1), ==, 0); /* only the future was */
}

TEST_VIRTUAL(a_waiter_that_is_cancelled_leaves_the_future_alone)
{
	simul_future future = { 0 };
	simul_task *t[3];
	int results[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(waits, &future);
	simul_sleep(1);
	simul_cancel(t[1]);
	simul_sleep(0);
	simul_future_set(&future, 7, v);
	CHECK_INT(simul_gather(t, 3, results), ==, -ECANCELED);
	CHECK_INT(results[0], ==, 7);
	CHECK_INT(results[1], ==, -ECANCELED);
	CHECK_INT(results[2], ==, 7);
}

TEST_VIRTUAL(waiting_in_a_cancelled_scope_is_refused_even_if_it_is_set)
{
	simul_future future = { 0 };
	int r = 0;

	simul_future_set(&future, 7, NULL);
	SIMUL_WITH_TIMEOUT(0, r)
	r = simul_future_wait(&future, NULL);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_future_wait(&future, NULL), ==, 7);
}

TEST(futures_may_be_set_outside_of_tasks_but_not_waited_for)
{
	simul_future future = { 0 };

	CHECK_INT(simul_future_set(&future, 1, NULL), ==, 0);
	CHECK_INT(simul_future_wait(&future, NULL), ==, -EPERM);
}
