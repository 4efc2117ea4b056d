/* SPDX-License-Identifier: MIT
 * tests/sync/test_select_cancelled.c - nothing is lost by a select when tasks
 * are cancelled. */
#include <errno.h>

#include <simul/group.h>
#include <simul/select.h>

#include "choose.h"
#include "sweep.h"
#include "test.h"

TEST_VIRTUAL(a_cancelled_task_takes_nothing_even_if_it_is_ready)
{
	simul_queue q = { 0 };
	void *item = NULL;
	simul_case cases[] = { simul_case_get(&q, &item) };
	simul_task *t = simul_go(choose, cases, 1);

	simul_queue_put(&q, A);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(q.count, ==, 1);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_select_that_was_cancelled_has_left_all_queues_at_once)
{
	simul_queue p = { 0 }, q = { 0 };
	void *item = NULL;
	simul_case cases[] = { simul_case_get(&p, &item),
			       simul_case_get(&q, &item), simul_case_sleep(1) };
	simul_task *t = simul_go(choose, cases, 3);

	let_others_run();
	simul_cancel(t);
	simul_queue_put(&p, A); /* the same turn */
	simul_queue_put(&q, B);
	CHECK_INT(p.count + q.count, ==, 2);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK(!item);
	simul_queue_done(&p);
	simul_queue_done(&q);
}

TEST_VIRTUAL(what_was_delivered_to_a_select_before_the_cancellation_stays)
{
	simul_queue q = { 0 };
	void *item = NULL;
	simul_case cases[] = { simul_case_sleep(1), simul_case_get(&q, &item) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	simul_queue_put(&q, A);
	simul_cancel(t); /* the same turn */
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_STR(item, A);
}

/* ---- Cancelled anywhere: items and permits by way of selects */

enum { EACH = 3, ITEMS = 2 * EACH, TAKERS = 3 };

struct market {
	simul_queue small, large;
	simul_semaphore permits;
	simul_event closed;
	int put[ITEMS], got[ITEMS], dropped[ITEMS];
	int permits_got;
};

static struct market *market; /* for drop_item */

struct offer {
	struct market *market;
	int first;
};

/* Put each item into either queue. */
static int offer(void *arg)
{
	const struct offer *my = arg;
	struct market *m = my->market;
	int r = 0;

	for (int i = my->first; i < my->first + EACH && r >= 0; i++) {
		simul_case cases[] = { simul_case_put(&m->small, &m->put[i]),
				       simul_case_put(&m->large, &m->put[i]) };

		r = simul_select(cases, 2);
		if (r >= 0)
			m->put[i]++;
		if (r >= 0 && i % 2)
			r = simul_semaphore_release(&m->permits);
		simul_sleep(i % 2);
	}
	return r;
}

static void got(struct market *m, void *item)
{
	m->got[(int *)item - m->put]++;
}

/* Take an item from either queue, or a permit, until the market closes. */
static int takes(void *arg)
{
	struct market *m = arg;
	int r;

	do {
		void *x = NULL, *y = NULL;
		simul_case cases[] = { simul_case_get(&m->small, &x),
				       simul_case_get(&m->large, &y),
				       simul_case_acquire(&m->permits),
				       simul_case_sleep(3),
				       simul_case_event(&m->closed) };

		r = simul_select(cases, 5);
		if (x)
			got(m, x);
		if (y)
			got(m, y);
		m->permits_got += r == 2;
		CHECK((r == 0) == (x != NULL) && (r == 1) == (y != NULL));
	} while (r >= 0 && r != 4);
	return r < 0 ? r : 0;
}

static int run_market(void *arg)
{
	struct market *m = arg;
	simul_group offers = { 0 }, takers = { 0 };
	int r, s;

	m->small.capacity = 1;
	m->large.capacity = 2;
	for (int i = 0; i < TAKERS; i++)
		simul_group_create_task(&takers, takes, m);
	for (int i = 0; i < 2; i++)
		simul_group_go(&offers, offer, m, i * EACH);
	r = simul_group_wait(&offers);
	simul_sleep(4);
	simul_event_set(&m->closed);
	s = simul_group_wait(&takers);
	simul_group_done(&offers);
	simul_group_done(&takers);
	return r < 0 ? r : s;
}

static void drop_item(void *item)
{
	market->dropped[(int *)item - market->put]++;
}

static void check_market(void *arg, int result)
{
	struct market *m = market = arg;
	int released = 0;

	(void)result;
	check_nobody_waits(&m->small);
	check_nobody_waits(&m->large);
	CHECK(!m->permits.waiters.first);
	CHECK(!m->closed.waiters.first);
	simul_queue_shutdown_now(&m->small, drop_item);
	simul_queue_shutdown_now(&m->large, drop_item);
	for (int i = 0; i < ITEMS; i++) {
		CHECK_INT(m->got[i] + m->dropped[i], ==, m->put[i]);
		released += i % 2 && m->put[i];
	}
	CHECK_INT(m->permits_got + (int)m->permits.value, ==, released);
	simul_queue_done(&m->small);
	simul_queue_done(&m->large);
}

TEST(a_select_takes_exactly_what_it_says_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_market, sizeof(struct market), check_market);
}
