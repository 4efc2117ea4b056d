/* SPDX-License-Identifier: MIT
 * tests/task/test_eager.c - tasks that start before create returns. */
#include "trail.h"

#include <errno.h>

#include <simul.h>

static char a[] = "a", b[] = "b", yes[] = "yes";

static const simul_task_options eagerly = { .eager = true };

static simul_task *start(simul_fn *fn, void *arg)
{
	return simul_create_task_with(&eagerly, fn, arg);
}

/* Marks its letter, takes a turn, and marks it in capitals. */
static int twice(void *arg)
{
	const char *letter = arg;

	mark(*letter);
	CHECK_INT(simul_sleep(0), ==, 0);
	mark((char)(*letter - 'a' + 'A'));
	return *letter;
}

static int once(void *arg)
{
	mark(*(const char *)arg);
	return 7;
}

TEST_VIRTUAL(an_eager_task_runs_until_it_first_suspends)
{
	simul_task *t = start(twice, a);

	mark('m');
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, 'a');
	CHECK_TRAIL("amA");
}

TEST_VIRTUAL(an_eager_task_that_never_suspends_has_ended_when_create_returns)
{
	simul_task *t = start(once, a);

	CHECK_TRAIL("a");
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, 7);
	CHECK_INT(simul_await(t), ==, 7);
}

TEST_VIRTUAL(an_eager_task_overtakes_those_that_are_ready)
{
	simul_task *t[2];

	t[0] = simul_create_task(twice, a);
	t[1] = start(twice, b);
	mark('m');
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	CHECK_TRAIL("bmaBA");
}

/* ---- Inside each other */

static int starts_another(void *arg)
{
	simul_task *t;

	mark('(');
	t = start(arg, b);
	mark(')');
	CHECK_INT(simul_await(t), >=, 0);
	mark('.');
	return 0;
}

TEST_VIRTUAL(an_eager_task_may_start_another_eagerly)
{
	simul_task *t = start(starts_another, twice);

	mark('m');
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("(b)mB.");
}

TEST_VIRTUAL(an_eager_task_may_start_one_that_ends_at_once)
{
	simul_task *t = start(starts_another, once);

	mark('m');
	CHECK_TRAIL("(b).m");
	CHECK_INT(simul_await(t), ==, 0);
}

static int goes_deeper(void *arg)
{
	int depth = *(const int *)arg - 1;
	simul_task *t;

	if (depth == 0)
		return simul_sleep(1);
	t = start(goes_deeper, &depth);
	mark('x');
	return simul_await(t);
}

TEST_VIRTUAL(eager_tasks_may_be_nested_deeply)
{
	int depth = 50;
	simul_task *t = start(goes_deeper, &depth);

	mark('m');
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(trail_length, ==, 50);
	CHECK_INT(trail[49], ==, 'm');
}

static int yields_two(void *arg)
{
	static int one = 1, two = 2;

	mark('1');
	if (simul_yield_value(&one) < 0)
		return -1;
	mark('2');
	if (arg)
		CHECK_INT(simul_sleep(1), ==, 0);
	return simul_yield_value(&two);
}

static int consumes(void *arg)
{
	simul_generator *g = simul_generator_new(&(simul_task_options){ 0 },
						 yields_two, arg);
	void *v;

	while (simul_next(g, &v) > 0)
		mark('v');
	simul_generator_close(g);
	mark('e');
	CHECK_INT(simul_sleep(0), ==, 0);
	mark('E');
	return 0;
}

TEST_VIRTUAL(an_eager_task_may_use_a_generator)
{
	simul_task *t = start(consumes, NULL);

	mark('m');
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("1v2vemE");
}

TEST_VIRTUAL(an_eager_task_suspends_when_its_generator_does)
{
	simul_task *t = start(consumes, yes);

	mark('m');
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("1v2mveE");
}

static int generates_eagerly(void *arg)
{
	simul_task *t;

	(void)arg;
	mark('g');
	t = start(twice, a);
	mark('h');
	CHECK_INT(simul_yield_value(NULL), ==, 0);
	return simul_await(t);
}

TEST_VIRTUAL(a_generator_may_start_a_task_eagerly)
{
	simul_generator *g = simul_generator_new(&(simul_task_options){ 0 },
						 generates_eagerly, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	mark('m');
	CHECK_TRAIL("gahm");
	CHECK_INT(simul_next(g, &v), ==, 0);
	CHECK_TRAIL("A");
	CHECK_INT(simul_generator_close(g), ==, 'a');
}

/* ---- The rest */

static int cancels_its_parent(void *arg)
{
	simul_cancel(arg);
	return 0;
}

TEST_VIRTUAL(an_eager_task_may_cancel_its_parent)
{
	start(cancels_its_parent, simul_current_task());
	CHECK_INT(simul_sleep(1), ==, -ECANCELED);
}

static int is_told(void *arg)
{
	(void)arg;
	mark('a');
	CHECK_INT(simul_sleep(1), ==, -ECANCELED);
	return 1;
}

TEST_VIRTUAL(an_eager_task_in_a_cancelled_scope_is_told_when_it_would_suspend)
{
	simul_task *t;

	simul_cancel(simul_current_task());
	t = start(is_told, NULL);
	CHECK_TRAIL("a");
	CHECK_INT(simul_task_result(t), ==, 1);
}

static int runs_long(void *arg)
{
	(void)arg;
	mark('l');
	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	mark('L');
	return 0;
}

static int starts_in_background(void *arg)
{
	(void)arg;
	simul_create_task_with(
		&(simul_task_options){ .eager = true, .background = true },
		runs_long, NULL);
	mark('m');
	return 3;
}

static const simul_task_options eagerly_behind = { .eager = true,
						   .background = true };

/* Their stacks would be those of the next tasks. */
TEST_VIRTUAL(an_eager_background_task_that_never_suspends_can_be_looked_at)
{
	simul_task *t = simul_create_task_with(&eagerly_behind, once, a);
	simul_task *next = simul_create_task(twice, b);

	CHECK_TRAIL("a");
	CHECK(t != next);
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, 7);
	CHECK_INT(simul_await(next), ==, 'b');
}

/* Each is gone when its creator has suspended, and its stack is used again. */
TEST_VIRTUAL(eager_background_tasks_that_never_suspend_leave_nothing_behind)
{
	simul_task *first = simul_create_task_with(&eagerly_behind, once, a);

	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_all_tasks(NULL, 0), ==, 1);
	CHECK(simul_create_task_with(&eagerly_behind, once, a) == first);
	CHECK(simul_create_task_with(&eagerly_behind, once, a) != first);
}

TEST(an_eager_background_task_is_cancelled_when_the_run_ends)
{
	CHECK_INT(run_virtual(starts_in_background, NULL), ==, 3);
	CHECK_TRAIL("lmL");
}
