/* SPDX-License-Identifier: MIT
 * tests/task/test_loops.c - several loops, and calls between them. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include <simul.h>

#include "test.h"

static simul_loops *loops;

static void open_loops(size_t count)
{
	const simul_loops_options options = { .count = count };

	CHECK_INT(simul_loops_open(&options, &loops), ==, 0);
	CHECK_INT(simul_loops_count(loops), ==, count);
}

static void close_loops(void)
{
	CHECK_INT(simul_loops_close(loops), ==, 0);
}

/* ---- Calls */

static int says_where(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	CHECK(simul_current_task());
	CHECK_INT(simul_sleep(0), ==, 0);
	return simul_loops_index(loops);
}

static int calls_each(void *arg)
{
	pthread_t one, other;

	(void)arg;
	open_loops(2);
	CHECK_INT(simul_to_loop(simul_loops_at(loops, 0), says_where, &one), ==,
		  0);
	CHECK_INT(simul_to_loop(simul_loops_at(loops, 1), says_where, &other),
		  ==, 1);
	CHECK(!pthread_equal(one, other));
	CHECK(!pthread_equal(one, pthread_self()));
	CHECK(!simul_loops_at(loops, 2));
	CHECK_INT(simul_loops_index(loops), ==, -ENOENT);
	close_loops();
	return 0;
}

TEST(a_call_in_another_loop_returns_what_the_function_did)
{
	CHECK_INT(simul_run(calls_each, NULL), ==, 0);
}

static int fails(void *arg)
{
	(void)arg;
	return -EIO;
}

static int calls_what_fails(void *arg)
{
	(void)arg;
	open_loops(1);
	CHECK_INT(simul_to_loop(simul_loops_at(loops, 0), fails, NULL), ==,
		  -EIO);
	close_loops();
	return 0;
}

TEST(a_failure_in_another_loop_is_the_result_of_the_call)
{
	CHECK_INT(simul_run(calls_what_fails, NULL), ==, 0);
}

static int counts(void *arg)
{
	++*(atomic_int *)arg;
	return simul_sleep(0);
}

static int goes_to_the_next(void *arg)
{
	return simul_to_loop(simul_loops_next(loops), counts, arg);
}

enum { MANY = 2000 };

static int calls_often(void *arg)
{
	atomic_int calls = 0;

	(void)arg;
	open_loops(3);
	for (int i = 0; i < MANY / 100; i++) {
		simul_group group = { 0 };

		for (int k = 0; k < 100; k++)
			simul_group_create_task(&group, goes_to_the_next,
						&calls);
		CHECK_INT(simul_group_wait(&group), ==, 0);
	}
	CHECK_INT(calls, ==, MANY);
	close_loops();
	return 0;
}

TEST(many_tasks_call_into_many_loops_and_nothing_is_lost)
{
	CHECK_INT(simul_run(calls_often, NULL), ==, 0);
}

static int calls_itself(void *arg)
{
	atomic_int calls = 0;

	(void)arg;
	CHECK_INT(simul_to_loop(simul_current_loop(), counts, &calls), ==, 0);
	return calls;
}

TEST(a_loop_can_call_itself)
{
	CHECK_INT(simul_run(calls_itself, NULL), ==, 1);
}

struct chain {
	int left;
	simul_loop *from;
};

static int calls_back_and_forth(void *arg)
{
	const struct chain *my = arg;
	struct chain next = { my->left - 1, simul_current_loop() };

	if (my->left == 0)
		return 0;
	return simul_to_loop(my->from, calls_back_and_forth, &next) + 1;
}

static int begins_a_chain(void *arg)
{
	struct chain chain = { 20, simul_current_loop() };
	int r;

	(void)arg;
	open_loops(1);
	r = simul_to_loop(simul_loops_at(loops, 0), calls_back_and_forth,
			  &chain);
	close_loops();
	return r;
}

TEST(loops_call_each_other_to_and_fro)
{
	CHECK_INT(simul_run(begins_a_chain, NULL), ==, 20);
}

/* ---- Cancelled */

static atomic_bool there, was_told;

static int waits_there(void *arg)
{
	int r;

	there = true;
	r = simul_sleep(INFINITY);
	was_told = r == -ECANCELED;
	++*(int *)arg; /* in the caller's frame, which must still be there */
	return r;
}

static int goes_and_waits(void *arg)
{
	int frame = 0, r;

	r = simul_to_loop(arg, waits_there, &frame);
	CHECK_INT(frame, ==, 1);
	return r;
}

static int cancels_a_call(void *arg)
{
	simul_task *t;

	(void)arg;
	open_loops(1);
	t = simul_create_task(goes_and_waits, simul_loops_at(loops, 0));
	while (!there)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK(was_told);
	close_loops();
	return 0;
}

TEST(a_cancelled_call_is_cancelled_over_there_and_waited_for)
{
	CHECK_INT(simul_run(cancels_a_call, NULL), ==, 0);
}

static int hurries(void *arg)
{
	(void)arg;
	return 5;
}

static int goes_and_hurries(void *arg)
{
	return simul_to_loop(arg, hurries, NULL);
}

/* The cancellation meets the result somewhere on the way. */
static int cancels_in_a_hurry(void *arg)
{
	(void)arg;
	open_loops(1);
	for (int i = 0; i < 500; i++) {
		simul_task *t = simul_create_task(goes_and_hurries,
						  simul_loops_at(loops, 0));
		int r;

		for (int k = 0; k <= i % 3; k++)
			simul_sleep(0);
		simul_cancel(t);
		r = simul_await(t);
		CHECK(r == 5 || r == -ECANCELED);
	}
	close_loops();
	return 0;
}

TEST(a_cancellation_and_a_result_can_meet_on_the_way)
{
	CHECK_INT(simul_run(cancels_in_a_hurry, NULL), ==, 0);
}

static int goes_cancelled(void *arg)
{
	(void)arg;
	open_loops(1);
	simul_cancel(simul_current_task());
	CHECK_INT(simul_to_loop(simul_loops_at(loops, 0), hurries, NULL), ==,
		  -ECANCELED);
	CHECK_INT(simul_loops_call(loops, hurries, NULL), ==, -ECANCELED);
	CHECK_INT(simul_loops_open(NULL, &loops), ==, -ECANCELED);
	return simul_loops_close(loops);
}

TEST(loops_are_closed_also_by_who_is_cancelled)
{
	CHECK_INT(simul_run(goes_cancelled, NULL), ==, 0);
}

/* ---- In all of them */

static atomic_uint seen;

static int marks(void *arg)
{
	seen |= 1U << simul_loops_index(loops);
	return *(int *)arg;
}

static int calls_all(void *arg)
{
	int result = 4;

	(void)arg;
	open_loops(5);
	CHECK_INT(simul_loops_call(loops, marks, &result), ==, 0);
	CHECK_INT(seen, ==, 31);
	close_loops();
	return 0;
}

TEST(a_function_is_called_in_every_loop)
{
	CHECK_INT(simul_run(calls_all, NULL), ==, 0);
}

static int fails_in_the_third(void *arg)
{
	(void)arg;
	return simul_loops_index(loops) == 2 ? -EIO : simul_sleep(INFINITY);
}

static int calls_all_and_one_fails(void *arg)
{
	(void)arg;
	open_loops(4);
	CHECK_INT(simul_loops_call(loops, fails_in_the_third, NULL), ==, -EIO);
	close_loops();
	return 0;
}

TEST(a_call_that_fails_cancels_those_in_the_other_loops)
{
	CHECK_INT(simul_run(calls_all_and_one_fails, NULL), ==, 0);
}

/* ---- Their life */

static int leaves_a_task(void *arg)
{
	return simul_create_task_with(
		       &(simul_task_options){ .background = true }, waits_there,
		       arg)
		       ? 0
		       : -ENOMEM;
}

static int closes_what_still_runs(void *arg)
{
	int frame = 0;

	(void)arg;
	open_loops(1);
	CHECK_INT(
		simul_to_loop(simul_loops_at(loops, 0), leaves_a_task, &frame),
		==, 0);
	close_loops();
	CHECK_INT(frame, ==, 1);
	return 0;
}

TEST(what_still_runs_when_loops_are_closed_is_cancelled_and_waited_for)
{
	CHECK_INT(simul_run(closes_what_still_runs, NULL), ==, 0);
	CHECK(was_told);
}

static int calls_after_the_end(void *arg)
{
	simul_loop *loop;

	(void)arg;
	open_loops(1);
	loop = simul_loop_hold(simul_loops_at(loops, 0));
	close_loops();
	CHECK_INT(simul_to_loop(loop, hurries, NULL), ==, -ESHUTDOWN);
	simul_loop_release(loop);
	return 0;
}

TEST(a_call_in_a_loop_that_has_ended_is_refused)
{
	CHECK_INT(simul_run(calls_after_the_end, NULL), ==, 0);
}

static int looks_at_its_thread(void *arg)
{
	char name[16];
	cpu_set_t cores;
	sigset_t blocked;

	(void)arg;
	pthread_getname_np(pthread_self(), name, sizeof name);
	CHECK_STR(name, simul_loops_index(loops) == 0 ? "workers-of-al-0"
						      : "workers-of-al-1");
	CHECK_INT(sched_getaffinity(0, sizeof cores, &cores), ==, 0);
	CHECK_INT(CPU_COUNT(&cores), ==, 1);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	CHECK(sigismember(&blocked, SIGINT));
	CHECK(sigismember(&blocked, SIGCHLD));
	CHECK(!sigismember(&blocked, SIGSEGV));
	return 0;
}

static int opens_with_options(void *arg)
{
	const simul_loops_options options = { .count = 2,
					      .pinned = true,
					      .name = "workers-of-all-kinds" };
	sigset_t blocked;

	(void)arg;
	CHECK_INT(simul_loops_open(&options, &loops), ==, 0);
	CHECK_INT(simul_loops_call(loops, looks_at_its_thread, NULL), ==, 0);
	close_loops();
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	CHECK(!sigismember(&blocked, SIGINT));
	return 0;
}

TEST(their_threads_have_names_and_cores_of_their_own_and_no_signals)
{
	CHECK_INT(simul_run(opens_with_options, NULL), ==, 0);
}

static int opens_one_a_core(void *arg)
{
	cpu_set_t cores;

	(void)arg;
	CHECK_INT(sched_getaffinity(0, sizeof cores, &cores), ==, 0);
	CHECK_INT(simul_loops_open(NULL, &loops), ==, 0);
	CHECK_INT(simul_loops_count(loops), ==, (size_t)CPU_COUNT(&cores));
	close_loops();
	return 0;
}

TEST(unless_told_otherwise_there_is_one_for_each_core)
{
	CHECK_INT(simul_run(opens_one_a_core, NULL), ==, 0);
}

static int opens_badly(void *arg)
{
	const simul_loops_options too_many = { .count = 100000 };
	const simul_loops_options nonsense = {
		.count = 3, .loop = { .backend = "carrier pigeons" }
	};

	(void)arg;
	CHECK_INT(simul_loops_open(&too_many, &loops), ==, -EINVAL);
	CHECK_INT(simul_loops_open(&nonsense, &loops), ==, -EINVAL);
	CHECK(!loops);
	return simul_loops_close(NULL);
}

TEST(loops_that_cannot_be_had_leave_nothing_behind)
{
	CHECK_INT(simul_run(opens_badly, NULL), ==, 0);
	CHECK_INT(simul_loops_open(NULL, &loops), ==, -EPERM);
}

static int opens_with_few_descriptors(void *arg)
{
	const simul_loops_options options = { .count = 8 };
	const struct rlimit few = { 16, 16 };

	(void)arg;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	CHECK_INT(simul_loops_open(&options, &loops), ==, -EMFILE);
	return 0;
}

TEST(those_that_had_started_end_when_another_cannot)
{
	CHECK_INT(simul_run(opens_with_few_descriptors, NULL), ==, 0);
}

static int opens_and_calls(void *arg)
{
	const simul_loops_options options = { .count = 2 };
	atomic_int calls = 0;
	int r = simul_loops_open(&options, &loops);

	(void)arg;
	if (r < 0)
		return r;
	r = simul_loops_call(loops, counts, &calls);
	CHECK(r == -ENOMEM || calls == 2);
	CHECK_INT(simul_loops_close(loops), ==, 0);
	return r;
}

static void run_opens_and_calls(void)
{
	int r = simul_run(opens_and_calls, NULL);

	CHECK(r == 0 || r == -ENOMEM);
}

TEST(without_memory_loops_and_calls_are_refused_and_nothing_is_lost)
{
	sweep_allocations(run_opens_and_calls);
}
