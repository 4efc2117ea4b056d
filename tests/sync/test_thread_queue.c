/* SPDX-License-Identifier: MIT
 * tests/sync/test_thread_queue.c - items are handed from thread to thread. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include <simul.h>

#include "../task/dies.h"
#include "sweep.h"
#include "test.h"

static void *item(intptr_t n)
{
	return (void *)n;
}

static simul_thread_queue *new_queue(size_t capacity)
{
	simul_thread_queue *q = NULL;

	CHECK_INT(simul_thread_queue_new(capacity, &q), ==, 0);
	return q;
}

static void check_gets(simul_thread_queue *q, intptr_t n)
{
	void *got = NULL;

	CHECK_INT(simul_thread_queue_try_get(q, &got), ==, 0);
	CHECK_INT((intptr_t)got, ==, n);
}

/* ---- Alone: no loop and no other thread is needed */

TEST(first_in_is_first_out_and_no_more_than_fit)
{
	simul_thread_queue *q = new_queue(2);
	void *got;

	for (intptr_t i = 0; i < 10; i += 2) {
		CHECK_INT(simul_thread_queue_put(q, item(i)), ==, 0);
		CHECK_INT(simul_thread_queue_try_put(q, item(i + 1)), ==, 0);
		CHECK_INT(simul_thread_queue_try_put(q, item(99)), ==, -EAGAIN);
		CHECK_INT(simul_thread_queue_count(q), ==, 2);
		check_gets(q, i);
		CHECK_INT(simul_thread_queue_get(q, &got), ==, 0);
		CHECK_INT((intptr_t)got, ==, i + 1);
		CHECK_INT(simul_thread_queue_try_get(q, &got), ==, -EAGAIN);
	}
	simul_thread_queue_free(q);
	simul_thread_queue_free(NULL);
}

TEST(a_queue_without_room_or_memory_is_refused)
{
	simul_thread_queue *q = NULL;

	CHECK_INT(simul_thread_queue_new(0, &q), ==, -EINVAL);
	CHECK_INT(simul_thread_queue_new(SIZE_MAX, &q), ==, -ENOMEM);
	CHECK(!q);
}

TEST(after_a_shutdown_the_rest_is_got_and_nothing_is_put)
{
	simul_thread_queue *q = new_queue(2);
	void *got;

	CHECK_INT(simul_thread_queue_put(q, item(1)), ==, 0);
	simul_thread_queue_shutdown(q);
	simul_thread_queue_shutdown(q);
	CHECK_INT(simul_thread_queue_put(q, item(2)), ==, -EPIPE);
	CHECK_INT(simul_thread_queue_try_put(q, item(2)), ==, -EPIPE);
	check_gets(q, 1);
	CHECK_INT(simul_thread_queue_get(q, &got), ==, -EPIPE);
	CHECK_INT(simul_thread_queue_try_get(q, &got), ==, -EPIPE);
	simul_thread_queue_free(q);
}

static intptr_t dropped;

static void drop(void *what)
{
	dropped += (intptr_t)what;
}

TEST(a_shutdown_now_drops_what_is_left)
{
	simul_thread_queue *q = new_queue(3);

	CHECK_INT(simul_thread_queue_put(q, item(1)), ==, 0);
	CHECK_INT(simul_thread_queue_put(q, item(2)), ==, 0);
	simul_thread_queue_shutdown_now(q, drop);
	CHECK_INT(dropped, ==, 3);
	CHECK_INT(simul_thread_queue_join(q), ==, 0);
	CHECK_INT(simul_thread_queue_count(q), ==, 0);
	simul_thread_queue_free(q);
}

TEST(what_was_done_before_it_was_got_can_be_dropped)
{
	simul_thread_queue *q = new_queue(2);

	CHECK_INT(simul_thread_queue_put(q, item(1)), ==, 0);
	CHECK_INT(simul_thread_queue_put(q, item(2)), ==, 0);
	CHECK_INT(simul_thread_queue_task_done(q), ==, 0);
	simul_thread_queue_shutdown_now(q, NULL);
	CHECK_INT(simul_thread_queue_task_done(q), ==, -EINVAL);
	CHECK_INT(simul_thread_queue_join(q), ==, 0);
	simul_thread_queue_free(q);
}

TEST(more_done_than_put_is_an_error)
{
	simul_thread_queue *q = new_queue(1);

	CHECK_INT(simul_thread_queue_task_done(q), ==, -EINVAL);
	CHECK_INT(simul_thread_queue_put(q, item(1)), ==, 0);
	CHECK_INT(simul_thread_queue_task_done(q), ==, 0);
	CHECK_INT(simul_thread_queue_task_done(q), ==, -EINVAL);
	CHECK_INT(simul_thread_queue_join(q), ==, 0);
	simul_thread_queue_free(q);
}

/* ---- Many threads and loops at once */

enum { EACH = 2000, SIDES = 2 };

static atomic_long sum, got_so_far;

static int puts_all(void *arg)
{
	for (intptr_t i = 1; i <= EACH; i++)
		CHECK_INT(simul_thread_queue_put(arg, item(i)), ==, 0);
	return 0;
}

static int gets_all(void *arg)
{
	void *got;
	int r;

	while ((r = simul_thread_queue_get(arg, &got)) == 0) {
		sum += (intptr_t)got;
		got_so_far++;
		CHECK_INT(simul_thread_queue_task_done(arg), ==, 0);
	}
	CHECK_INT(r, ==, -EPIPE);
	return 0;
}

static void *puts_in_thread(void *arg)
{
	puts_all(arg);
	return NULL;
}

static void *gets_in_thread(void *arg)
{
	gets_all(arg);
	return NULL;
}

/* Two tasks at each. */
static int puts_in_loop(void *arg)
{
	simul_task *t[2];

	for (int i = 0; i < 2; i++)
		t[i] = simul_create_task(puts_all, arg);
	return simul_gather(t, 2, NULL);
}

static int gets_in_loop(void *arg)
{
	simul_task *t[2];

	for (int i = 0; i < 2; i++)
		t[i] = simul_create_task(gets_all, arg);
	return simul_gather(t, 2, NULL);
}

static void *loop_that_puts(void *arg)
{
	CHECK_INT(simul_run(puts_in_loop, arg), ==, 0);
	return NULL;
}

static void *loop_that_gets(void *arg)
{
	CHECK_INT(simul_run(gets_in_loop, arg), ==, 0);
	return NULL;
}

TEST(threads_and_loops_hand_over_everything_once)
{
	static void *(*const putters[])(void *) = { puts_in_thread,
						    loop_that_puts };
	static void *(*const getters[])(void *) = { gets_in_thread,
						    loop_that_gets };
	simul_thread_queue *q = new_queue(7);
	pthread_t p[SIDES], g[SIDES];

	for (int i = 0; i < SIDES; i++) {
		pthread_create(&p[i], NULL, putters[i], q);
		pthread_create(&g[i], NULL, getters[i], q);
	}
	for (int i = 0; i < SIDES; i++)
		pthread_join(p[i], NULL);
	CHECK_INT(simul_thread_queue_join(q), ==, 0);
	simul_thread_queue_shutdown(q);
	for (int i = 0; i < SIDES; i++)
		pthread_join(g[i], NULL);
	CHECK_INT(got_so_far, ==, 3 * EACH);
	CHECK_INT(sum, ==, 3L * EACH * (EACH + 1) / 2);
	simul_thread_queue_free(q);
}

/* ---- Tasks that wait */

struct get {
	simul_thread_queue *queue;
	void **to;
};

static int get(void *arg)
{
	const struct get *my = arg;

	return simul_thread_queue_get(my->queue, my->to);
}

struct put {
	simul_thread_queue *queue;
	intptr_t n;
};

static int put(void *arg)
{
	const struct put *my = arg;

	return simul_thread_queue_put(my->queue, item(my->n));
}

TEST_VIRTUAL(those_who_wait_are_served_in_order)
{
	simul_thread_queue *q = new_queue(1);
	void *got[3] = { NULL };
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_go(get, .queue = q, .to = &got[i]);
	CHECK_INT(simul_sleep(1), ==, 0);
	for (intptr_t i = 1; i <= 3; i++)
		CHECK_INT(simul_thread_queue_try_put(q, item(i)), ==, 0);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT((intptr_t)got[i], ==, i + 1);
	CHECK_INT(simul_thread_queue_put(q, item(4)), ==, 0);
	for (int i = 0; i < 3; i++)
		t[i] = simul_go(put, .queue = q, .n = 5 + i);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_thread_queue_try_put(q, item(9)), ==, -EAGAIN);
	for (intptr_t i = 4; i <= 7; i++)
		check_gets(q, i);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	simul_thread_queue_free(q);
}

TEST_VIRTUAL(what_is_handed_over_is_delivered_though_its_getter_is_cancelled)
{
	simul_thread_queue *q = new_queue(1);
	void *got = NULL;
	simul_task *t = simul_go(get, .queue = q, .to = &got);

	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_thread_queue_try_put(q, item(3)), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT((intptr_t)got, ==, 3);
	simul_thread_queue_free(q);
}

TEST_VIRTUAL(who_is_cancelled_has_taken_nothing_and_put_nothing)
{
	simul_thread_queue *q = new_queue(1);
	void *got;
	simul_task *t = simul_go(get, .queue = q, .to = &got);

	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(simul_thread_queue_put(q, item(1)), ==, 0);
	t = simul_go(put, .queue = q, .n = 2);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	check_gets(q, 1);
	CHECK_INT(simul_thread_queue_count(q), ==, 0);
	simul_thread_queue_free(q);
}

static int joins(void *arg)
{
	return simul_thread_queue_join(arg);
}

TEST_VIRTUAL(a_shutdown_wakes_everybody)
{
	simul_thread_queue *full = new_queue(1), *empty = new_queue(1);
	void *got;
	simul_task *t[3];
	int results[3];

	CHECK_INT(simul_thread_queue_put(full, item(1)), ==, 0);
	t[0] = simul_go(put, .queue = full, .n = 2);
	t[1] = simul_go(get, .queue = empty, .to = &got);
	t[2] = simul_create_task(joins, full);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_thread_queue_shutdown(empty);
	simul_thread_queue_shutdown_now(full, NULL);
	CHECK_INT(simul_gather(t, 3, results), ==, -EPIPE);
	CHECK_INT(results[0], ==, -EPIPE);
	CHECK_INT(results[1], ==, -EPIPE);
	CHECK_INT(results[2], ==, 0);
	simul_thread_queue_free(full);
	simul_thread_queue_free(empty);
}

static void free_too_early(void)
{
	simul_thread_queue *q;
	pthread_t thread;

	simul_thread_queue_new(1, &q);
	pthread_create(&thread, NULL, gets_in_thread, q);
	usleep(50000);
	simul_thread_queue_free(q);
}

TEST(to_free_one_that_somebody_waits_at_is_a_bug_that_aborts)
{
	CHECK_DIES(free_too_early, "a thread queue is freed");
}

/* ---- Whatever happens */

/* May be cancelled, unlike gets_all. */
static int gets_some(void *arg)
{
	void *got;
	int r;

	while ((r = simul_thread_queue_get(arg, &got)) == 0)
		;
	simul_thread_queue_shutdown_now(arg, NULL);
	return r == -EPIPE ? 0 : r;
}

static int hands_over(void *arg)
{
	simul_thread_queue *q;
	simul_task *t;
	int r = simul_thread_queue_new(1, &q), r2;

	(void)arg;
	if (r < 0)
		return r;
	t = simul_create_task(gets_some, q);
	for (intptr_t i = 1; i < 4 && r >= 0; i++)
		r = simul_thread_queue_put(q, item(i));
	simul_thread_queue_shutdown(q);
	r2 = simul_await(t);
	simul_thread_queue_free(q);
	return r < 0 ? r : r2;
}

static void hand_over(void)
{
	simul_run(hands_over, NULL);
}

TEST(no_memory_is_no_queue_and_nothing_else)
{
	sweep_allocations(hand_over);
}

static void check_result(void *state, int result)
{
	(void)state;
	CHECK(result == 0 || result == -EPIPE || result == -ECANCELED ||
	      result == -ETIMEDOUT);
}

TEST(who_hands_over_is_cancelled_at_any_point)
{
	sweep_cancellations(hands_over, 1, check_result);
}
