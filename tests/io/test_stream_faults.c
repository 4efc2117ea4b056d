/* SPDX-License-Identifier: MIT
 * tests/io/test_stream_faults.c - streams that are used as they must not be, or
 * have lost something. */
#include <errno.h>

#include <simul/task.h>

#include "io/pair.h"
#include "io/stream.h"
#include "task/dies.h"

static int look_for_more(void *arg)
{
	const char *bytes;

	return (int)simul_peek(arg, 100, &bytes);
}

static int take_what_another_waits_for(void *arg)
{
	open_pair();
	say(here, "x");
	simul_create_task(look_for_more, there);
	simul_sleep(1);
	simul_consume(there, 1);
	return 0;
}

static void run_take_what_another_waits_for(void)
{
	run_virtual(take_what_another_waits_for, NULL);
}

TEST(to_consume_what_another_task_reads_is_a_bug_that_aborts)
{
	CHECK_DIES(run_take_what_another_waits_for,
		   "takes bytes from a stream that task");
}

static int read_byte(void *arg)
{
	char c;

	return (int)simul_read(arg, &c, 1);
}

static int close_too_early(void *arg)
{
	open_pair();
	simul_create_task(read_byte, here);
	simul_sleep(1);
	return simul_close(here);
}

static void run_close_too_early(void)
{
	run_virtual(close_too_early, NULL);
}

TEST(to_close_a_stream_that_somebody_reads_from_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_too_early, "closes a stream that task");
}

static int copy_to_who_does_not_read(void *arg)
{
	return simul_copy(there, arg, UINT64_MAX, NULL);
}

/* The copy has read all, and waits for room. */
static int close_the_source(void *arg)
{
	static char much[65536];
	simul_stream *from, *to;

	open_pair();
	CHECK_INT(simul_stream_pair(&from, &to), ==, 0);
	simul_create_task(copy_to_who_does_not_read, from);
	for (int i = 0; i < 4; i++)
		CHECK_INT(simul_write(here, much, sizeof much), ==, 0);
	simul_sleep(1);
	return simul_close(there);
}

static void run_close_the_source(void)
{
	run_virtual(close_the_source, NULL);
}

TEST(to_close_what_another_task_copies_from_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_the_source, "closes a stream that others");
}

TEST(a_stream_needs_a_task)
{
	CHECK_INT(simul_stream_pair(&here, &there), ==, -EPERM);
	CHECK_INT(simul_close(NULL), ==, 0);
}

TEST_VIRTUAL(what_was_lost_is_not_passed_over_by_who_looks_without_waiting)
{
	open_pair();
	CHECK_INT(smi_stream_fill_now(there), ==, -EAGAIN);
	there->read_error = -ENOMEM;
	CHECK_INT(smi_buffer_append(&there->late, "later", 5), ==, 0);
	CHECK_INT(smi_stream_fill_now(there), ==, -ENOMEM);
	CHECK_INT(simul_stream_buffered(there), ==, 5);
	close_pair();
}
