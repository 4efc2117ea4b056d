/* SPDX-License-Identifier: MIT
 * tests/task/test_wait.c - wait for some of several tasks. */
#include "trail.h"

#include <errno.h>

#include <simul.h>

#include "task/wait.h"

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

static void start_three(simul_task **t)
{
	t[0] = simul_go(nap, .seconds = 3, .result = 3);
	t[1] = simul_go(nap, .seconds = 1, .result = 1);
	t[2] = simul_go(nap, .seconds = 2, .result = -EIO);
}

TEST_VIRTUAL(first_completed_returns_when_one_has_ended)
{
	double start = simul_now();
	simul_task *t[3];

	start_three(t);
	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_COMPLETED), ==, 1);
	CHECK_NEAR(simul_now() - start, 1, 1e-6);
	CHECK(simul_task_is_done(t[1]));
	CHECK(!simul_task_is_done(t[0]) && !simul_task_is_done(t[2]));
	/* It has ended still. */
	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_COMPLETED), ==, 1);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(first_error_returns_when_one_has_failed)
{
	double start = simul_now();
	simul_task *t[3];

	start_three(t);
	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_ERROR), ==, 2);
	CHECK_NEAR(simul_now() - start, 2, 1e-6);
	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_ERROR), ==, 2);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(first_error_without_an_error_waits_for_all)
{
	simul_task *t[2] = { simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 2) };

	CHECK_INT(simul_wait(t, 2, SIMUL_FIRST_ERROR), ==, 2);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
}

TEST_VIRTUAL(all_completed_waits_for_all_also_after_an_error)
{
	double start = simul_now();
	simul_task *t[3];

	start_three(t);
	CHECK_INT(simul_wait(t, 3, SIMUL_ALL_COMPLETED), ==, 3);
	CHECK_NEAR(simul_now() - start, 3, 1e-6);
	CHECK_INT(simul_task_result(t[2]), ==, -EIO);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(several_that_end_in_the_same_turn_are_all_counted)
{
	simul_task *t[3] = { simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 9) };

	CHECK_INT(simul_wait(t, 3, SIMUL_FIRST_COMPLETED), ==, 2);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
}

TEST_VIRTUAL(waiting_for_nothing_is_over_at_once)
{
	CHECK_INT(simul_wait(NULL, 0, SIMUL_ALL_COMPLETED), ==, 0);
	CHECK_INT(simul_wait(NULL, 0, SIMUL_FIRST_COMPLETED), ==, 0);
	CHECK_INT(simul_wait(NULL, 0, SIMUL_FIRST_ERROR), ==, 0);
}

TEST_VIRTUAL(a_null_handle_has_failed_already)
{
	simul_task *t[2] = { NULL, simul_go(nap, .seconds = 1) };

	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(simul_task_is_done(t[0]));
	CHECK_INT(simul_wait(t, 2, SIMUL_FIRST_ERROR), ==, 1);
	CHECK_INT(simul_wait(t, 2, SIMUL_ALL_COMPLETED), ==, 2);
	CHECK_INT(simul_await(t[1]), ==, 0);
}

TEST_VIRTUAL(a_deadline_cancels_the_wait_and_no_task)
{
	simul_task *t[2] = { simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 9, .result = 9) };
	int r = 0;

	SIMUL_WITH_TIMEOUT(5, r)
	r = simul_wait(t, 2, SIMUL_ALL_COMPLETED);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK(simul_task_is_done(t[0]));
	CHECK(!simul_task_is_done(t[1]));
	CHECK_INT(simul_await(t[1]), ==, 9);
	CHECK_INT(simul_await(t[0]), ==, 0);
}

TEST_VIRTUAL(who_is_cancelled_already_does_not_wait)
{
	simul_task *t[1] = { simul_go(nap, .seconds = 1) };
	int r = 0;

	SIMUL_WITH_TIMEOUT(0, r)
	r = simul_wait(t, 1, SIMUL_FIRST_COMPLETED);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_await(t[0]), ==, 0);
}

TEST(only_tasks_can_wait)
{
	simul_completed done = { .count = 1 };
	size_t i;

	CHECK_INT(simul_wait(NULL, 0, SIMUL_ALL_COMPLETED), ==, -EPERM);
	CHECK_INT(simul_gather(NULL, 0, NULL), ==, -EPERM);
	CHECK_INT(simul_next_completed(&done, &i), ==, -EPERM);
}

struct watch {
	simul_task **tasks;
	enum simul_when when;
};

static int watch(void *arg)
{
	const struct watch *my = arg;

	return simul_wait(my->tasks, 2, my->when);
}

TEST_VIRTUAL(others_may_wait_for_tasks_and_several_at_once)
{
	simul_task *t[2] = { simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 2) };
	simul_task *w[2];
	int results[2];

	w[0] = simul_go(watch, t, SIMUL_FIRST_COMPLETED);
	w[1] = simul_go(watch, t, SIMUL_ALL_COMPLETED);
	CHECK_INT(simul_gather(w, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 1);
	CHECK_INT(results[1], ==, 2);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
}

/* The parent takes the tasks away, and their stacks are used again, before the
 * one that waits has looked. */
TEST_VIRTUAL(others_get_the_number_though_the_parent_has_consumed_the_handles)
{
	simul_task *t[2] = { simul_go(nap, .seconds = 1),
			     simul_go(nap, .seconds = 1) };
	simul_task *copies[2] = { t[0], t[1] }, *more[2], *w;

	w = simul_go(watch, copies, SIMUL_ALL_COMPLETED);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	more[0] = simul_go(nap, .seconds = 7);
	more[1] = simul_go(nap, .seconds = 7);
	CHECK_INT(simul_await(w), ==, 2);
	CHECK_INT(simul_gather(more, 2, NULL), ==, 0);
}

/* ---- As completed */

TEST_VIRTUAL(as_completed_tells_which_in_the_order_in_which_they_end)
{
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	double start = simul_now();
	size_t i;

	start_three(t);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(i, ==, 1);
	CHECK_NEAR(simul_now() - start, 1, 1e-6);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(i, ==, 2);
	CHECK_INT(simul_task_result(t[i]), ==, -EIO);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(i, ==, 0);
	CHECK_NEAR(simul_now() - start, 3, 1e-6);
	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(those_that_ended_before_are_told_in_the_order_in_which_they_did)
{
	simul_task *t[4];
	simul_completed done = { .tasks = t, .count = 4 };
	size_t i;

	start_three(t);
	t[3] = NULL;
	simul_sleep(5);
	/* What could not start has failed first. */
	for (size_t k = 0; k < 4; k++) {
		static const size_t order[] = { 3, 1, 2, 0 };

		CHECK_INT(simul_next_completed(&done, &i), ==, 1);
		CHECK_INT(i, ==, order[k]);
	}
	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(tasks_that_end_while_nobody_asks_are_not_forgotten)
{
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	size_t i;

	start_three(t);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	simul_sleep(10);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(i, ==, 2);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(i, ==, 0);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(a_deadline_while_waiting_for_the_next_loses_none)
{
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	int r = 0, n = 0;
	size_t i = 77;

	start_three(t);
	SIMUL_WITH_TIMEOUT(0.5, r)
	r = simul_next_completed(&done, &i);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(i, ==, 77);
	while (simul_next_completed(&done, &i) > 0)
		n++;
	CHECK_INT(n, ==, 3);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

TEST_VIRTUAL(who_has_given_up_is_not_woken_by_a_later_end)
{
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	double start = simul_now();
	int r = 0;
	size_t i;

	start_three(t);
	SIMUL_WITH_TIMEOUT(0.5, r)
	r = simul_next_completed(&done, &i);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_sleep(10), ==, 0);
	CHECK_NEAR(simul_now() - start, 10.5, 1e-6);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

static int asks_next(void *arg)
{
	size_t i;

	return simul_next_completed(arg, &i);
}

TEST_VIRTUAL(a_cancel_after_an_end_in_the_same_turn_loses_nothing)
{
	simul_task *t[1];
	simul_completed done = { .tasks = t, .count = 1 };
	simul_task *w;
	size_t i;
	int r;

	t[0] = simul_go(nap, .seconds = 1, .result = 1);
	w = simul_create_task(asks_next, &done);
	simul_sleep(0); /* both have begun */
	simul_sleep(1); /* it ends just before we are back, in this turn */
	simul_cancel(w);
	r = simul_await(w);
	CHECK_INT(r, ==, 1);
	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	simul_completed_done(&done);
	CHECK_INT(simul_await(t[0]), ==, 1);
}

TEST_VIRTUAL(watching_may_stop_early_and_begin_anew)
{
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	size_t i;
	int n = 0;

	start_three(t);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	simul_completed_done(&done);
	simul_completed_done(&done);
	while (simul_next_completed(&done, &i) > 0)
		n++;
	CHECK_INT(n, ==, 3);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 3, NULL), ==, -EIO);
}

static int asks_for_the_next(void *arg)
{
	size_t i;

	return simul_next_completed(arg, &i);
}

TEST_VIRTUAL(one_task_at_a_time_may_ask_for_the_next)
{
	simul_task *t[2], *asking;
	simul_completed done = { .tasks = t, .count = 2 };
	size_t i;

	t[0] = simul_go(nap, .seconds = 1);
	t[1] = simul_go(nap, .seconds = 2);
	asking = simul_create_task(asks_for_the_next, &done);
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_next_completed(&done, &i), ==, -EBUSY);
	/* Also when there is something to tell: the other one comes first. */
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(simul_task_is_done(t[0]));
	CHECK(!simul_task_is_done(asking));
	CHECK_INT(simul_next_completed(&done, &i), ==, -EBUSY);
	CHECK_INT(simul_await(asking), ==, 1);
	CHECK_INT(simul_next_completed(&done, &i), ==, 1);
	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	simul_completed_done(&done);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
}

TEST_VIRTUAL(watching_nothing_ends_at_once)
{
	simul_completed done = { 0 };
	size_t i;

	CHECK_INT(simul_next_completed(&done, &i), ==, 0);
	simul_completed_done(&done);
}

/* ---- The queue below */

static struct simul_waiters queue;
static int told;

static void count(struct simul_waiter *waiter, int result)
{
	told++;
}

/* Wakes all others, and waits anew: but not for ever, or the test would. */
static void wake_others_and_stay(struct simul_waiter *waiter, int result)
{
	count(waiter, result);
	if (told < 100) {
		smi_wake_all(&queue, result);
		smi_waiters_add(&queue, waiter);
	}
}

TEST(who_waits_anew_is_not_woken_again_though_all_others_were_meanwhile)
{
	struct simul_waiter stays = { .notify = wake_others_and_stay };
	struct simul_waiter goes = { .notify = count };

	smi_waiters_add(&queue, &stays);
	smi_waiters_add(&queue, &goes);
	smi_wake_all(&queue, 0);
	CHECK_INT(told, ==, 2);
	CHECK(queue.first == &stays && queue.last == &stays);
	CHECK(!goes.queue);
	smi_waiters_remove(&stays);
}
