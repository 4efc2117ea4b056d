/* SPDX-License-Identifier: MIT
 * tests/net/test_stopping.c - servers that are told to end, and what they tell
 * meanwhile. */
#include <errno.h>
#include <math.h>

#include <simul/gather.h>
#include <simul/scope.h>

#include "net/serving.h"
#include "sweep.h"
#include "test.h"

/* ---- The end */

TEST_VIRTUAL(a_server_that_is_stopped_returns_0)
{
	simul_task *server = begin_held(echo, 0);
	simul_stream *s = connect_here();

	check_echo(s);
	simul_server_stop(&hold);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
	CHECK_INT(last_result, ==, -ECANCELED);
	simul_close(s);
}

TEST_VIRTUAL(connections_may_end_by_themselves_within_the_time_of_grace)
{
	simul_task *server = begin_held(echo, 10);
	simul_stream *s = connect_here();
	double begun = simul_now();

	check_echo(s);
	simul_server_stop(&hold);
	simul_sleep(5);
	check_echo(s);
	CHECK(!simul_task_is_done(server));
	simul_close(s);
	check_stopped(server, begun, 5);
	CHECK_INT(last_result, ==, 0);
}

TEST_VIRTUAL(those_that_are_left_after_that_are_cancelled)
{
	simul_task *server = begin_held(echo, 10);
	simul_stream *s = connect_here();

	check_echo(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 10);
	CHECK_INT(last_result, ==, -ECANCELED);
	simul_close(s);
}

TEST_VIRTUAL(a_server_that_is_cancelled_gives_the_time_of_grace_too)
{
	simul_task *server = begin_held(echo, 10);
	simul_stream *s = connect_here();
	double begun = simul_now();

	check_echo(s);
	simul_cancel(server);
	simul_sleep(5);
	check_echo(s);
	simul_close(s);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	CHECK_NEAR(simul_now() - begun, 5, 0.5);
	CHECK_INT(last_result, ==, 0);
	simul_listener_close(listener);
}

TEST_VIRTUAL(grace_can_be_cut_short)
{
	simul_task *server = begin_held(echo, INFINITY);
	simul_stream *s = connect_here();
	double begun = simul_now();

	check_echo(s);
	simul_server_stop(&hold);
	simul_sleep(5);
	check_echo(s);
	simul_server_cancel(&hold);
	check_stopped(server, begun, 5);
	CHECK_INT(last_result, ==, -ECANCELED);
	simul_close(s);
}

TEST_VIRTUAL(a_server_that_is_to_stop_accepts_no_more)
{
	simul_task *server = begin_held(echo, 10);
	simul_stream *first = connect_here(), *late;

	check_echo(first);
	simul_server_stop(&hold);
	simul_sleep(0);
	late = connect_here();
	say(late, "anybody there?");
	simul_sleep(5);
	CHECK_INT(simul_server_connections(&hold), ==, 1);
	simul_close(first);
	check_stopped(server, simul_now(), 0);
	CHECK_INT(served, ==, 1);
	simul_close(late);
}

TEST_VIRTUAL(a_stop_before_the_beginning_is_not_lost)
{
	simul_task *server = begin_held(echo, 10);

	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

TEST_VIRTUAL(a_server_runs_once_at_a_time)
{
	simul_task *server = begin_held(echo, 0);

	simul_sleep(0);
	CHECK_INT(serve(NULL), ==, -EBUSY);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

static int stop_it(simul_stream *s, void *arg)
{
	simul_server_stop(&hold);
	return simul_write(s, "bye", 3);
}

TEST_VIRTUAL(a_handler_can_stop_its_server)
{
	simul_task *server = begin_held(stop_it, 10);
	simul_stream *s = connect_here();

	check_hears(s, "bye");
	check_ends(s);
	simul_close(s);
	check_stopped(server, simul_now(), 0);
	CHECK_INT(last_result, ==, 0);
}

/* Has nothing to do but to say when it is over. */
static int wait_for_the_end(simul_stream *s, void *arg)
{
	int r = simul_event_wait(&hold.stopping);

	return r < 0 ? r : simul_write(s, "over", 4);
}

TEST_VIRTUAL(a_handler_can_wait_for_the_end_of_its_server)
{
	simul_task *server = begin_held(wait_for_the_end, 10);
	simul_stream *s = connect_here();

	simul_sleep(1);
	simul_cancel(server); /* is a stop, too */
	check_hears(s, "over");
	check_ends(s);
	simul_close(s);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	CHECK_INT(last_result, ==, 0);
	simul_listener_close(listener);
}

TEST_VIRTUAL(options_that_make_no_sense_are_refused)
{
	options.grace = NAN;
	CHECK_INT(serve(NULL), ==, -EINVAL);
	options = (simul_serve_options){ .linger = NAN };
	CHECK_INT(serve(NULL), ==, -EINVAL);
	options = (simul_serve_options){ .close_timeout = -1 };
	CHECK_INT(serve(NULL), ==, -EINVAL);
	CHECK_INT(simul_serve_listeners(NULL, 0, echo, NULL, NULL), ==,
		  -EINVAL);
}

/* ---- How many there are */

TEST_VIRTUAL(a_server_knows_how_many_connections_it_has)
{
	simul_task *server = begin_held(echo, 0);
	simul_stream *s[5];

	CHECK_INT(simul_server_connections(&hold), ==, 0);
	for (int i = 0; i < 5; i++) {
		s[i] = connect_here();
		check_echo(s[i]);
		CHECK_INT(simul_server_connections(&hold), ==, i + 1);
	}
	for (int i = 0; i < 5; i++)
		simul_close(s[i]);
	while (simul_server_connections(&hold) > 0)
		CHECK_INT(simul_sleep(0.01), ==, 0);
	CHECK_INT(served, ==, 5);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

/* ---- Several listeners */

static simul_listener *both[2];

static int serve_both(void *arg)
{
	return simul_serve_listeners(both, 2, counted, NULL, &options);
}

static simul_task *begin_both(simul_address addresses[2])
{
	handler = echo;
	options.server = &hold;
	for (int i = 0; i < 2; i++) {
		listen_here();
		both[i] = listener;
		addresses[i] = where;
	}
	return simul_create_task(serve_both, NULL);
}

static void close_both(void)
{
	for (int i = 0; i < 2; i++)
		simul_listener_close(both[i]);
}

TEST_VIRTUAL(a_server_has_as_many_listeners_as_one_likes)
{
	simul_address addresses[2];
	simul_task *server = begin_both(addresses);
	simul_stream *s[10];

	for (int i = 0; i < 10; i++) {
		where = addresses[i % 2];
		s[i] = connect_here();
		check_echo(s[i]);
	}
	CHECK_INT(simul_server_connections(&hold), ==, 10);
	for (int i = 0; i < 10; i++)
		simul_close(s[i]);
	simul_server_stop(&hold);
	CHECK_INT(simul_await(server), ==, 0);
	close_both();
}

TEST_VIRTUAL(its_limit_is_for_all_of_them_together)
{
	simul_address addresses[2];
	simul_stream *s[8];
	simul_task *server;

	options.max_connections = 1;
	server = begin_both(addresses);
	for (int i = 0; i < 8; i++) {
		where = addresses[i % 2];
		s[i] = connect_here();
		say(s[i], "x");
	}
	simul_sleep(1);
	/* Whoever is let in next is not for us to say. */
	for (int i = 0; i < 8; i++)
		CHECK_INT(simul_shutdown_write(s[i]), ==, 0);
	for (int i = 0; i < 8; i++) {
		check_hears(s[i], "x");
		check_ends(s[i]);
		simul_close(s[i]);
	}
	CHECK_INT(most, ==, 1);
	CHECK_INT(served, ==, 8);
	simul_server_stop(&hold);
	CHECK_INT(simul_await(server), ==, 0);
	close_both();
}

/* The system's number of a listener, behind our back. */
static int number_of(const simul_address *address)
{
	for (int fd = 3; fd < 100; fd++) {
		simul_address a = { .length = sizeof a.storage };

		if (getsockname(fd, (struct sockaddr *)&a.storage, &a.length) ==
			    0 &&
		    simul_address_port(&a) == simul_address_port(address))
			return fd;
	}
	test_fail(__FILE__, __LINE__, "there is no such listener");
}

TEST_VIRTUAL(a_listener_that_fails_ends_its_server)
{
	simul_address addresses[2];
	simul_task *server;
	simul_stream *s;

	options.grace = 10;
	server = begin_both(addresses);
	where = addresses[1];
	s = connect_here();
	check_echo(s);
	/* Who waits to accept is told that it is none any more. */
	CHECK_INT(shutdown(number_of(&addresses[0]), SHUT_RD), ==, 0);
	simul_sleep(1);
	CHECK(hold.stopping.is_set);
	check_echo(s);
	simul_close(s);
	CHECK_INT(simul_await(server), ==, -EINVAL);
	close_both();
}

/* ---- What it tells */

static struct {
	int count;
	int error;
	simul_address peer;
	bool without_stream;
} told;

static void tell(simul_stream *s, int error, void *arg)
{
	told.count++;
	told.error = error;
	told.without_stream = !s;
	if (s)
		CHECK_INT(simul_peer_address(s, &told.peer), ==, 0);
}

static int fail(simul_stream *s, void *arg)
{
	char c;

	if (simul_read(s, &c, 1) == 1 && c == 'x')
		return -EIO;
	return echo(s, arg);
}

TEST_VIRTUAL(errors_of_handlers_are_told_to_who_wants_to_know)
{
	simul_stream *good, *bad;
	simul_address mine;
	simul_task *server;

	options.failed = tell;
	server = begin_held(fail, 0);
	good = connect_here();
	bad = connect_here();
	CHECK_INT(simul_local_address(bad, &mine), ==, 0);
	say(good, "y");
	check_echo(good);
	say(bad, "x");
	check_ends(bad);
	simul_close(bad);
	simul_close(good);
	good = connect_here();
	say(good, "y");
	check_echo(good);
	simul_server_stop(&hold); /* and what this cancels is no error */
	check_stopped(server, simul_now(), 0);
	CHECK_INT(told.count, ==, 1);
	CHECK_INT(told.error, ==, -EIO);
	CHECK_INT(simul_address_port(&told.peer), ==,
		  simul_address_port(&mine));
	simul_close(good);
}

static int flood(simul_stream *s, void *arg)
{
	static char much[10000000];

	return simul_write(s, much, sizeof much);
}

TEST_VIRTUAL(a_last_word_that_could_not_leave_is_told)
{
	simul_task *server;
	simul_stream *s;

	options.failed = tell;
	options.close_timeout = 3;
	server = begin_held(flood, 0);
	s = connect_here();
	simul_sleep(10);
	CHECK_INT(told.count, ==, 1);
	CHECK_INT(told.error, ==, -ETIMEDOUT);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
	simul_close(s);
}

TEST_VIRTUAL(want_of_descriptors_is_told_once)
{
	int fds[DESCRIPTORS], count;
	simul_task *server;
	simul_stream *s;

	limit_descriptors();
	options.failed = tell;
	server = begin_held(echo, 0);
	use_up_descriptors(fds, &count);
	s = connect_here();
	simul_sleep(60);
	CHECK_INT(told.count, ==, 1);
	CHECK_INT(told.error, ==, -EMFILE);
	CHECK(told.without_stream);
	while (count > 0)
		close(fds[--count]);
	check_echo(s);
	simul_close(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

TEST_VIRTUAL(a_connection_that_ends_makes_room_at_once)
{
	int fds[DESCRIPTORS], count;
	simul_stream *old, *new;
	double waited = 0;
	simul_task *server;

	limit_descriptors();
	server = begin_held(echo, 0);
	old = connect_here();
	check_echo(old);
	use_up_descriptors(fds, &count);
	for (int i = 0; i < 8; i++) {
		double then;

		new = connect_here();
		simul_sleep(1.03);
		then = simul_now();
		/* Our own end's number is not what it waits for. */
		simul_shutdown_write(old);
		check_echo(new);
		waited += simul_now() - then;
		simul_close(old);
		old = new;
	}
	CHECK_NEAR(waited, 0, 0.1);
	while (count > 0)
		close(fds[--count]);
	simul_close(old);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

/* ---- Sweeps */

struct talks {
	int stopped; /* its result */
	int talked;
};

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

static int serve_two(simul_task **server)
{
	simul_task *t[2];
	int r;

	*server = simul_create_task(serve_both, NULL);
	for (int i = 0; i < 2; i++)
		t[i] = *server ? simul_create_task(talk, NULL) : NULL;
	r = simul_gather(t, 2, NULL);
	simul_server_stop(&hold);
	return r;
}

static int listen_twice(void)
{
	int r = 0;

	for (int i = 0; i < 2 && r >= 0; i++) {
		simul_address_parse("127.0.0.1", 0, &where);
		r = simul_listen(&where, NULL, &both[i]);
		if (r >= 0)
			r = simul_listener_address(both[i], &where);
	}
	return r;
}

static int talk_to_two(void *arg)
{
	struct talks *talks = arg;
	simul_task *server = NULL;

	hold = (simul_server){ 0 };
	options.server = &hold;
	options.grace = 3;
	handler = echo;
	both[0] = both[1] = NULL;
	talks->talked = listen_twice();
	if (talks->talked >= 0)
		talks->talked = serve_two(&server);
	talks->stopped = simul_await(server);
	close_both();
	return talks->talked;
}

/* Nobody answers one who asks a server that has ended. */
static int talk_and_stop(void *arg)
{
	return simul_wait_for(5, talk_to_two, arg);
}

static void run_talks(void)
{
	struct talks talks = { 0 };

	run_virtual(talk_and_stop, &talks);
}

static void check_talks(void *state, int result)
{
	const struct talks *talks = state;

	CHECK(talks->stopped == 0 || talks->stopped == -ECANCELED ||
	      talks->stopped == -ENOMEM);
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT ||
	      result == -ECONNRESET || result == -EPIPE);
	CHECK_INT(running, ==, 0);
	CHECK_INT(hold.connections, ==, 0);
	CHECK(hold.server == NULL);
}

TEST(stopping_survives_every_refused_allocation)
{
	struct talks talks = { 0 };

	CHECK_INT(run_virtual(talk_and_stop, &talks), ==, 0);
	CHECK_INT(talks.stopped, ==, 0);
	sweep_allocations(run_talks);
}

TEST(stopping_survives_a_cancellation_at_every_suspension)
{
	sweep_cancellations(talk_and_stop, sizeof(struct talks), check_talks);
}
