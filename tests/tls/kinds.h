/* SPDX-License-Identifier: MIT
 * tests/tls/kinds.h - TLS over streams of each kind, and simul_select. */
#ifndef KINDS_H
#define KINDS_H

#include <simul/select.h>

#include "net/receive.h"
#include "tls/inside.h"

/* ---- Over streams of each kind */

static inline void below_a_pair(void)
{
	CHECK_INT(simul_stream_pair(&client_plain, &server_plain), ==, 0);
}

static inline void below_sockets(void)
{
	simul_listener *listener;
	simul_address where;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	CHECK_INT(simul_connect_address(&where, &client_plain), ==, 0);
	CHECK_INT(simul_accept(listener, &server_plain), ==, 0);
	simul_listener_close(listener);
}

/* Nothing comes by itself. */
static inline void below_deaf_sockets(void)
{
	below_sockets();
	((struct smi_socket *)client_plain)->deaf = true;
}

static inline void below_tls(void)
{
	below_a_pair();
	connect_below();
	client_plain = client;
	server_plain = server;
}

static void (*const belows[])(void) = { below_a_pair, below_sockets,
					below_deaf_sockets, below_tls };

enum { KINDS = sizeof belows / sizeof *belows };

/* So that nothing is on its way to the client. */
static inline void begin(int kind)
{
	server_options.no_resumption = true;
	make_contexts();
	belows[kind]();
	connect_below();
}

static inline void end(void)
{
	close_both();
	free_contexts();
}

static inline int select_client(void *arg)
{
	simul_case one = simul_case_stream(client);
	int r = simul_select(&one, 1);

	return r < 0 ? r : one.result;
}

/* Does it have nothing to read, for a second? */
static inline bool is_silent(void)
{
	simul_case cases[] = { simul_case_stream(client), simul_case_sleep(1) };
	int r = simul_select(cases, 2);

	CHECK_INT(r, >=, 0);
	CHECK_INT(cases[r].result, ==, 0);
	return r == 1;
}

#endif /* KINDS_H */
