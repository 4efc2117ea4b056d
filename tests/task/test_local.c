/* SPDX-License-Identifier: MIT
 * tests/task/test_local.c - values that belong to a task and that its children
 * inherit. */
#include "test.h"

#include <errno.h>

#include <simul.h>

#include "base/alloc.h"

static simul_local x, y = { .initial = (void *)5 };

static intptr_t get(const simul_local *local)
{
	return (intptr_t)simul_local_get(local);
}

static void set(const simul_local *local, intptr_t value)
{
	CHECK_INT(simul_local_set(local, (void *)value), ==, 0);
}

TEST_VIRTUAL(a_variable_has_its_initial_value_until_it_is_set)
{
	CHECK_INT(get(&x), ==, 0);
	CHECK_INT(get(&y), ==, 5);
	set(&y, 6);
	CHECK_INT(get(&y), ==, 6);
	CHECK_INT(get(&x), ==, 0);
	set(&y, 0);
	CHECK_INT(get(&y), ==, 0);
}

static int inherits(void *arg)
{
	CHECK_INT(get(&x), ==, 1);
	set(&x, 2);
	CHECK_INT(get(&x), ==, 2);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(get(&x), ==, 2);
	return (int)get(arg);
}

TEST_VIRTUAL(a_child_inherits_what_its_creator_had_at_that_moment)
{
	simul_task *t;

	set(&x, 1);
	set(&y, 1);
	t = simul_create_task(inherits, &y);
	set(&x, 3);
	set(&y, 3);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(get(&x), ==, 3);
}

static int chain(void *arg)
{
	intptr_t depth = (intptr_t)arg;

	CHECK_INT(get(&x), ==, depth + 1);
	CHECK_INT(get(&y), ==, 77);
	set(&x, depth);
	if (depth > 0)
		CHECK_INT(simul_await(simul_create_task(chain,
							(void *)(depth - 1))),
			  ==, 0);
	CHECK_INT(get(&x), ==, depth);
	return 0;
}

TEST_VIRTUAL(each_level_has_its_own)
{
	set(&y, 77);
	set(&x, 101);
	CHECK_INT(simul_await(simul_create_task(chain, (void *)100)), ==, 0);
	CHECK_INT(get(&x), ==, 101);
}

static int sets_again_and_again(void *arg)
{
	long before = smi_alloc_probe->live;

	(void)arg;
	for (intptr_t i = 0; i < 1000; i++)
		set(i % 2 ? &x : &y, i);
	/* One list of its own at most. */
	CHECK_INT(smi_alloc_probe->live - before, <=, 12);
	CHECK_INT(get(&x), ==, 999);
	CHECK_INT(get(&y), ==, 998);
	return 0;
}

TEST_VIRTUAL(a_variable_that_is_set_again_does_not_take_more_memory)
{
	static simul_local other[10];

	for (int i = 0; i < 10; i++)
		set(&other[i], i);
	set(&x, 1);
	set(&y, 1);
	CHECK_INT(simul_await(simul_create_task(sets_again_and_again, NULL)),
		  ==, 0);
	CHECK_INT(get(&x), ==, 1);
	for (int i = 0; i < 10; i++)
		CHECK_INT(get(&other[i]), ==, i);
}

static int gets(void *arg)
{
	return (int)get(arg);
}

TEST_VIRTUAL(members_background_tasks_and_generators_inherit_too)
{
	simul_generator *g;
	void *value;

	set(&x, 9);
	g = simul_generator_new(&(simul_task_options){ 0 }, gets, &x);
	CHECK_INT(
		simul_await(simul_create_task_with(
			&(simul_task_options){ .background = true }, gets, &x)),
		==, 9);
	set(&x, 8);
	CHECK_INT(simul_next(g, &value), ==, 0);
	CHECK_INT(simul_generator_close(g), ==, 9);
}

TEST(outside_of_tasks_there_is_only_the_initial_value)
{
	CHECK_INT(get(&y), ==, 5);
	CHECK_INT(simul_local_set(&y, NULL), ==, -EPERM);
}

static int sees_what_is_deferred(void *arg)
{
	(void)arg;
	set(&x, 4);
	return 0;
}

static void checks(void *arg)
{
	(void)arg;
	CHECK_INT(get(&x), ==, 12);
}

static int defers(void *arg)
{
	set(&x, 12);
	simul_defer(checks, arg);
	return simul_await(simul_create_task(sees_what_is_deferred, NULL));
}

TEST_VIRTUAL(deferred_functions_see_the_values_of_their_task)
{
	CHECK_INT(simul_await(simul_create_task(defers, NULL)), ==, 0);
}
