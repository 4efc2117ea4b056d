/* SPDX-License-Identifier: MIT
 * tests/net/test_passing.c - connections go from loop to loop. */
#include "loopback.h"

#include <errno.h>
#include <stdlib.h>

#include <simul.h>

#include "sweep.h"

/* Loops on either backend, besides the test's own. */
static simul_loops *others[2];

static simul_loop *other(int i)
{
	return simul_loops_at(others[i % 2], 0);
}

/* Where io_uring is not to be had, both are on epoll. */
static void open_others(void)
{
	static const char *const backends[] = { "epoll", "io_uring" };
	simul_loops_options o = { .count = 1 };

	for (int i = 0; i < 2; i++) {
		o.loop.backend = backends[i];
		if (simul_loops_open(&o, &others[i]) == 0)
			continue;
		o.loop.backend = "epoll";
		CHECK_INT(simul_loops_open(&o, &others[i]), ==, 0);
	}
}

static void close_others(void)
{
	for (int i = 0; i < 2; i++)
		CHECK_INT(simul_loops_close(others[i]), ==, 0);
}

#define TEST_WITH_OTHERS(sentence)                                             \
	static void sentence##_inside(void);                                   \
	static int sentence##_task(void *arg)                                  \
	{                                                                      \
		(void)arg;                                                     \
		open_others();                                                 \
		listen_here();                                                 \
		sentence##_inside();                                           \
		simul_listener_close(listener);                                \
		close_others();                                                \
		return 0;                                                      \
	}                                                                      \
	TEST(sentence)                                                         \
	{                                                                      \
		CHECK_INT(simul_run(sentence##_task, NULL), ==, 0);            \
	}                                                                      \
	static void sentence##_inside(void)

struct call {
	simul_loop *loop;
	simul_fn *fn;
	void *arg;
};

static int call(void *arg)
{
	const struct call *my = arg;

	return simul_to_loop(my->loop, my->fn, my->arg);
}

static int reads(void *arg)
{
	char byte;

	return (int)simul_read(arg, &byte, 1);
}

/* ---- Bytes in flight */

enum { HOPS = 200, EACH = 1009 };

static int writes_numbers(void *arg)
{
	for (uint32_t i = 0; i < HOPS * EACH; i++)
		CHECK_INT(simul_write(arg, &i, sizeof i), ==, 0);
	return simul_close(arg);
}

struct reading {
	simul_stream *s;
	uint32_t next;
};

static void check_numbers(struct reading *my)
{
	for (int i = 0; i < EACH; i++) {
		uint32_t number;

		CHECK_INT(simul_read_exactly(my->s, &number, sizeof number), ==,
			  1);
		CHECK_INT(number, ==, my->next++);
	}
}

static int reads_numbers(void *arg)
{
	struct reading *my = arg;

	CHECK_INT(simul_stream_attach(my->s), ==, 0);
	check_numbers(my);
	/* A little more is there than was asked for. */
	CHECK_INT(simul_stream_detach(my->s), ==, 0);
	return 0;
}

static int comes_to_its_end(void *arg)
{
	char byte;

	CHECK_INT(simul_stream_attach(arg), ==, 0);
	CHECK_INT(simul_read(arg, &byte, 1), ==, 0);
	return simul_close(arg);
}

TEST_WITH_OTHERS(nothing_is_lost_of_what_comes_while_a_connection_goes_round)
{
	struct reading r = { 0 };
	simul_stream *client;
	simul_task *t;

	connect_both(&client, &r.s);
	t = simul_create_task(writes_numbers, client);
	check_numbers(&r);
	CHECK_INT(simul_stream_detach(r.s), ==, 0);
	for (int i = 1; i < HOPS; i++)
		CHECK_INT(simul_to_loop(other(i), reads_numbers, &r), ==, 0);
	CHECK_INT(simul_to_loop(other(0), comes_to_its_end, r.s), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

enum { ROUNDS = 50 };

static int answers_once(void *arg)
{
	CHECK_INT(simul_stream_attach(arg), ==, 0);
	check_hears(arg, "ping");
	say(arg, "pong");
	return simul_stream_detach(arg);
}

/* So it is waited at when it goes: its loop has to let go of it. */
TEST_WITH_OTHERS(an_idle_connection_hears_elsewhere_what_comes_next)
{
	simul_stream *client, *server;

	connect_both(&client, &server);
	for (int i = 0; i < ROUNDS; i++) {
		simul_task *t;

		say(client, "hello");
		check_hears(server, "hello");
		CHECK_INT(simul_stream_detach(server), ==, 0);
		say(client, "ping");
		CHECK_INT(simul_flush(client), ==, 0);
		CHECK_INT(simul_sleep(0.0005), ==, 0);
		t = simul_go(call, .loop = other(i), .fn = answers_once,
			     .arg = server);
		check_hears(client, "pong");
		CHECK_INT(simul_await(t), ==, 0);
		CHECK_INT(simul_stream_attach(server), ==, 0);
	}
	CHECK_INT(simul_close(server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
}

/* ---- Bytes that have not left */

enum { MUCH = 4 << 20 };

static int reads_much(void *arg)
{
	char *bytes = malloc(MUCH);

	CHECK_INT(simul_read_exactly(arg, bytes, MUCH), ==, 1);
	for (int i = 0; i < MUCH; i++)
		CHECK_INT(bytes[i], ==, i % 251 - 125);
	free(bytes);
	return 0;
}

static void write_much(simul_stream *s)
{
	char *bytes = malloc(MUCH);

	for (int i = 0; i < MUCH; i++)
		bytes[i] = (char)(i % 251 - 125);
	simul_stream_set_high_water(s, MUCH);
	CHECK_INT(simul_write(s, bytes, MUCH), ==, 0);
	free(bytes);
}

static int says_more(void *arg)
{
	CHECK_INT(simul_stream_attach(arg), ==, 0);
	say(arg, "more");
	return simul_close(arg);
}

TEST_WITH_OTHERS(what_was_written_leaves_before_a_connection_does)
{
	simul_stream *client, *server;
	simul_task *t;

	connect_both(&client, &server);
	write_much(server);
	t = simul_create_task(reads_much, client);
	CHECK_INT(simul_stream_detach(server), ==, 0);
	CHECK_INT(simul_stream_unsent(server), ==, 0);
	CHECK_INT(simul_to_loop(other(0), says_more, server), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	check_hears(client, "more");
	CHECK_INT(simul_close(client), ==, 0);
}

static int detaches(void *arg)
{
	return simul_stream_detach(arg);
}

/* In time, and when others are slow, the system would keep much for it. */
static void keep_little(simul_stream *s)
{
	const int little = 65536;
	int fd = simul_socket_fd(s);

	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little),
		  ==, 0);
	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little),
		  ==, 0);
}

TEST_WITH_OTHERS(one_whose_bytes_can_not_leave_stays_where_it_is)
{
	simul_stream *client, *server;

	connect_both(&client, &server);
	keep_little(client);
	keep_little(server);
	write_much(server);
	CHECK_INT(simul_wait_for(0.02, detaches, server), ==, -ETIMEDOUT);
	say(client, "question");
	check_hears(server, "question");
	CHECK_INT(reads_much(client), ==, 0);
	say(server, "answer");
	check_hears(client, "answer");
	CHECK_INT(simul_close(server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
}

/* ---- The end of a connection */

static int closes(void *arg)
{
	return simul_close(arg);
}

static int aborts(void *arg)
{
	simul_abort(arg);
	return 0;
}

/* The next one has its number. */
static void check_is_heard(simul_stream *client, simul_stream *server)
{
	simul_task *t = simul_create_task(reads, server);

	CHECK_INT(simul_sleep(0.001), ==, 0);
	say(client, "x");
	CHECK_INT(simul_await(t), ==, 1);
}

TEST_WITH_OTHERS(one_that_is_of_no_loop_can_be_closed_in_any)
{
	simul_stream *client, *server;
	char byte;

	for (int i = 0; i < 6; i++) {
		connect_both(&client, &server);
		check_is_heard(client, server);
		say(client, "never read");
		say(server, "last");
		CHECK_INT(simul_sleep(0.001), ==, 0);
		CHECK_INT(simul_stream_detach(server), ==, 0);
		if (i == 0)
			simul_abort(server);
		else if (i == 1)
			CHECK_INT(simul_close(server), ==, 0);
		else
			CHECK_INT(simul_to_loop(other(i),
						i % 2 ? closes : aborts,
						server),
				  ==, 0);
		while (simul_read(client, &byte, 1) > 0)
			;
		simul_abort(client);
	}
}

TEST_WITH_OTHERS(an_end_that_has_come_is_seen_elsewhere)
{
	simul_stream *client, *server;

	connect_both(&client, &server);
	say(client, "first\nlast\n");
	CHECK_INT(simul_close(client), ==, 0);
	check_hears(server, "first\n");
	CHECK_INT(simul_sleep(0.001), ==, 0);
	CHECK_INT(simul_stream_detach(server), ==, 0);
	CHECK_INT(simul_stream_attach(server), ==, 0);
	check_hears(server, "last\n");
	CHECK_INT(simul_stream_detach(server), ==, 0);
	CHECK_INT(simul_to_loop(other(1), comes_to_its_end, server), ==, 0);
}

/* ---- Refused */

TEST_VIRTUAL(what_can_not_leave_its_loop_says_so)
{
	simul_stream *a, *b, *client, *server;
	simul_task *t;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_stream_detach(a), ==, -SIMUL_EUNSUPPORTED);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
	listen_here();
	connect_both(&client, &server);
	CHECK_INT(simul_stream_attach(server), ==, -EBUSY);
	t = simul_create_task(reads, server);
	CHECK_INT(simul_sleep(0.001), ==, 0);
	CHECK_INT(simul_stream_detach(server), ==, -EBUSY);
	say(client, "x");
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(simul_stream_detach(server), ==, 0);
	CHECK_INT(simul_stream_detach(server), ==, -EBUSY);
	CHECK_INT(simul_close(server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	simul_listener_close(listener);
}

/* ---- Without memory, and cancelled */

/* What has failed there ends there. */
static int answers(void *arg)
{
	simul_stream **s = arg;
	char byte;
	int r = simul_stream_attach(*s);

	if (r < 0)
		return r;
	r = simul_read_exactly(*s, &byte, 1);
	if (r >= 0)
		r = simul_write(*s, &byte, 1);
	if (r >= 0)
		r = simul_stream_detach(*s);
	if (r < 0) {
		simul_abort(*s);
		*s = NULL;
	}
	return r;
}

static int goes_there_and_back(simul_stream *a, simul_stream **b,
			       simul_loop *there)
{
	char byte;
	int r = simul_write(a, "xy", 2);

	if (r >= 0)
		r = simul_read_exactly(*b, &byte, 1);
	if (r >= 0)
		r = simul_stream_detach(*b);
	if (r >= 0)
		r = there ? simul_to_loop(there, answers, b) : answers(b);
	if (r >= 0)
		r = simul_stream_attach(*b);
	return r < 0 ? r : simul_read_exactly(a, &byte, 1);
}

static int passes(void *loop)
{
	simul_stream *a, *b;
	int r = simul_socket_pair(&a, &b);

	if (r < 0)
		return r;
	r = goes_there_and_back(a, &b, loop);
	simul_abort(a);
	simul_abort(b);
	return r;
}

static int opens_and_passes(void *arg)
{
	const simul_loops_options options = { .count = 1 };
	int r = simul_loops_open(&options, &others[0]);

	(void)arg;
	if (r < 0)
		return r;
	r = passes(other(0));
	CHECK_INT(simul_loops_close(others[0]), ==, 0);
	return r;
}

/* Without memory for what had come, the connection that nobody reads any more
 * is broken. */
static void run_opens_and_passes(void)
{
	int r = simul_run(opens_and_passes, NULL);

	CHECK(r == 1 || r == -ENOMEM || r == -ECONNRESET);
}

TEST(without_memory_a_connection_is_not_lost_but_closed)
{
	sweep_allocations(run_opens_and_passes);
}

static int passes_here(void *state)
{
	(void)state;
	return passes(NULL);
}

static void check_result(void *state, int result)
{
	(void)state;
	CHECK(result == 1 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(who_passes_a_connection_is_cancelled_at_any_point)
{
	sweep_cancellations(passes_here, 1, check_result);
}

/* ---- A connection of a server's */

static int told;
static simul_server server;

static int loses_it(simul_stream *s, void *arg)
{
	int r = simul_stream_detach(s);

	(void)arg;
	return r < 0 ? r : -ESHUTDOWN;
}

static void is_told(simul_stream *s, int error, void *arg)
{
	(void)s;
	(void)arg;
	told = error;
	simul_server_stop(&server);
}

struct service {
	simul_handler *handler;
};

static int service(void *arg)
{
	const struct service *my = arg;
	const simul_serve_options o = { .server = &server, .failed = is_told };

	return simul_serve(listener, my->handler, NULL, &o);
}

TEST_VIRTUAL(a_servers_connection_that_did_not_come_back_is_aborted)
{
	simul_stream *client;
	simul_task *t;
	char byte;

	listen_here();
	t = simul_go(service, .handler = loses_it);
	CHECK_INT(simul_connect_address(&where, &client), ==, 0);
	CHECK_INT(simul_read(client, &byte, 1), ==, -ECONNRESET);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(told, ==, -ESHUTDOWN);
	CHECK_INT(simul_close(client), <=, 0);
	simul_listener_close(listener);
}

/* It stays in the other loop, which has not been told to give it back. */
static int keeps_it(void *s)
{
	return simul_stream_attach(s);
}

static int leaves_it_there(simul_stream *s, void *arg)
{
	int r = simul_stream_detach(s);

	(void)arg;
	return r < 0 ? r : simul_to_loop(other(0), keeps_it, s);
}

static int reads_it(void *s)
{
	char byte;
	int r = simul_stream_attach(s);

	if (r >= 0)
		r = (int)simul_read(s, &byte, 1);
	/* Cancelled, it can't be detached. */
	return r < 0 ? r : simul_stream_detach(s);
}

static int reads_over_there(simul_stream *s, void *arg)
{
	int r = simul_stream_detach(s);

	(void)arg;
	return r < 0 ? r : simul_to_loop(other(1), reads_it, s);
}

TEST_WITH_OTHERS(a_servers_connection_that_stayed_elsewhere_is_aborted_there)
{
	simul_stream *client;
	simul_task *t = simul_go(service, .handler = leaves_it_there);
	char byte;

	CHECK_INT(simul_connect_address(&where, &client), ==, 0);
	CHECK_INT(simul_read(client, &byte, 1), ==, -ECONNRESET);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(told, ==, -EBUSY);
	simul_close(client);
}

TEST_WITH_OTHERS(a_server_that_is_cancelled_ends_what_is_in_other_loops)
{
	simul_stream *client;
	simul_task *t = simul_go(service, .handler = reads_over_there);
	char byte;

	CHECK_INT(simul_connect_address(&where, &client), ==, 0);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	simul_server_cancel(&server);
	CHECK_INT(simul_read(client, &byte, 1), ==, -ECONNRESET);
	simul_await(t);
	simul_close(client);
}
