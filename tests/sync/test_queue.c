/* SPDX-License-Identifier: MIT
 * tests/sync/test_queue.c - see simul/queue.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/group.h>
#include <simul/queue.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

/* Items are strings. */
static char A[] = "a", B[] = "b", C[] = "c", D[] = "d";

static int put_item(simul_queue *q, const char *item)
{
	return simul_queue_put(q, (void *)item);
}

static void check_got(simul_queue *q, const char *expected)
{
	void *item = NULL;

	CHECK_INT(simul_queue_try_get(q, &item), ==, 0);
	CHECK_STR(item, expected);
}

static void check_empty(simul_queue *q)
{
	void *item = q;

	CHECK_INT(simul_queue_try_get(q, &item), <, 0);
	CHECK(item == q); /* untouched */
	CHECK_INT(q->count, ==, 0);
}

struct put {
	simul_queue *queue;
	char *item;
};

static int put(void *arg)
{
	const struct put *my = arg;

	return simul_queue_put(my->queue, my->item);
}

static char order[16]; /* the items that were got */

static int get(void *arg)
{
	void *item = NULL;
	int r = simul_queue_get(arg, &item);

	if (r >= 0)
		strncat(order, item, 1);
	else
		CHECK(!item);
	return r;
}

static int join(void *arg)
{
	return simul_queue_join(arg);
}

static void let_others_run(void)
{
	CHECK_INT(simul_sleep(0), ==, 0);
}

/* ---- Orders */

TEST_VIRTUAL(a_queue_gives_items_in_the_order_in_which_they_were_put)
{
	simul_queue q = { 0 };

	for (int i = 0; i < 3; i++) {
		put_item(&q, A);
		put_item(&q, B);
		put_item(&q, C);
		check_got(&q, A);
		put_item(&q, D);
		check_got(&q, B);
		check_got(&q, C);
		check_got(&q, D);
	}
	check_empty(&q);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_queue_keeps_its_order_while_it_grows)
{
	static char items[1000];
	simul_queue q = { 0 };
	void *item;
	size_t got = 0;

	/* It grows at every place in its ring that the head may be. */
	for (size_t i = 0; i < sizeof items; i++) {
		CHECK_INT(simul_queue_put(&q, &items[i]), ==, 0);
		if (i % 3 == 0) {
			CHECK_INT(simul_queue_get(&q, &item), ==, 0);
			CHECK(item == &items[got++]);
		}
	}
	while (simul_queue_try_get(&q, &item) == 0)
		CHECK(item == &items[got++]);
	CHECK_INT(got, ==, sizeof items);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_lifo_queue_gives_the_last_item_first)
{
	simul_queue q = { .order = SIMUL_LIFO };

	put_item(&q, A);
	put_item(&q, B);
	check_got(&q, B);
	put_item(&q, C);
	put_item(&q, D);
	check_got(&q, D);
	check_got(&q, C);
	check_got(&q, A);
	check_empty(&q);
	simul_queue_done(&q);
}

/* By the first letter only. */
static int compare(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

TEST_VIRTUAL(a_priority_queue_gives_the_smallest_first_and_equal_ones_in_order)
{
	static const char *const in[] = { "c1", "a1", "b1", "a2", "c2",
					  "a3", "b2", "a4", "c3", "b3" };
	static const char *const out[] = { "a1", "a2", "a3", "a4", "b1",
					   "b2", "b3", "c1", "c2", "c3" };
	simul_queue q = { .order = SIMUL_PRIORITY, .compare = compare };

	for (int i = 0; i < 10; i++)
		CHECK_INT(put_item(&q, in[i]), ==, 0);
	for (int i = 0; i < 10; i++)
		check_got(&q, out[i]);
	check_empty(&q);
	simul_queue_done(&q);
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

TEST_VIRTUAL(a_priority_queue_sorts_whatever_is_put_and_got_in_between)
{
	static int items[500];
	simul_queue q = { .order = SIMUL_PRIORITY, .compare = by_number };
	unsigned random = 1;
	void *item;
	int last = -1;

	for (int i = 0; i < 500; i++) {
		random = random * 1103515245 + 12345;
		items[i] = (int)(random >> 16) % 100;
		CHECK_INT(simul_queue_put(&q, &items[i]), ==, 0);
		if (i % 5 == 4)
			CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	}
	CHECK_INT(q.count, ==, 400);
	while (simul_queue_try_get(&q, &item) == 0) {
		CHECK_INT(*(int *)item, >=, last);
		last = *(int *)item;
	}
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_priority_queue_that_can_not_compare_is_invalid)
{
	simul_queue q = { .order = SIMUL_PRIORITY };

	CHECK_INT(simul_queue_put(&q, A), ==, -EINVAL);
	CHECK_INT(simul_queue_try_put(&q, A), ==, -EINVAL);
	CHECK_INT(q.unfinished, ==, 0);
}

/* ---- Waiting */

TEST_VIRTUAL(getters_are_served_first_come_first_served)
{
	simul_queue q = { 0 };
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(get, &q);
	let_others_run();
	put_item(&q, A);
	put_item(&q, B);
	put_item(&q, C);
	CHECK_INT(q.count, ==, 0); /* they have owners, though none has run */
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_STR(order, "abc");
	simul_queue_done(&q);
}

TEST_VIRTUAL(nobody_can_snatch_an_item_from_who_waited_for_it)
{
	simul_queue q = { 0 };
	simul_task *t = simul_create_task(get, &q);

	let_others_run();
	put_item(&q, A);
	check_empty(&q);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_STR(order, "a");
}

TEST_VIRTUAL(a_hand_over_allocates_nothing)
{
	simul_queue q = { .capacity = 1 };
	simul_task *t = simul_create_task(get, &q);

	let_others_run();
	put_item(&q, A);
	CHECK(!q.items);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(a_full_queue_makes_putters_wait_and_lets_them_in_in_order)
{
	simul_queue q = { .capacity = 2 };
	simul_task *t[2];

	put_item(&q, A);
	CHECK(!simul_queue_is_full(&q));
	put_item(&q, B);
	CHECK(simul_queue_is_full(&q));
	t[0] = simul_go(put, &q, C);
	t[1] = simul_go(put, &q, D);
	let_others_run();
	CHECK_INT(simul_queue_try_put(&q, A), ==, -EAGAIN);
	check_got(&q, A);
	/* The room is c's already. */
	CHECK_INT(simul_queue_try_put(&q, A), ==, -EAGAIN);
	CHECK_INT(q.count, ==, 2);
	check_got(&q, B);
	check_got(&q, C);
	check_got(&q, D);
	check_empty(&q);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	simul_queue_done(&q);
}

TEST_VIRTUAL(an_item_that_waited_for_room_is_sorted_in)
{
	simul_queue q = { .capacity = 2,
			  .order = SIMUL_PRIORITY,
			  .compare = compare };
	simul_task *t;

	put_item(&q, C);
	put_item(&q, B);
	t = simul_go(put, &q, A);
	let_others_run();
	check_got(&q, B);
	check_got(&q, A);
	check_got(&q, C);
	CHECK_INT(simul_await(t), ==, 0);
	simul_queue_done(&q);
}

TEST(a_queue_is_waited_for_only_in_a_task_but_tried_anywhere)
{
	simul_queue q = { 0 };
	void *item;

	CHECK_INT(simul_queue_put(&q, A), ==, -EPERM);
	CHECK_INT(simul_queue_try_put(&q, A), ==, 0);
	CHECK_INT(simul_queue_get(&q, &item), ==, -EPERM);
	CHECK_INT(simul_queue_join(&q), ==, -EPERM);
	check_got(&q, A);
	simul_queue_done(&q);
}

/* ---- Cancelled */

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

/* ---- Join */

TEST_VIRTUAL(join_waits_until_every_item_is_done)
{
	simul_queue q = { 0 };
	simul_task *t;

	CHECK_INT(simul_queue_join(&q), ==, 0);
	put_item(&q, A);
	put_item(&q, B);
	t = simul_create_task(join, &q);
	let_others_run();
	check_got(&q, A);
	check_got(&q, B);
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	simul_queue_done(&q);
}

TEST_VIRTUAL(one_task_done_too_many_is_an_error)
{
	simul_queue q = { 0 };

	CHECK_INT(simul_queue_task_done(&q), ==, -EINVAL);
	put_item(&q, A);
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
	CHECK_INT(simul_queue_task_done(&q), ==, -EINVAL);
	simul_queue_done(&q);
}

TEST_VIRTUAL(an_item_that_was_handed_over_is_unfinished_work)
{
	simul_queue q = { 0 };
	simul_task *t = simul_create_task(get, &q);

	let_others_run();
	put_item(&q, A);
	CHECK_INT(q.unfinished, ==, 1);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
}

TEST_VIRTUAL(a_cancelled_join_leaves_the_work_alone)
{
	simul_queue q = { 0 };

	put_item(&q, A);
	CHECK_INT(simul_wait_for(1, join, &q), ==, -ETIMEDOUT);
	CHECK_INT(q.unfinished, ==, 1);
	simul_queue_done(&q);
}

/* ---- Shutdown */

TEST_VIRTUAL(after_a_shutdown_puts_fail_and_gets_drain_and_then_fail)
{
	simul_queue q = { 0 };
	void *item = NULL;

	put_item(&q, A);
	put_item(&q, B);
	simul_queue_shutdown(&q);
	simul_queue_shutdown(&q);
	CHECK_INT(simul_queue_put(&q, C), ==, -EPIPE);
	CHECK_INT(simul_queue_try_put(&q, C), ==, -EPIPE);
	CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	CHECK_STR(item, A);
	check_got(&q, B);
	CHECK_INT(simul_queue_get(&q, &item), ==, -EPIPE);
	CHECK_INT(simul_queue_try_get(&q, &item), ==, -EPIPE);
	CHECK_STR(item, A);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_shutdown_wakes_getters_that_wait)
{
	simul_queue q = { 0 };
	simul_task *t[2] = { simul_create_task(get, &q),
			     simul_create_task(get, &q) };
	int results[2];

	let_others_run();
	simul_queue_shutdown(&q);
	CHECK_INT(simul_gather(t, 2, results), ==, -EPIPE);
	CHECK_INT(results[0], ==, -EPIPE);
	CHECK_INT(results[1], ==, -EPIPE);
}

TEST_VIRTUAL(a_shutdown_wakes_putters_that_wait_and_keeps_their_items_out)
{
	simul_queue q = { .capacity = 1 };
	simul_task *t;

	put_item(&q, A);
	t = simul_go(put, &q, B);
	let_others_run();
	simul_queue_shutdown(&q);
	check_got(&q, A);
	check_empty(&q);
	CHECK_INT(simul_await(t), ==, -EPIPE);
	CHECK_INT(q.unfinished, ==, 1);
	simul_queue_done(&q);
}

static void drop(void *item)
{
	strncat(order, item, 1);
}

TEST_VIRTUAL(an_immediate_shutdown_drops_what_is_left_and_unblocks_join)
{
	simul_queue q = { .capacity = 2 };
	simul_task *t[2];
	int results[2];

	put_item(&q, A);
	put_item(&q, B);
	t[0] = simul_go(put, &q, C);
	t[1] = simul_create_task(join, &q);
	let_others_run();
	simul_queue_shutdown_now(&q, drop);
	CHECK_STR(order, "ab");
	simul_gather(t, 2, results);
	CHECK_INT(results[0], ==, -EPIPE);
	CHECK_INT(results[1], ==, 0);
	CHECK_INT(q.unfinished, ==, 0);
	simul_queue_shutdown_now(&q, NULL);
	simul_queue_done(&q);
}

TEST_VIRTUAL(an_immediate_shutdown_does_not_finish_the_work_on_what_was_got)
{
	simul_queue q = { 0 };
	simul_task *t;

	put_item(&q, A);
	put_item(&q, B);
	check_got(&q, A);
	t = simul_create_task(join, &q);
	let_others_run();
	simul_queue_shutdown_now(&q, NULL);
	let_others_run();
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	simul_queue_done(&q);
}

/* ---- Done */

TEST_VIRTUAL(a_queue_that_is_done_may_be_used_again)
{
	simul_queue q = { .capacity = 1,
			  .order = SIMUL_PRIORITY,
			  .compare = compare };

	put_item(&q, A);
	simul_queue_shutdown(&q);
	simul_queue_done(&q);
	CHECK_INT(q.capacity, ==, 1);
	CHECK_INT(q.order, ==, SIMUL_PRIORITY);
	CHECK_INT(put_item(&q, B), ==, 0);
	CHECK(simul_queue_is_full(&q));
	check_got(&q, B);
	simul_queue_done(&q);
}

static int free_too_early(void *arg)
{
	simul_queue q = { 0 };
	simul_task *t = simul_create_task(get, &q);

	(void)arg;
	simul_task_set_name(t, "greedy");
	let_others_run();
	simul_queue_done(&q);
	return 0;
}

TEST(a_queue_that_a_task_still_waits_for_is_not_done_and_says_who_waits)
{
	char said[256] = "";
	int ends[2], status;
	pid_t pid;

	CHECK_INT(pipe(ends), ==, 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		run_virtual(free_too_early, NULL);
		_exit(0);
	}
	close(ends[1]);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK_INT(read(ends[0], said, sizeof said - 1), >, 0);
	CHECK(strstr(said, "'greedy'"));
	close(ends[0]);
}

/* ---- No memory */

static int fill_and_drain(void *arg)
{
	static char items[100];
	simul_queue *q = arg;
	size_t in = 0, out = 0;
	void *item;
	int r = 0;

	while (in < sizeof items && r >= 0) {
		r = simul_queue_put(q, &items[in]);
		if (r >= 0)
			in++;
	}
	CHECK(r >= 0 || r == -ENOMEM);
	CHECK_INT(q->unfinished, ==, in);
	while (simul_queue_try_get(q, &item) >= 0)
		CHECK(item == &items[out++]);
	CHECK_INT(out, ==, in);
	return 0;
}

static void run_fill_and_drain(void)
{
	simul_queue q = { 0 };

	simul_run(fill_and_drain, &q);
	simul_queue_done(&q);
}

TEST(without_memory_the_item_stays_the_callers)
{
	sweep_allocations(run_fill_and_drain);
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
