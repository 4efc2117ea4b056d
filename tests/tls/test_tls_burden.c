/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_burden.c - peers that keep TLS busy, and simul_select. */
#include <errno.h>

#include <simul/error.h>

#include "tls/kinds.h"

/* ---- A peer that asks, and doesn't listen */

enum { MOST_UNSENT = 2 * 65536, ANSWER = 5 + 5 + 1 + 16 };

static void change_keys(int kind)
{
	CHECK(SSL_key_update(ssl_of(server), kind));
	CHECK_INT(SSL_do_handshake(ssl_of(server)), ==, 1);
}

/* Asks for new keys, so many times. */
static int ask_for_keys(void *arg)
{
	for (int i = 0; i < 12000; i++) {
		int r;

		if (i % 200 == 0) {
			say(server, "x");
			CHECK_INT(simul_flush(server), ==, 0);
		}
		change_keys(SSL_KEY_UPDATE_REQUESTED);
		smi_stream_push_soon(server_plain);
		r = simul_flush(server_plain);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_all(void *s)
{
	char buffer[100];

	while (simul_read(s, buffer, sizeof buffer) > 0)
		continue;
	return 0;
}

/* Until there is something else than "x". */
static int select_and_skip(void *s)
{
	int r;
	char c;

	do {
		r = select_client(NULL);
		if (r >= 0)
			r = (int)simul_read(s, &c, 1);
	} while (r == 1 && c == 'x');
	return r;
}

TEST_VIRTUAL(who_selects_holds_a_limited_number_of_answers)
{
	simul_task *t, *asking, *reading;

	begin(0);
	t = simul_create_task(select_and_skip, client);
	asking = simul_create_task(ask_for_keys, NULL);
	simul_sleep(1);
	CHECK(!simul_task_is_done(asking));
	CHECK_INT(simul_stream_unsent(client_plain), >, MOST_UNSENT);
	CHECK_INT(simul_stream_unsent(client_plain), <=, MOST_UNSENT + ANSWER);
	/* When it listens again, it goes on. */
	reading = simul_create_task(read_all, server_plain);
	CHECK_INT(simul_await(asking), ==, 0);
	CHECK(!simul_task_is_done(t));
	say(server, "hello");
	CHECK_INT(simul_await(t), ==, 1);
	check_hears(client, "ello");
	simul_abort(client);
	CHECK_INT(simul_await(reading), ==, 0);
	simul_abort(server);
	free_contexts();
}

/* ---- Several who select while much is to leave */

static int write_past(void *arg)
{
	static const char much[300000];

	return simul_write(client_plain, much, sizeof much);
}

static int read_past(void *arg)
{
	static char much[300000];

	return simul_read_exactly(server_plain, much, sizeof much);
}

/* Both wait until it has left, then for what comes; then one goes. */
TEST_VIRTUAL(who_selects_no_more_takes_nothing_from_those_who_do)
{
	struct smi_tls_stream *inside;
	simul_task *writing, *t[2];

	begin(0);
	inside = smi_tls_stream(client);
	writing = simul_create_task(write_past, NULL);
	simul_sleep(1);
	CHECK_INT(simul_stream_unsent(client_plain), >, MOST_UNSENT);
	t[0] = simul_create_task(select_client, NULL);
	t[1] = simul_create_task(select_client, NULL);
	simul_sleep(1);
	CHECK_INT(inside->watching, ==, 2);
	CHECK_INT(inside->watching_below, ==, 0);
	CHECK_INT(read_past(NULL), ==, 1);
	CHECK_INT(simul_await(writing), ==, 0);
	simul_sleep(1);
	CHECK_INT(inside->watching_below, ==, 2);
	simul_cancel(t[0]);
	CHECK_INT(simul_await(t[0]), ==, -ECANCELED);
	CHECK_INT(inside->watching_below, ==, 1);
	say(server, "hello");
	CHECK_INT(simul_await(t[1]), ==, 0);
	check_hears(client, "hello");
	CHECK_INT(inside->watching_below, ==, 0);
	end();
}

/* ---- A peer that has nothing to say, and says it all the time */

enum { MOST_WITHOUT_TEXT = 256 };

static void change_keys_often(int times)
{
	for (int i = 0; i < times; i++)
		change_keys(SSL_KEY_UPDATE_NOT_REQUESTED);
	smi_stream_push(server_plain);
}

static void check_had_enough(void)
{
	char c;

	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EPROTOCOL);
	CHECK_STR(simul_tls_stream_error(client),
		  "too many records with nothing to read");
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(who_selects_bears_a_limited_number_of_records_without_text)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		for (int i = 0; i < 3; i++) {
			change_keys_often(MOST_WITHOUT_TEXT);
			CHECK(is_silent());
			say(server, "hello");
			CHECK(!is_silent());
			check_hears(client, "hello");
		}
		change_keys_often(MOST_WITHOUT_TEXT + 1);
		CHECK(!is_silent());
		check_had_enough();
	}
}

TEST_VIRTUAL(who_reads_bears_a_limited_number_of_records_without_text)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		for (int i = 0; i < 3; i++) {
			change_keys_often(MOST_WITHOUT_TEXT);
			say(server, "hello");
			check_hears(client, "hello");
		}
		change_keys_often(MOST_WITHOUT_TEXT + 1);
		say(server, "hello");
		check_had_enough();
	}
}

static int count_turns(void *turns)
{
	while (simul_sleep(0) >= 0)
		++*(int *)turns;
	return 0;
}

/* All of it has come, so that nothing is waited for. */
TEST_VIRTUAL(others_have_their_turn_while_records_without_text_are_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		int turns = 0;
		simul_task *t;

		begin(kind);
		change_keys_often(MOST_WITHOUT_TEXT);
		say(server, "hello");
		CHECK_INT(simul_flush(server), ==, 0);
		simul_sleep(1);
		t = simul_create_task(count_turns, &turns);
		check_hears(client, "hello");
		CHECK_INT(turns, >=, MOST_WITHOUT_TEXT / 16);
		simul_cancel(t);
		simul_await(t);
		end();
	}
}
