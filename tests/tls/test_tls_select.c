/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_select.c - TLS streams among what simul_select waits
 * for. */
#include <errno.h>

#include <simul/gather.h>

#include "sweep.h"
#include "tls/kinds.h"

TEST_VIRTUAL(tls_that_can_be_read_is_selected_and_nothing_is_taken)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		CHECK(is_silent());
		for (int i = 0; i < 3; i++) {
			simul_task *t = simul_create_task(select_client, NULL);

			simul_sleep(1);
			CHECK(!simul_task_is_done(t));
			say(server, "hello");
			CHECK_INT(simul_await(t), ==, 0);
			CHECK(!is_silent()); /* it is still so */
			check_hears(client, "hel");
			CHECK(!is_silent());
			check_hears(client, "lo");
			CHECK(is_silent());
		}
		end();
	}
}

/* A read of little leaves the rest of a record with OpenSSL. */
TEST_VIRTUAL(what_is_left_of_a_record_can_be_read)
{
	static char much[5000];

	begin(0);
	CHECK_INT(simul_write(server, much, sizeof much), ==, 0);
	CHECK_INT(simul_read(client, much, 3000), ==, 3000);
	CHECK_INT(simul_stream_buffered(client), ==, 0);
	CHECK(!is_silent());
	CHECK_INT(simul_read_exactly(client, much, 2000), ==, 1);
	CHECK(is_silent());
	end();
}

/* ---- Less than a read can use */

static size_t encrypt(const char *text, char *bytes, size_t room)
{
	size_t n;

	CHECK_INT(SSL_write_ex(ssl_of(server), text, strlen(text), &n), ==, 1);
	return take_unsent(bytes, room);
}

static void send_raw(const char *bytes, size_t n)
{
	CHECK_INT(simul_write(server_plain, bytes, n), ==, 0);
	CHECK_INT(simul_flush(server_plain), ==, 0);
}

TEST_VIRTUAL(half_a_record_cannot_be_read)
{
	char bytes[100];

	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		for (size_t half = 1; half < 27; half += 2) {
			size_t n = encrypt("hello", bytes, sizeof bytes);

			CHECK_INT(n, ==, 27);
			send_raw(bytes, half);
			CHECK(is_silent());
			send_raw(bytes + half, n - half);
			CHECK(!is_silent());
			check_hears(client, "hello");
		}
		end();
	}
}

TEST_VIRTUAL(a_record_that_comes_byte_by_byte_is_selected_when_it_is_whole)
{
	char bytes[100];

	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t;
		size_t n;

		begin(kind);
		t = simul_create_task(select_client, NULL);
		n = encrypt("hello", bytes, sizeof bytes);
		for (size_t i = 0; i < n; i++) {
			simul_sleep(0.1);
			CHECK(!simul_task_is_done(t));
			send_raw(bytes + i, 1);
		}
		CHECK_INT(simul_await(t), ==, 0);
		check_hears(client, "hello");
		end();
	}
}

TEST_VIRTUAL(a_try_never_says_ready_to_half_a_record)
{
	simul_case one;
	char bytes[100];
	size_t n;

	begin(0);
	one = simul_case_stream(client);
	n = encrypt("hello", bytes, sizeof bytes);
	send_raw(bytes, n - 1);
	CHECK_INT(simul_try_select(&one, 1), ==, -EAGAIN);
	send_raw(bytes + n - 1, 1);
	CHECK_INT(simul_try_select(&one, 1), ==, 0);
	CHECK_INT(one.result, ==, 0);
	check_hears(client, "hello");
	end();
}

/* They are records, too, but nothing for a reader. */
TEST_VIRTUAL(a_ticket_or_a_change_of_keys_cannot_be_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		for (int i = 0; i < 3; i++) {
			CHECK(SSL_new_session_ticket(ssl_of(server)));
			CHECK_INT(SSL_do_handshake(ssl_of(server)), ==, 1);
			CHECK(SSL_key_update(ssl_of(server),
					     SSL_KEY_UPDATE_REQUESTED));
			CHECK_INT(SSL_do_handshake(ssl_of(server)), ==, 1);
			smi_stream_push(server_plain);
			CHECK(is_silent());
			/* They were dealt with. */
			CHECK_INT(simul_stream_buffered(client_plain), ==, 0);
			say(server, "hello");
			CHECK(!is_silent());
			check_hears(client, "hello");
			say(client, "you");
			check_hears(server, "you");
		}
		end();
	}
}

/* The record stays where it is when the read is cancelled before it takes
 * it. */
TEST_VIRTUAL(a_ticket_that_a_cancelled_read_has_found_cannot_be_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		CHECK(SSL_new_session_ticket(ssl_of(server)));
		CHECK_INT(SSL_do_handshake(ssl_of(server)), ==, 1);
		smi_stream_push(server_plain);
		CHECK_INT(client->ops->await(client), ==, 0);
		CHECK_INT(smi_tls_stream(client)->ready, >, 0);
		CHECK(is_silent());
		say(server, "hello");
		CHECK_INT(client->ops->await(client), ==, 0);
		CHECK(!is_silent());
		check_hears(client, "hello");
		end();
	}
}

/* ---- The end, and errors */

static simul_task *begin_to_select(int kind)
{
	simul_task *t;

	begin(kind);
	t = simul_create_task(select_client, NULL);
	simul_sleep(1);
	return t;
}

TEST_VIRTUAL(the_end_of_tls_can_be_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t = begin_to_select(kind);

		CHECK_INT(simul_shutdown_write(server), ==, 0);
		CHECK_INT(simul_await(t), ==, 0);
		CHECK(!is_silent());
		check_ends(client);
		CHECK(!is_silent());
		end();
	}
}

static void check_fails(int kind, int error)
{
	char c;

	CHECK(!is_silent());
	CHECK_INT(simul_read(client, &c, 1), ==, error);
	CHECK(!is_silent());
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(that_tls_was_cut_off_can_be_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t = begin_to_select(kind);
		char bytes[100];
		size_t n = encrypt("hello", bytes, sizeof bytes);

		send_raw(bytes, n / 2);
		CHECK_INT(simul_shutdown_write(server_plain), ==, 0);
		CHECK_INT(simul_await(t), ==, 0);
		check_fails(kind, -SIMUL_ETRUNCATED);
	}
}

TEST_VIRTUAL(that_tls_was_broken_can_be_read)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t = begin_to_select(kind);

		send_raw("\x17\3\3\0\x14"
			 "01234567890123456789",
			 25);
		CHECK_INT(simul_await(t), ==, 0);
		check_fails(kind, -SIMUL_EPROTOCOL);
	}
}

TEST_VIRTUAL(that_the_peer_of_tls_is_gone_can_be_read)
{
	for (int kind = 0; kind < 3; kind++) {
		simul_task *t = begin_to_select(kind);
		char c;

		simul_abort(server);
		CHECK_INT(simul_await(t), ==, 0);
		CHECK_INT(simul_read(client, &c, 1), ==, -ECONNRESET);
		simul_abort(client);
		free_contexts();
	}
}

/* ---- Several who use it */

TEST_VIRTUAL(two_tasks_may_select_the_same_tls)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t[2];

		begin(kind);
		t[0] = simul_create_task(select_client, NULL);
		t[1] = simul_create_task(select_client, NULL);
		simul_sleep(1);
		say(server, "hello");
		CHECK_INT(simul_await(t[0]), ==, 0);
		CHECK_INT(simul_await(t[1]), ==, 0);
		check_hears(client, "hello");
		end();
	}
}

TEST_VIRTUAL(tls_that_another_task_reads_from_is_busy)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t[2];

		t[0] = begin_to_select(kind);
		t[1] = simul_create_task(read_one, client);
		simul_sleep(1);
		say(server, "ab");
		CHECK_INT(simul_await(t[0]), ==, -EBUSY);
		CHECK_INT(simul_await(t[1]), ==, 1);
		check_hears(client, "b");
		end();
	}
}

/* What both wait for are the same bytes. */
TEST_VIRTUAL(what_is_written_leaves_while_its_task_selects)
{
	static char much[300000];
	simul_task *t = begin_to_select(0);

	CHECK_INT(simul_write(client, much, sizeof much), ==, 0);
	CHECK_INT(simul_read_exactly(server, much, sizeof much), ==, 1);
	say(server, "thanks");
	CHECK_INT(simul_await(t), ==, 0);
	check_hears(client, "thanks");
	end();
}

/* ---- Whatever fails or is cancelled */

struct talk {
	char heard[64];
	size_t n;
};

static int tell(void *arg)
{
	static const char text[] = "0123456789abcdef";
	simul_stream *s;
	int r = simul_start_tls(server_tls, server_plain, NULL, &s), closed;

	if (r < 0) {
		simul_close(server_plain);
		return r;
	}
	for (size_t i = 0; i < 16 && r >= 0; i++) {
		r = simul_write(s, text + i, 1);
		if (r >= 0)
			r = simul_sleep(i % 3);
	}
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

static int select_and_read(simul_stream *s, struct talk *talk)
{
	for (;;) {
		simul_case one = simul_case_stream(s);
		int r = simul_select(&one, 1);
		ptrdiff_t n;

		if (r < 0 || one.result < 0)
			return r < 0 ? r : one.result;
		n = simul_read(s, talk->heard + talk->n,
			       sizeof talk->heard - talk->n);
		if (n <= 0)
			return (int)n;
		talk->n += (size_t)n;
	}
}

static int listen_to(struct talk *talk)
{
	simul_stream *s;
	int r = simul_start_tls(client_tls, client_plain, &asked, &s);

	if (r < 0) {
		simul_close(client_plain);
		return r;
	}
	r = select_and_read(s, talk);
	simul_close(s);
	return r;
}

static int converse(void *arg)
{
	simul_tls_options c = { .ca_pem = ca.pem }, s = { 0 };
	simul_task *t;
	int r, told = 0;

	s.identity.certificate_pem = leaf.pem;
	client_tls = server_tls = NULL;
	r = simul_tls_new_client(&c, &client_tls);
	if (r >= 0)
		r = simul_tls_new_server(&s, &server_tls);
	if (r >= 0)
		r = simul_stream_pair(&client_plain, &server_plain);
	if (r >= 0) {
		t = simul_create_task(tell, NULL);
		if (!t)
			simul_close(server_plain);
		r = listen_to(arg);
		told = simul_await(t);
	}
	free_contexts();
	return r < 0 ? r : told;
}

static void check_talk(void *state, int result)
{
	const struct talk *talk = state;

	CHECK_BYTES(talk->heard, "0123456789abcdef", talk->n);
	if (result == 0)
		CHECK_INT(talk->n, ==, 16);
}

TEST(a_selection_over_tls_loses_no_byte_when_cancelled_anywhere)
{
	issue_usual();
	sweep_cancellations(converse, sizeof(struct talk), check_talk);
}

static void run_all(void)
{
	struct talk talk = { .n = 0 };
	int r = run_virtual(converse, &talk);

	check_talk(&talk, r);
}

TEST(a_selection_over_tls_survives_every_refused_allocation)
{
	issue_usual();
	run_all();
	sweep_allocations(run_all);
}

/* ---- Memory */

TEST_VIRTUAL(who_waits_for_tls_holds_no_memory_for_it)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t;
		const char *bytes;

		begin(kind);
		say(server, "x");
		check_hears(client, "x");
		t = simul_create_task(read_one, client);
		simul_sleep(1);
		CHECK(client->in.block == NULL && client->late.data == NULL);
		CHECK(kind == 0 || kind == 3 || client_plain->in.block == NULL);
		say(server, "y");
		CHECK_INT(simul_await(t), ==, 1);
		t = simul_create_task(select_client, NULL);
		simul_sleep(1);
		CHECK(client->late.data == NULL);
		CHECK(client_plain->in.block == NULL);
		say(server, "z");
		CHECK_INT(simul_await(t), ==, 0);
		CHECK_INT(simul_peek(client, 1, &bytes), ==, 1);
		end();
	}
}
