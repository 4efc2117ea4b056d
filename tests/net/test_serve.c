/* SPDX-License-Identifier: MIT
 * tests/net/test_serve.c - a task for each connection. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "net/serving.h"
#include "sweep.h"
#include "test.h"

/* ---- What works */

TEST_VIRTUAL(each_connection_is_served_beside_the_others)
{
	simul_task *server = begin(echo);
	simul_stream *s[50];

	for (int i = 0; i < 50; i++)
		s[i] = connect_here();
	for (int i = 49; i >= 0; i--)
		check_echo(s[i]);
	CHECK_INT(running, ==, 50);
	for (int i = 0; i < 50; i++) {
		CHECK_INT(simul_shutdown_write(s[i]), ==, 0);
		check_ends(s[i]);
		CHECK_INT(simul_close(s[i]), ==, 0);
	}
	simul_sleep(0);
	CHECK_INT(served, ==, 50);
	finish(server);
}

static int say_bye(simul_stream *s, void *arg)
{
	return simul_write(s, "bye", 3);
}

TEST_VIRTUAL(what_a_handler_has_written_is_sent_and_the_stream_closed)
{
	simul_task *server = begin(say_bye);
	simul_stream *s = connect_here();

	check_hears(s, "bye");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	finish(server);
}

static int say_it(void *s)
{
	return simul_write(s, "bye", 3);
}

/* Has something to say even when it is cancelled. */
static int say_bye_at_last(void *s)
{
	while (simul_sleep(1) >= 0)
		;
	return simul_shield(say_it, s);
}

static int leave_a_child(simul_stream *s, void *arg)
{
	CHECK(simul_create_task(say_bye_at_last, s));
	return simul_sleep(1);
}

TEST_VIRTUAL(children_that_a_handler_leaves_end_before_its_stream_is_closed)
{
	simul_task *server = begin(leave_a_child);
	simul_stream *s = connect_here();

	check_hears(s, "bye");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	finish(server);
}

static void say_bye_deferred(void *s)
{
	CHECK_INT(simul_write(s, "bye", 3), ==, 0);
}

static int defer_bye(simul_stream *s, void *arg)
{
	return simul_defer(say_bye_deferred, s);
}

TEST_VIRTUAL(what_a_handler_has_deferred_runs_before_its_stream_is_closed)
{
	simul_task *server = begin(defer_bye);
	simul_stream *s = connect_here();

	check_hears(s, "bye");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	finish(server);
}

/* Fails, but on behalf of only one. */
static int fail(simul_stream *s, void *arg)
{
	char c;

	if (simul_read(s, &c, 1) == 1 && c == 'x')
		return -EIO;
	return echo(s, arg);
}

TEST_VIRTUAL(a_handler_that_fails_costs_its_connection_only)
{
	simul_task *server = begin(fail);
	simul_stream *bad = connect_here(), *good = connect_here();

	say(bad, "x");
	say(good, "y");
	check_ends(bad);
	CHECK_INT(last_result, ==, -EIO);
	check_echo(good);
	simul_close(bad);
	simul_close(good);
	finish(server);
}

TEST_VIRTUAL(a_peer_that_resets_costs_its_connection_only)
{
	simul_task *server = begin(echo);
	simul_stream *bad = connect_here(), *good = connect_here();

	check_echo(bad);
	simul_abort(bad);
	check_echo(good);
	while (served < 1)
		simul_sleep(0.01);
	CHECK_INT(last_result, ==, -ECONNRESET);
	check_echo(good);
	simul_close(good);
	finish(server);
}

TEST_VIRTUAL(a_cancelled_server_ends_its_connections)
{
	simul_task *server = begin(echo);
	simul_stream *s = connect_here();
	char c;

	check_echo(s);
	finish(server);
	CHECK_INT(last_result, ==, -ECANCELED);
	CHECK_INT(simul_read(s, &c, 1), <=, 0);
	simul_close(s);
}

TEST_VIRTUAL(a_listener_can_be_served_again)
{
	simul_task *server = begin(echo);
	simul_stream *s;

	for (int i = 0; i < 3; i++) {
		s = connect_here();
		check_echo(s);
		simul_close(s);
		simul_cancel(server);
		CHECK_INT(simul_await(server), ==, -ECANCELED);
		server = simul_create_task(serve, NULL);
	}
	finish(server);
}

/* ---- Limits */

TEST_VIRTUAL(no_more_connections_are_served_at_a_time_than_is_allowed)
{
	simul_task *server;
	simul_stream *s[6];

	options.max_connections = 2;
	server = begin(echo);
	for (int i = 0; i < 6; i++)
		s[i] = connect_here();
	for (int i = 0; i < 6; i++) {
		check_echo(s[i]);
		simul_close(s[i]);
	}
	CHECK_INT(most, ==, 2);
	finish(server);
}

static int flood(simul_stream *s, void *arg)
{
	static char much[10000000];

	return simul_write(s, much, sizeof much);
}

TEST_VIRTUAL(a_peer_that_does_not_read_is_left_after_a_time)
{
	simul_task *server;
	simul_stream *s;
	double start = simul_now();

	options.close_timeout = 7;
	options.max_connections = 1;
	server = begin(flood);
	s = connect_here();
	while (served < 1)
		simul_sleep(0.01);
	/* Only when it has been left there is room for another. */
	handler = echo;
	simul_stream *next = connect_here();
	check_echo(next);
	CHECK_NEAR(simul_now() - start, 7, 1);
	simul_close(s);
	simul_close(next);
	finish(server);
}

/* ---- Shortage */

TEST_VIRTUAL(without_descriptors_a_server_rests_and_goes_on_when_they_are_back)
{
	int fds[DESCRIPTORS], count;
	simul_stream *first, *second;
	simul_task *server;

	limit_descriptors();
	server = begin(echo);
	first = connect_here();
	check_echo(first);
	use_up_descriptors(fds, &count);
	second = connect_here();
	simul_sleep(10);
	CHECK(!simul_task_is_done(server));
	CHECK_INT(running, ==, 1);
	check_echo(first); /* those that are there go on */
	while (count > 0)
		close(fds[--count]);
	check_echo(second);
	simul_close(first);
	simul_close(second);
	finish(server);
}

/* How much of the processor's time a server without descriptors takes. */
TEST_VIRTUAL(a_server_without_descriptors_does_not_spin)
{
	struct rusage before, after;
	int fds[DESCRIPTORS], count;
	simul_task *server;
	simul_stream *s;
	double took;

	limit_descriptors();
	server = begin(echo);
	use_up_descriptors(fds, &count);
	s = connect_here();
	getrusage(RUSAGE_SELF, &before);
	simul_sleep(60);
	getrusage(RUSAGE_SELF, &after);
	took = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
	       (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) *
		       1e-6;
	CHECK_NEAR(took, 0, 0.5);
	while (count > 0)
		close(fds[--count]);
	check_echo(s);
	simul_close(s);
	finish(server);
}

/* ---- Sweeps */

static int talk(void *arg)
{
	simul_stream *s;
	char c;
	int r = simul_connect_address(&where, &s), closed;

	if (r < 0)
		return r;
	r = simul_write(s, "x", 1);
	if (r >= 0)
		r = (int)simul_read(s, &c, 1);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

static int talk_to_server(void *arg)
{
	simul_task *server, *t[2];
	int r;

	handler = echo;
	simul_address_parse("127.0.0.1", 0, &where);
	r = simul_listen(&where, NULL, &listener);
	if (r < 0)
		return r;
	simul_listener_address(listener, &where);
	server = simul_create_task(serve, NULL);
	for (int i = 0; i < 2; i++)
		t[i] = server ? simul_create_task(talk, NULL) : NULL;
	r = simul_gather(t, 2, NULL);
	simul_cancel(server);
	simul_await(server);
	simul_listener_close(listener);
	return r;
}

static int talk_for_a_while(void *arg)
{
	return simul_wait_for(5, talk_to_server, NULL);
}

static void run_talk(void)
{
	run_virtual(talk_for_a_while, NULL);
}

static void check_outcome(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT ||
	      result == -ECONNRESET || result == -EPIPE);
	CHECK_INT(running, ==, 0);
}

TEST(a_server_survives_every_refused_allocation)
{
	CHECK_INT(run_virtual(talk_for_a_while, NULL), ==, 0);
	sweep_allocations(run_talk);
}

TEST(a_server_survives_a_cancellation_at_every_suspension)
{
	sweep_cancellations(talk_for_a_while, 1, check_outcome);
}
