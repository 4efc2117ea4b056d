/* SPDX-License-Identifier: MIT
 * tests/sync/test_event.c - see simul/sync.h. */
#include <errno.h>

#include <simul/gather.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

static int await_event(void *arg)
{
	return simul_event_wait(arg);
}

TEST_VIRTUAL(an_event_that_is_set_lets_everybody_through)
{
	simul_event event = { 0 };

	simul_event_set(&event);
	CHECK_INT(simul_event_wait(&event), ==, 0);
	CHECK_INT(simul_event_wait(&event), ==, 0);
	simul_event_clear(&event);
	CHECK(!event.is_set);
}

TEST_VIRTUAL(setting_an_event_wakes_all_that_wait)
{
	simul_event event = { 0 };
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(await_event, &event);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t[0]));
	simul_event_set(&event);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
}

TEST_VIRTUAL(clearing_an_event_does_not_call_back_who_was_woken)
{
	simul_event event = { 0 };
	simul_task *t = simul_create_task(await_event, &event);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_event_set(&event);
	simul_event_clear(&event);
	CHECK_INT(simul_await(t), ==, 0);
	t = simul_create_task(await_event, &event);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	simul_event_set(&event);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(an_event_does_not_let_a_cancelled_task_through_even_if_it_is_set)
{
	simul_event event = { .is_set = true };
	simul_task *t = simul_create_task(await_event, &event);

	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
}

TEST_VIRTUAL(a_cancellation_before_the_event_is_set_ends_the_wait)
{
	simul_event event = { 0 };
	simul_task *t = simul_create_task(await_event, &event);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_cancel(t);
	simul_event_set(&event);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK(!event.waiters.first);
}

TEST_VIRTUAL(a_cancellation_after_the_event_was_set_comes_too_late)
{
	simul_event event = { 0 };
	simul_task *t = simul_create_task(await_event, &event);

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_event_set(&event);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST(an_event_can_be_set_anywhere_but_waited_for_only_in_a_task)
{
	simul_event event = { 0 };

	simul_event_set(&event);
	CHECK_INT(simul_event_wait(&event), ==, -EPERM);
}

/* ---- Cancelled anywhere */

struct rounds {
	simul_event ready[3];
	int waiting;
};

static int go_through(void *arg)
{
	struct rounds *s = arg;
	int r = 0;

	s->waiting++;
	for (int i = 0; i < 3 && r >= 0; i++)
		r = simul_event_wait(&s->ready[i]);
	s->waiting--;
	return r;
}

static int open_one_by_one(void *arg)
{
	struct rounds *s = arg;
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(go_through, s);
	for (int i = 0; i < 3; i++) {
		simul_sleep(i);
		simul_event_set(&s->ready[i]);
	}
	return simul_gather(t, 3, NULL);
}

static void check_nobody_waits(void *arg, int result)
{
	struct rounds *s = arg;

	(void)result;
	CHECK_INT(s->waiting, ==, 0);
	for (int i = 0; i < 3; i++)
		CHECK(!s->ready[i].waiters.first);
}

TEST(nobody_is_left_waiting_for_an_event_wherever_a_task_is_cancelled)
{
	sweep_cancellations(open_one_by_one, sizeof(struct rounds),
			    check_nobody_waits);
}
