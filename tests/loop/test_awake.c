/* SPDX-License-Identifier: MIT
 * tests/loop/test_awake.c - a loop that stays awake for a moment. */
#include "loops.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "loop/awake.h"

/* What no machine is too slow for, and what no wait here is shorter than. */
static const uint64_t LONG = 1000000000, SHORT = 20000;
static const uint64_t REST = 2000000;

/* ---- The backend, and how often it was asked to wait */

static const struct smi_backend *real;
static struct smi_backend counting;
static int looks, sleeps;

static int count_wait(void *state, uint64_t timeout)
{
	if (timeout > 0)
		sleeps++;
	else
		looks++;
	return real->wait(state, timeout);
}

/* From now on they are counted. */
static void spin_for(uint64_t spin)
{
	real = loop.backend;
	counting = *real;
	counting.wait = count_wait;
	loop.backend = &counting;
	smi_loop_set_spin(&loop, spin);
	looks = sleeps = 0;
}

/* ---- What is waited for */

static int fds[2];
static struct smi_op op;
static struct smi_job job;
static bool came;

static void notice(struct smi_job *j)
{
	(void)j;
	came = true;
}

/* Somebody waits for it. */
static void make_ready(struct smi_op *o)
{
	(void)o;
	smi_loop_ready(&loop, &job);
}

/* Nobody does. */
static void ignore(struct smi_op *o)
{
	(void)o;
}

static void ask_for_input(void (*done)(struct smi_op *o))
{
	job = (struct smi_job){ notice, &job };
	came = false;
	op = (struct smi_op){
		.kind = SMI_OP_POLL, .fd = fds[0], .flags = POLLIN, .done = done
	};
	CHECK_INT(smi_op_submit(&loop, &op), ==, 0);
}

static void let_it_come(void)
{
	char byte;

	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	turn_until(&came);
	CHECK_INT(read(fds[0], &byte, 1), ==, 1);
}

static void wait_shortly(void)
{
	ask_for_input(make_ready);
	let_it_come();
}

static bool fired;

static void fire(struct simul_timer *timer)
{
	(void)timer;
	fired = true;
}

static void rest(uint64_t span)
{
	struct simul_timer timer = { .fire = fire,
				     .when = smi_loop_now(&loop) + span };

	fired = false;
	CHECK_INT(smi_loop_set_timer(&loop, &timer), ==, 0);
	while (!fired)
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	CHECK_INT(smi_loop_now(&loop), >=, timer.when);
}

static void open_pipe(void)
{
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
}

static void close_pipe(void)
{
	close(fds[0]);
	close(fds[1]);
}

/* ---- */

TEST_BOTH(a_loop_that_was_not_told_to_stay_awake_sleeps)
{
	open_pipe();
	spin_for(0);
	for (int i = 0; i < 10; i++)
		wait_shortly();
	CHECK_INT(looks, ==, 0);
	CHECK_INT(sleeps, >=, 10);
	close_pipe();
}

TEST_BOTH(a_loop_whose_waits_were_short_stays_awake)
{
	open_pipe();
	spin_for(LONG);
	wait_shortly();
	CHECK_INT(sleeps, >=, 1); /* it knows nothing yet */
	for (int i = 0; i < 20; i++)
		wait_shortly();
	looks = sleeps = 0;
	for (int i = 0; i < 20; i++)
		wait_shortly();
	CHECK_INT(sleeps, ==, 0);
	CHECK_INT(looks, >=, 20);
	close_pipe();
}

TEST_BOTH(a_loop_at_rest_does_not_stay_awake)
{
	open_pipe();
	ask_for_input(make_ready); /* the world may speak */
	spin_for(SHORT);
	for (int i = 0; i < 20; i++)
		rest(REST);
	CHECK_INT(looks, <=, 20); /* one where we came too late to wait */
	CHECK_INT(loop.usual_wait, >=, SHORT);
	let_it_come();
	close_pipe();
}

/* One look in vain, and it has learnt. */
TEST_BOTH(a_loop_that_comes_to_rest_stops_staying_awake)
{
	open_pipe();
	ask_for_input(make_ready);
	spin_for(SHORT);
	loop.usual_wait = 0;
	for (int i = 0; i < 20 && loop.usual_wait < SHORT; i++)
		rest(REST);
	CHECK_INT(looks, >, 0);
	CHECK_INT(loop.usual_wait, >=, SHORT);
	looks = 0;
	for (int i = 0; i < 10; i++)
		rest(REST);
	CHECK_INT(looks, <=, 10);
	let_it_come();
	close_pipe();
}

/* What ends without waking anybody leaves nothing to wait for. */
TEST_BOTH(a_deadlock_is_seen_by_a_loop_that_was_awake)
{
	int r = 0;

	open_pipe();
	ask_for_input(ignore);
	spin_for(REST);
	loop.usual_wait = 0;
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	for (int turns = 0; r == 0 && turns < 10; turns++)
		r = smi_loop_turn(&loop, true);
	CHECK_INT(r, ==, -EDEADLK);
	CHECK_INT(looks, >, 0);
	close_pipe();
}

TEST_BOTH(a_timer_ends_a_wait_in_which_the_loop_is_awake)
{
	uint64_t start = smi_clock();

	spin_for(LONG);
	loop.usual_wait = 0;
	rest(REST);
	CHECK_INT(smi_clock() - start, <, LONG);
	CHECK_INT(sleeps, ==, 0);
	CHECK_INT(looks, >, 0);
}

static bool delivered;

static void deliver(struct smi_letter *letter)
{
	(void)letter;
	delivered = true;
}

static struct smi_letter letter = { .deliver = deliver };

static void *post_later(void *arg)
{
	(void)arg;
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	CHECK_INT(smi_mailbox_post(&loop.mailbox, &letter), ==, 0);
	return NULL;
}

TEST_BOTH(a_loop_that_is_awake_hears_other_threads)
{
	pthread_t thread;

	open_pipe();
	ask_for_input(make_ready);
	delivered = false;
	spin_for(LONG);
	loop.usual_wait = 0;
	CHECK_INT(pthread_create(&thread, NULL, post_later, NULL), ==, 0);
	do
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	while (!delivered);
	CHECK_INT(loop.usual_wait, <, LONG); /* not in vain */
	pthread_join(thread, NULL);
	let_it_come();
	close_pipe();
}

static int fail(void *state, uint64_t timeout)
{
	(void)state;
	return timeout > 0 ? 0 : -EIO;
}

TEST(what_fails_while_the_loop_is_awake_is_told)
{
	start_loop(NULL, false);
	open_pipe();
	ask_for_input(make_ready);
	spin_for(LONG);
	loop.usual_wait = 0;
	counting.wait = fail;
	CHECK_INT(smi_loop_turn(&loop, true), ==, -EIO);
	loop.backend = real;
	let_it_come();
	close_pipe();
	end_loop();
}

TEST(under_the_virtual_clock_nobody_stays_awake)
{
	CHECK_INT(smi_loop_init(&loop,
				&(struct smi_loop_options){
					.virtual_clock = true, .spin = LONG }),
		  ==, 0);
	CHECK_INT(loop.spin, ==, 0);
	end_loop();
}
