/* SPDX-License-Identifier: MIT
 * tests/sync/test_barrier.c - see simul/sync.h. */
#include <errno.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

static int arrive(void *arg)
{
	return simul_barrier_wait(arg);
}

TEST_VIRTUAL(a_barrier_lets_all_go_when_the_last_has_arrived_and_numbers_them)
{
	simul_barrier barrier = { .parties = 3 };
	simul_task *t[2];
	int results[2];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 2; i++)
			t[i] = simul_create_task(arrive, &barrier);
		CHECK_INT(simul_sleep(1), ==, 0);
		CHECK(!simul_task_is_done(t[0]) && !simul_task_is_done(t[1]));
		CHECK_INT(barrier.arrived, ==, 2);
		CHECK_INT(simul_barrier_wait(&barrier), ==, 2);
		CHECK_INT(barrier.arrived, ==, 0);
		CHECK_INT(simul_gather(t, 2, results), ==, 0);
		CHECK_INT(results[0], ==, 0);
		CHECK_INT(results[1], ==, 1);
	}
}

TEST_VIRTUAL(a_barrier_for_one_is_no_obstacle)
{
	simul_barrier barrier = { .parties = 1 };

	CHECK_INT(simul_barrier_wait(&barrier), ==, 0);
	CHECK_INT(simul_barrier_wait(&barrier), ==, 0);
}

TEST_VIRTUAL(a_barrier_for_nobody_is_invalid)
{
	simul_barrier barrier = { 0 };

	CHECK_INT(simul_barrier_wait(&barrier), ==, -EINVAL);
}

TEST_VIRTUAL(a_broken_barrier_says_so)
{
	simul_barrier barrier = { .parties = 3 };
	simul_task *t = simul_create_task(arrive, &barrier);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_barrier_abort(&barrier);
	CHECK_INT(simul_await(t), ==, -SIMUL_EBROKEN);
	CHECK_INT(simul_barrier_wait(&barrier), ==, -SIMUL_EBROKEN);
	CHECK(barrier.broken);
	simul_barrier_reset(&barrier);
	CHECK(!barrier.broken);
	CHECK_INT(barrier.arrived, ==, 0);
}

TEST_VIRTUAL(resetting_a_barrier_turns_away_who_waits_and_makes_it_whole)
{
	simul_barrier barrier = { .parties = 2 };
	simul_task *t = simul_create_task(arrive, &barrier);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_barrier_reset(&barrier);
	CHECK_INT(simul_await(t), ==, -SIMUL_EBROKEN);
	t = simul_create_task(arrive, &barrier);
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_barrier_wait(&barrier), ==, 1);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(a_barrier_breaks_at_once_when_one_that_waits_is_cancelled)
{
	simul_barrier barrier = { .parties = 3 };
	simul_task *a = simul_create_task(arrive, &barrier);
	simul_task *b = simul_create_task(arrive, &barrier);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_cancel(a);
	/* The same turn: it does not count as arrived any more. */
	CHECK_INT(simul_barrier_wait(&barrier), ==, -SIMUL_EBROKEN);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, -SIMUL_EBROKEN);
	CHECK_INT(barrier.arrived, ==, 0);
}

TEST_VIRTUAL(a_barrier_breaks_when_one_arrives_that_is_cancelled_already)
{
	simul_barrier barrier = { .parties = 2 };
	simul_task *a = simul_create_task(arrive, &barrier), *b;

	CHECK_INT(simul_sleep(0), ==, 0);
	b = simul_create_task(arrive, &barrier);
	simul_cancel(b);
	CHECK_INT(simul_await(b), ==, -ECANCELED);
	CHECK_INT(simul_await(a), ==, -SIMUL_EBROKEN);
}

TEST_VIRTUAL(a_cancellation_after_the_last_has_arrived_breaks_nothing)
{
	simul_barrier barrier = { .parties = 2 };
	simul_task *t = simul_create_task(arrive, &barrier);

	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_barrier_wait(&barrier), ==, 1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK(!barrier.broken);
}

TEST_VIRTUAL(a_deadline_at_a_barrier_breaks_it)
{
	simul_barrier barrier = { .parties = 2 };

	CHECK_INT(simul_wait_for(1, arrive, &barrier), ==, -ETIMEDOUT);
	CHECK(barrier.broken);
}

TEST(nobody_arrives_at_a_barrier_outside_of_a_task)
{
	simul_barrier barrier = { .parties = 1 };

	CHECK_INT(simul_barrier_wait(&barrier), ==, -EPERM);
	CHECK(!barrier.broken);
}

/* ---- Cancelled anywhere */

enum { PARTIES = 3, ROUNDS = 3 };

struct race {
	simul_barrier barrier;
	int reached[PARTIES]; /* rounds */
	int runners;
};

struct run {
	struct race *race;
	int number;
};

/* Between two barriers nobody is more than a round ahead. */
static void check_in_step(const struct race *race, int number)
{
	for (int i = 0; i < PARTIES && !race->barrier.broken; i++)
		CHECK_INT(race->reached[i], >=, race->reached[number] - 1);
}

static int run(void *arg)
{
	const struct run *my = arg;
	int r = 0;

	for (int i = 0; i < ROUNDS && r >= 0; i++) {
		simul_sleep(my->number);
		my->race->reached[my->number]++;
		check_in_step(my->race, my->number);
		r = simul_barrier_wait(&my->race->barrier);
	}
	my->race->runners--;
	return r;
}

static int start_race(void *arg)
{
	struct race *race = arg;
	simul_task *t[PARTIES];

	race->barrier.parties = race->runners = PARTIES;
	for (int i = 0; i < PARTIES; i++)
		t[i] = simul_go(run, race, i);
	return simul_gather(t, PARTIES, NULL);
}

static void check_race_is_over(void *arg, int result)
{
	struct race *race = arg;

	(void)result;
	CHECK_INT(race->runners, ==, 0);
	CHECK_INT(race->barrier.arrived, ==, 0);
	CHECK(!race->barrier.waiters.first);
}

TEST(nobody_is_left_waiting_at_a_barrier_wherever_a_task_is_cancelled)
{
	sweep_cancellations(start_race, sizeof(struct race),
			    check_race_is_over);
}
