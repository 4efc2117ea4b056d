/* SPDX-License-Identifier: MIT
 * tests/net/test_tcp.c - connections, seen from both ends and with bad
 * manners. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "io/descriptor.h"
#include "net/loopback.h"
#include "sweep.h"
#include "test.h"

static simul_stream *client, *server;

static void begin(void)
{
	listen_here();
	connect_both(&client, &server);
}

static void finish(void)
{
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	simul_listener_close(listener);
}

/* ---- What works */

TEST_VIRTUAL(bytes_go_both_ways)
{
	begin();
	say(client, "question");
	check_hears(server, "question");
	say(server, "answer");
	check_hears(client, "answer");
	finish();
}

TEST_VIRTUAL(both_ends_know_their_addresses)
{
	simul_address a, b;

	begin();
	CHECK_INT(simul_peer_address(client, &a), ==, 0);
	CHECK_INT(simul_local_address(server, &b), ==, 0);
	CHECK_BYTES(&a, &b, sizeof a);
	CHECK_INT(simul_address_port(&a), ==, simul_address_port(&where));
	CHECK_INT(simul_local_address(client, &a), ==, 0);
	CHECK_INT(simul_peer_address(server, &b), ==, 0);
	CHECK_BYTES(&a, &b, sizeof a);
	finish();
}

static int option(const simul_stream *s, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt(((const struct smi_descriptor *)s)->fd, level, name, &value,
		   &size);
	return value;
}

TEST_VIRTUAL(connections_do_not_delay_small_packets)
{
	begin();
	CHECK_INT(option(client, IPPROTO_TCP, TCP_NODELAY), ==, 1);
	CHECK_INT(option(server, IPPROTO_TCP, TCP_NODELAY), ==, 1);
	finish();
}

TEST_VIRTUAL(what_is_no_socket_has_no_address)
{
	simul_stream *a, *b;
	simul_address where_to;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_local_address(a, &where_to), ==, -ENOTSOCK);
	CHECK_INT(simul_peer_address(a, &where_to), ==, -ENOTSOCK);
	simul_close(a);
	simul_close(b);
}

enum { MUCH = 5000000 };

static int pour(void *arg)
{
	unsigned char piece[10007];
	size_t at = 0;
	int r = 0;

	while (r >= 0 && at < MUCH) {
		size_t n = 0;

		while (n < sizeof piece && at < MUCH)
			piece[n++] = (unsigned char)(at++ % 253);
		r = simul_write(arg, piece, n);
	}
	return r < 0 ? r : simul_shutdown_write(arg);
}

static int collect(void *arg)
{
	unsigned char piece[9001];
	size_t at = 0;
	ptrdiff_t n;

	while ((n = simul_read(arg, piece, sizeof piece)) > 0)
		for (ptrdiff_t i = 0; i < n; i++)
			CHECK_INT(piece[i], ==, at++ % 253);
	CHECK_INT(at, ==, MUCH);
	return (int)n;
}

TEST_VIRTUAL(much_goes_both_ways_at_once)
{
	simul_task *t[4];

	begin();
	t[0] = simul_create_task(pour, client);
	t[1] = simul_create_task(pour, server);
	t[2] = simul_create_task(collect, client);
	t[3] = simul_create_task(collect, server);
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	finish();
}

TEST_VIRTUAL(one_write_may_be_larger_than_all_buffers)
{
	char *much = calloc(1, MUCH), *copy = malloc(MUCH);

	begin();
	CHECK_INT(simul_write(client, much, MUCH), ==, 0);
	CHECK_INT(simul_read_exactly(server, copy, MUCH), ==, 1);
	CHECK_BYTES(copy, much, MUCH);
	finish();
	free(much);
	free(copy);
}

static int trickle(void *arg)
{
	for (const char *c = "one\r\ntwo"; *c; c++) {
		CHECK_INT(simul_write(arg, c, 1), ==, 0);
		CHECK_INT(simul_sleep(1), ==, 0);
	}
	return simul_shutdown_write(arg);
}

TEST_VIRTUAL(a_peer_may_send_one_byte_a_second_and_half_close)
{
	char *line;

	begin();
	simul_create_task(trickle, client);
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	CHECK_STR(line, "one");
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	CHECK_STR(line, "two");
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 0);
	say(server, "answer");
	check_hears(client, "answer");
	finish();
}

/* ---- Peers with bad manners */

TEST_VIRTUAL(a_reset_is_an_error_and_stays_one)
{
	char c;

	begin();
	simul_abort(client);
	for (int i = 0; i < 3; i++)
		CHECK_INT(simul_read(server, &c, 1), ==, -ECONNRESET);
	CHECK_INT(simul_write(server, "x", 1), ==, 0);
	CHECK_INT(simul_flush(server), <, 0);
	CHECK_INT(simul_close(server), <, 0);
	simul_listener_close(listener);
}

TEST_VIRTUAL(to_write_to_a_peer_that_has_closed_is_an_error_not_a_signal)
{
	int r = 0;
	char c;

	begin();
	CHECK_INT(simul_close(client), ==, 0);
	for (int i = 0; i < 10 && r >= 0; i++) {
		r = simul_write(server, "x", 1);
		if (r >= 0)
			r = simul_flush(server);
		simul_sleep(0.01);
	}
	CHECK(r == -EPIPE || r == -ECONNRESET);
	/* It was an end once, but is none any more. */
	CHECK_INT(simul_read(server, &c, 1), <, 0);
	CHECK_INT(simul_close(server), ==, r);
	simul_listener_close(listener);
}

TEST_VIRTUAL(what_was_sent_before_a_close_is_read_before_the_error)
{
	begin();
	say(client, "last words");
	CHECK_INT(simul_close(client), ==, 0);
	say(server, "x");
	simul_flush(server);
	simul_sleep(0.01);
	say(server, "x");
	simul_flush(server);
	check_hears(server, "last words");
	CHECK_INT(simul_close(server), <, 0);
	simul_listener_close(listener);
}

static int write_for_ever(void *arg)
{
	static char piece[65536];
	int r = 0;

	while (r >= 0)
		r = simul_write(arg, piece, sizeof piece);
	return r;
}

TEST_VIRTUAL(a_peer_that_stops_reading_stops_the_writer_and_nobody_else)
{
	simul_timeout limit;
	simul_task *t;

	begin();
	t = simul_create_task(write_for_ever, client);
	CHECK_INT(simul_sleep(10), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_stream_unsent(client), <=, 3 * 65536);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, simul_close(client)), ==,
		  -ETIMEDOUT);
	simul_abort(server);
	simul_listener_close(listener);
}

TEST_VIRTUAL(a_peer_of_an_aborted_stream_sees_no_proper_end)
{
	static char buffer[65536];
	ptrdiff_t n;

	begin();
	CHECK_INT(simul_write(client, buffer, sizeof buffer), ==, 0);
	simul_sleep(0);
	simul_abort(client);
	do
		n = simul_read(server, buffer, sizeof buffer);
	while (n > 0);
	CHECK_INT(n, ==, -ECONNRESET);
	simul_abort(server);
	simul_listener_close(listener);
}

/* ---- Connecting */

TEST_VIRTUAL(to_connect_where_nobody_listens_is_refused)
{
	simul_stream *s = NULL;

	listen_here();
	simul_listener_close(listener);
	CHECK_INT(simul_connect_address(&where, &s), ==, -ECONNREFUSED);
	CHECK_INT(simul_connect("127.0.0.1", simul_address_port(&where), &s),
		  ==, -ECONNREFUSED);
	CHECK_INT(simul_connect("127.0.0.1", 70000, &s), ==, -EINVAL);
	CHECK(s == NULL);
}

static int connect_here(void *arg)
{
	simul_stream *s;
	int r = simul_connect_address(&where, &s);

	if (r < 0)
		return r;
	simul_sleep(1000);
	return simul_close(s);
}

/* With a queue of one, the third is not answered. */
TEST_VIRTUAL(connecting_can_be_cancelled)
{
	const simul_listen_options options = { .backlog = 1 };
	simul_task *t[4];

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, &options, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	for (int i = 0; i < 4; i++)
		t[i] = simul_create_task(connect_here, NULL);
	simul_sleep(0.1);
	for (int i = 0; i < 4; i++)
		simul_cancel(t[i]);
	for (int i = 0; i < 4; i++)
		CHECK_INT(simul_await(t[i]), <=, 0);
	simul_listener_close(listener);
}

/* ---- Listening */

TEST_VIRTUAL(a_port_is_taken_once_and_can_be_taken_again_at_once)
{
	simul_listener *second = NULL;

	begin();
	CHECK_INT(simul_listen(&where, NULL, &second), ==, -EADDRINUSE);
	CHECK(second == NULL);
	/* The server's end closes first: it is the one that lingers. */
	CHECK_INT(simul_close(server), ==, 0);
	check_ends(client);
	CHECK_INT(simul_close(client), ==, 0);
	simul_listener_close(listener);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	simul_listener_close(listener);
}

TEST_VIRTUAL(a_port_can_be_shared)
{
	const simul_listen_options options = { .reuse_port = true };
	simul_listener *a, *b;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, &options, &a), ==, 0);
	CHECK_INT(simul_listener_address(a, &where), ==, 0);
	CHECK_INT(simul_listen(&where, &options, &b), ==, 0);
	simul_listener_close(a);
	simul_listener_close(b);
}

static int accept_one(void *arg)
{
	simul_stream *s;
	int r = simul_accept(listener, &s);

	return r < 0 ? r : simul_close(s);
}

TEST_VIRTUAL(a_cancelled_accept_accepts_nothing)
{
	listen_here();
	CHECK_INT(simul_wait_for(1, accept_one, NULL), ==, -ETIMEDOUT);
	connect_both(&client, &server);
	finish();
}

TEST_VIRTUAL(an_address_of_somebody_else_cannot_be_listened_at)
{
	simul_address a;

	CHECK_INT(simul_address_parse("192.0.2.1", 0, &a), ==, 0);
	CHECK_INT(simul_listen(&a, NULL, &listener), ==, -EADDRNOTAVAIL);
}

TEST_VIRTUAL(ipv6_listens_to_both_unless_told_otherwise)
{
	simul_listen_options options = { .ipv6_only = true };
	int port;

	CHECK_INT(simul_address_parse("::", 0, &where), ==, 0);
	if (simul_listen(&where, NULL, &listener) < 0)
		SKIP("there is no IPv6 here");
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	port = simul_address_port(&where);
	CHECK_INT(simul_connect("::1", port, &client), ==, 0);
	simul_close(client);
	CHECK_INT(simul_connect("127.0.0.1", port, &client), ==, 0);
	simul_close(client);
	simul_listener_close(listener);
	CHECK_INT(simul_listen(&where, &options, &listener), ==, 0);
	CHECK_INT(simul_connect("127.0.0.1", port, &client), ==, -ECONNREFUSED);
	simul_listener_close(listener);
}

/* ---- Unix sockets */

static void check_unix(const char *path)
{
	simul_address a;

	CHECK_INT(simul_address_unix(path, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	connect_both(&client, &server);
	CHECK_INT(simul_peer_address(client, &a), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, 0);
	say(client, "hello");
	check_hears(server, "hello");
	finish();
}

TEST_VIRTUAL(unix_sockets_are_streams_too)
{
	char path[64], name[64];

	snprintf(path, sizeof path, "/tmp/simul-test-%d", (int)getpid());
	snprintf(name, sizeof name, "@simul-test-%d", (int)getpid());
	check_unix(name);
	check_unix(path);
	CHECK_INT(unlink(path), ==, -1);
}

static int accept_one_more(void *arg)
{
	simul_stream *s;
	int r = simul_accept(listener, &s);

	if (r < 0)
		return r;
	check_hears(s, "hello");
	return simul_close(s);
}

/* Accept one, if it comes in so many seconds, and hear what it says. */
static int accept_in(double seconds)
{
	int r = simul_wait_for(seconds, accept_one_more, NULL);

	return r == -ETIMEDOUT ? 0 : 1;
}

static int talk_unix(void *arg)
{
	simul_stream *s;
	int r = simul_connect_address(&where, &s);

	if (r < 0)
		return r;
	say(s, "hello");
	return simul_close(s);
}

/* A Unix socket's queue that is full is a reason to wait, but not to believe in
 * a connection that there is not. */
TEST_VIRTUAL(a_connection_that_is_not_there_is_not_believed_in)
{
	const simul_listen_options options = { .backlog = 1 };
	simul_task *t[10];
	char name[64];
	int connected = 0;

	snprintf(name, sizeof name, "@simul-test-%d", (int)getpid());
	CHECK_INT(simul_address_unix(name, &where), ==, 0);
	CHECK_INT(simul_listen(&where, &options, &listener), ==, 0);
	for (int i = 0; i < 10; i++)
		t[i] = simul_create_task(talk_unix, NULL);
	simul_sleep(1);
	while (accept_in(1) > 0)
		connected++;
	for (int i = 0; i < 10; i++) {
		int r = simul_await(t[i]);

		CHECK_INT(r, ==, 0);
		connected--;
	}
	CHECK_INT(connected, ==, 0);
	simul_listener_close(listener);
}

/* ---- Sweeps */

static int answer(void *arg)
{
	simul_stream *s;
	char *line;
	int r = simul_accept(arg, &s), closed;

	if (r < 0)
		return r;
	r = simul_read_line(s, &line, NULL);
	if (r > 0)
		r = simul_write(s, "yes\n", 4);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

static int ask(const simul_address *a)
{
	simul_stream *s;
	char *line;
	int r = simul_connect_address(a, &s), closed;

	if (r < 0)
		return r;
	r = simul_write(s, "well?\n", 6);
	if (r >= 0)
		r = simul_shutdown_write(s);
	if (r >= 0)
		r = simul_read_line(s, &line, NULL);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

static int ask_and_answer(void *arg)
{
	simul_listener *l;
	simul_address a;
	simul_task *t;
	int r;

	simul_address_parse("127.0.0.1", 0, &a);
	r = simul_listen(&a, NULL, &l);
	if (r < 0)
		return r;
	simul_listener_address(l, &a);
	t = simul_create_task(answer, l);
	/* If nobody answers, nobody ever will. */
	r = t ? ask(&a) : -ENOMEM;
	if (r < 0)
		simul_cancel(t);
	simul_await(t);
	simul_listener_close(l);
	return r;
}

static int ask_for_a_while(void *arg)
{
	return simul_wait_for(5, ask_and_answer, NULL);
}

static void run_asking(void)
{
	run_virtual(ask_for_a_while, NULL);
}

static void check_outcome(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT ||
	      result == -ECONNRESET || result == -EPIPE);
}

TEST(a_connection_survives_every_refused_allocation)
{
	CHECK_INT(run_virtual(ask_for_a_while, NULL), ==, 0);
	sweep_allocations(run_asking);
}

TEST(a_connection_survives_a_cancellation_at_every_suspension)
{
	sweep_cancellations(ask_for_a_while, 1, check_outcome);
}
