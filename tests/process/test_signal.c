/* SPDX-License-Identifier: MIT
 * tests/process/test_signal.c - tasks wait for signals. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <simul.h>

#include "../task/dies.h"
#include "sweep.h"
#include "test.h"

static simul_signals *listen_for(const int *numbers)
{
	simul_signals *s = NULL;

	CHECK_INT(simul_signals_open(numbers, &s), ==, 0);
	return s;
}

static int waits_for_one(void *arg)
{
	(void)arg;
	return simul_wait_signal(SIGTERM, SIGUSR1);
}

TEST_VIRTUAL(a_task_waits_for_one_of_several)
{
	simul_task *t = simul_create_task(waits_for_one, NULL);

	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
	CHECK_INT(simul_await(t), ==, SIGUSR1);
}

TEST_VIRTUAL(each_of_a_row_is_heard)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGHUP, SIGTERM));

	raise(SIGTERM);
	raise(SIGHUP);
	CHECK_INT(simul_signals_next(s), ==, SIGHUP);
	CHECK_INT(simul_signals_next(s), ==, SIGTERM);
	raise(SIGHUP);
	CHECK_INT(simul_signals_next(s), ==, SIGHUP);
	simul_signals_close(s);
	simul_signals_close(NULL);
}

TEST_VIRTUAL(no_real_time_signal_is_lost)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGRTMIN + 3));

	for (int i = 0; i < 10; i++)
		raise(SIGRTMIN + 3);
	for (int i = 0; i < 10; i++)
		CHECK_INT(simul_signals_next(s), ==, SIGRTMIN + 3);
	simul_signals_close(s);
}

/* ---- Who hears it */

static int takes_next(void *arg)
{
	return simul_signals_next(arg);
}

TEST_VIRTUAL(each_object_hears_it)
{
	simul_signals *a = listen_for(SIMUL_SIGNALS(SIGUSR1));
	simul_signals *b = listen_for(SIMUL_SIGNALS(SIGUSR2, SIGUSR1));
	simul_task *t[] = { simul_create_task(takes_next, a),
			    simul_create_task(takes_next, b) };
	int results[2];

	CHECK_INT(simul_sleep(1), ==, 0);
	raise(SIGUSR1);
	CHECK_INT(simul_gather(t, 2, results), ==, 0);
	CHECK_INT(results[0], ==, SIGUSR1);
	CHECK_INT(results[1], ==, SIGUSR1);
	simul_signals_close(a);
	simul_signals_close(b);
}

TEST_VIRTUAL(of_the_tasks_at_one_object_one_hears_it)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1, SIGUSR2));
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(takes_next, s);
	CHECK_INT(simul_sleep(1), ==, 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_task_is_done(t[0]) + simul_task_is_done(t[1]) +
			  simul_task_is_done(t[2]),
		  ==, 2);
	raise(SIGUSR1);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	simul_signals_close(s);
}

static int runs_out(void *arg)
{
	return simul_wait_for(1, takes_next, arg);
}

TEST_VIRTUAL(who_gives_up_takes_none)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1));

	CHECK_INT(runs_out(s), ==, -ETIMEDOUT);
	raise(SIGUSR1);
	CHECK_INT(simul_signals_next(s), ==, SIGUSR1);
	simul_signals_close(s);
}

/* It did nothing else, so somebody has to be told. */
TEST_VIRTUAL(one_that_comes_after_the_cancellation_is_delivered)
{
	simul_task *t = simul_create_task(waits_for_one, NULL);

	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
	CHECK_INT(simul_await(t), ==, SIGUSR1);
}

static atomic_int listening;

static int listens_in_a_loop(void *arg)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1));
	int r;

	(void)arg;
	listening++;
	r = simul_signals_next(s);
	simul_signals_close(s);
	return r;
}

static void *runs_a_loop(void *arg)
{
	CHECK_INT(simul_run(listens_in_a_loop, arg), ==, SIGUSR1);
	return NULL;
}

TEST(several_loops_hear_it)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, runs_a_loop, NULL),
			  ==, 0);
	while (listening < 3)
		usleep(1000);
	CHECK_INT(kill(getpid(), SIGUSR1), ==, 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
}

static atomic_bool stop;

static void *sends(void *arg)
{
	(void)arg;
	while (!stop)
		kill(getpid(), SIGUSR1);
	return NULL;
}

static int comes_and_goes(void *arg)
{
	(void)arg;
	for (int i = 0; i < 300; i++) {
		simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1));

		CHECK_INT(simul_signals_next(s), ==, SIGUSR1);
		simul_signals_close(s);
	}
	return 0;
}

static void *runs_who_comes_and_goes(void *arg)
{
	CHECK_INT(simul_run(comes_and_goes, arg), ==, 0);
	return NULL;
}

TEST(loops_come_and_go_while_signals_come)
{
	pthread_t threads[2], sender;

	signal(SIGUSR1, SIG_IGN);
	CHECK_INT(pthread_create(&sender, NULL, sends, NULL), ==, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, runs_who_comes_and_goes,
			       NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	stop = true;
	pthread_join(sender, NULL);
}

/* ---- What was there is put back */

static int handled;

static void handles(int number)
{
	handled = number;
}

TEST_VIRTUAL(a_handler_of_the_programs_own_is_put_back)
{
	simul_signals *a, *b;

	signal(SIGUSR1, handles);
	a = listen_for(SIMUL_SIGNALS(SIGUSR1));
	b = listen_for(SIMUL_SIGNALS(SIGUSR1));
	raise(SIGUSR1);
	simul_signals_close(a);
	raise(SIGUSR1);
	CHECK_INT(handled, ==, 0);
	CHECK_INT(simul_signals_next(b), ==, SIGUSR1);
	simul_signals_close(b);
	raise(SIGUSR1);
	CHECK_INT(handled, ==, SIGUSR1);
}

TEST_VIRTUAL(a_handler_that_was_put_there_meanwhile_is_left_alone)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1));

	signal(SIGUSR1, handles);
	simul_signals_close(s);
	raise(SIGUSR1);
	CHECK_INT(handled, ==, SIGUSR1);
}

TEST_VIRTUAL(what_was_blocked_is_blocked_again)
{
	simul_signals *a, *b;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_INT(pthread_sigmask(SIG_BLOCK, &set, NULL), ==, 0);
	a = listen_for(SIMUL_SIGNALS(SIGUSR1, SIGUSR2));
	b = listen_for(SIMUL_SIGNALS(SIGUSR1));
	simul_signals_close(a);
	raise(SIGUSR1);
	CHECK_INT(simul_signals_next(b), ==, SIGUSR1);
	simul_signals_close(b);
	CHECK_INT(pthread_sigmask(SIG_SETMASK, NULL, &set), ==, 0);
	CHECK(sigismember(&set, SIGUSR1));
	CHECK(!sigismember(&set, SIGUSR2));
}

static int waits_for_interrupt(void *arg)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGINT));

	(void)arg;
	raise(SIGINT);
	CHECK_INT(simul_signals_next(s), ==, SIGINT);
	CHECK(!simul_is_cancelled());
	simul_signals_close(s);
	raise(SIGINT);
	CHECK_INT(simul_sleep(10), ==, -ECANCELED);
	return 6;
}

TEST(sigint_is_heard_and_then_cancels_as_before)
{
	struct sigaction action;

	CHECK_INT(simul_run(waits_for_interrupt, NULL), ==, 6);
	CHECK_INT(sigaction(SIGINT, NULL, &action), ==, 0);
	CHECK(action.sa_handler == SIG_DFL);
}

static int listens_to_the_end(void *arg)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGINT));

	(void)arg;
	while (simul_sleep(1) == 0)
		;
	simul_signals_close(s);
	return 0;
}

static int leaves_one_in_the_background(void *arg)
{
	(void)arg;
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, listens_to_the_end,
		NULL));
	return simul_sleep(0.01);
}

TEST(sigint_has_its_default_action_after_the_run_whoever_ends_last)
{
	struct sigaction action;

	CHECK_INT(simul_run(leaves_one_in_the_background, NULL), ==, 0);
	CHECK_INT(sigaction(SIGINT, NULL, &action), ==, 0);
	CHECK(action.sa_handler == SIG_DFL);
}

/* ---- SIGTERM for servers */

static int is_terminated(void *arg)
{
	raise(*(int *)arg);
	CHECK_INT(simul_sleep(10), ==, -ECANCELED);
	return 4;
}

TEST(sigterm_cancels_the_main_task_where_that_is_asked_for)
{
	simul_options o = { .catch_sigterm = true };
	struct sigaction action;

	CHECK_INT(simul_run_with(&o, is_terminated, &(int){ SIGTERM }), ==, 4);
	CHECK_INT(simul_run_with(&o, is_terminated, &(int){ SIGINT }), ==, 4);
	o.keep_sigint = true;
	CHECK_INT(simul_run_with(&o, is_terminated, &(int){ SIGTERM }), ==, 4);
	CHECK_INT(sigaction(SIGTERM, NULL, &action), ==, 0);
	CHECK(action.sa_handler == SIG_DFL);
}

static void terminate_twice(void)
{
	simul_run_with(&(simul_options){ .catch_sigterm = true }, is_terminated,
		       &(int){ SIGTERM });
	raise(SIGTERM);
}

static void terminate_unasked(void)
{
	simul_run(is_terminated, &(int){ SIGTERM });
}

TEST(otherwise_sigterm_ends_the_process)
{
	char said[100];

	CHECK_INT(status_of(terminate_twice, said, sizeof said), ==, SIGTERM);
	CHECK_INT(status_of(terminate_unasked, said, sizeof said), ==, SIGTERM);
}

/* ---- Mistakes, and whatever happens */

TEST_VIRTUAL(what_can_not_be_waited_for_is_refused)
{
	static const int never[] = { SIGKILL, SIGSTOP, SIGSEGV, 32, 65, -1 };
	simul_signals *s = NULL;

	signal(SIGUSR1, handles);
	for (int i = 0; i < 6; i++)
		CHECK_INT(simul_signals_open(SIMUL_SIGNALS(SIGUSR1, never[i]),
					     &s),
			  ==, -EINVAL);
	CHECK(!s);
	raise(SIGUSR1);
	CHECK_INT(handled, ==, SIGUSR1);
}

TEST(without_a_loop_nobody_listens)
{
	simul_signals *s = NULL;

	CHECK_INT(simul_signals_open(SIMUL_SIGNALS(SIGUSR1), &s), ==, -EPERM);
}

static int closes_too_early(void *arg)
{
	simul_signals *s = listen_for(SIMUL_SIGNALS(SIGUSR1));

	(void)arg;
	simul_create_task(takes_next, s);
	simul_sleep(0.001);
	simul_signals_close(s);
	return 0;
}

static void close_too_early(void)
{
	simul_run(closes_too_early, NULL);
}

TEST(to_close_what_others_wait_at_is_a_bug_that_aborts)
{
	CHECK_DIES(close_too_early, "stops to listen for signals");
}

static int hears_two(void *arg)
{
	simul_signals *s;
	int r = simul_signals_open(SIMUL_SIGNALS(SIGUSR1, SIGUSR2), &s);

	(void)arg;
	if (r < 0)
		return r;
	kill(getpid(), SIGUSR1);
	r = simul_signals_next(s);
	if (r >= 0) {
		kill(getpid(), SIGUSR2);
		r = simul_signals_next(s);
	}
	simul_signals_close(s);
	return r;
}

static void hear_two(void)
{
	simul_run(hears_two, NULL);
}

TEST(no_memory_is_no_listener_and_nothing_else)
{
	sweep_allocations(hear_two);
}

static void check_default(void *state, int result)
{
	struct sigaction action;

	(void)state;
	(void)result;
	CHECK_INT(sigaction(SIGUSR1, NULL, &action), ==, 0);
	CHECK(action.sa_handler == SIG_DFL);
}

TEST(who_listens_is_cancelled_at_any_point)
{
	sweep_cancellations(hears_two, 1, check_default);
}
