/* SPDX-License-Identifier: MIT
 * tests/sync/test_lock.c - see simul/sync.h. */
#include <errno.h>
#include <string.h>

#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

/* Who got the lock, in order. */
static char order[16];

struct take {
	simul_lock *lock;
	char name;
	int turns; /* to hold it */
};

static int take(void *arg)
{
	const struct take *my = arg;
	int r = simul_lock_acquire(my->lock);

	if (r < 0)
		return r;
	strncat(order, &my->name, 1);
	for (int i = 0; i < my->turns; i++)
		simul_sleep(0);
	return simul_lock_release(my->lock);
}

static void let_others_run(void)
{
	CHECK_INT(simul_sleep(0), ==, 0);
}

TEST_VIRTUAL(a_free_lock_is_taken_at_once)
{
	simul_lock lock = { 0 };

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	CHECK(lock.owner == simul_current_task());
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	CHECK(!lock.owner);
}

TEST_VIRTUAL(taking_a_lock_twice_is_a_deadlock)
{
	simul_lock lock = { 0 };

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	CHECK_INT(simul_lock_acquire(&lock), ==, -EDEADLK);
	CHECK_INT(simul_lock_try_acquire(&lock), ==, -EAGAIN);
	CHECK_INT(simul_lock_release(&lock), ==, 0);
}

TEST_VIRTUAL(only_the_owner_may_release_a_lock)
{
	simul_lock lock = { 0 };
	simul_task *t = simul_go(take, &lock, 'a', .turns = 2);

	CHECK_INT(simul_lock_release(&lock), ==, -EPERM);
	let_others_run();
	CHECK(lock.owner == t);
	CHECK_INT(simul_lock_release(&lock), ==, -EPERM);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST(a_lock_is_of_no_use_outside_of_a_task)
{
	simul_lock lock = { 0 };

	CHECK_INT(simul_lock_acquire(&lock), ==, -EPERM);
	CHECK_INT(simul_lock_try_acquire(&lock), ==, -EPERM);
	CHECK_INT(simul_lock_release(&lock), ==, -EPERM);
}

TEST_VIRTUAL(a_lock_is_handed_over_first_come_first_served)
{
	simul_lock lock = { 0 };
	simul_task *t[4];

	for (int i = 0; i < 4; i++)
		t[i] = simul_go(take, &lock, (char)('a' + i), .turns = 3 - i);
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	CHECK_STR(order, "abcd");
	CHECK(!lock.owner);
}

TEST_VIRTUAL(who_comes_later_never_overtakes_who_waits_for_a_lock)
{
	simul_lock lock = { 0 };
	simul_task *t;

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	t = simul_go(take, &lock, 'a', .turns = 0);
	let_others_run();
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	/* It has not run yet, and is the owner all the same. */
	CHECK(lock.owner == t);
	CHECK_INT(simul_lock_try_acquire(&lock), ==, -EAGAIN);
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	CHECK_STR(order, "a");
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(a_cancelled_task_gets_no_lock_even_if_it_is_free)
{
	simul_lock lock = { 0 };
	simul_task *t = simul_go(take, &lock, 'a', .turns = 0);

	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK(!lock.owner);
}

TEST_VIRTUAL(a_task_that_was_cancelled_while_it_waited_is_not_given_the_lock)
{
	simul_lock lock = { 0 };
	simul_task *a, *b;

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	a = simul_go(take, &lock, 'a', .turns = 0);
	b = simul_go(take, &lock, 'b', .turns = 0);
	let_others_run();
	simul_cancel(a);
	CHECK_INT(simul_lock_release(&lock), ==, 0); /* the same turn */
	CHECK(lock.owner == b);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_STR(order, "b");
}

TEST_VIRTUAL(a_lock_that_was_handed_over_before_the_cancellation_is_not_lost)
{
	simul_lock lock = { 0 };
	simul_task *a, *b;

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	a = simul_go(take, &lock, 'a', .turns = 0);
	b = simul_go(take, &lock, 'b', .turns = 0);
	let_others_run();
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	simul_cancel(a); /* the same turn */
	CHECK_INT(simul_await(a), ==, 0);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_STR(order, "ab");
	CHECK(!lock.owner);
}

struct acquire_within {
	simul_lock *lock;
	double seconds;
};

static int acquire_within(void *arg)
{
	const struct acquire_within *my = arg;
	simul_timeout limit;
	int r = simul_timeout_open(&limit, my->seconds);

	CHECK_INT(r, ==, 0);
	return simul_timeout_close(&limit, simul_lock_acquire(my->lock));
}

TEST_VIRTUAL(a_lock_that_takes_longer_than_the_deadline_is_not_taken)
{
	simul_lock lock = { 0 };
	simul_task *t = simul_go(acquire_within, &lock, 5);

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	CHECK_INT(simul_await(t), ==, -ETIMEDOUT);
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	CHECK(!lock.owner);
}

static int hold_and_want(void *arg)
{
	simul_lock **locks = arg;
	int r = simul_lock_acquire(locks[0]);

	if (r >= 0)
		r = simul_sleep(1);
	if (r >= 0)
		r = simul_lock_acquire(locks[1]);
	return r;
}

static int embrace(void *arg)
{
	simul_lock a = { 0 }, b = { 0 };
	simul_lock *ab[] = { &a, &b }, *ba[] = { &b, &a };
	simul_task *t[] = { simul_create_task(hold_and_want, ab),
			    simul_create_task(hold_and_want, ba) };

	return simul_gather(t, 2, NULL);
}

TEST(two_tasks_that_want_what_the_other_has_are_a_deadlock)
{
	CHECK_INT(run_virtual(embrace, NULL), ==, -EDEADLK);
}

/* ---- Cancelled anywhere */

struct shared {
	simul_lock lock;
	int inside;
};

static int use(void *arg)
{
	struct shared *s = arg;
	int r = 0;

	for (int i = 0; i < 3 && r >= 0; i++) {
		r = simul_lock_acquire(&s->lock);
		if (r < 0)
			break;
		CHECK_INT(++s->inside, ==, 1);
		simul_sleep(i);
		CHECK_INT(s->inside--, ==, 1);
		CHECK_INT(simul_lock_release(&s->lock), ==, 0);
	}
	return r;
}

static int share(void *arg)
{
	simul_task *t[4];

	for (int i = 0; i < 4; i++)
		t[i] = simul_create_task(use, arg);
	return simul_gather(t, 4, NULL);
}

static void check_free(void *arg, int result)
{
	struct shared *s = arg;

	(void)result;
	CHECK(!s->lock.owner);
	CHECK(!s->lock.waiters.first);
	CHECK_INT(s->inside, ==, 0);
}

TEST(a_lock_is_never_lost_and_never_held_twice_wherever_a_task_is_cancelled)
{
	sweep_cancellations(share, sizeof(struct shared), check_free);
}
