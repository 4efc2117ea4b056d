/* SPDX-License-Identifier: MIT
 * tests/parity/test_combining.c - what asyncio promises of tasks together; see
 * docs/parity.md. */
#include "../task/trail.h"

#include <errno.h>

#include <simul.h>

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

/* ---- Wait */

TEST_VIRTUAL(wait_with_a_time_limit_cancels_nothing_whatever_it_waits_for)
{
	static const enum simul_when when[] = { SIMUL_FIRST_COMPLETED,
						SIMUL_FIRST_ERROR,
						SIMUL_ALL_COMPLETED };
	simul_task *t[2] = { simul_go(nap, .seconds = 9, .letter = 'a'),
			     simul_go(nap, .seconds = 9, .letter = 'b') };

	for (int i = 0; i < 3; i++) {
		int r = 0;

		SIMUL_WITH_TIMEOUT(1, r)
		r = simul_wait(t, 2, when[i]);
		CHECK_INT(r, ==, -ETIMEDOUT);
	}
	CHECK_INT(simul_wait(t, 2, SIMUL_ALL_COMPLETED), ==, 2);
	CHECK_TRAIL("ab");
}

TEST_VIRTUAL(wait_for_the_first_error_passes_over_cancelled_tasks)
{
	simul_task *t[3] = { simul_go(nap, .seconds = 9),
			     simul_go(nap, .seconds = 2, .result = -EIO),
			     simul_go(nap, .seconds = 3) };

	simul_cancel(t[0]);
	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_ERROR), ==, 2);
	CHECK_INT(simul_task_result(t[0]), ==, -ECANCELED);
	CHECK_INT(simul_task_result(t[1]), ==, -EIO);
	CHECK(!simul_task_is_done(t[2]));
	CHECK_INT(simul_gather(t, 3, NULL), ==, -ECANCELED);
}

/* ---- As completed */

TEST_VIRTUAL(as_completed_tells_of_each_once_also_of_those_of_one_turn)
{
	enum { N = 20 };
	simul_task *t[N];
	simul_completed done = { .tasks = t, .count = N };
	bool seen[N] = { false };
	double last = 0;
	size_t i, n = 0;

	/* Five at a time, the last of them first. */
	for (int k = 0; k < N; k++) {
		int five = k / 5;

		t[k] = simul_go(nap, .seconds = 4 - five, .result = k);
	}
	while (simul_next_completed(&done, &i) > 0) {
		CHECK(i < N);
		CHECK(!seen[i]);
		seen[i] = true;
		CHECK_INT(simul_task_result(t[i]), ==, i);
		CHECK(simul_now() >= last);
		CHECK_INT(i / 5, ==, 3 - n++ / 5);
		last = simul_now();
	}
	CHECK_INT(n, ==, N);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, N, NULL), ==, 0);
}

/* ---- Shield */

static int shielded_nap(void *arg)
{
	return simul_shield(nap, arg);
}

static int shields_and_then_naps(void *arg)
{
	CHECK_INT(shielded_nap(arg), ==, 7);
	return simul_sleep(1);
}

TEST_VIRTUAL(a_deadline_at_a_shield_is_told_when_the_inner_call_has_ended)
{
	struct nap nine = { 9, 7, 'i' };
	double start = simul_now();

	CHECK_INT(simul_wait_for(5, shields_and_then_naps, &nine), ==,
		  -ETIMEDOUT);
	CHECK_TRAIL("i");
	CHECK_NEAR(simul_now() - start, 9, 1e-6);
}

/* ---- Group */

TEST_VIRTUAL(failures_of_one_turn_are_all_available)
{
	static const int expected[] = { -EIO, -EPIPE, -ENOENT };
	const simul_failure *failures;
	simul_group group = { 0 };
	size_t n;

	simul_group_go(&group, nap, .seconds = 1, .result = -EIO);
	simul_group_go(&group, nap, .seconds = 1, .result = -EPIPE);
	simul_group_go(&group, nap, .seconds = 9);
	simul_group_go(&group, nap, .seconds = 1, .result = -ENOENT);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	n = simul_group_failures(&group, &failures);
	CHECK_INT(n, ==, 3);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(failures[i].error, ==, expected[i]);
		CHECK_STR(failures[i].name, "nap");
	}
	simul_group_done(&group);
}

static int waits_in_a_group(void *arg)
{
	simul_group *group = arg;
	int r = simul_group_go(group, nap, .seconds = 9, .letter = 'm');

	mark(r == -ECANCELED ? 'c' : '?');
	return simul_group_wait(group);
}

/* By somebody who could not know that nobody was there yet. */
TEST_VIRTUAL(a_group_that_is_cancelled_before_its_first_member_has_none)
{
	simul_group group = { 0 };
	simul_task *t = simul_create_task(waits_in_a_group, &group);

	simul_group_cancel(&group);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_TRAIL("c");
	/* That is over when it has been waited for. */
	CHECK_INT(simul_group_go(&group, nap, .seconds = 1, .letter = 'm'), ==,
		  0);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("m");
}
