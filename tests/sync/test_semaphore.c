/* SPDX-License-Identifier: MIT
 * tests/sync/test_semaphore.c - see simul/sync.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <simul/gather.h>
#include <simul/sync.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

static char order[16];

struct pass {
	simul_semaphore *semaphore;
	char name;
};

static int pass(void *arg)
{
	const struct pass *my = arg;
	int r = simul_semaphore_acquire(my->semaphore);

	if (r >= 0)
		strncat(order, &my->name, 1);
	return r;
}

TEST_VIRTUAL(a_semaphore_gives_what_it_has_and_then_no_more)
{
	simul_semaphore two = { .value = 2 };

	CHECK_INT(simul_semaphore_acquire(&two), ==, 0);
	CHECK_INT(simul_semaphore_try_acquire(&two), ==, 0);
	CHECK_INT(simul_semaphore_try_acquire(&two), ==, -EAGAIN);
	CHECK_INT(simul_semaphore_release(&two), ==, 0);
	CHECK_INT(simul_semaphore_acquire(&two), ==, 0);
	CHECK_INT(two.value, ==, 0);
}

TEST_VIRTUAL(permits_go_to_who_waits_longest)
{
	simul_semaphore none = { 0 };
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_go(pass, &none, (char)('a' + i));
	CHECK_INT(simul_sleep(0), ==, 0);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(simul_semaphore_release(&none), ==, 0);
		/* It is spoken for, though nobody has run yet. */
		CHECK_INT(none.value, ==, 0);
		CHECK_INT(simul_semaphore_try_acquire(&none), ==, -EAGAIN);
	}
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_STR(order, "abc");
}

TEST_VIRTUAL(a_bounded_semaphore_takes_back_no_more_than_it_had)
{
	simul_semaphore one = { .value = 1, .bound = 1 };

	CHECK_INT(simul_semaphore_release(&one), ==, -EOVERFLOW);
	CHECK_INT(one.value, ==, 1);
	CHECK_INT(simul_semaphore_acquire(&one), ==, 0);
	CHECK_INT(simul_semaphore_release(&one), ==, 0);
	CHECK_INT(simul_semaphore_release(&one), ==, -EOVERFLOW);
	CHECK_INT(one.value, ==, 1);
}

TEST_VIRTUAL(an_unbounded_semaphore_can_grow_but_never_overflows)
{
	simul_semaphore s = { .value = SIZE_MAX - 1 };

	CHECK_INT(simul_semaphore_release(&s), ==, 0);
	CHECK_INT(simul_semaphore_release(&s), ==, -EOVERFLOW);
	CHECK(s.value == SIZE_MAX);
}

TEST_VIRTUAL(a_cancelled_task_gets_no_permit_even_if_there_is_one)
{
	simul_semaphore one = { .value = 1 };
	simul_task *t = simul_go(pass, &one, 'a');

	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(one.value, ==, 1);
}

TEST_VIRTUAL(a_permit_released_after_a_cancellation_goes_to_the_next)
{
	simul_semaphore none = { 0 };
	simul_task *a = simul_go(pass, &none, 'a');
	simul_task *b = simul_go(pass, &none, 'b');

	CHECK_INT(simul_sleep(0), ==, 0);
	simul_cancel(a);
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	CHECK_INT(simul_await(a), ==, -ECANCELED);
	CHECK_INT(simul_await(b), ==, 0);
	CHECK_INT(none.value, ==, 0);
}

TEST_VIRTUAL(a_permit_that_was_handed_over_before_a_cancellation_is_received)
{
	simul_semaphore none = { 0 };
	simul_task *a = simul_go(pass, &none, 'a');

	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	simul_cancel(a);
	CHECK_INT(simul_await(a), ==, 0);
	CHECK_STR(order, "a");
	CHECK_INT(none.value, ==, 0);
}

TEST(a_semaphore_is_not_waited_for_outside_of_a_task)
{
	simul_semaphore one = { .value = 1 };

	CHECK_INT(simul_semaphore_acquire(&one), ==, -EPERM);
	CHECK_INT(simul_semaphore_try_acquire(&one), ==, 0);
	CHECK_INT(simul_semaphore_release(&one), ==, 0);
}

/* ---- Cancelled anywhere */

struct pool {
	simul_semaphore permits;
	int inside;
};

static int work(void *arg)
{
	struct pool *pool = arg;
	int r = 0;

	for (int i = 0; i < 3 && r >= 0; i++) {
		r = simul_semaphore_acquire(&pool->permits);
		if (r < 0)
			break;
		CHECK_INT(++pool->inside, <=, 2);
		simul_sleep(i);
		pool->inside--;
		CHECK_INT(simul_semaphore_release(&pool->permits), ==, 0);
	}
	return r;
}

static int work_in_pool(void *arg)
{
	struct pool *pool = arg;
	simul_task *t[5];

	pool->permits.value = pool->permits.bound = 2;
	for (int i = 0; i < 5; i++)
		t[i] = simul_create_task(work, pool);
	return simul_gather(t, 5, NULL);
}

static void check_whole(void *arg, int result)
{
	struct pool *pool = arg;

	(void)result;
	CHECK_INT(pool->permits.value, ==, 2);
	CHECK(!pool->permits.waiters.first);
	CHECK_INT(pool->inside, ==, 0);
}

TEST(no_permit_is_lost_or_made_wherever_a_task_is_cancelled)
{
	sweep_cancellations(work_in_pool, sizeof(struct pool), check_whole);
}
