/* SPDX-License-Identifier: MIT
 * tests/sync/test_select.c - see simul/select.h. */
#include <errno.h>
#include <math.h>

#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/select.h>

#include "choose.h"
#include "task/wait.h"
#include "test.h"

/* ---- What is ready is taken at once */

TEST_VIRTUAL(the_first_case_that_is_ready_in_the_order_given_is_taken)
{
	simul_queue q = { 0 };
	simul_event event = { .is_set = true };
	simul_semaphore one = { .value = 1 };
	void *item = NULL;
	simul_case cases[] = { simul_case_get(&q, &item),
			       simul_case_acquire(&one),
			       simul_case_event(&event), simul_case_sleep(0) };

	CHECK_INT(simul_select(cases, 4), ==, 1);
	CHECK_INT(cases[1].result, ==, 0);
	CHECK_INT(one.value, ==, 0);
	CHECK_INT(simul_select(cases, 4), ==, 2);
	simul_event_clear(&event);
	CHECK_INT(simul_select(cases, 4), ==, 3);
	simul_queue_put(&q, A);
	simul_event_set(&event);
	CHECK_INT(simul_select(cases, 4), ==, 0);
	CHECK_STR(item, A);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_put_is_taken_when_there_is_room)
{
	simul_queue q = { .capacity = 1 };
	void *item;
	simul_case cases[] = { simul_case_put(&q, A), simul_case_sleep(1) };

	CHECK_INT(simul_select(cases, 2), ==, 0);
	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_INT(q.count, ==, 1);
	check_nobody_waits(&q);
	CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	CHECK_STR(item, A);
	simul_queue_done(&q);
}

TEST_VIRTUAL(a_case_that_is_switched_off_is_never_ready)
{
	simul_case cases[] = { { 0 }, simul_case_sleep(1) };

	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_INT(simul_try_select(cases, 1), ==, -EAGAIN);
}

TEST(trying_to_select_takes_what_is_ready_and_never_waits)
{
	simul_queue q = { 0 };
	simul_event event = { 0 };
	void *item = NULL;
	simul_case cases[] = { simul_case_get(&q, &item),
			       simul_case_event(&event), simul_case_sleep(1) };

	CHECK_INT(simul_try_select(cases, 3), ==, -EAGAIN);
	CHECK_INT(simul_select(cases, 3), ==, -EPERM);
	simul_event_set(&event);
	CHECK_INT(simul_try_select(cases, 3), ==, 1);
	CHECK_INT(simul_try_select(cases, 65), ==, -EINVAL);
}

/* ---- What becomes ready first is taken, and nothing else */

TEST_VIRTUAL(an_item_goes_straight_to_a_select_that_waits)
{
	simul_queue p = { 0 }, q = { 0 };
	void *x = NULL, *y = NULL;
	simul_case cases[] = { simul_case_get(&p, &x), simul_case_get(&q, &y) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	CHECK_INT(simul_queue_put(&q, B), ==, 0);
	CHECK_STR(y, B); /* delivered, though it has not run yet */
	/* The same turn: this one is nobody's. */
	CHECK_INT(simul_queue_put(&p, A), ==, 0);
	CHECK_INT(p.count, ==, 1);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK(!x);
	check_nobody_waits(&p);
	check_nobody_waits(&q);
	simul_queue_done(&p);
}

TEST_VIRTUAL(whoever_makes_room_takes_the_item_of_a_select_that_waits)
{
	simul_queue q = { .capacity = 1 };
	simul_event event = { 0 };
	void *item;
	simul_case cases[] = { simul_case_event(&event),
			       simul_case_put(&q, B) };
	simul_task *t;

	simul_queue_put(&q, A);
	t = simul_go(choose, cases, 2);
	let_others_run();
	CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	simul_event_set(&event); /* too late */
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	CHECK_STR(item, B);
	CHECK_INT(q.unfinished, ==, 2);
	simul_queue_done(&q);
}

TEST_VIRTUAL(an_item_is_not_put_when_another_case_was_taken)
{
	simul_queue q = { .capacity = 1 };
	simul_event event = { 0 };
	void *item;
	simul_case cases[] = { simul_case_event(&event),
			       simul_case_put(&q, B) };
	simul_task *t;

	simul_queue_put(&q, A);
	t = simul_go(choose, cases, 2);
	let_others_run();
	simul_event_set(&event);
	CHECK_INT(simul_queue_get(&q, &item), ==, 0);
	CHECK_INT(q.count, ==, 0);
	CHECK_INT(q.unfinished, ==, 1);
	CHECK_INT(simul_await(t), ==, 0);
	simul_queue_done(&q);
}

TEST_VIRTUAL(two_selects_can_hand_an_item_over)
{
	simul_queue q = { .capacity = 1 };
	void *item = NULL;
	simul_case getting[] = { simul_case_get(&q, &item),
				 simul_case_sleep(9) };
	simul_case putting[] = { simul_case_sleep(9), simul_case_put(&q, A) };
	simul_task *t[] = { simul_go(choose, getting, 2),
			    simul_go(choose, putting, 2) };
	int results[2];

	CHECK_INT(simul_gather(t, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 0);
	CHECK_INT(results[1], ==, 1);
	CHECK_STR(item, A);
}

TEST_VIRTUAL(a_permit_goes_to_a_select_in_its_turn)
{
	simul_semaphore none = { 0 };
	simul_event event = { 0 };
	simul_case first[] = { simul_case_event(&event),
			       simul_case_acquire(&none) };
	simul_case second[] = { simul_case_acquire(&none) };
	simul_task *t[] = { simul_go(choose, first, 2),
			    simul_go(choose, second, 1) };
	int results[2];

	let_others_run();
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	simul_event_set(&event);
	let_others_run();
	CHECK(simul_task_is_done(t[0]) && !simul_task_is_done(t[1]));
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	CHECK_INT(simul_gather(t, 2, results), ==, 0);
	CHECK_INT(results[0], ==, 1);
	CHECK_INT(results[1], ==, 0);
	CHECK_INT(none.value, ==, 0);
}

TEST_VIRTUAL(a_permit_is_not_taken_when_another_case_was)
{
	simul_semaphore none = { 0 };
	simul_event event = { 0 };
	simul_case cases[] = { simul_case_acquire(&none),
			       simul_case_event(&event) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	simul_event_set(&event);
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	CHECK_INT(none.value, ==, 1);
	CHECK_INT(simul_await(t), ==, 1);
}

TEST_VIRTUAL(the_same_thing_in_two_cases_is_taken_once)
{
	simul_semaphore none = { 0 };
	simul_event event = { 0 };
	simul_case cases[] = { simul_case_event(&event),
			       simul_case_acquire(&none),
			       simul_case_acquire(&none),
			       simul_case_event(&event) };
	simul_task *t = simul_go(choose, cases, 4);

	let_others_run();
	simul_event_set(&event);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK(!event.waiters.first);
	simul_event_clear(&event);
	t = simul_go(choose, cases, 4);
	let_others_run();
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	CHECK_INT(simul_semaphore_release(&none), ==, 0);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(none.value, ==, 1);
}

TEST_VIRTUAL(a_future_brings_its_result_and_its_value)
{
	simul_future future = { 0 };
	void *value = NULL;
	simul_case cases[] = { simul_case_sleep(9),
			       simul_case_future(&future, &value) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	CHECK_INT(simul_future_set(&future, 7, A), ==, 0);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(cases[1].result, ==, 7);
	CHECK_STR(value, A);
	value = NULL;
	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_STR(value, A);
	cases[1] = simul_case_future(&future, NULL);
	CHECK_INT(simul_select(cases, 2), ==, 1);
}

TEST_VIRTUAL(a_future_that_failed_leaves_the_value_alone)
{
	/* An error that a case of ours must not take for "not yet". */
	simul_future before = { 0 }, after = { 0 };
	void *value = A;
	simul_case cases[] = { simul_case_future(&before, &value),
			       simul_case_future(&after, &value) };
	simul_task *t;

	CHECK_INT(simul_future_set(&before, -EAGAIN, B), ==, 0);
	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, -EAGAIN);
	t = simul_go(choose, &cases[1], 1);
	let_others_run();
	simul_future_cancel(&after);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(cases[1].result, ==, -ECANCELED);
	CHECK(value == A);
}

struct nap {
	double seconds;
	int result;
};

static int nap(void *arg)
{
	const struct nap *my = arg;

	simul_sleep(my->seconds);
	return my->result;
}

TEST_VIRTUAL(a_task_that_ends_brings_its_result_and_keeps_its_handle)
{
	simul_task *slow = simul_go(nap, 5, 55), *fast = simul_go(nap, 1, -11);
	simul_case cases[] = { simul_case_task(slow), simul_case_task(fast) };

	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_INT(cases[1].result, ==, -11);
	CHECK_INT(simul_select(cases, 2), ==, 1); /* it has ended still */
	CHECK_INT(simul_await(fast), ==, -11);
	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, 55);
	CHECK_INT(simul_await(slow), ==, 55);
}

TEST_VIRTUAL(a_task_that_could_not_start_has_ended)
{
	simul_case cases[] = { simul_case_task(NULL) };

	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, -ENOMEM);
}

TEST_VIRTUAL(waiting_for_oneself_is_a_deadlock)
{
	simul_case cases[] = { simul_case_task(simul_current_task()) };

	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, -EDEADLK);
}

TEST_VIRTUAL(the_shortest_sleep_passes_first)
{
	double start = simul_now();
	simul_case cases[] = { simul_case_sleep(3), simul_case_sleep(INFINITY),
			       simul_case_sleep(2), simul_case_sleep(2) };

	CHECK_INT(simul_select(cases, 4), ==, 2);
	CHECK_NEAR(simul_now() - start, 2, 1e-6);
	cases[1] = simul_case_sleep(NAN);
	CHECK_INT(simul_select(cases, 4), ==, 1);
	CHECK_INT(cases[1].result, ==, -EINVAL);
}

TEST_VIRTUAL(no_timer_is_left_when_another_case_was_taken)
{
	simul_event event = { 0 };
	simul_case cases[] = { simul_case_sleep(5), simul_case_event(&event) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	CHECK_INT(smi_current_loop->loop.timers.count, ==, 1);
	simul_event_set(&event);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(smi_current_loop->loop.timers.count, ==, 0);
}

TEST_VIRTUAL(a_queue_that_is_shut_down_is_ready_and_says_so)
{
	simul_queue q = { .capacity = 1 };
	void *item = NULL;
	simul_case get = simul_case_get(&q, &item);
	simul_case put = simul_case_put(&q, B);
	simul_task *t = simul_go(choose, &get, 1);

	let_others_run();
	simul_queue_shutdown(&q);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(get.result, ==, -EPIPE);
	CHECK(!item);
	CHECK_INT(simul_select(&get, 1), ==, 0);
	CHECK_INT(get.result, ==, -EPIPE);
	CHECK_INT(simul_select(&put, 1), ==, 0);
	CHECK_INT(put.result, ==, -EPIPE);
}

TEST_VIRTUAL(a_put_that_waits_for_room_learns_of_the_shutdown)
{
	simul_queue q = { .capacity = 1 };
	simul_case put = simul_case_put(&q, B);
	simul_task *t;

	simul_queue_put(&q, A);
	t = simul_go(choose, &put, 1);
	let_others_run();
	simul_queue_shutdown(&q);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(put.result, ==, -EPIPE);
	CHECK_INT(q.count, ==, 1);
	simul_queue_done(&q);
}

TEST_VIRTUAL(up_to_64_cases_may_be_waited_for)
{
	static simul_event events[65];
	simul_case cases[65];
	simul_task *t;

	for (int i = 0; i < 65; i++)
		cases[i] = simul_case_event(&events[i]);
	CHECK_INT(simul_select(cases, 65), ==, -EINVAL);
	t = simul_go(choose, cases, 64);
	let_others_run();
	simul_event_set(&events[63]);
	CHECK_INT(simul_await(t), ==, 63);
	for (int i = 0; i < 64; i++)
		CHECK(!events[i].waiters.first);
}

static int select_nothing(void *arg)
{
	(void)arg;
	return simul_select(NULL, 0);
}

TEST_VIRTUAL(to_wait_for_nothing_is_to_wait_until_cancelled)
{
	CHECK_INT(simul_wait_for(5, select_nothing, NULL), ==, -ETIMEDOUT);
}
