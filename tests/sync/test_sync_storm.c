/* SPDX-License-Identifier: MIT
 * tests/sync/test_sync_storm.c - no item and no permit is lost or doubled, come
 * what may. */
#include "test.h"

#include <errno.h>

#include <simul.h>

#include "storm.h"

/* ---- Queues, in a loop and between loops, to the same rules */

struct trade {
	simul_queue queue;
	simul_thread_queue *between; /* if not NULL, in place of queue */
	simul_loop *loop;	     /* where the tasks run; NULL: here */
	size_t put_count, got_count;
	uintptr_t put_sum, got_sum;
};

/* Who puts or gets. What it counts is its own, as it may be in a thread of its
 * own. */
struct trader {
	struct trade *trade;
	struct dice dice;
	size_t count;
	uintptr_t sum;
};

static ptrdiff_t put_selecting(struct trade *t, struct dice *d, void *item)
{
	simul_case cases[] = { simul_case_put(&t->queue, item),
			       simul_case_sleep(moment(d)) };
	ptrdiff_t r;

	PERHAPS(d, r, simul_select(cases, 2));
	return r == 0 ? cases[0].result : r == 1 ? -ETIMEDOUT : r;
}

static ptrdiff_t put_one(struct trade *t, struct dice *d, void *item)
{
	ptrdiff_t r;

	if (t->between)
		PERHAPS(d, r, simul_thread_queue_put(t->between, item));
	else if (roll(d, 2))
		PERHAPS(d, r, simul_queue_put(&t->queue, item));
	else
		r = put_selecting(t, d, item);
	return r;
}

static int puts_on(void *arg)
{
	struct trader *my = arg;
	ptrdiff_t r = 0;

	for (int i = 0; i < 200 && !is_the_end(r); i++) {
		uintptr_t item = 1 + roll(&my->dice, 1000);

		r = put_one(my->trade, &my->dice, (void *)item);
		my->count += r >= 0;
		my->sum += r >= 0 ? item : 0;
	}
	CHECK(!is_the_end(r) || r == -ECANCELED);
	return 0;
}

static ptrdiff_t get_selecting(struct trade *t, struct dice *d, void **ret_item)
{
	simul_case cases[] = { simul_case_get(&t->queue, ret_item),
			       simul_case_sleep(moment(d)) };
	ptrdiff_t r;

	PERHAPS(d, r, simul_select(cases, 2));
	return r == 0 ? cases[0].result : r == 1 ? -ETIMEDOUT : r;
}

static ptrdiff_t get_one(struct trade *t, struct dice *d, void **ret_item)
{
	ptrdiff_t r;

	if (t->between)
		PERHAPS(d, r, simul_thread_queue_get(t->between, ret_item));
	else if (roll(d, 2))
		PERHAPS(d, r, simul_queue_get(&t->queue, ret_item));
	else
		r = get_selecting(t, d, ret_item);
	return r;
}

static int gets_on(void *arg)
{
	struct trader *my = arg;
	ptrdiff_t r = 0;

	while (!is_the_end(r)) {
		void *item = NULL;

		r = get_one(my->trade, &my->dice, &item);
		CHECK(r >= 0 || !item);
		my->count += r >= 0;
		my->sum += (uintptr_t)item;
	}
	CHECK(r == -ECANCELED || r == -EPIPE);
	return 0;
}

/* Half of them put, the others get. */
static void add_up(struct trade *t, const struct trader *traders)
{
	for (int i = 0; i < 3; i++) {
		t->put_count += traders[i].count;
		t->put_sum += traders[i].sum;
		t->got_count += traders[3 + i].count;
		t->got_sum += traders[3 + i].sum;
	}
}

static void take_the_rest(struct trade *t)
{
	void *item;

	while ((t->between ? simul_thread_queue_try_get(t->between, &item)
			   : simul_queue_try_get(&t->queue, &item)) >= 0) {
		t->got_count++;
		t->got_sum += (uintptr_t)item;
	}
}

static int puts_over_there(void *arg)
{
	struct trader *my = arg;

	return simul_to_loop(my->trade->loop, puts_on, my);
}

static void trade(struct trade *t, struct dice *d)
{
	struct trader traders[6];
	simul_task *tasks[6];

	for (int i = 0; i < 6; i++) {
		traders[i] = (struct trader){ t, more_dice(d), 0, 0 };
		tasks[i] = start_target(i >= 3	  ? gets_on
					: t->loop ? puts_over_there
						  : puts_on,
					&traders[i]);
	}
	CHECK_INT(simul_wait(tasks, 3, SIMUL_ALL_COMPLETED), ==, 3);
	if (t->between)
		simul_thread_queue_shutdown(t->between);
	else
		simul_queue_shutdown(&t->queue);
	simul_gather(tasks, 6, NULL);
	add_up(t, traders);
	take_the_rest(t);
	CHECK_INT(t->got_count, ==, t->put_count);
	CHECK_INT(t->got_sum, ==, t->put_sum);
}

static int trades_here(void *arg)
{
	struct trade t = { .queue = {
				   .capacity = roll(arg, 5),
				   .order = (enum simul_order)roll(arg, 2) } };

	trade(&t, arg);
	simul_queue_done(&t.queue);
	return 0;
}

static int trades_with_another_loop(void *arg)
{
	const simul_loops_options one = { .count = 1 };
	struct trade t = { 0 };
	simul_loops *loops;

	CHECK_INT(simul_loops_open(&one, &loops), ==, 0);
	CHECK_INT(simul_thread_queue_new(1 + roll(arg, 4), &t.between), ==, 0);
	t.loop = simul_loops_at(loops, 0);
	trade(&t, arg);
	simul_thread_queue_free(t.between);
	CHECK_INT(simul_loops_close(loops), ==, 0);
	return 0;
}

TEST(no_item_of_a_queue_is_lost_whatever_is_cancelled)
{
	simul_fn *const games[] = { trades_here };

	storm(games, 1, 30);
}

TEST(no_item_between_loops_is_lost_whatever_is_cancelled)
{
	simul_fn *const games[] = { trades_with_another_loop };

	storm(games, 1, 10);
}

/* ---- Locks, conditions, semaphores */

struct counter {
	simul_lock lock;
	simul_condition condition;
	simul_semaphore permits;
	int holders; /* of the lock: one at most */
	size_t taken;
	size_t most;
};

struct customer {
	struct counter *counter;
	struct dice dice;
};

static int wait_inside(struct counter *c, struct dice *d)
{
	int r;

	c->holders--;
	PERHAPS(d, r, simul_condition_wait(&c->condition, &c->lock));
	CHECK_INT(c->holders++, ==, 0);
	return r;
}

static int hold_lock(struct counter *c, struct dice *d)
{
	int r;

	PERHAPS(d, r, simul_lock_acquire(&c->lock));
	if (r < 0)
		return r;
	CHECK_INT(c->holders++, ==, 0);
	r = roll(d, 3) ? simul_sleep(moment(d) / 10) : wait_inside(c, d);
	CHECK_INT(--c->holders, ==, 0);
	CHECK_INT(simul_lock_release(&c->lock), ==, 0);
	return r;
}

static int notify(struct counter *c, struct dice *d)
{
	simul_condition_notify(&c->condition, 1 + roll(d, 3));
	return simul_sleep(0);
}

static int use_permit(struct counter *c, struct dice *d)
{
	simul_case cases[] = { simul_case_acquire(&c->permits),
			       simul_case_sleep(moment(d)) };
	int r;

	if (roll(d, 2))
		PERHAPS(d, r, simul_semaphore_acquire(&c->permits));
	else
		PERHAPS(d, r, simul_select(cases, 2));
	if (r != 0)
		return r;
	CHECK_INT(++c->taken, <=, c->most);
	r = simul_sleep(moment(d) / 10);
	c->taken--;
	CHECK_INT(simul_semaphore_release(&c->permits), ==, 0);
	return r;
}

static int shops(void *arg)
{
	static int (*const ways[])(struct counter *,
				   struct dice *) = { hold_lock, notify,
						      use_permit };
	struct customer *my = arg;
	int r = 0;

	for (int i = 0; i < 60 && !is_the_end(r); i++)
		r = ways[roll(&my->dice, 3)](my->counter, &my->dice);
	CHECK(!is_the_end(r) || r == -ECANCELED);
	return 0;
}

static int opens_shop(void *arg)
{
	struct counter c = { .most = 1 + roll(arg, 3) };
	struct customer customers[6];
	simul_task *t[6];

	c.permits = (simul_semaphore){ .value = c.most, .bound = c.most };
	for (int i = 0; i < 6; i++) {
		customers[i] = (struct customer){ &c, more_dice(arg) };
		t[i] = start_target(shops, &customers[i]);
	}
	CHECK_INT(simul_gather(t, 6, NULL), ==, 0);
	CHECK_INT(c.permits.value, ==, c.most);
	CHECK(!c.lock.owner);
	return 0;
}

TEST(no_lock_or_permit_is_lost_whatever_is_cancelled)
{
	simul_fn *const games[] = { opens_shop };

	storm(games, 1, 20);
}
