/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_stream.c - what goes through TLS, and how it ends. */
#include <errno.h>
#include <malloc.h>
#include <math.h>

#include <openssl/err.h>

#include "tls/inside.h"

static void begin(void)
{
	make_contexts();
	connect_both();
}

static void end(void)
{
	close_both();
	free_contexts();
}

/* ---- To and fro */

enum { MUCH = 3000000 };

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static int send_much(void *s)
{
	unsigned char piece[10000];

	for (size_t at = 0; at < MUCH; at += sizeof piece) {
		for (size_t i = 0; i < sizeof piece; i++)
			piece[i] = byte_at(at + i);
		CHECK_INT(simul_write(s, piece, sizeof piece), ==, 0);
	}
	return simul_shutdown_write(s);
}

static int receive_much(void *s)
{
	unsigned char piece[7777];
	size_t at = 0;
	ptrdiff_t n;

	while ((n = simul_read(s, piece, sizeof piece)) > 0)
		for (ptrdiff_t i = 0; i < n; i++)
			CHECK_INT(piece[i], ==, byte_at(at++));
	CHECK_INT(at, ==, MUCH);
	return (int)n;
}

TEST_VIRTUAL(both_sides_may_read_and_write_at_the_same_time)
{
	simul_task *t[4];

	begin();
	t[0] = simul_create_task(send_much, client);
	t[1] = simul_create_task(send_much, server);
	t[2] = simul_create_task(receive_much, client);
	t[3] = simul_create_task(receive_much, server);
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	end();
}

TEST_VIRTUAL(one_write_may_be_large)
{
	static char much[MUCH];
	simul_task *t;

	for (size_t i = 0; i < MUCH; i++)
		much[i] = (char)byte_at(i);
	begin();
	t = simul_create_task(receive_much, server);
	CHECK_INT(simul_write(client, much, MUCH), ==, 0);
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	end();
}

TEST_VIRTUAL(lines_are_read_as_from_any_stream)
{
	char *line;

	begin();
	say(client, "one\ntwo\r\nthree");
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	CHECK_STR(line, "one");
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	CHECK_STR(line, "two");
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	CHECK_STR(line, "three");
	end();
}

TEST_VIRTUAL(small_writes_travel_in_one_record)
{
	uint64_t before;

	begin();
	CHECK_INT(simul_flush(client), ==, 0);
	before = client_plain->left;
	for (int i = 0; i < 100; i++)
		say(client, "0123456789");
	CHECK_INT(simul_flush(client), ==, 0);
	CHECK_INT(client_plain->left - before, >=, 1000 + 5);
	CHECK_INT(client_plain->left - before, <, 1000 + 64);
	end();
}

TEST_VIRTUAL(full_records_are_as_large_as_they_may_be)
{
	static char much[4 * 16384];
	uint64_t before;

	begin();
	CHECK_INT(simul_flush(client), ==, 0);
	before = client_plain->left;
	CHECK_INT(simul_write(client, much, sizeof much), ==, 0);
	/* A pair holds 64 KiB. */
	CHECK_INT(simul_read_exactly(server, much, sizeof much), ==, 1);
	CHECK_INT(simul_flush(client), ==, 0);
	CHECK_INT(client_plain->left - before, ==, sizeof much + 4 * 22);
	end();
}

/* ---- Whoever is slower */

static int write_on(void *s)
{
	char piece[1000] = "";

	for (;;) {
		int r = simul_write(s, piece, sizeof piece);

		if (r < 0)
			return r;
	}
}

TEST_VIRTUAL(a_writer_is_slowed_down_by_a_peer_that_does_not_read)
{
	begin();
	CHECK_INT(simul_wait_for(5, write_on, client), ==, -ETIMEDOUT);
	/* High water above, one piece below. */
	CHECK_INT(simul_stream_unsent(client), <=, 65536 * 2 + 1000);
	CHECK_INT(simul_stream_unsent(client_plain), <=, 65536 + 2000);
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}

static int finish(void *s)
{
	return simul_shutdown_write(s);
}

/* How much OpenSSL gives back when it is asked to. */
static void check_holds_little(simul_stream *s)
{
	size_t before = mallinfo2().uordblks;

	CHECK_INT(SSL_free_buffers(ssl_of(s)), ==, 1);
	CHECK_INT(before - mallinfo2().uordblks, <, 1000);
}

TEST_VIRTUAL(what_has_just_begun_holds_no_buffers)
{
	begin();
	check_holds_little(client);
	check_holds_little(server);
	/* With it come the tickets. */
	say(server, "x");
	check_hears(client, "x");
	CHECK(server_plain->pending.data == NULL);
	CHECK(client_plain->in.block == NULL);
	check_holds_little(client);
	check_holds_little(server);
	end();
}

TEST_VIRTUAL(what_is_idle_holds_no_buffers)
{
	static char much[100000];
	simul_task *t;

	begin();
	t = simul_create_task(write_on, client);
	CHECK_INT(simul_read_exactly(server, much, sizeof much), ==, 1);
	simul_cancel(t);
	simul_await(t);
	t = simul_create_task(finish, client);
	while (simul_read(server, much, sizeof much) > 0)
		continue;
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(client->pending.room, <=, 4096);
	CHECK(client->leaving.data == NULL);
	CHECK_INT(client_plain->pending.room, <=, 4096);
	CHECK(client_plain->leaving.data == NULL);
	CHECK_INT(server->in.room, <=, 1024);
	CHECK(server_plain->in.block == NULL);
	check_holds_little(client);
	check_holds_little(server);
	end();
}

/* ---- The end */

TEST_VIRTUAL(a_half_close_says_goodbye_one_way)
{
	begin();
	say(client, "question");
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	CHECK_INT(simul_write(client, "x", 1), ==, -EPIPE);
	check_hears(server, "question");
	check_ends(server);
	say(server, "answer");
	CHECK_INT(simul_flush(server), ==, 0);
	check_hears(client, "answer");
	CHECK_INT(simul_shutdown_write(server), ==, 0);
	check_ends(client);
	end();
}

TEST_VIRTUAL(to_close_is_to_say_goodbye)
{
	begin();
	say(server, "bye");
	CHECK_INT(simul_close(server), ==, 0);
	check_hears(client, "bye");
	check_ends(client);
	check_ends(client);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

TEST_VIRTUAL(who_aborts_does_not_say_goodbye)
{
	char c;

	begin();
	say(server, "by");
	CHECK_INT(simul_flush(server), ==, 0);
	simul_abort(server);
	check_hears(client, "by");
	CHECK_INT(simul_read(client, &c, 1), ==, -ECONNRESET);
	simul_close(client);
	free_contexts();
}

static int close_late(void *s)
{
	CHECK_INT(simul_sleep(INFINITY), ==, -ECANCELED);
	return simul_close(s);
}

TEST_VIRTUAL(a_cancelled_task_says_goodbye_nevertheless)
{
	simul_task *t;

	begin();
	t = simul_create_task(close_late, server);
	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	check_ends(client);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

/* Exactly as much as a pair holds: then there is no room for a goodbye. */
enum { MOST_IN_PAIR = 65536 - 4 * 22 };

static void fill_pair(void)
{
	static char much[MOST_IN_PAIR];

	server_options.no_resumption = true; /* no tickets in between */
	begin();
	CHECK_INT(simul_write(server, much, sizeof much), ==, 0);
	CHECK_INT(simul_flush(server), ==, 0);
}

TEST_VIRTUAL(a_cancelled_goodbye_has_a_second_to_leave)
{
	char much[10000];
	simul_task *t;
	ptrdiff_t n;

	fill_pair();
	t = simul_create_task(close_late, server);
	simul_sleep(1);
	simul_cancel(t);
	simul_sleep(0.5);
	CHECK(!simul_task_is_done(t));
	while ((n = simul_read(client, much, sizeof much)) > 0)
		continue;
	CHECK_INT(n, ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

TEST_VIRTUAL(a_goodbye_that_does_not_leave_is_given_up)
{
	static char much[MOST_IN_PAIR];
	double start;

	server_options.shutdown_timeout = 7;
	fill_pair();
	start = simul_now();
	CHECK_INT(simul_close(server), ==, 0);
	CHECK_NEAR(simul_now() - start, 7, 0.1);
	/* What had left before is not taken back. */
	CHECK_INT(simul_read_exactly(client, much, sizeof much), ==, 1);
	CHECK_INT(simul_read(client, much, 1), ==, -SIMUL_ETRUNCATED);
	simul_close(client);
	free_contexts();
}

/* A goodbye below, but none in TLS. */
TEST_VIRTUAL(a_stream_that_is_cut_off_is_no_stream_that_has_ended)
{
	char c;

	begin();
	say(server, "some");
	CHECK_INT(simul_flush(server), ==, 0);
	CHECK_INT(simul_shutdown_write(server_plain), ==, 0);
	check_hears(client, "some");
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_ETRUNCATED);
	CHECK_STR(simul_tls_stream_error(client),
		  "the connection ended without a goodbye");
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_ETRUNCATED);
	CHECK_INT(simul_write(client, "x", 1), ==, 0);
	CHECK_INT(simul_flush(client), ==, -SIMUL_ETRUNCATED);
	CHECK_INT(simul_close(client), ==, -SIMUL_ETRUNCATED);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(a_changed_byte_is_noticed)
{
	char c;

	begin();
	CHECK_INT(simul_flush(server), ==, 0);
	/* What is no record of that connection. */
	CHECK_INT(simul_write(server_plain,
			      "\x17\3\3\0\x14"
			      "01234567890123456789",
			      25),
		  ==, 0);
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EPROTOCOL);
	CHECK_STR(simul_tls_stream_error(client),
		  "decryption failed or bad record mac");
	/* The peer is told. */
	CHECK_INT(simul_read(server, &c, 1), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_stream_error(server),
		  "the peer says: bad record mac");
	simul_close(client);
	simul_close(server);
	free_contexts();
}

/* OpenSSL has reasons of its own, with numbers above those of alerts. */
TEST_VIRTUAL(what_openssl_says_is_not_put_in_the_mouth_of_the_peer)
{
	begin();
	ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
	CHECK_INT(smi_tls_explain(smi_tls_stream(client)), ==,
		  -SIMUL_EPROTOCOL);
	CHECK_STR(simul_tls_stream_error(client), "internal error");
	ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_INTERNAL_ERROR);
	CHECK_INT(smi_tls_explain(smi_tls_stream(client)), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_stream_error(client),
		  "the peer says: internal error");
	CHECK_INT(ERR_peek_error(), ==, 0);
	end();
}

/* ---- Below */

TEST_VIRTUAL(a_stream_is_quiet_until_something_comes)
{
	char buffer[8];

	begin();
	say(server, "hello");
	CHECK_INT(simul_flush(server), ==, 0);
	CHECK(!smi_stream_is_quiet(client));
	CHECK_INT(simul_read_exactly(client, buffer, 5), ==, 1);
	CHECK(smi_stream_is_quiet(client));
	CHECK_INT(simul_shutdown_write(server), ==, 0);
	CHECK(!smi_stream_is_quiet(client));
	end();
}

static int upgrade(void *arg)
{
	char *line;

	CHECK_INT(simul_read_line(server_plain, &line, NULL), ==, 1);
	CHECK_STR(line, "STARTTLS");
	return simul_start_tls(server_tls, server_plain, NULL, &server);
}

TEST_VIRTUAL(a_plain_conversation_goes_on_in_tls)
{
	simul_task *t;

	make_contexts();
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
	t = simul_create_task(upgrade, NULL);
	/* The client doesn't wait for an answer: what comes with the line is
	 * the beginning of the handshake. */
	say(client_plain, "STARTTLS\n");
	CHECK_INT(simul_start_tls(client_tls, client_plain, &asked, &client),
		  ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	say(client, "secret");
	check_hears(server, "secret");
	end();
}

static int start_inner(void *s)
{
	simul_stream *outer = *(simul_stream **)s;

	return simul_start_tls(server_tls, outer, NULL, s);
}

TEST_VIRTUAL(tls_goes_over_tls)
{
	simul_task *t;

	begin();
	t = simul_create_task(start_inner, &server);
	CHECK_INT(simul_start_tls(client_tls, client, &asked, &client), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	say(client, "hello");
	check_hears(server, "hello");
	say(server, "you");
	check_hears(client, "you");
	end();
}

TEST_VIRTUAL(a_stream_that_others_use_is_busy)
{
	simul_task *t;

	make_contexts();
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
	t = simul_create_task(read_one, client_plain);
	simul_sleep(0);
	CHECK_INT(simul_start_tls(client_tls, client_plain, &asked, &client),
		  ==, -EBUSY);
	simul_cancel(t);
	simul_await(t);
	simul_close(client_plain);
	simul_close(server_plain);
	free_contexts();
}
