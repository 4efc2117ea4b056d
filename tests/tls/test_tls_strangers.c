/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_strangers.c - those who don't speak TLS, or not well. */
#include <errno.h>

#include "tls/both.h"
#include "tls/stream.h"

/* What our side says of it. */
static int result;

static int be_server(void *arg)
{
	result = simul_start_tls(server_tls, server_plain, NULL, &server);
	return 0;
}

static int be_client(void *arg)
{
	result = simul_start_tls(client_tls, client_plain, &asked, &client);
	return 0;
}

static void begin(void)
{
	make_contexts();
	result = 1;
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
}

static void end(void)
{
	simul_close(client_plain);
	simul_close(server_plain);
	free_contexts();
}

static void check_server_says(const void *bytes, size_t n, int error,
			      const char *words)
{
	simul_task *t;

	begin();
	t = simul_create_task(be_server, NULL);
	CHECK_INT(simul_write(client_plain, bytes, n), ==, 0);
	CHECK_INT(simul_shutdown_write(client_plain), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_STR(simul_tls_error(server_tls), words);
	CHECK_INT(result, ==, error);
	end();
}

static void check_client_says(const void *bytes, size_t n, int error,
			      const char *words)
{
	simul_task *t;

	begin();
	t = simul_create_task(be_client, NULL);
	CHECK_INT(simul_write(server_plain, bytes, n), ==, 0);
	CHECK_INT(simul_shutdown_write(server_plain), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_STR(simul_tls_error(client_tls), words);
	CHECK_INT(result, ==, error);
	end();
}

TEST_VIRTUAL(plain_http_at_a_tls_port_is_called_that)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

	check_server_says(request, sizeof request - 1, -SIMUL_EPROTOCOL,
			  "http request");
}

TEST_VIRTUAL(plain_http_from_a_tls_port_is_no_tls)
{
	static const char reply[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	check_client_says(reply, sizeof reply - 1, -SIMUL_EPROTOCOL,
			  "wrong version number");
}

TEST_VIRTUAL(garbage_is_refused_on_either_side)
{
	unsigned char garbage[2000];
	unsigned x = 1;

	make_contexts();
	free_contexts();
	for (int round = 0; round < 50; round++) {
		size_t n = 6 + (size_t)round * 37;
		simul_task *t;

		for (size_t i = 0; i < n; i++)
			garbage[i] =
				(unsigned char)((x = x * 1103515245 + 12345) >>
						16);
		begin();
		t = simul_create_task(round % 2 ? be_server : be_client, NULL);
		simul_write(round % 2 ? client_plain : server_plain, garbage,
			    n);
		simul_shutdown_write(round % 2 ? client_plain : server_plain);
		CHECK_INT(simul_await(t), ==, 0);
		CHECK(result == -SIMUL_EPROTOCOL ||
		      result == -SIMUL_ETRUNCATED);
		end();
	}
}

/* A record of a handshake, with nonsense in it. */
TEST_VIRTUAL(a_handshake_of_nonsense_is_refused)
{
	check_server_says("\x16\3\1\0\6\1\0\0\2\3\3", 11, -SIMUL_EPROTOCOL,
			  "length mismatch");
	check_server_says("\x16\3\1\0\0", 5, -SIMUL_ETRUNCATED,
			  "the connection ended without a goodbye");
}

TEST_VIRTUAL(a_record_that_is_too_long_is_refused_before_it_has_come)
{
	check_server_says("\x16\3\1\xff\xff"
			  "abc",
			  8, -SIMUL_EPROTOCOL, "packet length too long");
}

TEST_VIRTUAL(who_hangs_up_in_the_middle_has_cut_the_connection)
{
	check_server_says("", 0, -SIMUL_ETRUNCATED,
			  "the connection ended without a goodbye");
	check_client_says("\x16\3", 2, -SIMUL_ETRUNCATED,
			  "the connection ended without a goodbye");
}

/* ---- Those who take their time */

static void check_gives_up(double seconds, const char *words)
{
	double start = simul_now();
	simul_task *t;

	begin();
	t = simul_create_task(be_server, NULL);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(result, ==, -ETIMEDOUT);
	CHECK_STR(simul_tls_error(server_tls), words);
	CHECK_NEAR(simul_now() - start, seconds, 0.5);
	end();
}

TEST_VIRTUAL(who_says_nothing_is_waited_for_a_minute)
{
	check_gives_up(60, "no handshake within 60 s");
}

TEST_VIRTUAL(how_long_a_handshake_may_take_is_an_option)
{
	server_options.handshake_timeout = 5;
	check_gives_up(5, "no handshake within 5 s");
}

/* From one end of a pair to the other, a byte a second. */
struct pass_slowly {
	simul_stream *from, *to;
};

static int pass_slowly(void *arg)
{
	const struct pass_slowly *my = arg;
	char c;

	while (simul_read(my->from, &c, 1) > 0) {
		if (simul_write(my->to, &c, 1) < 0)
			break;
		simul_sleep(1);
	}
	return simul_shutdown_write(my->to);
}

static void check_slowly(double limit, int expected)
{
	simul_stream *near_client, *near_server;
	simul_task *t[3];

	client_options.handshake_timeout = limit;
	server_options.handshake_timeout = limit;
	begin();
	simul_close(server_plain);
	near_client = NULL;
	simul_close(client_plain);
	CHECK_INT(simul_stream_pair(&client_plain, &near_client), ==, 0);
	CHECK_INT(simul_stream_pair(&near_server, &server_plain), ==, 0);
	t[0] = simul_go(pass_slowly, .from = near_client, .to = near_server);
	t[1] = simul_go(pass_slowly, .from = near_server, .to = near_client);
	t[2] = simul_create_task(be_server, NULL);
	CHECK_INT(simul_start_tls(client_tls, client_plain, &asked, &client),
		  ==, expected);
	simul_await(t[2]);
	if (expected == 0) {
		say(client, "hello");
		check_hears(server, "hello");
		simul_abort(client);
		simul_abort(server);
	} else {
		simul_abort(client_plain);
		simul_abort(server_plain);
	}
	simul_cancel(t[0]);
	simul_cancel(t[1]);
	simul_gather(t, 2, NULL);
	simul_abort(near_client);
	simul_abort(near_server);
	free_contexts();
}

TEST_VIRTUAL(a_byte_a_second_is_too_slow)
{
	check_slowly(60, -ETIMEDOUT);
}

TEST_VIRTUAL(a_byte_a_second_will_do_for_the_patient)
{
	check_slowly(10000, 0);
}

/* ---- Those who ask for too much */

static int read_on(void *s)
{
	ptrdiff_t n;
	char c;

	while ((n = simul_read(s, &c, 1)) > 0)
		continue;
	return (int)n;
}

static void ask_for_new_keys(void)
{
	SSL *ssl = smi_tls_stream(client)->ssl;

	CHECK(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED));
	CHECK_INT(SSL_do_handshake(ssl), ==, 1);
	smi_stream_push(client_plain);
}

static int flush(void *s)
{
	return simul_flush(s);
}

/* Each is to be answered, but who asks doesn't read. */
TEST_VIRTUAL(answers_that_nobody_reads_end_at_a_limit)
{
	simul_task *t;
	int r = 0;

	make_contexts();
	connect_both();
	t = simul_create_task(read_on, server);
	for (int i = 0; i < 12000 && r == 0; i++) {
		ask_for_new_keys();
		if (i % 20 == 0) {
			say(client, "x");
			r = simul_wait_for(1, flush, client);
		}
	}
	CHECK_INT(r, ==, -ETIMEDOUT);
	simul_sleep(1);
	CHECK_INT(simul_stream_unsent(server_plain), >, 100000);
	CHECK_INT(simul_stream_unsent(server_plain), <, 140000);
	CHECK(!simul_task_is_done(t));
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}
