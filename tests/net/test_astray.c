/* SPDX-License-Identifier: MIT
 * tests/net/test_astray.c - connections that are used where they are not. */
#include "test.h"

#include <simul.h>

#include "task/dies.h"

static int reads(void *arg)
{
	char byte;

	return (int)simul_read(arg, &byte, 1);
}

static simul_stream *stray;

static int writes(void *arg)
{
	return simul_write(arg, "x", 1);
}

static int flushes(void *arg)
{
	return simul_flush(arg);
}

static int selects(void *arg)
{
	simul_case cases[] = { simul_case_stream(arg) };

	return simul_select(cases, 1);
}

static int detaches(void *arg)
{
	return simul_stream_detach(arg);
}

static int ends(void *arg)
{
	return simul_close(arg);
}

/* The use has to be noticed: with nothing to be read it would be for ever. */
static int used_by_another_loop(void *use)
{
	static const simul_loops_options one = { .count = 1 };
	simul_loops *loops;
	simul_stream *peer;

	CHECK_INT(simul_loops_open(&one, &loops), ==, 0);
	CHECK_INT(simul_socket_pair(&stray, &peer), ==, 0);
	return simul_to_loop(simul_loops_at(loops, 0), *(simul_fn **)use,
			     stray);
}

static int used_when_detached(void *use)
{
	simul_stream *peer;

	CHECK_INT(simul_socket_pair(&stray, &peer), ==, 0);
	CHECK_INT(simul_stream_detach(stray), ==, 0);
	return (*(simul_fn **)use)(stray);
}

static simul_fn *use;

static void uses_from_another_loop(void)
{
	simul_run(used_by_another_loop, &use);
}

static void uses_a_detached_one(void)
{
	simul_run(used_when_detached, &use);
}

TEST(to_use_a_stream_of_another_loop_is_a_bug_that_aborts)
{
	simul_fn *const uses[] = { reads,   writes,   flushes,
				   selects, detaches, ends };

	for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
		use = uses[i];
		CHECK_DIES(uses_from_another_loop, "is of another loop");
	}
}

TEST(to_use_a_detached_stream_is_a_bug_that_aborts)
{
	simul_fn *const uses[] = { reads, writes, flushes, selects };

	for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
		use = uses[i];
		CHECK_DIES(uses_a_detached_one, "is detached");
	}
}
