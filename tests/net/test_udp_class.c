/* SPDX-License-Identifier: MIT
 * tests/net/test_udp_class.c - which treatment datagrams ask for, and what
 * routers say to that. */
#include "dead.h"
#include "net/letters.h"

enum { FEW = 12 };

/* ECN, and a treatment beside it. */
static int class_of(size_t i)
{
	static const int classes[] = { 0, 1, 1, 3, 2, 0xb8 | 2 };

	return classes[i % 6];
}

static void write_classes(void)
{
	write_letters(FEW, 100);
	for (size_t i = 0; i < FEW; i++)
		letters[i].traffic_class = class_of(i);
}

static void receive_classes(int others)
{
	for (size_t i = 0; i < FEW; i++) {
		simul_datagram d = { .bytes = in[0], .room = LONG };
		int expected = class_of(i) ? class_of(i) : others;

		CHECK_INT(simul_udp_receive_many(server, &d, 1), ==, 1);
		check_letter(i, in[0], d.length);
		CHECK_INT(d.traffic_class, ==, expected);
	}
}

static void tell_classes(const char *numbers, const char *peer, bool bulk)
{
	const simul_udp_options o = { .tell_traffic_class = true,
				      .tell_local = true,
				      .bulk = bulk },
				marked = { .traffic_class = 0x28 };
	simul_address to;

	open_with(numbers, &o);
	to = address(peer, simul_address_port(&where));
	simul_udp_close(client);
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_classes();
	send_letters(client, FEW);
	receive_classes(0);
	simul_udp_close(client);
	CHECK_INT(simul_udp_connect(&to, &marked, &client), ==, 0);
	send_letters(client, FEW);
	receive_classes(0x28);
	simul_udp_close(client);
	to = address(numbers, 0);
	CHECK_INT(simul_udp_bind(&to, &marked, &client), ==, 0);
	for (size_t i = 0; i < FEW; i++)
		letters[i].peer = address(peer, simul_address_port(&where));
	send_letters(client, FEW);
	receive_classes(0x28);
	close_both();
}

TEST_VIRTUAL(each_datagram_has_its_traffic_class_and_tells_it)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	for (int bulk = 0; bulk < 2; bulk++)
		tell_classes("127.0.0.1", "127.0.0.1", bulk);
	if (simul_udp_bind(&a, NULL, &u) < 0)
		return;
	simul_udp_close(u);
	for (int bulk = 0; bulk < 2; bulk++) {
		tell_classes("::1", "::1", bulk);
		tell_classes("::", "::ffff:127.0.0.1", bulk);
	}
}

TEST_VIRTUAL(who_does_not_ask_for_it_is_told_nothing_but_the_datagram)
{
	simul_datagram d = { .bytes = in[0], .room = LONG, .traffic_class = 9 };

	open_both();
	write_classes();
	d.local = where;
	CHECK_INT(simul_udp_send_many(client, &letters[3], 1), ==, 1);
	CHECK_INT(simul_udp_receive_many(server, &d, 1), ==, 1);
	CHECK_INT(d.traffic_class, ==, 9);
	CHECK_BYTES(&d.local, &where, sizeof where);
	close_both();
}

TEST_VIRTUAL(what_is_no_traffic_class_is_an_error)
{
	const simul_udp_options wrong = { .traffic_class = 256 };
	simul_address a = address("127.0.0.1", 0);
	simul_udp *u;

	open_both();
	write_classes();
	letters[1].traffic_class = 256;
	CHECK_INT(simul_udp_send_many(client, letters, 3), ==, 1);
	CHECK_INT(simul_udp_send_many(client, letters + 1, 2), ==, -EINVAL);
	close_both();
	CHECK_INT(simul_udp_bind(&a, &wrong, &u), ==, -EINVAL);
}

/* ---- On the network */

static int read_class(const unsigned char *packet)
{
	return packet[0] >> 4 == 6 ? (packet[0] & 15) << 4 | packet[1] >> 4
				   : packet[1];
}

static void check_headers(int network, const char *peer)
{
	static unsigned char packet[65536];
	simul_address to = address(peer, 9);

	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_classes();
	send_letters(client, FEW);
	for (size_t i = 0; i < FEW;) {
		bool ipv6;

		CHECK_INT(read(network, packet, sizeof packet), >, 0);
		ipv6 = packet[0] >> 4 == 6;
		if (packet[ipv6 ? 6 : 9] == IPPROTO_UDP)
			CHECK_INT(read_class(packet), ==, class_of(i++));
	}
	simul_udp_close(client);
}

static int send_to_network(void *arg)
{
	const int *network = arg;

	check_headers(*network, "10.9.9.2");
	check_headers(*network, "2001:db8::2");
	return 0;
}

TEST(the_traffic_class_stands_in_the_header)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(send_to_network, &network), ==, 0);
	close(network);
}
