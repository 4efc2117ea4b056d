/* SPDX-License-Identifier: MIT
 * tests/file/test_file_lock.c - locks on files: see simul/file.h. */
#include <sys/file.h>

#include <simul/file.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "folder.h"
#include "task/dies.h"

static simul_stream *open_file(const char *path)
{
	simul_stream *f = NULL;

	CHECK_INT(simul_open(path, O_RDWR | O_CREAT, 0600, &f), ==, 0);
	return f;
}

static int lock(void *arg)
{
	return simul_flock(arg, LOCK_EX);
}

TEST_IN_FOLDER(a_lock_keeps_others_waiting_until_it_is_given_back)
{
	simul_stream *a = open_file("f"), *b = open_file("f");
	simul_task *t;

	CHECK_INT(simul_flock(a, LOCK_EX), ==, 0);
	CHECK_INT(simul_flock(b, LOCK_EX | LOCK_NB), ==, -EAGAIN);
	t = simul_create_task(lock, b);
	CHECK_INT(simul_sleep(5), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_write(a, "seen", 4), ==, 0);
	CHECK_INT(simul_flock(a, LOCK_UN), ==, 0);
	check_file("f", "seen");
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_flock(a, LOCK_SH | LOCK_NB), ==, -EAGAIN);
	CHECK_INT(simul_close(b), ==, 0);
	CHECK_INT(simul_flock(a, LOCK_SH), ==, 0);
	CHECK_INT(simul_close(a), ==, 0);
}

TEST_IN_FOLDER(shared_locks_do_not_exclude_each_other)
{
	simul_stream *a = open_file("f"), *b = open_file("f");

	CHECK_INT(simul_flock(a, LOCK_SH), ==, 0);
	CHECK_INT(simul_flock(b, LOCK_SH), ==, 0);
	CHECK_INT(simul_flock(b, LOCK_EX | LOCK_NB), ==, -EAGAIN);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}

TEST_IN_FOLDER(who_waits_for_a_lock_can_be_cancelled_and_has_it_not)
{
	simul_stream *a = open_file("f"), *b = open_file("f");

	CHECK_INT(simul_flock(a, LOCK_EX), ==, 0);
	CHECK_INT(simul_wait_for(3, lock, b), ==, -ETIMEDOUT);
	CHECK_INT(simul_flock(a, LOCK_UN), ==, 0);
	CHECK_INT(simul_flock(a, LOCK_EX | LOCK_NB), ==, 0);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}

static int close_while_another_waits(void *arg)
{
	simul_stream *a = open_file("f"), *b = open_file("f");

	CHECK_INT(simul_flock(a, LOCK_EX), ==, 0);
	simul_create_task(lock, b);
	CHECK_INT(simul_sleep(1), ==, 0);
	return simul_close(b);
}

static void close_too_soon(void)
{
	run_virtual(close_while_another_waits, NULL);
}

TEST(to_close_a_file_that_waits_for_a_lock_is_a_bug)
{
	enter_folder();
	CHECK_DIES(close_too_soon, "closes a stream that others");
	leave_folder();
}
