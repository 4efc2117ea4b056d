/* SPDX-License-Identifier: MIT
 * tests/loop/test_letters.c - letters from other threads wake the loop. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include <simul/task.h>
#include <simul/thread.h>

#include "test.h"

static int nothing(void *arg)
{
	return 0;
}

static int many_errands(void *arg)
{
	for (int i = 0; i < 20000; i++)
		CHECK_INT(simul_to_thread(nothing, NULL), ==, 0);
	return 0;
}

/* Now and then one comes between the loop's look into the mailbox and its
 * going to sleep. */
TEST(no_letter_is_overlooked)
{
	CHECK_INT(simul_run(many_errands, NULL), ==, 0);
}

static atomic_bool at_work;
static int begun, ended;

static int take_a_while(void *arg)
{
	at_work = true;
	usleep(20000);
	return 0;
}

/* Keep the loop until the errand can't be taken back any more. */
static int wait_for_worker(void *arg)
{
	for (int i = 0; i < 1000 && !at_work; i++)
		usleep(1000);
	return 0;
}

static int long_errand(void *arg)
{
	simul_task *t = simul_create_task(wait_for_worker, NULL);
	int r;

	if (!t)
		return -ENOMEM;
	begun++;
	r = simul_to_thread(take_a_while, NULL);
	at_work = true;
	ended++;
	return r;
}

static void run_long_errand(void)
{
	simul_run(long_errand, NULL);
	CHECK_INT(ended, ==, begun);
}

/* If it did, whoever waits would be abandoned when there is none. */
TEST(a_loop_needs_no_memory_to_wait)
{
	sweep_allocations(run_long_errand);
}
