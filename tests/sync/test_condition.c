/* SPDX-License-Identifier: MIT
 * tests/sync/test_condition.c - see simul/sync.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

static simul_lock lock;
static simul_condition condition;
static char order[16]; /* who was notified */

struct listen {
	char name;
};

static int listen(void *arg)
{
	const struct listen *my = arg;
	int r = simul_lock_acquire(&lock);

	if (r < 0)
		return r;
	r = simul_condition_wait(&condition, &lock);
	CHECK(lock.owner == simul_current_task());
	if (r >= 0)
		strncat(order, &my->name, 1);
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	return r;
}

static void let_others_run(void)
{
	CHECK_INT(simul_sleep(1), ==, 0);
}

TEST_VIRTUAL(a_notification_wakes_who_waits_longest)
{
	simul_task *t[4];

	for (int i = 0; i < 4; i++)
		t[i] = simul_go(listen, (char)('a' + i));
	let_others_run();
	simul_condition_notify(&condition, 1);
	let_others_run();
	CHECK_STR(order, "a");
	simul_condition_notify(&condition, 2);
	let_others_run();
	CHECK_STR(order, "abc");
	simul_condition_notify(&condition, SIZE_MAX);
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	CHECK_STR(order, "abcd");
}

TEST_VIRTUAL(a_notification_of_all_wakes_all_and_nobody_later)
{
	simul_task *t[3];

	for (int i = 0; i < 2; i++)
		t[i] = simul_go(listen, (char)('a' + i));
	let_others_run();
	simul_condition_notify_all(&condition);
	t[2] = simul_go(listen, 'c');
	let_others_run();
	CHECK_STR(order, "ab");
	simul_condition_notify_all(&condition);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
}

TEST_VIRTUAL(a_notification_that_nobody_waits_for_is_forgotten)
{
	simul_task *t;

	simul_condition_notify(&condition, 1);
	t = simul_go(listen, 'a');
	let_others_run();
	CHECK(!simul_task_is_done(t));
	simul_condition_notify(&condition, 1);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(waiting_for_a_condition_releases_the_lock_meanwhile)
{
	simul_task *t = simul_go(listen, 'a');

	let_others_run();
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	simul_condition_notify(&condition, 1);
	let_others_run();
	CHECK_STR(order, ""); /* it needs the lock */
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(waiting_for_a_condition_takes_the_lock_to_be_held)
{
	simul_task *t;

	CHECK_INT(simul_condition_wait(&condition, &lock), ==, -EPERM);
	CHECK_INT(simul_condition_wait_for(&condition, &lock, NULL, NULL), ==,
		  -EPERM);
	t = simul_go(listen, 'a');
	let_others_run();
	simul_condition_notify(&condition, 1);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST(a_condition_is_not_waited_for_outside_of_a_task)
{
	CHECK_INT(simul_condition_wait(&condition, &lock), ==, -EPERM);
	CHECK_INT(simul_condition_wait_for(&condition, &lock, NULL, NULL), ==,
		  -EPERM);
}

/* ---- Cancelled */

TEST_VIRTUAL(a_condition_takes_its_lock_again_even_when_cancelled)
{
	simul_task *t = simul_go(listen, 'a');

	let_others_run();
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	simul_cancel(t);
	let_others_run();
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	/* listen checks that it has the lock. */
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK(!lock.owner);
}

static int wait_cancelled(void *arg)
{
	(void)arg;
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	simul_cancel(simul_current_task());
	CHECK_INT(simul_condition_wait(&condition, &lock), ==, -ECANCELED);
	CHECK(lock.owner == simul_current_task());
	CHECK_INT(simul_condition_wait_for(&condition, &lock, NULL, NULL), ==,
		  -ECANCELED);
	return simul_lock_release(&lock);
}

TEST_VIRTUAL(a_cancelled_task_keeps_its_lock_and_does_not_wait)
{
	CHECK_INT(simul_await(simul_create_task(wait_cancelled, NULL)), ==, 0);
}

TEST_VIRTUAL(a_notification_after_a_cancellation_goes_to_the_next)
{
	simul_task *a = simul_go(listen, 'a'), *b = simul_go(listen, 'b');

	let_others_run();
	simul_cancel(a);
	simul_condition_notify(&condition, 1);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_STR(order, "b");
}

TEST_VIRTUAL(who_was_notified_and_then_cancelled_passes_it_on)
{
	simul_task *a = simul_go(listen, 'a'), *b = simul_go(listen, 'b');

	let_others_run();
	simul_condition_notify(&condition, 1);
	simul_cancel(a);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_STR(order, "b");
}

TEST_VIRTUAL(who_is_cancelled_while_it_takes_the_lock_again_passes_it_on)
{
	simul_task *a = simul_go(listen, 'a'), *b = simul_go(listen, 'b');

	let_others_run();
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	simul_condition_notify(&condition, 1);
	let_others_run();
	simul_cancel(a);
	let_others_run();
	CHECK(!simul_task_is_done(a));
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_STR(order, "b");
}

/* ---- Wait for */

static bool is_three(void *arg)
{
	return *(int *)arg == 3;
}

static int wait_for_three(void *arg)
{
	int r = simul_lock_acquire(&lock);

	CHECK_INT(r, ==, 0);
	r = simul_condition_wait_for(&condition, &lock, is_three, arg);
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	return r;
}

TEST_VIRTUAL(waiting_for_a_test_looks_again_after_each_notification)
{
	int n = 0;
	simul_task *t = simul_create_task(wait_for_three, &n);

	while (n < 3) {
		let_others_run();
		CHECK(!simul_task_is_done(t));
		n++;
		simul_condition_notify(&condition, 1);
	}
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(waiting_for_a_test_that_is_true_does_not_wait)
{
	int n = 3;

	CHECK_INT(wait_for_three(&n), ==, 0);
}

TEST_VIRTUAL(waiting_for_a_test_ends_with_a_deadline)
{
	int n = 0;

	CHECK_INT(simul_wait_for(5, wait_for_three, &n), ==, -ETIMEDOUT);
	CHECK(!lock.owner);
}

/* ---- Cancelled anywhere: a list of jobs under a lock */

enum { JOBS = 6, WORKERS = 3 };

struct yard {
	simul_lock lock;
	simul_condition more;
	simul_condition fewer;
	int jobs;
	int done;
	bool closed;
};

static bool has_news(void *arg)
{
	struct yard *yard = arg;

	return yard->jobs > 0 || yard->closed;
}

static bool is_cleared(void *arg)
{
	struct yard *yard = arg;

	return yard->jobs == 0;
}

/* Takes a job if it is told of one; it leaves when cancelled. */
static int work(void *arg)
{
	struct yard *yard = arg;
	int r = simul_lock_acquire(&yard->lock);

	if (r < 0)
		return r;
	while (r >= 0 && !(yard->closed && yard->jobs == 0)) {
		r = simul_condition_wait_for(&yard->more, &yard->lock, has_news,
					     yard);
		if (r < 0 || yard->jobs == 0)
			continue;
		yard->jobs--;
		yard->done++;
		simul_condition_notify(&yard->fewer, 1);
	}
	CHECK_INT(simul_lock_release(&yard->lock), ==, 0);
	return r;
}

static void close_yard(struct yard *yard)
{
	yard->closed = true;
	simul_condition_notify_all(&yard->more);
}

/* One notification for each job, so that one that is lost is a job that nobody
 * does. */
static int bring_jobs(void *arg)
{
	struct yard *yard = arg;
	int r = 0;

	for (int i = 0; i < JOBS && r >= 0; i++) {
		r = simul_sleep(i % 2);
		if (r >= 0)
			r = simul_lock_acquire(&yard->lock);
		if (r < 0)
			break;
		yard->jobs++;
		simul_condition_notify(&yard->more, 1);
		if (i == JOBS / 2)
			r = simul_condition_wait_for(&yard->fewer, &yard->lock,
						     is_cleared, yard);
		CHECK_INT(simul_lock_release(&yard->lock), ==, 0);
	}
	return r;
}

/* All jobs are done before the yard is closed. */
static int await_clearance(struct yard *yard)
{
	int r = simul_lock_acquire(&yard->lock);

	if (r < 0)
		return r;
	r = simul_condition_wait_for(&yard->fewer, &yard->lock, is_cleared,
				     yard);
	CHECK_INT(simul_lock_release(&yard->lock), ==, 0);
	return r;
}

static int run_yard(void *arg)
{
	struct yard *yard = arg;
	simul_task *workers[WORKERS], *foreman;
	int r;

	for (int i = 0; i < WORKERS; i++)
		workers[i] = simul_create_task(work, yard);
	foreman = simul_create_task(bring_jobs, yard);
	r = simul_await(foreman);
	if (r >= 0)
		r = await_clearance(yard);
	close_yard(yard);
	simul_gather(workers, WORKERS, NULL);
	return r;
}

static void check_yard(void *arg, int result)
{
	struct yard *yard = arg;

	CHECK(!yard->lock.owner);
	CHECK(!yard->lock.waiters.first);
	CHECK(!yard->more.waiters.first);
	CHECK(!yard->fewer.waiters.first);
	if (result >= 0) {
		CHECK_INT(yard->done, ==, JOBS);
		CHECK_INT(yard->jobs, ==, 0);
	}
}

TEST(no_notification_is_lost_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_yard, sizeof(struct yard), check_yard);
}
