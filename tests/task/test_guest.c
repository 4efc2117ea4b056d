/* SPDX-License-Identifier: MIT
 * tests/task/test_guest.c - a loop driven from outside. */
#include "reads.h"
#include "trail.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul.h>

/* The kernel has a last look when the time is up: that is no wake-up. */
static void wait_for_ever(struct pollfd *p)
{
	double start = simul_now();

	CHECK_INT(poll(p, 1, 5000), ==, 1);
	CHECK(simul_now() - start < 3);
}

/* As a program would, with poll(2) as its own loop. Returns how often it
 * waited. */
static int drive(simul_loop *loop)
{
	int waits = 0, r;

	while ((r = simul_loop_turn(loop)) > 0) {
		struct pollfd p = { .fd = simul_loop_fd(loop),
				    .events = POLLIN };
		double timeout = simul_loop_timeout(loop);

		if (timeout == 0)
			continue;
		waits++;
		/* If nothing comes then, nothing ever will. */
		if (timeout < 0)
			wait_for_ever(&p);
		else
			poll(&p, 1, (int)(timeout * 1e3) + 1);
	}
	CHECK_INT(r, ==, 0);
	return waits;
}

static int run_as_guest(simul_fn *fn, void *arg)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, fn, arg, &loop), ==, 0);
	drive(loop);
	return simul_loop_free(loop);
}

/* The same on both backends. */
#define TEST_GUEST(sentence)                                                   \
	static int sentence(void *arg);                                        \
	static void sentence##_with(const char *backend)                       \
	{                                                                      \
		simul_loop *loop;                                              \
		int r = simul_loop_new(&(simul_options){ .backend = backend }, \
				       sentence, NULL, &loop);                 \
                                                                               \
		if (r == -ENOSYS || r == -EPERM)                               \
			SKIP("%s is not to be had here", backend);             \
		CHECK_INT(r, ==, 0);                                           \
		drive(loop);                                                   \
		CHECK_INT(simul_loop_free(loop), ==, 0);                       \
	}                                                                      \
	TEST(sentence##_by_io_uring)                                           \
	{                                                                      \
		sentence##_with("io_uring");                                   \
	}                                                                      \
	TEST(sentence##_by_epoll)                                              \
	{                                                                      \
		sentence##_with("epoll");                                      \
	}                                                                      \
	static int sentence(void *arg)

static int returns_seven(void *arg)
{
	(void)arg;
	return 7;
}

TEST(a_guest_runs_when_it_is_turned_and_not_before)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, returns_seven, NULL, &loop), ==, 0);
	CHECK_NEAR(simul_loop_timeout(loop), 0, 0);
	CHECK(!simul_current_loop());
	CHECK_INT(simul_loop_turn(loop), ==, 0);
	CHECK_INT(simul_loop_free(loop), ==, 7);
}

TEST(freeing_no_loop_is_nothing)
{
	CHECK_INT(simul_loop_free(NULL), ==, 0);
}

static int sleeps_twice(void *arg)
{
	(void)arg;
	CHECK_INT(simul_sleep(0.01), ==, 0);
	CHECK_INT(simul_sleep(0.01), ==, 0);
	return 3;
}

TEST(the_timeout_is_the_time_until_the_next_timer)
{
	double start = simul_now(), timeout;
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, sleeps_twice, NULL, &loop), ==, 0);
	CHECK_INT(simul_loop_turn(loop), ==, 1);
	timeout = simul_loop_timeout(loop);
	CHECK(timeout <= 0.01);
	CHECK(timeout + (simul_now() - start) >= 0.01);
	drive(loop);
	CHECK_INT(simul_loop_free(loop), ==, 3);
	CHECK(simul_now() - start >= 0.02);
}

static int waits_for_ever(void *arg)
{
	simul_future never = { 0 };
	int r = simul_future_wait(&never, NULL);

	(void)arg;
	mark('e');
	return r;
}

TEST(a_guest_never_reports_a_deadlock)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, waits_for_ever, NULL, &loop), ==, 0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(simul_loop_turn(loop), ==, 1);
	CHECK(simul_loop_timeout(loop) < 0);
	/* Freed early, its task is cancelled. */
	CHECK_INT(simul_loop_free(loop), ==, -ECANCELED);
	CHECK_TRAIL("e");
}

TEST_GUEST(a_guest_is_told_when_a_descriptor_becomes_readable)
{
	int fds[2];
	pid_t pid;

	(void)arg;
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	pid = fork();
	if (pid == 0) {
		usleep(20000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	CHECK_INT(wait_readable(fds[0]), ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
	while (waitpid(pid, NULL, 0) < 0)
		;
	return 0;
}

TEST_GUEST(a_deadline_ends_an_operation_of_a_guest)
{
	int fds[2], r = 0;

	(void)arg;
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	SIMUL_WITH_TIMEOUT(0.01, r)
	r = wait_readable(fds[0]);
	CHECK_INT(r, ==, -ETIMEDOUT);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void *sets_from_a_thread(void *arg)
{
	void **my = arg;

	usleep(20000);
	CHECK_INT(simul_future_post(my[0], my[1], 5, NULL), ==, 0);
	simul_loop_release(my[0]);
	return NULL;
}

TEST_GUEST(a_guest_is_woken_by_other_threads)
{
	simul_future future = { 0 };
	void *my[2] = { simul_loop_hold(simul_current_loop()), &future };
	pthread_t thread;

	(void)arg;
	pthread_create(&thread, NULL, sets_from_a_thread, my);
	CHECK_INT(simul_future_wait(&future, NULL), ==, 5);
	pthread_join(thread, NULL);
	return 0;
}

static int naps(void *arg)
{
	(void)arg;
	usleep(20000);
	return 6;
}

TEST_GUEST(a_guest_may_use_threads)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		CHECK_INT(simul_to_thread(naps, NULL), ==, 6);
	return 0;
}

static int sleeps_twelve_hours(void *arg)
{
	double start = simul_now();

	(void)arg;
	for (int i = 0; i < 12; i++)
		CHECK_INT(simul_sleep(3600), ==, 0);
	CHECK_NEAR(simul_now() - start, 12 * 3600, 1e-3);
	return 0;
}

TEST(time_jumps_for_a_guest_under_the_virtual_clock)
{
	double start = simul_now();
	simul_loop *loop;

	CHECK_INT(simul_loop_new(&(simul_options){ .virtual_clock = true },
				 sleeps_twelve_hours, NULL, &loop),
		  ==, 0);
	drive(loop);
	CHECK_INT(simul_loop_free(loop), ==, 0);
	CHECK(simul_now() - start < 1);
}

static int reads_before_it_is_late(void *arg)
{
	int fds[2], r = 0;
	pid_t pid;

	(void)arg;
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	pid = fork();
	if (pid == 0) {
		usleep(5000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	SIMUL_WITH_TIMEOUT(3600, r)
	r = wait_readable(fds[0]);
	CHECK_INT(r, ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
	while (waitpid(pid, NULL, 0) < 0)
		;
	return 0;
}

TEST(the_real_world_gets_a_moment_before_time_jumps_for_a_guest)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(&(simul_options){ .virtual_clock = true },
				 reads_before_it_is_late, NULL, &loop),
		  ==, 0);
	drive(loop);
	CHECK_INT(simul_loop_free(loop), ==, 0);
}

static int sleeps_long(void *arg)
{
	(void)arg;
	return simul_sleep(1000);
}

static int leaves_one_behind(void *arg)
{
	(void)arg;
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, sleeps_long,
		NULL));
	simul_sleep(0);
	return 2;
}

TEST(what_main_leaves_in_the_background_ends_with_it)
{
	CHECK_INT(run_as_guest(leaves_one_behind, NULL), ==, 2);
}

/* ---- One inside another */

static int turns_another(void *arg)
{
	CHECK_INT(simul_loop_turn(arg), ==, -EBUSY);
	CHECK_INT(simul_run(returns_seven, NULL), ==, -EBUSY);
	return 0;
}

TEST(a_loop_can_not_be_turned_from_inside_a_task)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, returns_seven, NULL, &loop), ==, 0);
	CHECK_INT(simul_run(turns_another, loop), ==, 0);
	CHECK_INT(simul_loop_free(loop), ==, 7);
}

static int makes_another(void *arg)
{
	simul_loop *loop;

	(void)arg;
	CHECK_INT(simul_loop_new(NULL, returns_seven, NULL, &loop), ==, -EBUSY);
	return 0;
}

TEST(a_loop_can_not_be_made_inside_a_task)
{
	CHECK_INT(simul_run(makes_another, NULL), ==, 0);
}

TEST(two_guests_take_turns_in_one_thread)
{
	simul_loop *a, *b;

	CHECK_INT(simul_loop_new(NULL, sleeps_twice, NULL, &a), ==, 0);
	CHECK_INT(simul_loop_new(NULL, sleeps_twice, NULL, &b), ==, 0);
	while (simul_loop_turn(a) + simul_loop_turn(b) > 0)
		usleep(1000);
	CHECK_INT(simul_loop_free(b), ==, 3);
	CHECK_INT(simul_loop_free(a), ==, 3);
}
