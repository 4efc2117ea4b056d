/* SPDX-License-Identifier: MIT
 * tests/task/test_interrupt.c - SIGINT cancels the main task. */
#include "dies.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include <simul.h>

static int is_interrupted(void *arg)
{
	(void)arg;
	raise(SIGINT);
	CHECK_INT(simul_sleep(10), ==, -ECANCELED);
	return 4;
}

TEST(the_first_one_cancels_the_main_task)
{
	CHECK_INT(simul_run(is_interrupted, NULL), ==, 4);
}

static int is_interrupted_by_another_process(void *arg)
{
	pid_t me = getpid(), pid = fork();

	if (pid == 0) {
		usleep(30000);
		kill(me, SIGINT);
		_exit(0);
	}
	(void)arg;
	CHECK_INT(simul_sleep(10), ==, -ECANCELED);
	CHECK_INT(waitpid(pid, NULL, 0), ==, pid);
	return 4;
}

TEST(it_wakes_a_loop_that_waits)
{
	CHECK_INT(simul_run(is_interrupted_by_another_process, NULL), ==, 4);
}

static int ignores_it(void *arg)
{
	(void)arg;
	raise(SIGINT);
	while (simul_sleep(1) < 0)
		raise(SIGINT);
	return 0;
}

static void run_ignores_it(void)
{
	simul_run(ignores_it, NULL);
}

TEST(the_second_one_ends_the_process)
{
	char said[1000];
	int status = status_of(run_ignores_it, said, sizeof said);

	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), ==, SIGINT);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void check_default(void)
{
	struct sigaction action;

	sigaction(SIGINT, NULL, &action);
	CHECK(action.sa_handler == SIG_DFL);
}

TEST(the_default_action_is_restored)
{
	CHECK_INT(simul_run(nothing, NULL), ==, 0);
	check_default();
	CHECK_INT(simul_run(is_interrupted, NULL), ==, 4);
	check_default();
	CHECK_INT(simul_run(is_interrupted, NULL), ==, 4);
	check_default();
}

static volatile sig_atomic_t caught;

static void catch (int number)
{
	(void)number;
	caught++;
}

static int raises(void *arg)
{
	(void)arg;
	raise(SIGINT);
	return simul_sleep(0.01);
}

TEST(a_handler_of_the_programs_own_is_left_alone)
{
	struct sigaction action;

	signal(SIGINT, catch);
	CHECK_INT(simul_run(raises, NULL), ==, 0);
	CHECK_INT(caught, ==, 1);
	sigaction(SIGINT, NULL, &action);
	CHECK(action.sa_handler == catch);
}

static int sees_the_default(void *arg)
{
	(void)arg;
	check_default();
	return 0;
}

TEST(who_wants_to_keep_it_may)
{
	CHECK_INT(simul_run_with(&(simul_options){ .keep_sigint = true },
				 sees_the_default, NULL),
		  ==, 0);
}

static void *runs_in_a_thread(void *arg)
{
	*(int *)arg = simul_run(sees_the_default, NULL);
	return NULL;
}

TEST(only_the_main_thread_catches_it)
{
	pthread_t thread;
	int r = -1;

	pthread_create(&thread, NULL, runs_in_a_thread, &r);
	pthread_join(thread, NULL);
	CHECK_INT(r, ==, 0);
}

static int spins(void *arg)
{
	atomic_bool *stop = arg;

	while (!*stop)
		CHECK_INT(simul_sleep(0), ==, 0);
	return 0;
}

static void *spins_in_a_thread(void *arg)
{
	static int r;

	r = simul_run(spins, arg);
	return &r;
}

/* A loop that turns all the time would be the first to see it. */
TEST(a_loop_of_another_thread_is_not_cancelled_by_it)
{
	static atomic_bool stop;
	pthread_t thread;
	void *r;

	pthread_create(&thread, NULL, spins_in_a_thread, &stop);
	for (int i = 0; i < 20; i++)
		CHECK_INT(simul_run(is_interrupted, NULL), ==, 4);
	stop = true;
	pthread_join(thread, &r);
	CHECK_INT(*(int *)r, ==, 0);
}
