/* SPDX-License-Identifier: MIT
 * tests/sync/test_select.c - see simul/select.h. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/group.h>
#include <simul/scope.h>
#include <simul/select.h>

#include "sweep.h"
#include "task/wait.h"
#include "test.h"

static char A[] = "a", B[] = "b";

/* A select in a task of its own. */
struct choose {
	simul_case *cases;
	size_t n;
};

static int choose(void *arg)
{
	const struct choose *my = arg;

	return simul_select(my->cases, my->n);
}

static void let_others_run(void)
{
	CHECK_INT(simul_sleep(0), ==, 0);
}

/* Whatever a select waited for, it waits no more. */
static void check_nobody_waits(const simul_queue *q)
{
	CHECK(!q->getters.first);
	CHECK(!q->putters.first);
}

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

/* ---- Cancelled */

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

/* ---- Descriptors */

struct wires {
	int in, out;
};

static struct wires make_wires(void)
{
	int ends[2];

	CHECK_INT(pipe2(ends, O_NONBLOCK | O_CLOEXEC), ==, 0);
	return (struct wires){ ends[0], ends[1] };
}

static void cut(struct wires w)
{
	close(w.in);
	close(w.out);
}

TEST_VIRTUAL(a_descriptor_is_ready_when_it_is)
{
	struct wires w = make_wires();
	simul_case cases[] = { simul_case_readable(w.in),
			       simul_case_writable(w.out) };

	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_INT(cases[1].result, ==, 0);
	CHECK_INT(simul_try_select(cases, 1), ==, -EAGAIN);
	CHECK_INT(write(w.out, "x", 1), ==, 1);
	CHECK_INT(simul_select(cases, 2), ==, 0);
	CHECK_INT(cases[0].result, ==, 0);
	CHECK_INT(simul_try_select(cases, 1), ==, 0);
	cut(w);
}

TEST_VIRTUAL(a_descriptor_whose_peer_has_gone_is_readable)
{
	struct wires w = make_wires();
	simul_case cases[] = { simul_case_readable(w.in) };
	simul_task *t = simul_go(choose, cases, 1);

	let_others_run();
	close(w.out);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(cases[0].result, ==, 0);
	close(w.in);
}

TEST_VIRTUAL(what_is_no_descriptor_is_an_error_of_its_case)
{
	simul_case cases[] = { simul_case_readable(-1) };

	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, -EBADF);
	cases[0] = simul_case_writable(999);
	CHECK_INT(simul_select(cases, 1), ==, 0);
	CHECK_INT(cases[0].result, ==, -EBADF);
}

TEST_VIRTUAL(a_descriptor_that_becomes_readable_ends_the_wait)
{
	struct wires w = make_wires();
	simul_event event = { 0 };
	simul_case cases[] = { simul_case_event(&event),
			       simul_case_readable(w.in) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	CHECK_INT(write(w.out, "x", 1), ==, 1);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK(!event.waiters.first);
	cut(w);
}

/* Operations that the world has not answered, but for the loop's own. */
static size_t in_flight(void)
{
	const struct smi_loop *loop = &smi_current_loop->loop;

	return loop->in_flight - loop->listening;
}

TEST_VIRTUAL(no_operation_is_left_when_another_case_was_taken)
{
	struct wires v = make_wires(), w = make_wires();
	simul_event event = { 0 };
	simul_case cases[] = { simul_case_readable(v.in),
			       simul_case_readable(w.in),
			       simul_case_event(&event) };
	simul_task *t = simul_go(choose, cases, 3);

	let_others_run();
	CHECK_INT(in_flight(), ==, 2);
	simul_event_set(&event);
	CHECK_INT(simul_await(t), ==, 2);
	CHECK_INT(in_flight(), ==, 0);
	cut(v);
	cut(w);
}

TEST_VIRTUAL(no_operation_is_left_when_a_select_was_cancelled)
{
	struct wires w = make_wires();
	simul_case cases[] = { simul_case_readable(w.in) };
	simul_task *t = simul_go(choose, cases, 1);

	let_others_run();
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(in_flight(), ==, 0);
	cut(w);
}

TEST_VIRTUAL(an_item_stays_delivered_while_a_select_waits_for_its_operations)
{
	struct wires w = make_wires();
	simul_queue q = { 0 };
	void *item = NULL;
	simul_case cases[] = { simul_case_readable(w.in),
			       simul_case_get(&q, &item) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	simul_queue_put(&q, A);
	simul_cancel(t);
	CHECK_INT(write(w.out, "x", 1), ==, 1); /* too late */
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_STR(item, A);
	CHECK_INT(in_flight(), ==, 0);
	cut(w);
}

TEST_VIRTUAL(two_descriptors_that_are_ready_at_once_are_one_case)
{
	struct wires w = make_wires();
	char all[65536] = { 0 };
	simul_case cases[] = { simul_case_readable(w.in),
			       simul_case_readable(w.in) };
	simul_task *t = simul_go(choose, cases, 2);

	let_others_run();
	CHECK_INT(write(w.out, all, 1), ==, 1);
	CHECK_INT(simul_await(t), >=, 0);
	CHECK_INT(in_flight(), ==, 0);
	cut(w);
}

/* ---- No memory */

static int select_many(void *arg)
{
	struct wires *w = arg;
	simul_event event = { 0 };
	simul_case cases[] = {
		simul_case_readable(w[0].in), simul_case_event(&event),
		simul_case_event(&event),     simul_case_readable(w[1].in),
		simul_case_event(&event),     simul_case_sleep(0.001)
	};
	int r = simul_select(cases, 6);

	CHECK(r == 5 || r == -ENOMEM);
	CHECK(!event.waiters.first);
	CHECK_INT(in_flight(), ==, 0);
	return 0;
}

static void run_select_many(void)
{
	struct wires w[] = { make_wires(), make_wires() };

	simul_run(select_many, w);
	cut(w[0]);
	cut(w[1]);
}

TEST(without_memory_a_select_takes_nothing_and_leaves_nothing_behind)
{
	sweep_allocations(run_select_many);
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

/* ---- The same with descriptors */

struct post {
	struct wires wires;
	simul_queue queue;
	int put, got;
	size_t left; /* operations */
};

static int send_both(void *arg)
{
	struct post *post = arg;
	int r = simul_sleep(0);

	if (r >= 0)
		r = simul_queue_put(&post->queue, post);
	if (r < 0)
		return r;
	post->put++;
	return (int)write(post->wires.out, "x", 1);
}

static int receive_either(void *arg)
{
	struct post *post = arg;
	void *item = NULL;
	simul_case cases[] = { simul_case_readable(post->wires.in),
			       simul_case_get(&post->queue, &item) };
	int r = simul_select(cases, 2);

	CHECK((r == 1) == (item != NULL));
	post->got += r == 1;
	return r;
}

static int run_post(void *arg)
{
	struct post *post = arg;
	simul_task *t[2];
	int r;

	post->wires = make_wires();
	for (int i = 0; i < 2; i++) {
		t[0] = simul_create_task(receive_either, post);
		t[1] = simul_create_task(send_both, post);
		simul_await(t[1]);
		if (simul_task_result(t[1]) < 0)
			simul_cancel(t[0]);
		r = simul_await(t[0]);
		if (r < 0)
			break;
	}
	post->left = in_flight();
	cut(post->wires);
	return r;
}

static void check_post(void *arg, int result)
{
	struct post *post = arg;

	(void)result;
	CHECK_INT(post->left, ==, 0);
	CHECK_INT(post->got + (int)post->queue.count, ==, post->put);
	simul_queue_done(&post->queue);
}

TEST(a_select_leaves_no_operation_behind_wherever_a_task_is_cancelled)
{
	sweep_cancellations(run_post, sizeof(struct post), check_post);
}
