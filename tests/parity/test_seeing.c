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

/* Does it say that in debug mode? The loop may be kept for long by a machine
 * that is busy with other things, too, so only these words count. */
static bool tells(simul_fn *fn, const char *words)
{
	char said[4096];
	int status;

	program = fn;
	status = status_of(run_program, said, sizeof said);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return strstr(said, words);
}

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
	for (int i = 0; i < 25; i++) {
		compute(0.005);
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
	int attempts = 10;

	while (tells(two_share, "kept the loop"))
		CHECK_INT(--attempts, >, 0);
}

/* ---- Failures that nobody has seen */

static int fails(void *arg)
{
	(void)arg;
	simul_sleep(1);
	return -EIO;
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
	CHECK(!tells(looks_at_all, "failed"));
	CHECK(!tells(leaves_some_behind, "failed"));
}

/* ---- Streams that are left open */

static int leaves_streams_open(void *arg)
{
	simul_stream *a, *b;

	(void)arg;
	return simul_stream_pair(&a, &b);
}

static int closes_its_streams(void *arg)
{
	simul_stream *a, *b;

	(void)arg;
	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	simul_abort(b);
	return simul_close(a);
}

TEST(streams_that_are_open_when_the_loop_ends_are_told)
{
	CHECK_TELLS(leaves_streams_open, "of its streams 2 are open");
	CHECK(!tells(closes_its_streams, "open"));
}
