/* SPDX-License-Identifier: MIT
 * tests/net/loopback.h - connections within one process. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <string.h>

#include <simul/net.h>
#include <simul/task.h>

#include "test.h"

static simul_listener *listener;
static simul_address where; /* it listens */

static inline void listen_here(void)
{
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
}

/* A connection to the listener, seen from both ends. */
static inline void connect_both(simul_stream **ret_client,
				simul_stream **ret_server)
{
	CHECK_INT(simul_connect_address(&where, ret_client), ==, 0);
	CHECK_INT(simul_accept(listener, ret_server), ==, 0);
}

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

#endif /* LOOPBACK_H */
