/* SPDX-License-Identifier: MIT
 * tests/net/test_bad_peers.c - peers that misbehave, and systems that are out
 * of something: each costs what it must, and the server goes on. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>

#include "denied.h"
#include "net/serving.h"
#include "test.h"

/* ---- A server of lines: what comes is said back, within limits */

enum { LINE_LIMIT = 100, LINE_SECONDS = 10 };

/* 1; 0 at the end; or an error. */
static int answer_line(void *arg)
{
	simul_stream *s = arg;
	char *line;
	size_t length;
	int r = simul_read_line(s, &line, &length);

	if (r <= 0)
		return r;
	line[length] = '\n'; /* where its end was */
	r = simul_write(s, line, length + 1);
	return r < 0 ? r : 1;
}

static int lines(simul_stream *s, void *arg)
{
	int r;

	simul_stream_set_limit(s, LINE_LIMIT);
	do
		r = simul_wait_for(LINE_SECONDS, answer_line, s);
	while (r > 0);
	if (r == -SIMUL_ETOOLONG)
		simul_write(s, "too long\n", 9);
	if (r == -ETIMEDOUT)
		simul_write(s, "too slow\n", 9);
	return r;
}

/* The server still serves. */
static void check_goes_on(simul_task *server)
{
	simul_stream *s = connect_here();

	CHECK(!simul_task_is_done(server));
	say(s, "still there?\n");
	check_hears(s, "still there?\n");
	simul_close(s);
}

static void end_held(simul_task *server)
{
	check_goes_on(server);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

static void wait_until_served(int n)
{
	while (served < n)
		CHECK_INT(simul_sleep(1), ==, 0);
}

/* ---- Peers */

TEST_VIRTUAL(a_line_past_its_limit_is_refused_with_a_word)
{
	simul_task *server = begin_held(lines, 0);
	simul_stream *s = connect_here();

	for (int i = 0; i < 1000; i++)
		say(s, "all work and no line end makes a dull peer ");
	check_hears(s, "too long\n");
	check_ends(s);
	simul_close(s);
	wait_until_served(1);
	CHECK_INT(last_result, ==, -SIMUL_ETOOLONG);
	end_held(server);
}

TEST_VIRTUAL(a_peer_that_sends_one_byte_a_second_gets_as_long_as_others)
{
	simul_task *server = begin_held(lines, 0);
	simul_stream *s = connect_here();
	double begun = simul_now();

	for (int i = 0; i < 5; i++) {
		say(s, "x");
		simul_sleep(1);
	}
	say(s, "\n");
	check_hears(s, "xxxxx\n");
	while (running > 0 && simul_now() < begun + 100) {
		simul_write(s, "x", 1);
		simul_sleep(1);
	}
	CHECK_INT(last_result, ==, -ETIMEDOUT);
	CHECK_NEAR(simul_now() - begun, 5 + LINE_SECONDS, 4);
	check_hears(s, "too slow\n");
	simul_close(s);
	end_held(server);
}

static size_t most_unsent;

/* As fast as the peer takes it. */
static int pour(void *arg)
{
	simul_stream *s = arg;
	char bytes[10000] = { 0 };
	int r;

	do {
		r = simul_write(s, bytes, sizeof bytes);
		if (simul_stream_unsent(s) > most_unsent)
			most_unsent = simul_stream_unsent(s);
	} while (r >= 0);
	return r;
}

static int pour_or_answer(simul_stream *s, void *arg)
{
	char c;

	if (simul_read(s, &c, 1) == 1 && c == 'p')
		return simul_wait_for(60, pour, s);
	return lines(s, arg);
}

TEST_VIRTUAL(a_peer_that_stops_reading_costs_bounded_memory_and_time)
{
	simul_task *server;
	simul_stream *s[10];

	options.close_timeout = 5;
	server = begin_held(pour_or_answer, 0);
	for (int i = 0; i < 10; i++) {
		s[i] = connect_here();
		say(s[i], "p");
	}
	simul_sleep(50);
	CHECK_INT(running, ==, 10);
	wait_until_served(10);
	CHECK_INT(last_result, ==, -ETIMEDOUT);
	/* The high-water mark, and the write that went beyond it. */
	CHECK_INT(most_unsent, <=, 65536 + 10000);
	for (int i = 0; i < 10; i++)
		simul_close(s[i]);
	handler = lines;
	end_held(server);
}

/* Asks everything, says that this is all, and only then listens. */
TEST_VIRTUAL(a_half_closed_peer_gets_all_answers)
{
	simul_task *server = begin_held(lines, 0);
	simul_stream *s = connect_here();

	say(s, "one\ntwo\nthree\n");
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	simul_sleep(1);
	check_hears(s, "one\ntwo\nthree\n");
	simul_close(s);
	end_held(server);
}

TEST_VIRTUAL(a_reset_in_the_middle_of_a_line_ends_only_that)
{
	simul_task *server = begin_held(lines, 0);
	simul_stream *s = connect_here();

	say(s, "this line has no");
	CHECK_INT(simul_flush(s), ==, 0);
	simul_sleep(1);
	simul_abort(s);
	wait_until_served(1);
	CHECK_INT(last_result, ==, -ECONNRESET);
	end_held(server);
}

/* Some are reset at once, some with a word, some while one is on its way to
 * them, and some just close. */
static void connect_and_go(int i)
{
	simul_stream *s = connect_here();

	if (i % 4 != 0)
		simul_write(s, "hello\n", 6);
	if (i % 4 == 2)
		simul_flush(s);
	if (i % 4 == 3)
		simul_close(s);
	else
		simul_abort(s);
}

TEST_VIRTUAL(thousands_of_connects_and_resets_leave_nothing_behind)
{
	simul_task *server = begin_held(lines, 0);
	simul_stream *witness = connect_here();

	for (int i = 0; i < 3000; i++) {
		connect_and_go(i);
		if (i % 500 == 0) {
			say(witness, "ping\n");
			check_hears(witness, "ping\n");
		}
	}
	simul_close(witness);
	while (simul_server_connections(&hold) > 0)
		CHECK_INT(simul_sleep(0.01), ==, 0);
	end_held(server);
}

TEST_VIRTUAL(garbage_costs_nobody_anything)
{
	simul_task *server = begin_held(lines, 0);

	srand(1);
	for (int i = 0; i < 300; i++) {
		simul_stream *s = connect_here();
		char bytes[500];

		for (size_t k = 0; k < sizeof bytes; k++)
			bytes[k] = (char)rand();
		simul_write(s, bytes, 1 + (size_t)rand() % sizeof bytes);
		if (i % 2)
			simul_flush(s);
		simul_close(s);
	}
	end_held(server);
}

/* ---- The system */

/* A network in which there is nothing, not even ourselves. */
TEST_VIRTUAL(an_unreachable_network_is_a_clear_error)
{
	simul_stream *s;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWNET) < 0)
		SKIP("no network namespace is to be had here");
	CHECK_INT(simul_connect("192.0.2.1", 80, &s), ==, -ENETUNREACH);
	CHECK_INT(simul_connect("2001:db8::1", 80, &s), <, 0);
}

/* epoll's accept4 alone can be denied: io_uring asks for no system call. */
static int rest_without_buffers(void *arg)
{
	simul_task *server;
	simul_stream *s;

	server = begin_held(lines, 0);
	check_goes_on(server);
	deny(SYS_accept4, ENOBUFS);
	s = connect_here();
	simul_sleep(60);
	CHECK(!simul_task_is_done(server));
	CHECK_INT(served, ==, 1);
	simul_close(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
	return 0;
}

static int complaints, complaint;

static void complain(simul_stream *s, int error, void *arg)
{
	complaints++;
	complaint = error;
}

TEST(without_buffers_a_server_rests_and_can_be_stopped)
{
	const simul_options epoll = { .virtual_clock = true,
				      .backend = "epoll" };

	options.failed = complain;
	CHECK_INT(simul_run_with(&epoll, rest_without_buffers, NULL), ==, 0);
	CHECK_INT(complaints, ==, 1);
	CHECK_INT(complaint, ==, -ENOBUFS);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	signals = signals + 1;
}

/* Some two thousand of them a second, and no call is begun again for us. */
static timer_t send_signals(void)
{
	const struct sigaction action = { .sa_handler = count_signal };
	const struct itimerspec often = { { 0, 500000 }, { 0, 500000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	timer_t timer;

	CHECK_INT(sigaction(SIGUSR1, &action, NULL), ==, 0);
	CHECK_INT(timer_create(CLOCK_MONOTONIC, &event, &timer), ==, 0);
	CHECK_INT(timer_settime(timer, 0, &often, NULL), ==, 0);
	return timer;
}

enum { MEGABYTES = 20 };

static int send_megabytes(void *stream)
{
	static char bytes[1000000];
	int r = 0;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 251);
	for (int i = 0; i < MEGABYTES && r >= 0; i++)
		r = simul_write(stream, bytes, sizeof bytes);
	return r < 0 ? r : simul_shutdown_write(stream);
}

static int hear_megabytes(void *stream)
{
	char bytes[5000];
	ptrdiff_t n;
	size_t seen = 0;

	while ((n = simul_read(stream, bytes, sizeof bytes)) > 0)
		for (ptrdiff_t i = 0; i < n; i++, seen++)
			if (bytes[i] != (char)(seen % 1000000 % 251))
				return -EILSEQ;
	return n < 0 ? (int)n : seen == MEGABYTES * 1000000 ? 0 : -EIO;
}

static int echo_under_fire(void *arg)
{
	simul_task *server = begin_held(echo, 0), *t[2];
	simul_stream *s = connect_here();

	t[0] = simul_create_task(send_megabytes, s);
	t[1] = simul_create_task(hear_megabytes, s);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	simul_close(s);
	/* Also when there is nothing to do but to wait. */
	CHECK_INT(simul_sleep(0.1), ==, 0);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
	return 0;
}

TEST(signals_in_the_middle_of_everything_do_no_harm)
{
	timer_t timer = send_signals();

	CHECK_INT(simul_run(echo_under_fire, NULL), ==, 0);
	timer_delete(timer);
	CHECK_INT(signals, >, 10);
}
