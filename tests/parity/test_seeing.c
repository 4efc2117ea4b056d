/* SPDX-License-Identifier: MIT
 * tests/parity/test_seeing.c - what SIMUL_DEBUG=1 tells; see docs/parity.md. */
#include "../task/dies.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <simul.h>

static simul_fn *program;

static void run_program(void)
{
	setenv("SIMUL_DEBUG", "1", 1);
	run_virtual(program, NULL);
}

static void run_program_without(void)
{
	unsetenv("SIMUL_DEBUG");
	run_virtual(program, NULL);
}

/* In debug mode a program that does this says that, and otherwise nothing. */
#define CHECK_TELLS(fn, words)                                                 \
	do {                                                                   \
		program = fn;                                                  \
		CHECK_SAYS(run_program, words);                                \
		CHECK_SILENT(run_program_without);                             \
	} while (0)

/* Not even then. */
#define CHECK_TELLS_NOTHING(fn)                                                \
	do {                                                                   \
		program = fn;                                                  \
		CHECK_SILENT(run_program);                                     \
	} while (0)

/* ---- Who keeps the loop to itself */

static void compute(double seconds)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((double)(now.tv_sec - start.tv_sec) +
		       (double)(now.tv_nsec - start.tv_nsec) * 1e-9 <
	       seconds);
}

static int hogs_and_goes_on(void *arg)
{
	(void)arg;
	compute(0.15);
	return simul_sleep(1);
}

static int hogs_and_ends(void *arg)
{
	(void)arg;
	compute(0.15);
	return 0;
}

static int awaits_a_hog(void *arg)
{
	(void)arg;
	return simul_await(simul_create_task(hogs_and_goes_on, NULL));
}

static int awaits_one_that_ends(void *arg)
{
	(void)arg;
	return simul_await(simul_create_task(hogs_and_ends, NULL));
}

static int awaits_an_eager_one(void *arg)
{
	(void)arg;
	return simul_await(simul_create_task_with(
		&(simul_task_options){ .name = "eager", .eager = true },
		hogs_and_ends, NULL));
}

TEST(a_task_that_holds_the_loop_for_more_than_100_ms_is_named)
{
	CHECK_TELLS(awaits_a_hog, "task 'hogs_and_goes_on' kept the loop");
}

TEST(a_task_that_holds_the_loop_until_it_ends_is_named)
{
	CHECK_TELLS(awaits_one_that_ends, "task 'hogs_and_ends' kept the loop");
	CHECK_TELLS(awaits_an_eager_one, "task 'eager' kept the loop");
	CHECK_TELLS(hogs_and_ends, "task 'main' kept the loop");
}

static int shares(void *arg)
{
	(void)arg;
	for (int i = 0; i < 10; i++) {
		compute(0.02);
		CHECK_INT(simul_sleep(0), ==, 0);
	}
	return 0;
}

static int two_share(void *arg)
{
	simul_task *t[2] = { simul_create_task(shares, arg),
			     simul_create_task(shares, arg) };

	return simul_gather(t, 2, NULL);
}

TEST(tasks_that_share_the_loop_are_not_named)
{
	CHECK_TELLS_NOTHING(two_share);
}

/* ---- Failures that nobody has seen */

static int fails(void *arg)
{
	(void)arg;
	simul_sleep(1);
	return -EIO;
}

static int does_not_await(void *arg)
{
	(void)arg;
	simul_create_task(fails, NULL);
	return simul_sleep(2);
}

static int fails_in_the_background(void *arg)
{
	(void)arg;
	simul_create_task_with(
		&(simul_task_options){ .name = "lonely", .background = true },
		fails, NULL);
	return simul_sleep(2);
}

static int submits(void *arg)
{
	(void)arg;
	simul_submit(simul_current_loop(), fails, NULL);
	return simul_sleep(2);
}

TEST(a_failed_task_nobody_awaited_is_named)
{
	CHECK_TELLS(does_not_await, "task 'fails' failed, and nobody awaited "
				    "it: Input/output error");
}

TEST(a_failed_background_task_nobody_awaited_is_named)
{
	CHECK_TELLS(fails_in_the_background,
		    "task 'lonely' failed, and nobody awaited it");
	CHECK_TELLS(submits, "failed, and nobody awaited it");
}

static int looks_at_all(void *arg)
{
	const simul_task_options background = { .background = true };
	simul_task *t[2] = { simul_create_task(fails, arg),
			     simul_create_task(fails, arg) };
	simul_group group = { 0 };

	CHECK_INT(simul_gather(t, 2, NULL), ==, -EIO);
	CHECK_INT(simul_await(simul_create_task(fails, arg)), ==, -EIO);
	CHECK_INT(simul_await(simul_create_task_with(&background, fails, arg)),
		  ==, -EIO);
	simul_group_create_task(&group, fails, arg);
	CHECK_INT(simul_group_wait(&group), ==, -EIO);
	simul_group_done(&group);
	return 0;
}

static int naps(void *arg)
{
	(void)arg;
	return simul_sleep(100);
}

static int leaves_some_behind(void *arg)
{
	simul_create_task(naps, arg);
	simul_cancel(simul_create_task(naps, arg));
	simul_create_task_with(&(simul_task_options){ .background = true },
			       naps, arg);
	return simul_sleep(1);
}

TEST(failures_that_were_seen_and_cancelled_tasks_are_not_named)
{
	CHECK_TELLS_NOTHING(looks_at_all);
	CHECK_TELLS_NOTHING(leaves_some_behind);
}

/* ---- Deadlocks */

static int waits_for_a_lock(void *arg)
{
	return simul_lock_acquire(arg);
}

static int forgets_to_release(void *arg)
{
	static simul_lock lock;

	(void)arg;
	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	return simul_await(simul_create_task(waits_for_a_lock, &lock));
}

TEST(a_deadlock_tells_who_waits_for_what)
{
	CHECK_TELLS(forgets_to_release, "simul: deadlock");
	CHECK_TELLS(forgets_to_release, "task 'main'");
	CHECK_TELLS(forgets_to_release, "waits for the end of a child");
	CHECK_TELLS(forgets_to_release, "task 'waits_for_a_lock'");
	CHECK_TELLS(forgets_to_release, "waits for a lock");
}
