/* SPDX-License-Identifier: MIT
 * tests/net/letters.h - datagrams that say which they are. */
#ifndef LETTERS_H
#define LETTERS_H

#include <errno.h>

#include <simul/scope.h>

#include "net/datagrams.h"

enum { HELD = 200000 };

static const simul_udp_options plain = { .receive_buffer = HELD },
			       in_bulk = { .bulk = true,
					   .receive_buffer = HELD };

enum { MOST = 300, LONG = 2000 };

static unsigned char out[MOST][LONG], in[MOST][LONG];
static simul_datagram letters[MOST], arrived[MOST];

static inline void write_letter(size_t i, size_t length)
{
	for (size_t j = 0; j < length; j++)
		out[i][j] = (unsigned char)(i * 31 + j * 7);
	letters[i] = (simul_datagram){ .bytes = out[i], .length = length };
}

static inline void write_letters(size_t n, size_t length)
{
	for (size_t i = 0; i < n; i++)
		write_letter(i, length);
}

static inline void send_letters(simul_udp *u, size_t n)
{
	CHECK_INT(simul_udp_send_many(u, letters, n), ==, n);
}

static inline void check_letter(size_t i, const void *bytes, size_t length)
{
	CHECK_INT(length, ==, letters[i].length);
	CHECK_BYTES(bytes, out[i], length);
}

/* Receive n of them, so many to a call, in their order. */
static inline void check_letters(simul_udp *u, size_t n, size_t at_a_time)
{
	for (size_t i = 0; i < n;) {
		size_t most = at_a_time < n - i ? at_a_time : n - i;
		int r;

		for (size_t j = 0; j < most; j++)
			arrived[j] = (simul_datagram){ .bytes = in[j],
						       .room = LONG };
		r = simul_udp_receive_many(u, arrived, most);
		CHECK_INT(r, >, 0);
		CHECK_INT(r, <=, most);
		for (int j = 0; j < r; j++)
			check_letter(i++, arrived[j].bytes, arrived[j].length);
	}
}

static inline int receive_nothing(void *arg)
{
	char byte;

	return (int)simul_udp_receive(arg, &byte, 1);
}

static inline void check_nothing_comes(simul_udp *u)
{
	CHECK_INT(simul_wait_for(0.1, receive_nothing, u), ==, -ETIMEDOUT);
}

static inline void go_each_on_its_own(const char *numbers, const char *peer,
				      const simul_udp_options *o)
{
	simul_address to;

	open_with(numbers, o);
	to = address(peer, simul_address_port(&where));
	simul_udp_close(client);
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_letters(100, 700);
	write_letter(70, 699);
	write_letter(90, 0);
	write_letter(95, 1400);
	for (size_t at_a_time = 1; at_a_time <= 100; at_a_time += 33) {
		send_letters(client, 100);
		check_letters(server, 100, at_a_time);
	}
	check_nothing_comes(server);
	close_both();
}

#endif /* LETTERS_H */
