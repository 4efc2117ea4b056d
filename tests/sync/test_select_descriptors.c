/* SPDX-License-Identifier: MIT
 * tests/sync/test_select_descriptors.c - what the kernel has to say is a case,
 * too. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <simul/select.h>

#include "choose.h"
#include "sweep.h"
#include "task/wait.h"
#include "test.h"

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

/* Operations that the world has not answered. */
static size_t in_flight(void)
{
	return smi_current_loop->loop.in_flight;
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

/* ---- Cancelled anywhere */

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
