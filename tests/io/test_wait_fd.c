/* SPDX-License-Identifier: MIT
 * tests/io/test_wait_fd.c - waiting for descriptors of others. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <simul/scope.h>
#include <simul/stream.h>
#include <simul/task.h>

#include "test.h"

static int ends[2]; /* of a pipe */

static int wait_readable(void *arg)
{
	return simul_wait_fd(ends[0], POLLIN);
}

static int write_later(void *arg)
{
	simul_sleep(0.01);
	CHECK_INT(write(ends[1], "x", 1), ==, 1);
	return 0;
}

static int wait_for_byte(void *arg)
{
	char c;

	CHECK_INT(pipe(ends), ==, 0);
	for (int i = 0; i < 3; i++) {
		simul_create_task(write_later, NULL);
		CHECK_INT(wait_readable(NULL), ==, POLLIN);
		CHECK_INT(wait_readable(NULL), ==, POLLIN); /* at once */
		CHECK_INT(read(ends[0], &c, 1), ==, 1);
	}
	CHECK_INT(simul_wait_fd(ends[1], POLLOUT), ==, POLLOUT);
	close(ends[1]);
	CHECK_INT(wait_readable(NULL) & POLLHUP, ==, POLLHUP);
	close(ends[0]);
	return 0;
}

TEST(a_task_can_wait_for_a_descriptor)
{
	CHECK_INT(simul_run(wait_for_byte, NULL), ==, 0);
}

TEST_VIRTUAL(the_wait_for_a_descriptor_can_be_cancelled)
{
	CHECK_INT(pipe(ends), ==, 0);
	CHECK_INT(simul_wait_for(1, wait_readable, NULL), ==, -ETIMEDOUT);
	CHECK_INT(simul_wait_for(0, wait_readable, NULL), ==, -ETIMEDOUT);
	close(ends[0]);
	close(ends[1]);
}

TEST_VIRTUAL(two_tasks_can_wait_for_one_descriptor)
{
	simul_task *a, *b;

	CHECK_INT(pipe(ends), ==, 0);
	a = simul_create_task(wait_readable, NULL);
	b = simul_create_task(wait_readable, NULL);
	simul_sleep(1);
	CHECK_INT(write(ends[1], "x", 1), ==, 1);
	CHECK_INT(simul_await(a), ==, POLLIN);
	CHECK_INT(simul_await(b), ==, POLLIN);
	close(ends[0]);
	close(ends[1]);
}

TEST_VIRTUAL(to_wait_for_no_descriptor_or_nothing_is_an_error)
{
	CHECK_INT(simul_wait_fd(-1, POLLIN), ==, -EBADF);
	CHECK_INT(simul_wait_fd(0, 0), ==, -EINVAL);
	CHECK_INT(simul_wait_fd(0, -1), ==, -EINVAL);
	CHECK_INT(simul_wait_fd(0, 1 << 20), ==, -EINVAL);
}

TEST(to_wait_for_a_descriptor_takes_a_task)
{
	CHECK_INT(simul_wait_fd(0, POLLIN), ==, -EPERM);
}
