/* SPDX-License-Identifier: MIT
 * tests/tls/both.h - both ends of a TLS connection in one program. */
#ifndef BOTH_H
#define BOTH_H

#include <string.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/task.h>
#include <simul/tls.h>

#include "test.h"
#include "tls/papers.h"

static simul_tls *client_tls, *server_tls;
static simul_tls_options client_options, server_options;
static simul_tls_start_options asked = { .host = "a.example" };

/* What lies below, and what lies over it. */
static simul_stream *client_plain, *server_plain;
static simul_stream *client, *server;

/* Contexts that trust each other, unless the options say something else. */
static inline void make_contexts(void)
{
	if (!ca.x)
		issue_usual();
	if (!client_options.ca_pem)
		client_options.ca_pem = ca.pem;
	if (!server_options.identity.certificate_pem &&
	    !server_options.identity.certificate_file)
		server_options.identity.certificate_pem = leaf.pem;
	CHECK_INT(simul_tls_new_client(&client_options, &client_tls), ==, 0);
	CHECK_INT(simul_tls_new_server(&server_options, &server_tls), ==, 0);
}

static inline void free_contexts(void)
{
	simul_tls_free(client_tls);
	simul_tls_free(server_tls);
}

/* ---- The handshake */

static inline int start_server(void *arg)
{
	return simul_start_tls(server_tls, server_plain, NULL, &server);
}

/* Over what lies below. Returns what the client's side says, and stores what
 * the server's does. */
static inline int shake_hands_below(int *ret_server)
{
	simul_task *t;
	int r;

	client = server = NULL;
	t = simul_create_task(start_server, NULL);
	r = simul_start_tls(client_tls, client_plain, &asked, &client);
	if (r < 0) {
		simul_close(client_plain);
		client_plain = NULL;
	}
	*ret_server = simul_await(t);
	if (*ret_server < 0) {
		simul_close(server_plain);
		server_plain = NULL;
	}
	return r;
}

/* Over a pair. */
static inline int shake_hands(int *ret_server)
{
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
	return shake_hands_below(ret_server);
}

/* One that works. */
static inline void connect_below(void)
{
	int r, s;

	r = shake_hands_below(&s);
	if (r < 0 || s < 0) {
		CHECK_STR(simul_tls_error(client_tls), "");
		CHECK_STR(simul_tls_error(server_tls), "");
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(s, ==, 0);
}

static inline void connect_both(void)
{
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
	connect_below();
}

static inline int close_one(void *s)
{
	return simul_close(s);
}

static inline void close_both(void)
{
	simul_task *t = simul_create_task(close_one, client);

	CHECK_INT(simul_close(server), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

/* ---- Talk */

static inline void say(simul_stream *s, const char *text)
{
	CHECK_INT(simul_write(s, text, strlen(text)), ==, 0);
}

static inline void check_hears(simul_stream *s, const char *text)
{
	char buffer[256];
	size_t n = strlen(text);

	CHECK_INT(simul_read_exactly(s, buffer, n), ==, 1);
	CHECK_BYTES(buffer, text, n);
}

static inline void check_ends(simul_stream *s)
{
	char c;

	CHECK_INT(simul_read(s, &c, 1), ==, 0);
}

#endif /* BOTH_H */
