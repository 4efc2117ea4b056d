/* SPDX-License-Identifier: MIT
 * tests/net/test_udp_look.c - who receives a datagram looks before it waits. */
#include "net/datagrams.h"
#include "net/udp.h"

#include <simul/scope.h>

static int turns;

/* Only who waits lets it run. */
static int count_turns(void *arg)
{
	for (turns = 0;; turns++) {
		int r = simul_sleep(0);

		if (r < 0)
			return r;
	}
}

/* What comes while nobody receives is there at once, ... (Others get their turn
 * now and then: smi_give_way.) */
static void check_comes_at_once(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	simul_sleep(0);
	turns = 0;
	for (int i = 0; i < n; i++)
		check_receives(server, "hello");
	CHECK_INT(turns, <=, 1);
}

TEST_VIRTUAL(datagrams_that_are_there_are_received_without_a_wait)
{
	simul_task *t;

	open_both();
	t = simul_create_task(count_turns, NULL);
	check_comes_at_once(5);
	simul_cancel(t);
	simul_await(t);
	close_both();
}

/* ... and if it comes one at a time, to look is in vain, but now and then. */
static void receive_one_at_a_time(int n)
{
	for (int i = 0; i < n; i++) {
		simul_task *t = simul_create_task(receive_hello, server);

		simul_sleep(0);
		CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
		CHECK_INT(simul_await(t), ==, 0);
	}
}

TEST_VIRTUAL(who_has_looked_in_vain_seldom_does_until_it_pays_again)
{
	simul_task *t;
	unsigned passed;

	open_both();
	receive_one_at_a_time(40);
	CHECK(server->in_vain);
	passed = server->passed;
	receive_one_at_a_time(40);
	CHECK(server->in_vain);
	CHECK_INT(server->passed - passed, ==, 40);
	for (int i = 0; i < 40; i++)
		CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	for (int i = 0; i < 40; i++)
		check_receives(server, "hello");
	CHECK(!server->in_vain);
	t = simul_create_task(count_turns, NULL);
	check_comes_at_once(5);
	simul_cancel(t);
	simul_await(t);
	close_both();
}
