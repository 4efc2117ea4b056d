/* SPDX-License-Identifier: MIT
 * tests/sync/test_queue_cancelled.c - nothing is lost from a queue when tasks
 * are cancelled. */
#include <errno.h>

#include <simul/gather.h>
#include <simul/group.h>
#include <simul/queue.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "items.h"
#include "sweep.h"
#include "test.h"

TEST_VIRTUAL(a_cancelled_task_neither_puts_nor_gets)
{
	simul_queue q = { 0 };
	simul_task *t[3];
	int results[3];

	put_item(&q, A);
	t[0] = simul_go(put, &q, B);
	t[1] = simul_create_task(get, &q);
	t[2] = simul_create_task(join, &q);
	for (int i = 0; i < 3; i++)
		simul_cancel(t[i]);
	CHECK_INT(simul_gather(t, 3, results), ==, -ECANCELED);
	for (int i = 0; i < 3; i++)
		CHECK_INT(results[i], ==, -ECANCELED);
	check_got(&q, A);
	check_empty(&q);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_cancelled_get_loses_nothing)
{
	simul_queue q = { 0 };
	simul_task *t[2] = { simul_create_task(get, &q),
			     simul_create_task(get, &q) };

	let_others_run();
	simul_cancel(t[0]);
	put_item(&q, A); /* the same turn: it is the other's */
	CHECK_INT(simul_await(t[0]), ==, -ECANCELED);
	CHECK_INT(simul_await(t[1]), ==, 0);
	CHECK_STR(order, "a");
}

TEST_VIRTUAL(an_item_that_was_put_before_the_cancellation_is_received)
{
	simul_queue q = { 0 };
	simul_task *t = simul_create_task(get, &q);

	let_others_run();
	put_item(&q, A);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_STR(order, "a");
}

TEST_VIRTUAL(a_cancelled_put_added_nothing)
{
	simul_queue q = { .capacity = 1 };
	simul_task *t;

	put_item(&q, A);
	t = simul_go(put, &q, B);
	let_others_run();
	simul_cancel(t);
	check_got(&q, A); /* the same turn */
	check_empty(&q);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(q.unfinished, ==, 1);
	simul_queue_done(&q);
}

TEST_VIRTUAL(an_item_that_was_let_in_before_the_cancellation_was_put)
{
	simul_queue q = { .capacity = 1 };
	simul_task *t;

	put_item(&q, A);
	t = simul_go(put, &q, B);
	let_others_run();
	check_got(&q, A);
	simul_cancel(t); /* the same turn */
	CHECK_INT(simul_await(t), ==, 0);
	check_got(&q, B);
	CHECK_INT(q.unfinished, ==, 2);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_get_with_a_deadline_loses_nothing)
{
	simul_queue q = { 0 };

	CHECK_INT(simul_wait_for(1, get, &q), ==, -ETIMEDOUT);
	put_item(&q, A);
	CHECK_INT(simul_wait_for(1, get, &q), ==, 0);
	CHECK_STR(order, "a");
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_cancelled_join_leaves_the_work_alone)
{
	simul_queue q = { 0 };

	put_item(&q, A);
	CHECK_INT(simul_wait_for(1, join, &q), ==, -ETIMEDOUT);
	CHECK_INT(q.unfinished, ==, 1);
	simul_queue_done(&q);
}

/* ---- Cancelled anywhere: producers, a queue, consumers, and a join */

enum { PRODUCERS = 3, CONSUMERS = 2, EACH = 4, ITEMS = PRODUCERS * EACH };

struct works {
	simul_queue queue;
	int put[ITEMS]; /* how often the caller was told that it was put */
	int got[ITEMS];
	int dropped[ITEMS];
};

static struct works *works; /* for drop_item */

struct produce {
	struct works *works;
	int first;
};

static int produce(void *arg)
{
	const struct produce *my = arg;
	int r = 0;

	for (int i = my->first; i < my->first + EACH && r >= 0; i++) {
		r = simul_queue_put(&my->works->queue, &my->works->put[i]);
		if (r >= 0)
			my->works->put[i]++;
		if (i % 3 == 0)
			simul_sleep(1);
	}
	return r;
}

/* Whoever got an item says that it is done, whatever happens to it. */
static int consume(void *arg)
{
	struct works *w = arg;
	void *item;
	int r;

	while ((r = simul_queue_get(&w->queue, &item)) >= 0) {
		int i = (int)((int *)item - w->put);

		w->got[i]++;
		simul_sleep(i % 2);
		CHECK_INT(simul_queue_task_done(&w->queue), ==, 0);
	}
	return r == -EPIPE ? 0 : r;
}

static int run_works(void *arg, simul_queue settings)
{
	struct works *w = arg;
	simul_group producers = { 0 }, consumers = { 0 };
	int r, s;

	w->queue = settings;
	for (int i = 0; i < CONSUMERS; i++)
		simul_group_create_task(&consumers, consume, w);
	for (int i = 0; i < PRODUCERS; i++)
		simul_group_go(&producers, produce, w, i * EACH);
	r = simul_group_wait(&producers);
	if (r >= 0)
		r = simul_queue_join(&w->queue);
	simul_queue_shutdown(&w->queue);
	s = simul_group_wait(&consumers);
	simul_group_done(&producers);
	simul_group_done(&consumers);
	return r < 0 ? r : s;
}

static int by_address(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static int run_bounded(void *arg)
{
	return run_works(arg, (simul_queue){ .capacity = 2 });
}

static int run_unbounded(void *arg)
{
	return run_works(arg, (simul_queue){ 0 });
}

static int run_sorted(void *arg)
{
	return run_works(arg, (simul_queue){ .capacity = 3,
					     .order = SIMUL_PRIORITY,
					     .compare = by_address });
}

static void drop_item(void *item)
{
	works->dropped[(int *)item - works->put]++;
}

/* What was put was got, once, or is still there. */
static void check_works(void *arg, int result)
{
	struct works *w = works = arg;

	CHECK(!w->queue.getters.first);
	CHECK(!w->queue.putters.first);
	CHECK(!w->queue.joiners.first);
	simul_queue_shutdown_now(&w->queue, drop_item);
	for (int i = 0; i < ITEMS; i++)
		CHECK_INT(w->got[i] + w->dropped[i], ==, w->put[i]);
	CHECK_INT(w->queue.unfinished, ==, 0);
	if (result >= 0)
		for (int i = 0; i < ITEMS; i++)
			CHECK_INT(w->dropped[i], ==, 0);
	simul_queue_done(&w->queue);
}

TEST(no_item_is_lost_from_a_bounded_queue_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_bounded, sizeof(struct works), check_works);
}

TEST(no_item_is_lost_from_an_unbounded_queue_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_unbounded, sizeof(struct works), check_works);
}

TEST(no_item_is_lost_from_a_priority_queue_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_sorted, sizeof(struct works), check_works);
}
