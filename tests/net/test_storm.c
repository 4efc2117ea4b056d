/* SPDX-License-Identifier: MIT
 * tests/net/test_storm.c - nothing is lost, doubled or damaged. */
#include "test.h"

#include <simul.h>

#include "conversation.h"

/* ---- Streams */

static void connect_by_tcp(simul_stream **ret_a, simul_stream **ret_b)
{
	simul_listener *l;
	simul_address at;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &at), ==, 0);
	CHECK_INT(simul_listen(&at, NULL, &l), ==, 0);
	CHECK_INT(simul_listener_address(l, &at), ==, 0);
	CHECK_INT(simul_connect_address(&at, ret_a), ==, 0);
	CHECK_INT(simul_accept(l, ret_b), ==, 0);
	simul_listener_close(l);
}

static void make_peers(struct dice *d, simul_stream **ret_a,
		       simul_stream **ret_b)
{
	switch (roll(d, 3)) {
	case 0:
		CHECK_INT(simul_stream_pair(ret_a, ret_b), ==, 0);
		break;
	case 1:
		CHECK_INT(simul_socket_pair(ret_a, ret_b), ==, 0);
		break;
	default:
		connect_by_tcp(ret_a, ret_b);
	}
}

static int two_converse(void *arg)
{
	simul_stream *a, *b;

	make_peers(arg, &a, &b);
	converse(arg, a, b);
	return 0;
}

static int one_stands_between(void *arg)
{
	simul_stream *ends[4];

	make_peers(arg, &ends[0], &ends[1]);
	make_peers(arg, &ends[2], &ends[3]);
	send_through(arg, ends);
	return 0;
}

TEST(a_stream_is_whole_whatever_is_cancelled)
{
	simul_fn *const games[] = { two_converse };

	storm(games, 1, 15);
}

TEST(a_copy_is_whole_whatever_is_cancelled)
{
	simul_fn *const games[] = { one_stands_between };

	storm(games, 1, 15);
}

/* ---- Datagrams of Unix sockets, which come all, and in order */

struct post {
	simul_udp *from;
	simul_udp *to;
	struct dice dice;
	uint32_t sent; /* or are just now */
	uint32_t got;
};

static int send_one(struct post *p, struct dice *d)
{
	uint32_t letter[50] = { p->sent };
	int r;

	p->sent++; /* it may arrive before the call returns */
	PERHAPS(d, r,
		simul_udp_send(p->from, letter, sizeof *letter + roll(d, 190)));
	if (r < 0)
		p->sent--;
	CHECK_INT(p->got, <=, p->sent);
	return r;
}

static int sends_letters(void *arg)
{
	struct post *p = arg;
	struct dice d = more_dice(&p->dice);
	int r = 0;

	for (int i = 0; i < 300 && !is_the_end(r); i++)
		r = send_one(p, &d);
	CHECK(!is_the_end(r) || r == -ECANCELED);
	return 0;
}

static ptrdiff_t receive_one(struct post *p, struct dice *d)
{
	uint32_t letter[50];
	ptrdiff_t n;

	PERHAPS(d, n, simul_udp_receive(p->to, letter, sizeof letter));
	if (n >= 0)
		CHECK_INT(letter[0], ==, p->got++);
	return n;
}

static ptrdiff_t receive_several(struct post *p, struct dice *d)
{
	uint32_t letters[4][50];
	simul_datagram datagrams[4];
	ptrdiff_t n;

	for (int i = 0; i < 4; i++)
		datagrams[i] = (simul_datagram){ .bytes = letters[i],
						 .room = sizeof letters[i] };
	PERHAPS(d, n, simul_udp_receive_many(p->to, datagrams, 4));
	for (ptrdiff_t i = 0; i < n; i++)
		CHECK_INT(letters[i][0], ==, p->got++);
	return n;
}

static int receives_letters(void *arg)
{
	struct post *p = arg;
	struct dice d = more_dice(&p->dice);
	ptrdiff_t r = 0;

	while (!is_the_end(r))
		r = roll(&d, 3) ? receive_one(p, &d) : receive_several(p, &d);
	CHECK_INT(r, ==, -ECANCELED);
	return 0;
}

static int exchanges_letters(void *arg)
{
	struct post p = { .dice = more_dice(arg) };
	uint32_t letter[50];
	simul_task *t[2];

	CHECK_INT(simul_udp_pair(&p.from, &p.to), ==, 0);
	t[0] = start_target(sends_letters, &p);
	t[1] = start_target(receives_letters, &p);
	CHECK_INT(simul_wait(t, 1, SIMUL_ALL_COMPLETED), ==, 1);
	simul_cancel(t[1]);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	while (p.got < p.sent) {
		CHECK_INT(simul_udp_receive(p.to, letter, sizeof letter), >, 0);
		CHECK_INT(letter[0], ==, p.got++);
	}
	simul_udp_close(p.from);
	simul_udp_close(p.to);
	return 0;
}

TEST(datagrams_between_processes_come_all_whatever_is_cancelled)
{
	simul_fn *const games[] = { exchanges_letters };

	storm(games, 1, 20);
}
