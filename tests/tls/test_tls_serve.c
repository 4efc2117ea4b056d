/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_serve.c - TLS over TCP: connections, and servers for
 * many of them. */
#include <errno.h>

#include "tls/both.h"

static simul_listener *listener;
static simul_address where;
static int served;

static int echo(simul_stream *s, void *arg)
{
	char buffer[5000];
	ptrdiff_t n;
	int r = 0;

	CHECK_STR(simul_tls_protocol(s), "TLSv1.3");
	while (r >= 0 && (n = simul_read(s, buffer, sizeof buffer)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	served++;
	return r;
}

static int serve(void *arg)
{
	return simul_serve_tls(listener, server_tls, echo, NULL, NULL);
}

static simul_task *begin_with(simul_fn *serving)
{
	make_contexts();
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	return simul_create_task(serving, NULL);
}

static simul_task *begin(void)
{
	return begin_with(serve);
}

static void finish(simul_task *t)
{
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_listener_close(listener);
	free_contexts();
}

static int connect_here(simul_stream **ret_stream)
{
	return simul_connect_tls(client_tls, "127.0.0.1",
				 simul_address_port(&where), NULL, ret_stream);
}

static simul_stream *connected(void)
{
	simul_stream *s = NULL;
	int r = connect_here(&s);

	CHECK_STR(r < 0 ? simul_tls_error(client_tls) : "", "");
	return s;
}

static void check_echo(simul_stream *s)
{
	say(s, "hello");
	check_hears(s, "hello");
}

TEST_VIRTUAL(many_connections_are_served_at_once)
{
	simul_task *t = begin();
	simul_stream *s[20];

	for (int i = 0; i < 20; i++)
		s[i] = connected();
	for (int i = 19; i >= 0; i--)
		check_echo(s[i]);
	for (int i = 0; i < 20; i++) {
		CHECK_INT(simul_shutdown_write(s[i]), ==, 0);
		check_ends(s[i]);
		CHECK_INT(simul_close(s[i]), ==, 0);
	}
	finish(t);
	CHECK_INT(served, ==, 20);
}

TEST_VIRTUAL(a_slow_handshake_holds_up_nobody_else)
{
	simul_task *t = begin();
	simul_stream *slow, *s;

	CHECK_INT(simul_connect_address(&where, &slow), ==, 0);
	simul_sleep(1);
	s = connected();
	check_echo(s);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_close(slow), ==, 0);
	finish(t);
}

TEST_VIRTUAL(addresses_are_those_of_the_connection_below)
{
	simul_task *t = begin();
	simul_stream *s = connected();
	simul_address peer, local;

	CHECK_INT(simul_peer_address(s, &peer), ==, 0);
	CHECK_INT(simul_address_port(&peer), ==, simul_address_port(&where));
	CHECK_INT(simul_local_address(s, &local), ==, 0);
	CHECK_INT(simul_address_port(&local), !=, 0);
	CHECK_INT(simul_close(s), ==, 0);
	finish(t);
}

TEST_VIRTUAL(a_server_that_is_cancelled_says_goodbye)
{
	simul_task *t = begin();
	simul_stream *s = connected();

	check_echo(s);
	finish(t);
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
}

static int no_server(simul_stream *s, void *arg)
{
	return 0;
}

static void say_bye_deferred(void *s)
{
	say(s, "bye");
}

static int defer_bye(simul_stream *s, void *arg)
{
	return simul_defer(say_bye_deferred, s);
}

static int serve_bye(void *arg)
{
	return simul_serve_tls(listener, server_tls, defer_bye, NULL, NULL);
}

TEST_VIRTUAL(what_a_handler_has_deferred_runs_before_its_tls_is_closed)
{
	simul_task *t = begin_with(serve_bye);
	simul_stream *s = connected();

	check_hears(s, "bye");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	finish(t);
}

TEST_VIRTUAL(a_context_for_clients_serves_nobody)
{
	simul_task *t = begin();

	CHECK_INT(simul_serve_tls(listener, client_tls, no_server, NULL, NULL),
		  ==, -EINVAL);
	finish(t);
}

TEST_VIRTUAL(who_can_not_be_reached_is_named)
{
	simul_task *t = begin();
	simul_stream *s;
	char expected[64];
	int port = simul_address_port(&where);

	finish(t);
	make_contexts();
	CHECK_INT(simul_connect_tls(client_tls, "127.0.0.1", port, NULL, &s),
		  ==, -ECONNREFUSED);
	snprintf(expected, sizeof expected,
		 "connect to 127.0.0.1:%d: Connection refused", port);
	CHECK_STR(simul_tls_error(client_tls), expected);
	free_contexts();
}

TEST_VIRTUAL(sessions_are_kept_by_host_and_port)
{
	simul_task *t = begin();
	simul_stream *s = connected();

	check_echo(s);
	CHECK(!simul_tls_was_resumed(s));
	CHECK_INT(simul_close(s), ==, 0);
	s = connected();
	CHECK(simul_tls_was_resumed(s));
	CHECK_INT(simul_close(s), ==, 0);
	finish(t);
}

/* ---- Half an answer */

static int fail_halfway(simul_stream *s, void *arg)
{
	int r = simul_write(s, "half", 4);

	if (r >= 0)
		r = simul_flush(s);
	return r < 0 ? r : -ECONNABORTED;
}

static int serve_halves(void *arg)
{
	return simul_serve_tls(listener, server_tls, fail_halfway, NULL, NULL);
}

TEST_VIRTUAL(a_handler_that_fails_may_reset_the_connection)
{
	simul_task *t = begin(), *halves;
	simul_stream *s;
	char c;

	simul_cancel(t);
	simul_await(t);
	halves = simul_create_task(serve_halves, NULL);
	s = connected();
	check_hears(s, "half");
	CHECK_INT(simul_read(s, &c, 1), ==, -ECONNRESET);
	simul_close(s);
	finish(halves);
}

/* ---- Those who don't read */

static int flood(simul_stream *s, void *arg)
{
	static char much[10000000];

	return simul_write(s, much, sizeof much);
}

static int told;

static void count_failure(simul_stream *s, int error, void *arg)
{
	CHECK_INT(error, ==, -ETIMEDOUT);
	CHECK_STR(simul_tls_protocol(s), "TLSv1.3");
	told++;
}

static int serve_flood(void *handle)
{
	simul_serve_options options = { .server = handle,
					.close_timeout = 7,
					.failed = count_failure };

	return simul_serve_tls(listener, server_tls, flood, NULL, &options);
}

TEST_VIRTUAL(a_peer_that_does_not_read_is_left_after_a_time)
{
	simul_server handle = { 0 };
	simul_task *t = begin(), *flooding;
	simul_stream *s;
	double start;

	simul_cancel(t);
	simul_await(t);
	flooding = simul_create_task(serve_flood, &handle);
	s = connected();
	start = simul_now();
	while (simul_server_connections(&handle) > 0)
		simul_sleep(0.1);
	CHECK_NEAR(simul_now() - start, 7, 1);
	CHECK_INT(told, ==, 1);
	simul_abort(s);
	finish(flooding);
}

static int last_error;
static char words[256];

static void note_failure(simul_stream *s, int error, void *arg)
{
	CHECK_STR(simul_tls_protocol(s), NULL);
	snprintf(words, sizeof words, "%s", simul_tls_error(server_tls));
	last_error = error;
}

static int serve_and_note(void *arg)
{
	simul_serve_options options = { .failed = note_failure };

	return simul_serve_tls(listener, server_tls, echo, NULL, &options);
}

TEST_VIRTUAL(a_server_is_told_of_handshakes_that_fail)
{
	simul_task *t = begin(), *noting;
	simul_stream *s;

	simul_cancel(t);
	simul_await(t);
	noting = simul_create_task(serve_and_note, NULL);
	CHECK_INT(simul_connect_address(&where, &s), ==, 0);
	say(s, "GET / HTTP/1.1\r\n\r\n");
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	while (simul_read(s, words, sizeof words) > 0)
		continue;
	CHECK_INT(last_error, ==, -SIMUL_EPROTOCOL);
	CHECK_STR(words, "http request");
	CHECK_INT(simul_close(s), ==, 0);
	finish(noting);
}

/* ---- Writing and no more */

enum { MUCH = 2000000 };

static size_t got;

static int receive(simul_stream *s, void *arg)
{
	static char buffer[50000];
	ptrdiff_t n;

	got = 0;
	while ((n = simul_read(s, buffer, sizeof buffer)) > 0) {
		got += (size_t)n;
		simul_sleep(0);
	}
	served++;
	CHECK_INT(n, ==, 0);
	return 0;
}

static int serve_receivers(void *arg)
{
	return simul_serve_tls(listener, server_tls, receive, NULL, NULL);
}

/* The server's tickets wait to be read when it closes: the system would reset
 * the connection. */
TEST_VIRTUAL(who_writes_and_closes_loses_nothing)
{
	static char much[MUCH];
	simul_task *t = begin(), *receivers;
	simul_stream *s;

	receivers = simul_create_task(serve_receivers, NULL);
	simul_cancel(t);
	simul_await(t);
	for (int i = 1; i <= 5; i++) {
		s = connected();
		CHECK_INT(simul_write(s, much, sizeof much), ==, 0);
		CHECK_INT(simul_close(s), ==, 0);
		while (served < i)
			simul_sleep(0.01);
		CHECK_INT(got, ==, MUCH);
	}
	finish(receivers);
}
