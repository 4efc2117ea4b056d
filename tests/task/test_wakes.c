/* SPDX-License-Identifier: MIT
 * tests/task/test_wakes.c - a loop wakes the others once a turn. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <simul.h>

#include "task/task.h"
#include "test.h"

static simul_loops *loops;
static atomic_int calls;

static void open_loops(size_t count)
{
	const simul_loops_options options = { .count = count };

	calls = 0;
	CHECK_INT(simul_loops_open(&options, &loops), ==, 0);
}

/* How often it was woken so far. Reading the eventfd would take its wake-ups
 * away, so the kernel is asked. */
static unsigned wakes_of(simul_loop *loop)
{
	char line[128];
	unsigned count = 0;
	FILE *file;

	snprintf(line, sizeof line, "/proc/self/fdinfo/%d",
		 loop->loop.mailbox.wake_fd);
	file = fopen(line, "r");
	CHECK(file);
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "eventfd-count: %x", &count) == 1)
			break;
	fclose(file);
	return count;
}

static int counts(void *arg)
{
	(void)arg;
	return atomic_fetch_add(&calls, 1);
}

static int calls_at(void *arg)
{
	return simul_to_loop(simul_loops_at(loops, *(size_t *)arg), counts,
			     NULL);
}

/* Open one loop, and call it from a task that runs at once. */
static simul_task *open_and_call(simul_loop **ret_there, unsigned *ret_before)
{
	static const simul_task_options eager = { .eager = true };
	static size_t first;

	open_loops(1);
	*ret_there = simul_loops_at(loops, 0);
	*ret_before = wakes_of(*ret_there);
	return simul_create_task_with(&eager, calls_at, &first);
}

TEST_IN_TASK(another_loop_is_woken_when_the_tasks_have_had_their_turn)
{
	simul_loop *there;
	unsigned before;
	simul_task *t = open_and_call(&there, &before);

	CHECK_INT(wakes_of(there), ==, before);
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(wakes_of(there), ==, before + 1);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_loops_close(loops), ==, 0);
}

/* Its sender may have much to do before it next suspends, or block. */
TEST_IN_TASK(what_is_submitted_wakes_the_other_loop_at_once_whoever_is_about_to)
{
	simul_loop *there;
	unsigned before;
	simul_task *t = open_and_call(&there, &before);

	CHECK_INT(simul_submit(there, counts, NULL), ==, 0);
	CHECK_INT(wakes_of(there), ==, before + 1);
	CHECK_INT(simul_await(t), >=, 0);
	CHECK_INT(simul_loops_close(loops), ==, 0);
	CHECK_INT(calls, ==, 2);
}

enum { MANY = 40 };

TEST_IN_TASK(any_number_of_loops_is_woken_in_one_turn)
{
	simul_task *tasks[MANY];

	open_loops(MANY);
	for (size_t i = 0; i < MANY; i++)
		tasks[i] = simul_create_task_with(
			&(simul_task_options){ .arg_size = sizeof i }, calls_at,
			&i);
	CHECK_INT(simul_gather(tasks, MANY, NULL), ==, 0);
	CHECK_INT(calls, ==, MANY);
	CHECK_INT(simul_loops_close(loops), ==, 0);
}

/* ---- At the end of a loop */

static simul_loop *home;
static simul_event submitted;

static int is_submitted(void *arg)
{
	(void)arg;
	simul_event_set(&submitted);
	return 0;
}

static int submits_and_ends(void *arg)
{
	for (int left = *(int *)arg; left > 0; left--)
		CHECK_INT(simul_sleep(0), ==, 0);
	return simul_submit(home, is_submitted, NULL);
}

static void *runs_a_loop(void *arg)
{
	/* So that the other loop sleeps by then. */
	usleep(1000);
	CHECK_INT(simul_run(submits_and_ends, arg), ==, 0);
	return NULL;
}

/* Every few dozen turns there is more between two turns: so it is tried at the
 * end of each of them. */
static int waits_for_submissions(void *arg)
{
	pthread_t thread;

	(void)arg;
	home = simul_loop_hold(simul_current_loop());
	for (int turns = 0; turns < 130; turns++) {
		submitted = (simul_event){ 0 };
		pthread_create(&thread, NULL, runs_a_loop, &turns);
		CHECK_INT(simul_event_wait(&submitted), ==, 0);
		pthread_join(thread, NULL);
	}
	simul_loop_release(home);
	return 0;
}

TEST(a_loop_that_ends_wakes_those_that_it_had_posted_to)
{
	CHECK_INT(simul_run(waits_for_submissions, NULL), ==, 0);
}
