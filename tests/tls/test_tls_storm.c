/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_storm.c - TLS is whole, come what may. */
#include "both.h"

#include <simul.h>

#include "conversation.h"

struct hello {
	simul_tls *tls;
	simul_stream *plain;
	simul_stream *over;
};

static int starts_tls(void *arg)
{
	struct hello *h = arg;

	return simul_start_tls(h->tls, h->plain, &asked, &h->over);
}

static void make_tls_peers(struct dice *d, simul_stream **ret_a,
			   simul_stream **ret_b)
{
	struct hello both[2] = { { .tls = client_tls }, { .tls = server_tls } };
	simul_task *t[2];

	CHECK_INT((roll(d, 2) ? simul_stream_pair : simul_socket_pair)(
			  &both[0].plain, &both[1].plain),
		  ==, 0);
	t[0] = simul_create_task(starts_tls, &both[0]);
	t[1] = simul_create_task(starts_tls, &both[1]);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	*ret_a = both[0].over;
	*ret_b = both[1].over;
}

static int two_converse(void *arg)
{
	simul_stream *a, *b;

	make_tls_peers(arg, &a, &b);
	converse(arg, a, b);
	return 0;
}

static int one_stands_between(void *arg)
{
	simul_stream *ends[4];

	make_tls_peers(arg, &ends[0], &ends[1]);
	CHECK_INT(simul_socket_pair(&ends[2], &ends[3]), ==, 0);
	send_through(arg, ends);
	return 0;
}

/* A context is of one loop: who comes first makes them, the last one frees
 * them. */
static int shares_contexts(void *arg)
{
	static simul_lock lock;
	static unsigned users;
	simul_fn *const games[] = { two_converse, one_stands_between };

	CHECK_INT(simul_lock_acquire(&lock), ==, 0);
	if (users++ == 0)
		make_contexts();
	CHECK_INT(simul_lock_release(&lock), ==, 0);
	games[roll(arg, 2)](arg);
	if (--users == 0)
		free_contexts();
	return 0;
}

TEST(tls_is_whole_whatever_is_cancelled)
{
	simul_fn *const games[] = { shares_contexts };

	issue_usual();
	storm(games, 1, 10);
}
