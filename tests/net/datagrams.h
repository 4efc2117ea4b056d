/* SPDX-License-Identifier: MIT
 * tests/net/datagrams.h - two sockets for datagrams, of which one is connected
 * to the other. */
#ifndef DATAGRAMS_H
#define DATAGRAMS_H

#include <simul/udp.h>

#include "net/loopback.h"

static simul_udp *server, *client;

static inline simul_address address(const char *numbers, int port)
{
	simul_address a;

	CHECK_INT(simul_address_parse(numbers, port, &a), ==, 0);
	return a;
}

/* A server at these numbers, and a client that is connected to it. */
static inline void open_with(const char *numbers, const simul_udp_options *o)
{
	simul_address a = address(numbers, 0);

	CHECK_INT(simul_udp_bind(&a, o, &server), ==, 0);
	CHECK_INT(simul_udp_address(server, &where), ==, 0);
	CHECK_INT(simul_udp_connect(&where, NULL, &client), ==, 0);
}

static inline void open_both(void)
{
	open_with("127.0.0.1", NULL);
}

static inline void close_both(void)
{
	simul_udp_close(client);
	simul_udp_close(server);
}

static inline void check_receives(simul_udp *u, const char *text)
{
	char buffer[100];
	size_t n = strlen(text);

	CHECK_INT(simul_udp_receive(u, buffer, sizeof buffer), ==, n);
	CHECK_BYTES(buffer, text, n);
}

static inline int receive_hello(void *arg)
{
	check_receives(arg, "hello");
	return 0;
}

#endif /* DATAGRAMS_H */
