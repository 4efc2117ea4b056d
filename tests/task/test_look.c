/* SPDX-License-Identifier: MIT
 * tests/task/test_look.c - questions about tasks. */
#include "test.h"

#include <errno.h>

#include <simul.h>

static simul_task *seen[100];

static int naps(void *arg)
{
	(void)arg;
	return simul_sleep(100);
}

static bool is_seen(const simul_task *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i] == t)
			return true;
	return false;
}

TEST(outside_of_a_loop_there_is_nothing_to_see)
{
	CHECK(!simul_current_task());
	CHECK(!simul_current_loop());
	CHECK_INT(simul_all_tasks(seen, 100), ==, 0);
}

static int is_itself(void *arg)
{
	CHECK(simul_current_task() == *(simul_task **)arg);
	simul_sleep(0);
	CHECK(simul_current_task() == *(simul_task **)arg);
	return 0;
}

TEST_VIRTUAL(the_current_task_is_the_one_that_runs)
{
	simul_task *self = simul_current_task(), *t;

	CHECK(self);
	CHECK(!simul_task_parent(self));
	t = simul_create_task(is_itself, &t);
	CHECK(t != self);
	CHECK(simul_task_parent(t) == self);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK(simul_current_task() == self);
}

TEST_VIRTUAL(a_task_can_be_given_a_name)
{
	simul_task *t =
		simul_create_task_with(&(simul_task_options){ 0 }, naps, NULL);

	CHECK_STR(simul_task_name(t), "task");
	simul_task_set_name(t, "sleepy");
	CHECK_STR(simul_task_name(t), "sleepy");
	simul_task_set_name(simul_current_task(), "boss");
	CHECK_STR(simul_task_name(simul_current_task()), "boss");
}

static int has_children_in_scopes(void *arg)
{
	simul_timeout outer, inner;
	simul_group group = { 0 };
	simul_task **t = arg;

	t[0] = simul_create_task(naps, NULL);
	simul_timeout_open(&outer, 50);
	t[1] = simul_create_task(naps, NULL);
	simul_group_create_task(&group, naps, NULL);
	simul_timeout_open(&inner, 40);
	t[2] = simul_create_task(naps, NULL);
	simul_sleep(10);
	simul_timeout_close(&inner, 0);
	simul_group_cancel(&group);
	simul_group_wait(&group);
	return simul_timeout_close(&outer, 0);
}

TEST_VIRTUAL(all_tasks_are_seen_in_whatever_scope_and_parents_first)
{
	simul_task *inside[3], *t[2];
	size_t n, parent = 0;

	t[0] = simul_create_task(has_children_in_scopes, inside);
	t[1] = simul_create_task(naps, NULL);
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, naps, NULL));
	simul_sleep(1);
	n = simul_all_tasks(seen, 100);
	/* Main, two of its own, three and a member inside, the background. */
	CHECK_INT(n, ==, 8);
	CHECK(seen[0] == simul_current_task());
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			CHECK(seen[i] != seen[k]);
	CHECK(is_seen(t[1], n));
	while (seen[parent] != t[0])
		parent++;
	for (int i = 0; i < 3; i++) {
		CHECK(is_seen(inside[i], n));
		CHECK(!is_seen(inside[i], parent));
	}
	/* With less room there are as many, and those that fit are filled. */
	seen[3] = NULL;
	CHECK_INT(simul_all_tasks(seen, 3), ==, 8);
	CHECK(!seen[3]);
	simul_sleep(20);
	CHECK(simul_task_is_done(t[0]));
	CHECK_INT(simul_all_tasks(NULL, 0), ==, 3);
}

TEST_VIRTUAL(the_time_of_the_loop_is_that_of_its_clock)
{
	double start = simul_now();

	CHECK_INT(simul_sleep(5), ==, 0);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
}
