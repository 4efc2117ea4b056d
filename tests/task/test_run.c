/* SPDX-License-Identifier: MIT
 * tests/task/test_run.c - start a loop, and end it. */
#include "dies.h"
#include "trail.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <simul.h>

static int returns(void *arg)
{
	return *(int *)arg;
}

TEST(running_returns_what_the_main_task_does)
{
	int r = 17;

	CHECK_INT(simul_run(returns, &r), ==, 17);
	r = -EIO;
	CHECK_INT(simul_run(returns, &r), ==, -EIO);
}

static int runs_another(void *arg)
{
	CHECK_INT(simul_run(returns, arg), ==, -EBUSY);
	return 1;
}

TEST(one_run_inside_another_is_busy)
{
	CHECK_INT(simul_run(runs_another, NULL), ==, 1);
}

static int is_in_a_loop(void *arg)
{
	(void)arg;
	CHECK(simul_current_loop());
	return 0;
}

TEST(a_thread_may_run_one_loop_after_the_other)
{
	for (int i = 0; i < 1000; i++)
		CHECK_INT(simul_run(is_in_a_loop, NULL), ==, 0);
	CHECK(!simul_current_loop());
}

/* ---- Backends */

static int names_its_backend(void *arg)
{
	const char **name = arg;

	*name = simul_loop_backend(simul_current_loop());
	return 0;
}

TEST(the_backend_can_be_chosen)
{
	const char *name = NULL;

	CHECK_INT(simul_run_with(&(simul_options){ .backend = "epoll" },
				 names_its_backend, &name),
		  ==, 0);
	CHECK_STR(name, "epoll");
}

TEST(the_environment_chooses_where_the_program_does_not)
{
	const char *name = NULL;

	setenv("SIMUL_BACKEND", "epoll", 1);
	CHECK_INT(simul_run(names_its_backend, &name), ==, 0);
	CHECK_STR(name, "epoll");
	setenv("SIMUL_BACKEND", "nonsense", 1);
	CHECK_INT(simul_run(names_its_backend, &name), ==, -EINVAL);
	CHECK_INT(simul_run_with(&(simul_options){ .backend = "epoll" },
				 names_its_backend, &name),
		  ==, 0);
	setenv("SIMUL_BACKEND", "", 1);
	CHECK_INT(simul_run(names_its_backend, &name), ==, 0);
}

TEST(an_unknown_backend_is_invalid)
{
	CHECK_INT(simul_run_with(&(simul_options){ .backend = "kqueue" },
				 returns, NULL),
		  ==, -EINVAL);
}

TEST(how_long_to_stay_awake_can_be_chosen)
{
	static const double wrong[] = { -1e-6, 1.1, NAN, INFINITY };
	static const char *const nonsense[] = { "x", "1us", "nan", "-1", "2" };

	CHECK_INT(simul_run_with(&(simul_options){ .spin = 50e-6 }, returns,
				 &(int){ 5 }),
		  ==, 5);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_INT(simul_run_with(&(simul_options){ .spin = wrong[i] },
					 returns, &(int){ 5 }),
			  ==, -EINVAL);
	setenv("SIMUL_SPIN", "50e-6", 1);
	CHECK_INT(simul_run(returns, &(int){ 5 }), ==, 5);
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
		setenv("SIMUL_SPIN", nonsense[i], 1);
		CHECK_INT(simul_run(returns, &(int){ 5 }), ==, -EINVAL);
	}
	unsetenv("SIMUL_SPIN");
}

TEST(a_backend_that_can_not_be_had_says_what_the_kernel_said)
{
	struct rlimit old, few;
	int r = 5, lowest = dup(0);

	/* Room for the mailbox and nothing more. */
	close(lowest);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
	few = old;
	few.rlim_cur = (rlim_t)lowest + 1;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	r = simul_run_with(&(simul_options){ .backend = "epoll" }, returns, &r);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
	CHECK_INT(r, ==, -EMFILE);
}

/* ---- Virtual time */

static int sleeps_twelve_hours(void *arg)
{
	double start = simul_now();

	(void)arg;
	CHECK_INT(simul_sleep(12 * 3600), ==, 0);
	CHECK_NEAR(simul_now() - start, 12 * 3600, 1e-3);
	return 1;
}

TEST(twelve_hours_pass_in_no_time)
{
	double start = simul_now();

	CHECK_INT(run_virtual(sleeps_twelve_hours, NULL), ==, 1);
	CHECK(simul_now() - start < 2);
}

TEST(the_environment_may_ask_for_virtual_time)
{
	setenv("SIMUL_CLOCK", "virtual", 1);
	CHECK_INT(simul_run(sleeps_twelve_hours, NULL), ==, 1);
}

static int sleeps_a_little(void *arg)
{
	double start = simul_now();

	(void)arg;
	CHECK_INT(simul_sleep(0.02), ==, 0);
	CHECK(simul_now() - start >= 0.02);
	CHECK(simul_now() - start < 2);
	return 0;
}

TEST(real_time_is_slept_at_least)
{
	double start = simul_now();

	CHECK_INT(simul_run(sleeps_a_little, NULL), ==, 0);
	CHECK(simul_now() - start >= 0.02);
}

/* ---- Deadlock */

static int waits_for_ever(void *arg)
{
	simul_future *never = arg;
	int r = simul_future_wait(never, NULL);

	mark(r == -ECANCELED ? 'c' : '?');
	return r;
}

static int waits_with_a_child(void *arg)
{
	simul_task *t = simul_create_task_with(
		&(simul_task_options){ .name = "little one" }, waits_for_ever,
		arg);

	return simul_await(t);
}

TEST(when_every_task_waits_and_nothing_could_wake_one_the_run_ends)
{
	simul_future never = { 0 };

	CHECK_INT(simul_run(waits_for_ever, &never), ==, -EDEADLK);
	CHECK_TRAIL("c");
	CHECK_INT(run_virtual(waits_with_a_child, &never), ==, -EDEADLK);
	CHECK_TRAIL("c");
}

static int waits_shielded(void *arg)
{
	return simul_shield(waits_for_ever, arg);
}

TEST(a_deadlock_behind_a_shield_ends_too)
{
	simul_future never = { 0 };

	CHECK_INT(simul_run(waits_shielded, &never), ==, -EDEADLK);
	CHECK_TRAIL("c");
}

static int recovers(void *arg)
{
	waits_for_ever(arg);
	mark('r');
	return 5;
}

TEST(a_deadlock_is_the_result_whatever_main_makes_of_it)
{
	simul_future never = { 0 };

	CHECK_INT(simul_run(recovers, &never), ==, -EDEADLK);
	CHECK_TRAIL("cr");
}

static int leaves_one_that_waits(void *arg)
{
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, waits_shielded,
		arg));
	CHECK_INT(simul_sleep(0), ==, 0);
	return 5;
}

TEST(a_background_task_that_waits_for_ever_behind_a_shield_is_a_deadlock)
{
	simul_future never = { 0 };

	CHECK_INT(simul_run(leaves_one_that_waits, &never), ==, -EDEADLK);
	CHECK_TRAIL("c");
}

static void *lets_go(void *arg)
{
	usleep(50000);
	simul_loop_release(arg);
	return NULL;
}

static double told;

static int waits_while_held(void *arg)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, lets_go,
				 simul_loop_hold(simul_current_loop())),
		  ==, 0);
	CHECK_INT(simul_future_wait(arg, NULL), ==, -ECANCELED);
	told = simul_now();
	pthread_join(thread, NULL);
	return 0;
}

TEST(while_somebody_has_a_hold_there_is_no_deadlock)
{
	simul_future never = { 0 };
	double start = simul_now();

	CHECK_INT(simul_run(waits_while_held, &never), ==, -EDEADLK);
	CHECK(told - start >= 0.05);
}

static int dozes(void *arg)
{
	(void)arg;
	usleep(50000);
	return 3;
}

static int waits_for_a_thread(void *arg)
{
	return simul_to_thread(dozes, arg);
}

TEST(while_a_thread_is_at_work_there_is_no_deadlock)
{
	CHECK_INT(simul_run(waits_for_a_thread, NULL), ==, 3);
	CHECK_INT(run_virtual(waits_for_a_thread, NULL), ==, 3);
}

/* ---- Debug mode */

static int run_debug(simul_fn *fn, void *arg)
{
	return simul_run_with(
		&(simul_options){ .debug = true, .virtual_clock = true }, fn,
		arg);
}

static void deadlocks(void)
{
	simul_future never = { 0 };

	run_debug(waits_with_a_child, &never);
}

TEST(in_debug_mode_a_deadlock_says_who_waits_for_what)
{
	CHECK_SAYS(deadlocks, "deadlock");
	CHECK_SAYS(deadlocks, "'little one'");
	CHECK_SAYS(deadlocks, "a future");
	CHECK_SAYS(deadlocks, "'main'");
	CHECK_SAYS(deadlocks, "the end of a");
}

static void deadlocks_silently(void)
{
	simul_future never = { 0 };

	simul_run(waits_with_a_child, &never);
}

static int broken = -EIO, fine = 7;

static int leaves_a_failure(void *arg)
{
	simul_create_task_with(&(simul_task_options){ .name = "sad one" },
			       returns, arg);
	return simul_sleep(1);
}

static void fails_unseen(void)
{
	run_debug(leaves_a_failure, &broken);
}

static void fails_unseen_silently(void)
{
	run_virtual(leaves_a_failure, &broken);
}

static void succeeds_unseen(void)
{
	run_debug(leaves_a_failure, &fine);
}

static int fails_in_the_background(void *arg)
{
	simul_create_task_with(
		&(simul_task_options){ .name = "sad one", .background = true },
		returns, arg);
	return simul_sleep(1);
}

static void fails_in_background(void)
{
	run_debug(fails_in_the_background, &broken);
}

TEST(in_debug_mode_a_failure_that_nobody_awaited_is_reported)
{
	CHECK_SAYS(fails_unseen, "'sad one' failed");
	CHECK_SAYS(fails_in_background, "'sad one' failed");
	CHECK_SILENT(succeeds_unseen);
}

static int sleeps_long(void *arg)
{
	(void)arg;
	return simul_sleep(100);
}

static int leaves_one_that_sleeps(void *arg)
{
	simul_generator *g = simul_generator_new(&(simul_task_options){ 0 },
						 sleeps_long, NULL);

	CHECK(g);
	CHECK(simul_create_task(sleeps_long, arg));
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, sleeps_long,
		NULL));
	return simul_sleep(1);
}

static void cancels_at_the_end(void)
{
	run_debug(leaves_one_that_sleeps, NULL);
}

static int looks_at_a_failure(void *arg)
{
	simul_task *t = simul_create_task(returns, arg);

	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_task_result(t), ==, -EIO);
	return 0;
}

static void sees_a_failure(void)
{
	run_debug(looks_at_a_failure, &broken);
}

TEST(who_is_cancelled_as_its_owner_ends_has_not_failed)
{
	CHECK_SILENT(cancels_at_the_end);
}

TEST(a_failure_whose_result_was_looked_at_is_not_reported)
{
	CHECK_SILENT(sees_a_failure);
}

TEST(unless_in_debug_mode_nothing_is_ever_said)
{
	CHECK_SILENT(deadlocks_silently);
	CHECK_SILENT(fails_unseen_silently);
}

static int hogs(void *arg)
{
	(void)arg;
	simul_task_set_name(simul_current_task(), "greedy");
	CHECK_INT(simul_sleep(0), ==, 0);
	usleep(120000);
	return simul_sleep(0);
}

static void hogs_the_loop(void)
{
	run_debug(hogs, NULL);
}

static int hogs_to_the_end(void *arg)
{
	(void)arg;
	usleep(120000);
	return 0;
}

static int starts_a_hog(void *arg)
{
	simul_task *t = simul_create_task_with(
		&(simul_task_options){ .name = "greedy", .background = true },
		hogs_to_the_end, NULL);

	(void)arg;
	CHECK(t);
	return simul_sleep(1);
}

static void hogs_in_the_background(void)
{
	run_debug(starts_a_hog, NULL);
}

TEST(in_debug_mode_who_keeps_the_loop_to_itself_is_named)
{
	CHECK_SAYS(hogs_the_loop, "'greedy' kept the loop to itself");
	CHECK_SAYS(hogs_in_the_background, "'greedy' kept the loop to itself");
}

static void debugs_by_environment(void)
{
	setenv("SIMUL_DEBUG", "1", 1);
	run_virtual(leaves_a_failure, &broken);
}

static void does_not_debug_by_environment(void)
{
	setenv("SIMUL_DEBUG", "0", 1);
	run_virtual(leaves_a_failure, &broken);
}

TEST(the_environment_may_ask_for_debug_mode)
{
	CHECK_SAYS(debugs_by_environment, "'sad one' failed");
	CHECK_SILENT(does_not_debug_by_environment);
}
