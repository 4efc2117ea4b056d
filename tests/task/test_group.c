/* SPDX-License-Identifier: MIT
 * tests/task/test_group.c - tasks that succeed or fail together. */
#include "dies.h"
#include "trail.h"

#include <errno.h>

#include <simul.h>

#include "sanitized.h"

struct nap {
	double seconds;
	int result;
	char letter;
};

static int nap(void *arg)
{
	const struct nap *my = arg;
	int r = simul_sleep(my->seconds);

	if (my->letter)
		mark(r < 0 ? 'x' : my->letter);
	return r < 0 ? r : my->result;
}

TEST_VIRTUAL(a_group_waits_for_all_its_members)
{
	double start = simul_now();
	simul_group group = { 0 };

	CHECK_INT(simul_group_go(&group, nap, .seconds = 1, .letter = 'a'), ==,
		  0);
	CHECK_INT(simul_group_go(&group, nap, .seconds = 3, .letter = 'b'), ==,
		  0);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("ab");
	CHECK_NEAR(simul_now() - start, 3, 1e-6);
	CHECK_INT(simul_all_tasks(NULL, 0), ==, 1);
}

TEST_VIRTUAL(a_group_without_members_is_over_at_once)
{
	simul_group group = { 0 };

	CHECK_INT(simul_group_wait(&group), ==, 0);
	simul_group_cancel(&group);
	simul_group_done(&group);
}

TEST_VIRTUAL(the_first_failure_cancels_the_others)
{
	double start = simul_now();
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 1, .letter = 'a');
	simul_group_go(&group, nap, .seconds = 2, .result = -EIO,
		       .letter = 'f');
	simul_group_go(&group, nap, .seconds = 9, .letter = 'b');
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	CHECK_TRAIL("afx");
	CHECK_NEAR(simul_now() - start, 2, 1e-6);
	simul_group_done(&group);
}

TEST_VIRTUAL(the_first_failure_cancels_what_the_owner_does)
{
	double start = simul_now();
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 2, .result = -EIO);
	CHECK_INT(simul_sleep(9), ==, -ECANCELED);
	CHECK_INT(simul_sleep(9), ==, -ECANCELED);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	CHECK_NEAR(simul_now() - start, 2, 1e-6);
	simul_group_done(&group);
	CHECK_INT(simul_sleep(1), ==, 0);
}

/* ---- Failures */

static int fails_when_cancelled(void *arg)
{
	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	return *(int *)arg;
}

TEST_VIRTUAL(all_failures_can_be_looked_at_in_order)
{
	int broken = -EPIPE;
	const simul_failure *failures;
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 2, .result = -EIO);
	CHECK_INT(simul_group_create_task_with(
			  &group, &(simul_task_options){ .name = "second" },
			  fails_when_cancelled, &broken),
		  ==, 0);
	simul_group_go(&group, nap, .seconds = 50);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	CHECK_INT(simul_group_failures(&group, &failures), ==, 2);
	CHECK_INT(failures[0].error, ==, -EIO);
	CHECK_INT(failures[0].index, ==, 0);
	CHECK_STR(failures[0].name, "nap");
	CHECK(!failures[0].arg);
	CHECK_INT(failures[1].error, ==, -EPIPE);
	CHECK_INT(failures[1].index, ==, 1);
	CHECK_STR(failures[1].name, "second");
	CHECK(failures[1].arg == &broken);
	simul_group_done(&group);
	CHECK_INT(simul_group_failures(&group, &failures), ==, 0);
}

/* The name was lent for as long as the task was there. */
TEST_VIRTUAL(a_failure_is_told_by_the_name_that_the_member_had)
{
	simul_group group = { 0 };
	const simul_failure *failures;
	char name[16] = "number twelve";
	struct nap failing = { .result = -EIO };

	simul_group_create_task_with(
		&group, &(simul_task_options){ .name = name }, nap, &failing);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	strcpy(name, "of another");
	CHECK_INT(simul_group_failures(&group, &failures), ==, 1);
	CHECK_STR(failures[0].name, "number twelve");
	simul_group_done(&group);
}

TEST_VIRTUAL(many_failures_are_all_kept)
{
	const simul_failure *failures;
	simul_group group = { 0 };

	for (int i = 1; i <= 100; i++)
		simul_group_go(&group, nap, .seconds = 1, .result = -i);
	CHECK_INT(simul_group_wait(&group), ==, -1);
	CHECK_INT(simul_group_failures(&group, &failures), ==, 100);
	for (int i = 1; i <= 100; i++)
		CHECK_INT(failures[i - 1].error, ==, -i);
	simul_group_done(&group);
}

TEST_VIRTUAL(a_member_that_ends_cancelled_has_not_failed)
{
	const simul_failure *failures;
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 1, .result = -ECANCELED);
	simul_group_go(&group, nap, .seconds = 2, .letter = 'b');
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("b");
	CHECK_INT(simul_group_failures(&group, &failures), ==, 0);
}

TEST_VIRTUAL(a_group_may_be_used_again)
{
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 1);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	simul_group_go(&group, nap, .seconds = 1, .result = -EIO);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	simul_group_done(&group);
	simul_group_go(&group, nap, .seconds = 1);
	CHECK_INT(simul_group_wait(&group), ==, 0);
}

/* ---- Growing */

struct crawl {
	simul_group *group;
	int depth;
	int *visited;
};

static int crawl(void *arg)
{
	const struct crawl *my = arg;

	++*my->visited;
	simul_sleep(1);
	for (int i = 0; i < 3 && my->depth > 0; i++)
		CHECK_INT(simul_group_go(my->group, crawl, my->group,
					 my->depth - 1, my->visited),
			  ==, 0);
	return 0;
}

TEST_VIRTUAL(members_may_add_members_while_the_owner_waits)
{
	simul_group group = { 0 };
	int visited = 0;

	simul_group_go(&group, crawl, &group, 4, &visited);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_INT(visited, ==, 1 + 3 + 9 + 27 + 81);
}

static int adds_late(void *arg)
{
	simul_group *group = arg;

	simul_sleep(1);
	CHECK_INT(simul_group_go(group, nap, .seconds = 5, .letter = 'l'), ==,
		  0);
	return 0;
}

/* The last member has ended and the owner was woken, but has not run. */
TEST_VIRTUAL(a_member_that_comes_after_the_last_one_ended_is_waited_for)
{
	simul_group group = { 0 };
	simul_task *t;

	simul_group_go(&group, nap, .seconds = 1, .letter = 'a');
	simul_sleep(0);
	t = simul_create_task_with(&(simul_task_options){ .background = true },
				   adds_late, &group);
	CHECK(t);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("al");
}

static int tries_to_add(void *arg)
{
	simul_group *group = arg;

	CHECK_INT(simul_sleep(100), ==, -ECANCELED);
	CHECK_INT(simul_group_go(group, nap, .letter = '?'), ==, -ECANCELED);
	mark('t');
	return 0;
}

TEST_VIRTUAL(no_member_may_be_added_once_one_has_failed)
{
	simul_group group = { 0 };

	simul_group_create_task(&group, tries_to_add, &group);
	simul_group_go(&group, nap, .seconds = 1, .result = -EIO);
	CHECK_INT(simul_sleep(5), ==, -ECANCELED);
	CHECK_INT(simul_group_go(&group, nap, .letter = '?'), ==, -ECANCELED);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	CHECK_TRAIL("t");
	simul_group_done(&group);
}

/* ---- Cancelling */

TEST_VIRTUAL(a_group_can_be_cancelled_without_that_being_an_error)
{
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 9, .letter = 'a');
	simul_group_create_task(&group, tries_to_add, &group);
	simul_sleep(1);
	simul_group_cancel(&group);
	CHECK_INT(simul_sleep(1), ==, -ECANCELED);
	CHECK_INT(simul_group_go(&group, nap, .letter = '?'), ==, -ECANCELED);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("xt");
	CHECK_INT(simul_sleep(1), ==, 0);
}

TEST_VIRTUAL(what_fails_after_a_cancel_is_a_failure)
{
	int broken = -EPIPE;
	simul_group group = { 0 };

	simul_group_create_task(&group, fails_when_cancelled, &broken);
	simul_sleep(1);
	simul_group_cancel(&group);
	CHECK_INT(simul_group_wait(&group), ==, -EPIPE);
	simul_group_done(&group);
}

static int owns_a_group(void *arg)
{
	simul_group group = { 0 };
	int r;

	simul_group_go(&group, nap, .seconds = 9, .letter = 'a');
	simul_group_go(&group, nap, .seconds = 9, .letter = 'b');
	r = simul_group_wait(&group);
	mark('w');
	(void)arg;
	return r;
}

TEST_VIRTUAL(cancelling_the_owner_cancels_the_members_and_waits_for_them)
{
	simul_task *t = simul_create_task(owns_a_group, NULL);

	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("xxw");
}

TEST_VIRTUAL(a_deadline_around_a_group_cancels_it)
{
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	r = owns_a_group(NULL);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_TRAIL("xxw");
}

TEST_VIRTUAL(a_failure_before_the_cancel_is_what_is_returned)
{
	simul_group group = { 0 };
	int broken = -EPIPE, r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	{
		simul_group_create_task(&group, fails_when_cancelled, &broken);
		simul_group_go(&group, nap, .seconds = 5, .result = -EIO);
		simul_sleep(0);
		r = simul_group_wait(&group);
	}
	CHECK(r == -EPIPE || r == -EIO);
	simul_group_done(&group);
}

static int cancels(void *arg)
{
	simul_cancel(arg);
	return 0;
}

static int owns_a_short_group(void *arg)
{
	simul_group group = { 0 };
	int r;

	simul_group_go(&group, nap, .seconds = 1, .letter = 'a');
	r = simul_group_wait(&group);
	mark(r == 0 ? 'd' : '?');
	r = simul_sleep(1);
	mark(r == -ECANCELED ? 'c' : '?');
	(void)arg;
	return 0;
}

TEST_VIRTUAL(a_cancel_after_the_last_member_ended_does_not_undo_success)
{
	simul_task *t = simul_create_task(owns_a_short_group, NULL);

	simul_sleep(0);
	simul_sleep(0); /* the member sleeps */
	simul_sleep(1); /* it has ended just now, in this turn */
	CHECK_TRAIL("a");
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("dc");
}

static int owns_a_group_that_has_ended(void *arg)
{
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 1);
	simul_sleep(5);
	mark(simul_group_wait(&group) == -ECANCELED ? 'c' : '?');
	(void)arg;
	return 0;
}

TEST_VIRTUAL(who_is_cancelled_before_it_waits_is_told)
{
	simul_task *t = simul_create_task(owns_a_group_that_has_ended, NULL);

	simul_sleep(3);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("c");
}

/* ---- Owners */

static int waits_for_anothers(void *arg)
{
	return simul_group_wait(arg);
}

TEST_VIRTUAL(only_the_owner_may_wait)
{
	simul_group group = { 0 };

	simul_group_go(&group, nap, .seconds = 1);
	CHECK_INT(simul_await(simul_create_task(waits_for_anothers, &group)),
		  ==, -EPERM);
	CHECK_INT(simul_group_wait(&group), ==, 0);
}

static int nested(void *arg)
{
	simul_group inner = { 0 };

	simul_group_go(&inner, nap, .seconds = 1, .result = *(int *)arg);
	simul_group_go(&inner, nap, .seconds = 9, .letter = 'i');
	simul_group_wait(&inner);
	simul_group_done(&inner);
	return 0;
}

TEST_VIRTUAL(groups_nest_and_only_the_inner_one_is_aborted)
{
	simul_group outer = { 0 };
	int broken = -EIO;

	simul_group_go(&outer, nap, .seconds = 3, .letter = 'o');
	CHECK_INT(nested(&broken), ==, 0);
	CHECK_TRAIL("x");
	simul_group_create_task(&outer, nested, &broken);
	CHECK_INT(simul_group_wait(&outer), ==, 0);
	CHECK_TRAIL("xo");
}

static int forgets_to_wait(void *arg)
{
	static simul_group group;

	(void)arg;
	return simul_group_go(&group, nap, .seconds = 1);
}

static void run_forgets_to_wait(void)
{
	run_virtual(forgets_to_wait, NULL);
}

TEST(a_group_that_nobody_waited_for_ends_the_program_with_a_word)
{
	CHECK_DIES(run_forgets_to_wait, "returned with a scope open");
}

TEST(groups_are_for_tasks)
{
	simul_group group = { 0 };

	CHECK_INT(simul_group_create_task(&group, cancels, NULL), ==, -EPERM);
	CHECK_INT(simul_group_wait(&group), ==, 0);
}

/* ---- Long lives */

static size_t resident_pages(void)
{
	size_t size, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	CHECK_INT(fscanf(file, "%zu %zu", &size, &resident), ==, 2);
	fclose(file);
	return resident;
}

static void serve(simul_group *group, int n)
{
	for (int i = 0; i < n; i++) {
		CHECK_INT(simul_group_go(group, nap, .seconds = 0.5), ==, 0);
		simul_sleep(0.01);
	}
}

TEST_VIRTUAL(a_group_does_not_grow_with_the_members_that_it_has_had)
{
	simul_group group = { 0 };
	size_t before;

	if (IS_SANITIZED)
		SKIP("sanitizers take memory of their own");
	serve(&group, 500);
	before = resident_pages();
	serve(&group, 20000);
	CHECK_INT(simul_all_tasks(NULL, 0), <, 100);
	CHECK_INT(resident_pages() - before, <, 200);
	CHECK_INT(simul_group_wait(&group), ==, 0);
}
