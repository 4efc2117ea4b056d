/* SPDX-License-Identifier: MIT
 * tests/parity/test_running.c - what asyncio promises of a run; see
 * docs/parity.md. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <simul.h>

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* ---- On return */

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int ended;

static void counts(void *arg)
{
	(void)arg;
	ended++;
}

static int stays(void *arg)
{
	(void)arg;
	CHECK_INT(simul_defer(counts, NULL), ==, 0);
	return simul_sleep(INFINITY);
}

static int stays_with_a_child(void *arg)
{
	CHECK(simul_create_task(stays, NULL));
	return stays(arg);
}

static int yields_for_ever(void *arg)
{
	CHECK_INT(simul_defer(counts, NULL), ==, 0);
	while (simul_yield_value(arg) >= 0)
		;
	return 0;
}

static int leaves_all_kinds_behind(void *arg)
{
	static simul_queue queue;
	void *value;

	(void)arg;
	CHECK(simul_create_task(stays_with_a_child, NULL));
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, stays_with_a_child,
		NULL));
	CHECK(simul_create_task_with(&(simul_task_options){ .eager = true },
				     stays_with_a_child, NULL));
	CHECK_INT(simul_next(simul_generator_new(NULL, yields_for_ever, NULL),
			     &value),
		  ==, 1);
	CHECK_INT(simul_submit(simul_current_loop(), stays, NULL), ==, 0);
	CHECK_INT(simul_to_thread(nothing, NULL), ==, 0);
	CHECK_INT(simul_queue_put(&queue, NULL), ==, 0);
	simul_queue_done(&queue);
	CHECK_INT(simul_sleep(0.01), ==, 0);
	CHECK_INT(ended, ==, 0);
	return 4;
}

TEST(on_return_every_task_has_ended)
{
	CHECK_INT(simul_run(leaves_all_kinds_behind, NULL), ==, 4);
	CHECK_INT(ended, ==, 8);
}

/* What is left of memory and stacks, the harness finds. */
TEST(on_return_nothing_is_leaked)
{
	int before = count_descriptors();

	for (int i = 0; i < 3; i++) {
		ended = 0;
		CHECK_INT(simul_run(leaves_all_kinds_behind, NULL), ==, 4);
	}
	CHECK_INT(count_descriptors(), ==, before);
}

static pthread_key_t in_each_thread;
static atomic_int begun, gone;

/* In a thread of the pool, when that ends. */
static void goes_slowly(void *value)
{
	(void)value;
	usleep(50000);
	gone++;
}

static int blocks(void *arg)
{
	pthread_setspecific(in_each_thread, &in_each_thread);
	begun++;
	while (begun < *(int *)arg)
		usleep(1000);
	return 0;
}

static int blocks_in_a_thread(void *arg)
{
	return simul_to_thread(blocks, arg);
}

static int uses_three_threads(void *arg)
{
	int n = 3;
	simul_group group = { 0 };

	(void)arg;
	for (int i = 0; i < n; i++)
		simul_group_create_task(&group, blocks_in_a_thread, &n);
	return simul_group_wait(&group);
}

TEST(on_return_executors_are_joined)
{
	pthread_key_create(&in_each_thread, goes_slowly);
	CHECK_INT(simul_run(uses_three_threads, NULL), ==, 0);
	CHECK_INT(gone, ==, 3);
	pthread_key_delete(in_each_thread);
}

/* ---- Inside another loop */

enum { EVENTS = 50 };

struct clock {
	int served; /* events of the other loop */
	int ticks;
};

static int ticks(void *arg)
{
	struct clock *my = arg;

	for (; my->served < EVENTS || my->ticks == 0; my->ticks++)
		CHECK_INT(simul_sleep(0.01), ==, 0);
	return 9;
}

/* The other loop has a descriptor of its own, and is never kept from it. */
TEST(a_loop_can_be_driven_one_turn_at_a_time_inside_another_loop)
{
	struct clock my = { 0 };
	simul_loop *loop;
	int fds[2], r;

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(simul_loop_new(NULL, ticks, &my, &loop), ==, 0);
	while ((r = simul_loop_turn(loop)) > 0) {
		struct pollfd p[2] = { { simul_loop_fd(loop), POLLIN, 0 },
				       { fds[0], POLLIN, 0 } };
		double seconds = simul_loop_timeout(loop);
		char c;

		CHECK(seconds >= 0 && seconds <= 0.01);
		poll(p, 2, (int)(seconds * 1e3) + 1);
		if (!p[1].revents)
			continue;
		/* There is something again in every turn, for a while. */
		CHECK_INT(read(fds[0], &c, 1), ==, 1);
		if (++my.served < EVENTS)
			CHECK_INT(write(fds[1], "x", 1), ==, 1);
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(simul_loop_free(loop), ==, 9);
	CHECK_INT(my.served, ==, EVENTS);
	CHECK_INT(my.ticks, <, EVENTS / 2);
	close(fds[0]);
	close(fds[1]);
}

static void *writes_in_a_moment(void *arg)
{
	usleep(20000);
	CHECK_INT(write(*(int *)arg, "x", 1), ==, 1);
	return NULL;
}

static int waits_to_read(void *arg)
{
	return simul_wait_fd(*(int *)arg, POLLIN);
}

static int naps_in_a_thread(void *arg)
{
	usleep(20000);
	return *(int *)arg;
}

static int waits_for_a_thread(void *arg)
{
	return simul_to_thread(naps_in_a_thread, arg);
}

/* Turn it whenever its descriptor is readable, and at no other time. */
static int drive_by_descriptor(simul_fn *fn, void *arg)
{
	simul_loop *loop;
	int r;

	CHECK_INT(simul_loop_new(NULL, fn, arg, &loop), ==, 0);
	while ((r = simul_loop_turn(loop)) > 0) {
		struct pollfd p = { simul_loop_fd(loop), POLLIN, 0 };
		double start = simul_now();

		if (simul_loop_timeout(loop) == 0)
			continue;
		CHECK(simul_loop_timeout(loop) < 0);
		CHECK_INT(poll(&p, 1, 10000), ==, 1);
		/* It was woken, and did not only look again at the end. */
		CHECK(simul_now() - start < 9);
	}
	CHECK_INT(r, ==, 0);
	return simul_loop_free(loop);
}

TEST(the_descriptor_wakes_who_polls_it)
{
	int fds[2], seven = 7;
	pthread_t thread;

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	pthread_create(&thread, NULL, writes_in_a_moment, &fds[1]);
	CHECK_INT(drive_by_descriptor(waits_to_read, &fds[0]), ==, POLLIN);
	pthread_join(thread, NULL);
	/* What has come already, too. */
	CHECK_INT(drive_by_descriptor(waits_to_read, &fds[0]), ==, POLLIN);
	CHECK_INT(drive_by_descriptor(waits_for_a_thread, &seven), ==, 7);
	close(fds[0]);
	close(fds[1]);
}

static int waits_for_ever(void *arg)
{
	return simul_event_wait(arg);
}

TEST(the_descriptor_is_quiet_while_nothing_happens)
{
	simul_event never = { 0 };
	simul_loop *loop;
	int woken = 0;

	CHECK_INT(simul_loop_new(NULL, waits_for_ever, &never, &loop), ==, 0);
	for (int i = 0; i < 10; i++) {
		struct pollfd p = { simul_loop_fd(loop), POLLIN, 0 };

		CHECK_INT(simul_loop_turn(loop), ==, 1);
		woken += poll(&p, 1, 1);
	}
	CHECK_INT(woken, <=, 1);
	CHECK_INT(simul_loop_free(loop), ==, -ECANCELED);
}

/* ---- The virtual clock */

static int sleeps_for_twelve_hours(void *arg)
{
	double start = simul_now(), since = simul_time();

	(void)arg;
	for (int i = 0; i < 12; i++)
		CHECK_INT(simul_sleep(3600), ==, 0);
	CHECK_NEAR(simul_now() - start, 12 * 3600, 1e-3);
	CHECK_NEAR(simul_time() - since, 12 * 3600, 1e-3);
	return 0;
}

static double real_milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* The best of some, as the machine may be busy. */
TEST(a_program_that_sleeps_twelve_hours_is_tested_in_a_millisecond)
{
	const char *stretch = getenv("TEST_STRETCH");
	double limit = stretch ? atof(stretch) : 1, best = 1e9;

	for (int i = 0; i < 100 && best >= limit; i++) {
		double start = real_milliseconds(), took;

		CHECK_INT(run_virtual(sleeps_for_twelve_hours, NULL), ==, 0);
		took = real_milliseconds() - start;
		best = took < best ? took : best;
	}
	CHECK(best < limit);
}
