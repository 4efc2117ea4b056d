/* SPDX-License-Identifier: MIT
 * tests/net/test_udp_trains.c - datagrams that go through the system as one. */
#include "dead.h"
#include "denied.h"
#include "net/letters.h"
#include "net/udp.h"
#include "peers.h"
#include "task/dies.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>

/* ---- As the system has them */

/* What the socket has, as it is, and the length of each in it. */
static size_t receive_raw(simul_udp *u, size_t *ret_each)
{
	static char bytes[65536];
	char control[64] = { 0 };
	struct iovec part = { bytes, sizeof bytes };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	const struct cmsghdr *c;
	int each = 0;
	ssize_t n = recvmsg(simul_udp_fd(u), &m, MSG_DONTWAIT);

	CHECK_INT(n, >=, 0);
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
		memcpy(&each, CMSG_DATA(c), sizeof each);
	*ret_each = (size_t)each;
	return (size_t)n;
}

static void check_raw(size_t length, size_t each)
{
	size_t found;

	CHECK_INT(receive_raw(server, &found), ==, length);
	CHECK_INT(found, ==, each);
}

static void take_trains(simul_udp *u)
{
	const int yes = 1;

	if (setsockopt(simul_udp_fd(u), IPPROTO_UDP, UDP_GRO, &yes,
		       sizeof yes) < 0)
		SKIP("this system has no UDP_GRO");
}

TEST_VIRTUAL(datagrams_of_one_length_in_a_row_go_as_one)
{
	open_with("127.0.0.1", &plain);
	take_trains(server);
	write_letters(150, 1000);
	write_letter(149, 300);
	send_letters(client, 150);
	check_raw(64000, 1000);
	check_raw(64000, 1000);
	check_raw(21300, 1000);
	write_letters(100, 1400);
	send_letters(client, 100);
	check_raw(46 * 1400, 1400);
	check_raw(46 * 1400, 1400);
	check_raw(8 * 1400, 1400);
	close_both();
}

TEST_VIRTUAL(what_does_not_go_together_is_not_joined)
{
	const size_t lengths[] = { 10, 20, 20, 0, 0, 10, 5, 5, 10, 10 };

	open_both();
	take_trains(server);
	for (size_t i = 0; i < 10; i++)
		write_letter(i, lengths[i]);
	letters[9].peer = where;
	send_letters(client, 10);
	check_raw(10, 0);
	check_raw(40, 20);
	check_raw(0, 0);
	check_raw(0, 0);
	check_raw(15, 10);
	check_raw(5, 0);
	check_raw(10, 0);
	check_raw(10, 0);
	close_both();
}

/* ---- As a program has them */

TEST_VIRTUAL(datagrams_that_went_as_one_arrive_each_on_its_own_and_in_order)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	go_each_on_its_own("127.0.0.1", "127.0.0.1", &plain);
	if (simul_udp_bind(&a, NULL, &u) < 0)
		return;
	simul_udp_close(u);
	go_each_on_its_own("::1", "::1", &plain);
	go_each_on_its_own("::", "127.0.0.1", &plain);
}

TEST_VIRTUAL(a_train_ends_where_datagrams_are_to_come_from_another_address)
{
	simul_address from[2], sender;

	open_with("0.0.0.0", &plain);
	simul_udp_close(client);
	sender = address("127.0.0.1", 0);
	CHECK_INT(simul_udp_bind(&sender, NULL, &client), ==, 0);
	CHECK_INT(simul_udp_address(client, &sender), ==, 0);
	from[0] = address("127.0.0.1", simul_address_port(&where));
	from[1] = address("127.0.0.2", simul_address_port(&where));
	write_letters(12, 100);
	for (size_t i = 0; i < 12; i++) {
		letters[i].peer = sender;
		letters[i].local = from[i / 2 % 2];
	}
	send_letters(server, 12);
	for (size_t i = 0; i < 12; i++) {
		simul_address a;

		CHECK_INT(simul_udp_receive_from(client, in[0], LONG, &a), ==,
			  100);
		check_letter(i, in[0], 100);
		CHECK_BYTES(&a, &from[i / 2 % 2], sizeof a);
	}
	close_both();
}

/* ---- Errors */

TEST_VIRTUAL(what_a_peers_system_says_to_a_train_is_told_once)
{
	open_both();
	simul_udp_close(server);
	write_letters(100, 100);
	/* It may say so while others are on their way. */
	CHECK_INT(simul_udp_send_many(client, letters, 100), >, 0);
	simul_sleep(0.1);
	CHECK_INT(simul_udp_send_many(client, letters, 100), ==, -ECONNREFUSED);
	CHECK_INT(client->apart, ==, 0);
	simul_udp_close(client);
}

TEST_VIRTUAL(a_datagram_that_is_too_long_stops_those_behind_it_only)
{
	static char much[70000];

	open_with("127.0.0.1", &in_bulk);
	write_letters(9, 100);
	for (size_t i = 3; i < 6; i++)
		letters[i] = (simul_datagram){ .bytes = much,
					       .length = sizeof much };
	CHECK_INT(simul_udp_send_many(client, letters, 9), ==, 3);
	CHECK_INT(simul_udp_send_many(client, letters + 3, 6), ==, -EMSGSIZE);
	CHECK_INT(simul_udp_send_many(client, letters + 6, 3), ==, 3);
	for (size_t i = 3; i < 6; i++)
		write_letter(i, 100);
	for (size_t i = 0; i < 9; i++) {
		if (i == 3)
			i = 6;
		CHECK_INT(simul_udp_receive(server, in[0], LONG), ==, 100);
		check_letter(i, in[0], 100);
	}
	close_both();
}

/* ---- Others have their turn between the batches */

static int send_in_many_batches(void *arg)
{
	return simul_udp_send_many(arg, letters, MOST);
}

static int close_between(void *arg)
{
	open_both();
	write_letters(MOST, 0);
	simul_create_named_task("sender", send_in_many_batches, client);
	simul_sleep(0);
	simul_udp_close(client);
	return 0;
}

static void run_close_between(void)
{
	simul_run(close_between, NULL);
}

TEST(to_close_a_socket_between_two_batches_of_datagrams_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_between, "that others use");
}

/* ---- Where it can't be done */

static void check_goes_apart(void)
{
	write_letters(50, 100);
	send_letters(client, 50);
	for (int i = 0; i < 50; i++)
		check_raw(100, 0);
}

TEST_VIRTUAL(where_the_system_has_no_trains_datagrams_go_one_by_one)
{
	open_both();
	take_trains(server);
	deny(SYS_getsockopt, ENOPROTOOPT);
	check_goes_apart();
	check_goes_apart();
	close_both();
}

TEST_VIRTUAL(a_train_that_is_refused_goes_one_by_one)
{
	const int yes = 1;

	open_both();
	take_trains(server);
	/* What has no checksum can't be cut: see udp_send_skb in the kernel. */
	CHECK_INT(setsockopt(simul_udp_fd(client), SOL_SOCKET, SO_NO_CHECK,
			     &yes, sizeof yes),
		  ==, 0);
	check_goes_apart();
	CHECK_INT(client->apart, >, 0);
	check_goes_apart();
	close_both();
}

TEST_VIRTUAL(where_there_is_no_room_for_many_they_wait_one_by_one)
{
	open_both();
	take_trains(server);
	deny(SYS_sendmmsg, EAGAIN);
	check_goes_apart();
	CHECK_INT(client->apart, ==, 0);
	close_both();
}

/* It would be sent in other pieces than was asked for. */
TEST_VIRTUAL(who_has_set_a_length_for_all_is_not_disturbed)
{
	const int each = 30;

	open_both();
	take_trains(server);
	if (setsockopt(simul_udp_fd(client), IPPROTO_UDP, UDP_SEGMENT, &each,
		       sizeof each) < 0)
		SKIP("this system has no UDP_SEGMENT");
	write_letters(3, 100);
	send_letters(client, 3);
	for (int i = 0; i < 3; i++)
		check_raw(100, 30);
	close_both();
}

/* ---- On a network */

enum { MTU = 1280 };

static void set_mtu(const char *name)
{
	struct ifreq request = { .ifr_mtu = MTU };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(request.ifr_name, name);
	CHECK_INT(ioctl(fd, SIOCSIFMTU, &request), ==, 0);
	close(fd);
}

/* The payload of the next UDP packet that leaves. */
static size_t next_packet(int network, char *packet, const char **ret_bytes)
{
	ssize_t n = read(network, packet, 65536);
	bool ipv6;

	CHECK_INT(n, >, 0);
	CHECK_INT(n, <=, MTU);
	ipv6 = (packet[0] & 0xf0) == 0x60;
	if ((ipv6 ? packet[6] : packet[9]) != IPPROTO_UDP)
		return next_packet(network, packet, ret_bytes);
	*ret_bytes = packet + (ipv6 ? 40 : 20) + 8;
	return (size_t)n - (size_t)(*ret_bytes - packet);
}

static void check_packets(int network, const char *peer)
{
	static char packet[65536];
	simul_address to = address(peer, 9);

	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_letters(40, 1200);
	write_letter(39, 100);
	send_letters(client, 40);
	CHECK(client->asked && !client->no_trains);
	CHECK_INT(client->apart, ==, 0);
	for (size_t i = 0; i < 40; i++) {
		const char *bytes;
		size_t n = next_packet(network, packet, &bytes);

		check_letter(i, bytes, n);
	}
	simul_udp_close(client);
}

/* As most cards do. To an interface that leaves checksums to others no train
 * is sent by an older kernel (seen with Linux 6.1). */
static void calculate_checksums(int network)
{
	CHECK_INT(ioctl(network, TUNSETOFFLOAD, TUN_F_CSUM), ==, 0);
}

static int send_to_network(void *arg)
{
	const int *network = arg;

	check_packets(*network, "10.9.9.2");
	check_packets(*network, "2001:db8::2");
	return 0;
}

TEST(on_a_network_each_of_a_train_is_a_packet_of_its_own)
{
	int network = enter_dead_network();

	calculate_checksums(network);
	set_mtu("dead");
	CHECK_INT(run_virtual(send_to_network, &network), ==, 0);
	close(network);
}

/* Those that fit go as trains again after a while. */
static int send_too_long(void *arg)
{
	const int *network = arg;
	static char packet[65536];
	simul_address to = address("10.9.9.2", 9);
	ssize_t n, total = 0;

	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_letters(20, 1900);
	send_letters(client, 20);
	CHECK_INT(client->apart, >, 0);
	while ((n = read(*network, packet, sizeof packet)) > 0) {
		CHECK_INT(n, <=, MTU);
		if ((packet[0] & 0xf0) == 0x40)
			total += n - 20;
	}
	CHECK_INT(total, ==, 20 * (8 + 1900));
	write_letters(2, 100);
	for (int i = 0; client->apart > 0; i++) {
		CHECK_INT(i, <, 1000);
		send_letters(client, 2);
	}
	simul_udp_close(client);
	return 0;
}

TEST(datagrams_that_need_fragments_go_one_by_one_for_a_while)
{
	int network = enter_dead_network();

	set_mtu("dead");
	CHECK_INT(run_virtual(send_too_long, &network), ==, 0);
	close(network);
}

/* ---- With programs that are not ours */

TEST_VIRTUAL(what_is_sent_as_one_comes_to_python_each_on_its_own)
{
	static const char counts[] =
		"exec python3 -c '\n"
		"import os, socket\n"
		"s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
		"s.connect((\"127.0.0.1\", int(os.environ[\"PORT\"])))\n"
		"s.send(b\"go\")\n"
		"assert [len(s.recv(9000)) for i in range(30)] == "
		"[500] * 29 + [7]'";
	struct peer peer;
	simul_address from;

	need("python3");
	open_both();
	peer = start_peer(counts, simul_address_port(&where));
	CHECK_INT(simul_udp_receive_from(server, in[0], LONG, &from), ==, 2);
	write_letters(30, 500);
	write_letter(29, 7);
	for (int i = 0; i < 30; i++)
		letters[i].peer = from;
	send_letters(server, 30);
	await_peer(&peer);
	close_both();
}
