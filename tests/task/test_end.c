/* SPDX-License-Identifier: MIT
 * tests/task/test_end.c - the end of a task: children, then deferred functions
 * last first, then its result. */
#include "dies.h"
#include "trail.h"

#include <errno.h>

#include <simul.h>

#include "sanitized.h"

static void marks(void *arg)
{
	mark(*(char *)arg);
}

static char a[] = "a", b[] = "b", c[] = "c";

static int child(void *arg)
{
	int r = simul_sleep(100);

	(void)arg;
	mark(r == -ECANCELED ? 'x' : '?');
	return r;
}

static int parent(void *arg)
{
	(void)arg;
	CHECK(simul_create_task(child, NULL));
	CHECK_INT(simul_defer(marks, a), ==, 0);
	CHECK_INT(simul_defer(marks, b), ==, 0);
	CHECK(simul_create_task(child, NULL));
	CHECK_INT(simul_sleep(1), ==, 0);
	mark('p');
	return 5;
}

TEST_VIRTUAL(children_are_cancelled_and_waited_for_then_come_deferred_functions)
{
	CHECK_INT(simul_await(simul_create_task(parent, NULL)), ==, 5);
	CHECK_TRAIL("pxxba");
}

TEST(the_main_task_ends_like_any_other)
{
	CHECK_INT(run_virtual(parent, NULL), ==, 5);
	CHECK_TRAIL("pxxba");
}

TEST_VIRTUAL(the_result_is_delivered_last)
{
	simul_task *t = simul_create_task(parent, NULL);

	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, -EBUSY);
	CHECK_INT(simul_await(t), ==, 5);
	CHECK_INT(trail_length, ==, 5);
}

/* ---- Children that take their time */

static int nap(void *arg)
{
	return simul_sleep(*(double *)arg);
}

static int cleans_up_slowly(void *arg)
{
	double three = 3;

	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	CHECK_INT(simul_shield(nap, &three), ==, 0);
	*(int *)arg += 1;
	return 0;
}

static int leaves_three(void *arg)
{
	for (int i = 0; i < 3; i++)
		simul_create_task(cleans_up_slowly, arg);
	return simul_sleep(1);
}

TEST_VIRTUAL(a_task_ends_when_the_last_of_its_children_has)
{
	double start = simul_now();
	int n = 0;

	CHECK_INT(simul_await(simul_create_task(leaves_three, &n)), ==, 0);
	CHECK_INT(n, ==, 3);
	CHECK_NEAR(simul_now() - start, 4, 1e-6);
}

static int nest(void *arg)
{
	int depth = *(int *)arg - 1;

	if (depth > 0)
		simul_create_task(nest, &depth);
	simul_sleep(depth > 0 ? 100 : 1000);
	mark((char)('a' + depth));
	return 0;
}

TEST_VIRTUAL(the_innermost_ends_first)
{
	int depth = 4;
	simul_task *t = simul_create_task(nest, &depth);

	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(trail_length, ==, 4);
}

/* ---- Deferred functions */

static void defers_again(void *arg)
{
	mark('1');
	CHECK_INT(simul_defer(marks, arg), ==, 0);
}

static int defers(void *arg)
{
	CHECK_INT(simul_defer(marks, a), ==, 0);
	CHECK_INT(simul_defer(defers_again, c), ==, 0);
	return *(int *)arg;
}

TEST_VIRTUAL(a_deferred_function_may_defer_another_which_comes_next)
{
	int r = -EIO;

	CHECK_INT(simul_await(simul_create_task(defers, &r)), ==, -EIO);
	CHECK_TRAIL("1ca");
}

static void sleeps_shielded(void *arg)
{
	double three = 3;

	CHECK_INT(simul_sleep(3), ==, -ECANCELED);
	CHECK_INT(simul_shield(nap, &three), ==, 0);
	mark(*(char *)arg);
}

static int defers_and_waits(void *arg)
{
	(void)arg;
	simul_defer(sleeps_shielded, a);
	return simul_sleep(100);
}

TEST_VIRTUAL(deferred_functions_may_suspend_behind_a_shield)
{
	double start = simul_now();
	simul_task *t = simul_create_task(defers_and_waits, NULL);

	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("a");
	CHECK_NEAR(simul_now() - start, 4, 1e-6);
}

static void leaves_a_child(void *arg)
{
	(void)arg;
	mark('d');
	CHECK(simul_create_task(child, NULL));
	simul_sleep(0);
}

static int defers_one_that_creates(void *arg)
{
	(void)arg;
	simul_defer(marks, a);
	simul_defer(leaves_a_child, NULL);
	return 0;
}

TEST_VIRTUAL(children_of_deferred_functions_end_before_the_next_of_them)
{
	CHECK_INT(simul_await(simul_create_task(defers_one_that_creates, NULL)),
		  ==, 0);
	CHECK_TRAIL("dxa");
}

static void knows_its_task(void *arg)
{
	CHECK(simul_current_task() == *(simul_task **)arg);
	mark('k');
}

static int defers_who_knows(void *arg)
{
	return simul_defer(knows_its_task, arg);
}

TEST_VIRTUAL(deferred_functions_run_in_their_task)
{
	simul_task *t = NULL;

	t = simul_create_task(defers_who_knows, &t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("k");
}

TEST(only_tasks_can_defer)
{
	CHECK_INT(simul_defer(marks, a), ==, -EPERM);
}

/* ---- Depth */

enum { DEEP = IS_SANITIZED ? 5000 : 100000 };

static int descends(void *arg)
{
	int depth = *(int *)arg - 1;
	simul_task *t = depth ? simul_create_task(descends, &depth) : NULL;

	if (!t)
		return simul_sleep(100);
	return simul_await(t);
}

TEST_VIRTUAL(a_chain_of_a_hundred_thousand_parents_can_be_cancelled)
{
	int depth = DEEP;
	simul_task *t = simul_create_task(descends, &depth);
	double start = simul_now();
	size_t n;

	simul_sleep(1);
	n = simul_all_tasks(NULL, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_NEAR(simul_now() - start, 1, 1e-6);
	/* Where guards are mappings there are some 30,000 stacks. */
	CHECK_INT(n, >, 5000);
	if (n < DEEP)
		SKIP("only %zu stacks are to be had here", n);
	CHECK_INT(n, ==, DEEP + 1);
}

static int descends_and_sleeps(void *arg)
{
	int depth = *(int *)arg - 1;

	if (depth)
		simul_create_task(descends_and_sleeps, &depth);
	return simul_sleep(100);
}

TEST_VIRTUAL(a_deep_chain_of_parents_that_do_not_await_ends_from_within)
{
	int depth = DEEP;
	simul_task *t = simul_create_task(descends_and_sleeps, &depth);

	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(simul_all_tasks(NULL, 0), ==, 1);
}

/* ---- Handles */

TEST_VIRTUAL(questions_about_null_have_an_answer)
{
	CHECK(simul_task_is_done(NULL));
	CHECK_INT(simul_task_result(NULL), ==, -ENOMEM);
	CHECK(!simul_task_parent(NULL));
	CHECK_STR(simul_task_name(NULL), "task");
	simul_task_set_name(NULL, "x");
	simul_cancel(NULL);
}

static int five(void *arg)
{
	(void)arg;
	return 5;
}

TEST_VIRTUAL(the_result_can_be_looked_at_without_consuming_the_handle)
{
	simul_task *t = simul_create_task(five, NULL);

	CHECK_INT(simul_task_result(t), ==, -EBUSY);
	simul_sleep(0);
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, 5);
	CHECK_INT(simul_task_result(t), ==, 5);
	CHECK_INT(simul_await(t), ==, 5);
}

TEST_VIRTUAL(cancelling_one_that_has_ended_changes_nothing)
{
	simul_task *t = simul_create_task(five, NULL);

	simul_sleep(0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 5);
}

static int consumes_twice(void *arg)
{
	simul_task *t = simul_create_task(five, NULL);

	(void)arg;
	simul_await(t);
	return simul_await(t);
}

static void run_consumes_twice(void)
{
	run_virtual(consumes_twice, NULL);
}

TEST(a_handle_that_is_consumed_twice_ends_the_program_with_a_word)
{
	CHECK_DIES(run_consumes_twice, "consumed");
}

/* ---- In the background */

static int background(void *arg)
{
	int r = simul_sleep(2);

	mark(r == 0 ? 'B' : 'x');
	(void)arg;
	return r;
}

static int starts_in_background(void *arg)
{
	simul_task *t = simul_create_task_with(
		&(simul_task_options){ .background = true, .name = "b" },
		background, NULL);

	(void)arg;
	CHECK(t);
	CHECK(!simul_task_parent(t));
	CHECK_STR(simul_task_name(t), "b");
	mark('s');
	return 0;
}

TEST_VIRTUAL(a_background_task_outlives_the_one_that_started_it)
{
	CHECK_INT(simul_await(simul_create_task(starts_in_background, NULL)),
		  ==, 0);
	CHECK_TRAIL("s");
	simul_sleep(3);
	CHECK_TRAIL("B");
}

TEST(a_background_task_is_cancelled_when_the_run_ends)
{
	CHECK_INT(run_virtual(starts_in_background, NULL), ==, 0);
	/* It begins all the same. */
	CHECK_TRAIL("sx");
}

static int runs_a_group_of_deadlines(void *arg)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(1, r)
	{
		CHECK(simul_create_task_with(
			&(simul_task_options){ .background = true }, background,
			NULL));
		r = simul_sleep(5);
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
	(void)arg;
	return simul_sleep(5);
}

TEST(a_background_task_is_in_no_scope_of_its_creator)
{
	CHECK_INT(run_virtual(runs_a_group_of_deadlines, NULL), ==, 0);
	CHECK_TRAIL("B");
}
