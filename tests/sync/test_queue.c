/* SPDX-License-Identifier: MIT
 * tests/sync/test_queue.c - see simul/queue.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/queue.h>
#include <simul/task.h>

#include "items.h"
#include "test.h"

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

TEST_VIRTUAL(all_that_join_go_on_when_the_work_is_done)
{
	simul_queue q = { 0 };
	simul_task *t[3];

	put_item(&q, A);
	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(join, &q);
	let_others_run();
	CHECK_INT(simul_queue_task_done(&q), ==, 0);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
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
