/* SPDX-License-Identifier: MIT
 * tests/net/test_udp_bulk.c - datagrams that come to the program as one, and
 * are taken apart by the socket. */
#include "denied.h"
#include "net/letters.h"
#include "net/udp.h"
#include "peers.h"
#include "sweep.h"

TEST_VIRTUAL(who_receives_in_bulk_gets_each_on_its_own_and_in_order)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	go_each_on_its_own("127.0.0.1", "127.0.0.1", &in_bulk);
	if (simul_udp_bind(&a, NULL, &u) < 0)
		return;
	simul_udp_close(u);
	go_each_on_its_own("::1", "::1", &in_bulk);
	go_each_on_its_own("::", "127.0.0.1", &in_bulk);
}

/* The descriptor has nothing any more, the socket has. */
TEST_VIRTUAL(what_is_left_of_a_train_is_there_for_the_next_call)
{
	simul_address from, own;
	char byte;

	open_with("127.0.0.1", &in_bulk);
	CHECK_INT(simul_udp_address(client, &own), ==, 0);
	write_letters(10, 100);
	send_letters(client, 10);
	for (size_t i = 0; i < 9; i++) {
		CHECK_INT(simul_udp_receive_from(server, in[0], LONG, &from),
			  ==, 100);
		check_letter(i, in[0], 100);
		CHECK_BYTES(&from, &own, sizeof from);
		CHECK_INT(recv(simul_udp_fd(server), &byte, 1, MSG_DONTWAIT),
			  ==, -1);
	}
	/* One is left, and lost. */
	close_both();
}

TEST_VIRTUAL(a_datagram_of_a_train_that_was_cut_off_tells_its_whole_length)
{
	open_with("127.0.0.1", &in_bulk);
	write_letters(3, 100);
	write_letter(3, 60);
	send_letters(client, 4);
	arrived[0] = (simul_datagram){ .bytes = in[0], .room = 10 };
	arrived[1] = (simul_datagram){ .room = 0 };
	arrived[2] = (simul_datagram){ .bytes = in[2], .room = LONG };
	arrived[3] = (simul_datagram){ .bytes = in[3], .room = 59 };
	memset(in, 0, sizeof in);
	CHECK_INT(simul_udp_receive_many(server, arrived, 4), ==, 4);
	CHECK_INT(arrived[0].length, ==, 100);
	CHECK_BYTES(in[0], out[0], 10);
	CHECK_INT(in[0][10], ==, 0);
	CHECK_INT(arrived[1].length, ==, 100);
	check_letter(2, in[2], arrived[2].length);
	CHECK_INT(arrived[3].length, ==, 60);
	CHECK_BYTES(in[3], out[3], 59);
	CHECK_INT(in[3][59], ==, 0);
	close_both();
}

TEST_VIRTUAL(a_cancelled_receive_in_bulk_takes_nothing)
{
	open_with("127.0.0.1", &in_bulk);
	for (int i = 0; i < 3; i++) {
		check_nothing_comes(server);
		write_letters(5, 100);
		send_letters(client, 5);
		check_letters(server, 5, 2);
	}
	close_both();
}

TEST_VIRTUAL(who_is_told_where_datagrams_came_to_is_told_so_of_a_train)
{
	const simul_udp_options o = { .bulk = true, .tell_local = true };
	simul_address to;

	open_with("0.0.0.0", &o);
	simul_udp_close(client);
	to = address("127.0.0.2", simul_address_port(&where));
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_letters(20, 100);
	send_letters(client, 20);
	for (size_t i = 0; i < 20; i++)
		arrived[i] = (simul_datagram){ .bytes = in[i], .room = LONG };
	CHECK_INT(simul_udp_receive_many(server, arrived, 20), ==, 20);
	for (size_t i = 0; i < 20; i++)
		CHECK_BYTES(&arrived[i].local, &to, sizeof to);
	/* All of it goes back, and from there: the client is connected. */
	CHECK_INT(simul_udp_send_many(server, arrived, 20), ==, 20);
	check_letters(client, 20, 20);
	close_both();
}

TEST_VIRTUAL(where_the_system_has_no_trains_bulk_changes_nothing)
{
	deny(SYS_setsockopt, ENOPROTOOPT);
	open_with("127.0.0.1", &(simul_udp_options){ .bulk = true });
	CHECK(!server->trains);
	write_letters(50, 100);
	send_letters(client, 50);
	check_letters(server, 50, 20);
	close_both();
}

TEST_VIRTUAL(a_train_of_pythons_is_received_in_bulk)
{
	static const char sends[] =
		"exec python3 -c '\n"
		"import os, socket\n"
		"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
		"s.connect((\"127.0.0.1\", int(os.environ[\"PORT\"])))\n"
		"s.setsockopt(17, 103, 500)\n"
		"s.send(b\"\".join(bytes([i]) * 500 for i in range(30)))'";
	struct peer peer;

	need("python3");
	open_with("127.0.0.1", &in_bulk);
	peer = start_peer(sends, simul_address_port(&where));
	for (int i = 0; i < 30; i++) {
		CHECK_INT(simul_udp_receive(server, in[0], LONG), ==, 500);
		CHECK_INT(in[0][0], ==, i);
		CHECK_INT(in[0][499], ==, i);
	}
	await_peer(&peer);
	close_both();
}

/* ---- Sweeps */

static int exchange(void *arg)
{
	simul_address a = address("127.0.0.1", 0);
	simul_udp *s = NULL, *c = NULL;
	int r = simul_udp_bind(&a, &in_bulk, &s);

	write_letters(20, 100);
	if (r >= 0)
		r = simul_udp_address(s, &a);
	if (r >= 0)
		r = simul_udp_connect(&a, NULL, &c);
	if (r >= 0)
		r = simul_udp_send_many(c, letters, 20);
	for (int i = 0; i < 5 && r >= 0; i++) {
		for (int j = 0; j < 4; j++)
			arrived[j] = (simul_datagram){ .bytes = in[j],
						       .room = LONG };
		r = simul_udp_receive_many(s, arrived, 4);
	}
	simul_udp_close(s);
	simul_udp_close(c);
	return r < 0 ? r : 0;
}

static void run_exchange(void)
{
	run_virtual(exchange, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(trains_survive_every_refused_allocation)
{
	sweep_allocations(run_exchange);
}

TEST(trains_survive_a_cancellation_at_every_suspension)
{
	sweep_cancellations(exchange, 1, check_cancelled_or_done);
}
