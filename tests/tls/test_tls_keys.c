/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_keys.c - messages of TLS itself, between those of its
 * users. */
#include <errno.h>

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

/* ---- Changing keys (RFC 8446, 4.6.3) */

TEST_VIRTUAL(keys_are_changed_while_one_side_only_writes)
{
	begin();
	for (int i = 0; i < 10; i++) {
		CHECK(SSL_key_update(ssl_of(client), SSL_KEY_UPDATE_REQUESTED));
		say(client, "hello");
		check_hears(server, "hello");
	}
	/* The server has answered each, and now its own keys are new. */
	say(server, "you");
	check_hears(client, "you");
	end();
}

static int echo(void *s)
{
	char buffer[100];
	ptrdiff_t n;

	while ((n = simul_read(s, buffer, sizeof buffer)) > 0)
		CHECK_INT(simul_write(s, buffer, (size_t)n), ==, 0);
	return (int)n;
}

TEST_VIRTUAL(keys_are_changed_in_the_middle_of_a_conversation)
{
	simul_task *t;

	begin();
	t = simul_create_task(echo, server);
	for (int i = 0; i < 20; i++) {
		CHECK(SSL_key_update(ssl_of(i % 2 ? client : server),
				     i % 3 ? SSL_KEY_UPDATE_REQUESTED
					   : SSL_KEY_UPDATE_NOT_REQUESTED));
		say(client, "hello");
		check_hears(client, "hello");
	}
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	end();
}

/* ---- Messages in several records */

static int flush(void *s)
{
	return simul_flush(s);
}

static char ticket[4000];
static size_t ticket_length, sent;
static simul_task *reading;

/* A ticket with the client's certificate in it doesn't fit into one record of
 * this size. The client has read the first; before it has read the end nothing
 * else can be sent. */
static void begin_a_ticket(void)
{
	enum { SMALL = 512 };

	issue_usual();
	client_options.identity.certificate_pem = leaf.pem;
	server_options.clients = SIMUL_TLS_REQUIRE_CLIENT;
	server_options.ca_pem = ca.pem;
	begin();
	say(server, "x");
	CHECK_INT(read_one(client), ==, 1);
	CHECK(SSL_set_max_send_fragment(ssl_of(server), SMALL));
	CHECK(SSL_new_session_ticket(ssl_of(server)));
	CHECK_INT(SSL_do_handshake(ssl_of(server)), ==, 1);
	ticket_length = take_unsent(ticket, sizeof ticket);
	sent = SMALL + 22;
	CHECK_INT(ticket_length, >, sent);
	CHECK_INT(simul_write(server_plain, ticket, sent), ==, 0);
	reading = simul_create_task(read_one, client);
	simul_sleep(1);
}

static void end_the_ticket(void)
{
	CHECK_INT(
		simul_write(server_plain, ticket + sent, ticket_length - sent),
		==, 0);
}

TEST_VIRTUAL(a_write_waits_until_a_message_has_been_read_to_its_end)
{
	begin_a_ticket();
	say(client, "hello");
	CHECK_INT(simul_wait_for(1, flush, client), ==, -ETIMEDOUT);
	end_the_ticket();
	check_hears(server, "hello");
	say(server, "y");
	CHECK_INT(simul_await(reading), ==, 1);
	end();
}

TEST_VIRTUAL(a_write_fails_when_the_end_of_a_message_will_not_come)
{
	begin_a_ticket();
	say(client, "hello");
	CHECK_INT(simul_wait_for(1, flush, client), ==, -ETIMEDOUT);
	CHECK_INT(simul_shutdown_write(server_plain), ==, 0);
	CHECK_INT(simul_wait_for(1, flush, client), ==, -SIMUL_ETRUNCATED);
	CHECK_INT(simul_await(reading), ==, -SIMUL_ETRUNCATED);
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(a_goodbye_waits_until_a_message_has_been_read_to_its_end)
{
	begin_a_ticket();
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	end_the_ticket();
	say(server, "y");
	CHECK_INT(simul_await(reading), ==, 1);
	check_ends(server);
	end();
}
