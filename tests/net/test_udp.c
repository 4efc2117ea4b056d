/* SPDX-License-Identifier: MIT
 * tests/net/test_udp.c - datagrams. */
#include "dead.h"
#include "denied.h"
#include "net/datagrams.h"
#include "sweep.h"
#include "task/dies.h"

#include <simul/gather.h>
#include <simul/scope.h>

/* ---- What works */

TEST_VIRTUAL(datagrams_go_both_ways)
{
	char buffer[100];
	simul_address from, own;

	open_both();
	CHECK_INT(simul_udp_send(client, "question", 8), ==, 0);
	CHECK_INT(simul_udp_receive_from(server, buffer, 100, &from), ==, 8);
	CHECK_BYTES(buffer, "question", 8);
	CHECK_INT(simul_udp_address(client, &own), ==, 0);
	CHECK_BYTES(&from, &own, sizeof from);
	CHECK_INT(simul_udp_send_to(server, "answer", 6, &from), ==, 0);
	check_receives(client, "answer");
	close_both();
}

static void talk_by(const char *numbers, const char *peer)
{
	const simul_udp_options both = { .ipv6_only = false };
	simul_address to;

	open_with(numbers, &both);
	to = address(peer, simul_address_port(&where));
	simul_udp_close(client);
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	check_receives(server, "hello");
	close_both();
}

TEST_VIRTUAL(datagrams_go_by_both_families)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	if (simul_udp_bind(&a, NULL, &u) < 0)
		SKIP("there is no IPv6 here");
	simul_udp_close(u);
	talk_by("::1", "::1");
	talk_by("::", "::1");
	talk_by("::", "127.0.0.1");
}

TEST_VIRTUAL(a_datagram_may_be_empty)
{
	open_both();
	CHECK_INT(simul_udp_send(client, "", 0), ==, 0);
	CHECK_INT(simul_udp_send(client, "more", 4), ==, 0);
	check_receives(server, "");
	check_receives(server, "more");
	close_both();
}

TEST_VIRTUAL(a_datagram_that_was_cut_off_tells_its_whole_length)
{
	char few[5] = "....";

	open_both();
	CHECK_INT(simul_udp_send(client, "0123456789", 10), ==, 0);
	CHECK_INT(simul_udp_send(client, "next", 4), ==, 0);
	CHECK_INT(simul_udp_receive(server, few, 4), ==, 10);
	CHECK_STR(few, "0123");
	check_receives(server, "next");
	close_both();
}

TEST_VIRTUAL(who_receives_waits_for_a_datagram)
{
	simul_task *t;

	open_both();
	t = simul_create_task(receive_hello, server);
	simul_sleep(3);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	close_both();
}

TEST_VIRTUAL(one_task_receives_at_a_time)
{
	simul_task *t;
	char c;

	open_both();
	t = simul_create_task(receive_hello, server);
	simul_sleep(0);
	CHECK_INT(simul_udp_receive(server, &c, 1), ==, -EBUSY);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	close_both();
}

static int receive_any(void *arg)
{
	char buffer[100];

	return (int)simul_udp_receive(arg, buffer, sizeof buffer);
}

TEST_VIRTUAL(a_cancelled_receive_takes_nothing)
{
	simul_task *t;

	open_both();
	t = simul_create_task(receive_any, server);
	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	check_receives(server, "hello");
	close_both();
}

/* ---- Errors */

TEST_VIRTUAL(what_a_peers_system_says_is_told_once)
{
	char c;
	int r;

	open_both();
	simul_udp_close(server);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_udp_receive(client, &c, 1), ==, -ECONNREFUSED);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	simul_sleep(0.1);
	r = simul_udp_send(client, "hello", 5);
	CHECK_INT(r, ==, -ECONNREFUSED);
	simul_udp_close(client);
}

TEST_VIRTUAL(errors_of_sending_are_told)
{
	static char much[70000];
	simul_address a = address("127.0.0.1", 0), far;

	open_both();
	CHECK_INT(simul_udp_send(client, much, sizeof much), ==, -EMSGSIZE);
	CHECK_INT(simul_udp_send(server, "hello", 5), ==, -EDESTADDRREQ);
	far = address("255.255.255.255", 9);
	CHECK_INT(simul_udp_send_to(server, "hello", 5, &far), ==, -EACCES);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	check_receives(server, "hello");
	close_both();
	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, 0);
	CHECK_INT(simul_udp_address(server, &a), ==, 0);
	CHECK_INT(simul_udp_bind(&a, NULL, &client), ==, -EADDRINUSE);
	simul_udp_close(server);
	a = address("192.0.2.1", 0);
	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, -EADDRNOTAVAIL);
}

TEST(outside_of_a_task_there_are_no_datagrams)
{
	simul_address a = address("127.0.0.1", 0);

	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, -EPERM);
	CHECK_INT(simul_udp_connect(&a, NULL, &server), ==, -EPERM);
	CHECK_INT(simul_udp_adopt(0, &server), ==, -EPERM);
	simul_udp_close(NULL);
}

TEST_VIRTUAL(without_room_for_a_socket_there_is_none)
{
	simul_address a = address("127.0.0.1", 0);

	deny(SYS_socket, ENOBUFS);
	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, -ENOBUFS);
}

static int close_too_early(void *arg)
{
	open_both();
	simul_create_named_task("receiver", receive_hello, server);
	simul_sleep(0);
	simul_udp_close(server);
	return 0;
}

static void run_close_too_early(void)
{
	simul_run(close_too_early, NULL);
}

TEST(to_close_a_socket_that_somebody_receives_from_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_too_early, "that others use");
}

/* ---- Many at a time */

enum { MANY = 100, ROOM = 16 };

static char rooms[MANY][ROOM];
static simul_datagram letters[MANY];

static void write_letters(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		letters[i] =
			(simul_datagram){ .bytes = rooms[i], .room = ROOM };
		letters[i].length =
			(size_t)snprintf(rooms[i], ROOM, "letter %zu", i);
	}
}

TEST_VIRTUAL(many_datagrams_go_at_once_and_come_at_once)
{
	int got = 0;

	open_both();
	write_letters(MANY);
	CHECK_INT(simul_udp_send_many(client, letters, MANY), ==, MANY);
	memset(rooms, 0, sizeof rooms);
	while (got < MANY) {
		int r = simul_udp_receive_many(server, letters + got,
					       (size_t)(MANY - got));

		CHECK_INT(r, >, 0);
		CHECK_INT(r, <=, 33);
		got += r;
	}
	for (int i = 0; i < MANY; i++) {
		char expected[ROOM];

		snprintf(expected, ROOM, "letter %d", i);
		CHECK_STR(rooms[i], expected);
		CHECK_INT(letters[i].length, ==, strlen(expected));
	}
	/* As they are they go back to where they came from. */
	CHECK_INT(simul_udp_send_many(server, letters, 3), ==, 3);
	check_receives(client, "letter 0");
	check_receives(client, "letter 1");
	check_receives(client, "letter 2");
	close_both();
}

TEST_VIRTUAL(as_many_are_received_as_are_there)
{
	open_both();
	write_letters(3);
	CHECK_INT(simul_udp_receive_many(server, letters, 0), ==, -EINVAL);
	CHECK_INT(simul_udp_send_many(client, letters, 3), ==, 3);
	simul_sleep(0.1);
	letters[1].room = 2;
	CHECK_INT(simul_udp_receive_many(server, letters, MANY), ==, 3);
	CHECK_INT(letters[1].length, ==, 8);
	CHECK_INT(letters[2].length, ==, 8);
	close_both();
}

/* And not what is behind it in memory. */
TEST_VIRTUAL(of_one_that_was_cut_off_what_is_left_goes_back)
{
	open_both();
	write_letters(2);
	CHECK_INT(simul_udp_send_many(client, letters, 2), ==, 2);
	simul_sleep(0.1);
	letters[0].room = 2;
	letters[1].room = 3;
	CHECK_INT(simul_udp_receive_many(server, letters, 2), ==, 2);
	CHECK_INT(letters[0].length, ==, 8);
	CHECK_INT(letters[1].length, ==, 8);
	CHECK_INT(simul_udp_send_many(server, letters, 2), ==, 2);
	check_receives(client, "le");
	check_receives(client, "let");
	close_both();
}

TEST_VIRTUAL(those_behind_one_that_can_not_be_sent_wait_for_the_next_call)
{
	static char much[70000];

	open_both();
	write_letters(4);
	letters[2].bytes = much;
	letters[2].room = letters[2].length = sizeof much;
	CHECK_INT(simul_udp_send_many(client, letters, 4), ==, 2);
	CHECK_INT(simul_udp_send_many(client, letters + 2, 2), ==, -EMSGSIZE);
	CHECK_INT(simul_udp_send_many(client, letters + 3, 1), ==, 1);
	check_receives(server, "letter 0");
	check_receives(server, "letter 1");
	check_receives(server, "letter 3");
	close_both();
}

/* ---- Options */

static int option(const simul_udp *u, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt(simul_udp_fd(u), level, name, &value, &size);
	return value;
}

TEST_VIRTUAL(options_are_set_before_the_socket_is_bound)
{
	const simul_udp_options o = { .reuse_address = true,
				      .reuse_port = true,
				      .broadcast = true,
				      .receive_buffer = 50000,
				      .send_buffer = 30000,
				      .hops = 7,
				      .multicast_hops = 5,
				      .no_multicast_loop = true },
				wrong = { .multicast_interface = "nosuch" };
	simul_udp *other;

	open_with("127.0.0.1", &o);
	CHECK_INT(simul_udp_bind(&where, &o, &other), ==, 0);
	CHECK_INT(option(server, SOL_SOCKET, SO_BROADCAST), ==, 1);
	CHECK_INT(option(server, SOL_SOCKET, SO_RCVBUF), ==, 100000);
	CHECK_INT(option(server, SOL_SOCKET, SO_SNDBUF), ==, 60000);
	CHECK_INT(option(server, IPPROTO_IP, IP_TTL), ==, 7);
	CHECK_INT(option(server, IPPROTO_IP, IP_MULTICAST_TTL), ==, 5);
	CHECK_INT(option(server, IPPROTO_IP, IP_MULTICAST_LOOP), ==, 0);
	simul_udp_close(other);
	CHECK_INT(simul_udp_bind(&where, &wrong, &other), ==, -ENODEV);
	close_both();
}

TEST_VIRTUAL(hops_are_the_same_for_ipv4_that_leaves_an_ipv6_socket)
{
	const simul_udp_options o = { .hops = 7 };
	simul_address a = address("::", 0);

	if (simul_udp_bind(&a, &o, &server) < 0)
		SKIP("there is no IPv6 here");
	CHECK_INT(option(server, IPPROTO_IPV6, IPV6_UNICAST_HOPS), ==, 7);
	CHECK_INT(option(server, IPPROTO_IP, IP_TTL), ==, 7);
	simul_udp_close(server);
}

static void check_told(const char *bound, const char *asked)
{
	const simul_udp_options o = { .tell_local = true };
	simul_address to;

	open_with(bound, &o);
	simul_udp_close(client);
	to = address(asked, simul_address_port(&where));
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	write_letters(1);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_udp_receive_many(server, letters, 1), ==, 1);
	CHECK_BYTES(&letters[0].local, &to, sizeof to);
	/* The client is connected, and hears only whom it has asked. */
	CHECK_INT(simul_udp_send_many(server, letters, 1), ==, 1);
	check_receives(client, "hello");
	close_both();
}

TEST_VIRTUAL(an_answer_comes_from_the_address_that_was_asked)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	check_told("0.0.0.0", "127.0.0.1");
	check_told("0.0.0.0", "127.0.0.5");
	if (simul_udp_bind(&a, NULL, &u) < 0)
		return;
	simul_udp_close(u);
	check_told("::", "::1");
}

/* To the other address of this machine it would answer from there. */
static void ask_from_the_other(const char *asked, const char *other)
{
	const simul_udp_options tells = { .tell_local = true };
	const simul_address a = address(other, 0);
	const simul_udp_options from_other = { .local = &a };
	simul_address to;

	open_with("::", &tells);
	simul_udp_close(client);
	to = address(asked, simul_address_port(&where));
	CHECK_INT(simul_udp_connect(&to, &from_other, &client), ==, 0);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	write_letters(1);
	CHECK_INT(simul_udp_receive_many(server, letters, 1), ==, 1);
	CHECK_BYTES(&letters[0].local, &to, sizeof to);
	CHECK_INT(simul_udp_send_many(server, letters, 1), ==, 1);
	check_receives(client, "hello");
	close_both();
}

static int ask_from_others(void *arg)
{
	ask_from_the_other("2001:db8::1", "::1");
	ask_from_the_other("::1", "2001:db8::1");
	ask_from_the_other("::ffff:10.9.9.1", "::ffff:127.0.0.1");
	return 0;
}

TEST(of_two_ipv6_addresses_the_one_that_was_asked_answers)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(ask_from_others, NULL), ==, 0);
	close(network);
}

TEST_VIRTUAL(a_socket_for_datagrams_can_come_from_elsewhere)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	simul_udp *u = NULL;

	open_both();
	CHECK_INT(connect(fd, (struct sockaddr *)&where.storage, where.length),
		  ==, 0);
	CHECK_INT(simul_udp_adopt(fd, &u), ==, 0);
	CHECK_INT(simul_udp_send(u, "hello", 5), ==, 0);
	check_receives(server, "hello");
	simul_udp_close(u);
	CHECK_INT(simul_udp_adopt(fd, &u), ==, -EBADF);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_INT(simul_udp_adopt(fd, &u), ==, -EPROTOTYPE);
	CHECK_INT(close(fd), ==, 0);
	close_both();
}

static int send_hello(void *arg)
{
	return simul_udp_send(client, "hello", 5);
}

/* A trial has no room, as it seems; io_uring asks another door of the
 * kernel's, and finds some. */
TEST_VIRTUAL(who_finds_no_room_waits_for_it_and_can_be_cancelled)
{
	int r;

	open_both();
	deny(SYS_sendmsg, EAGAIN);
	r = simul_wait_for(1, send_hello, NULL);
	if (r == 0)
		check_receives(server, "hello");
	else
		CHECK_INT(r, ==, -ETIMEDOUT);
	close_both();
}

/* ---- Groups */

static void answer_group(const char *any)
{
	const simul_udp_options on_lo = { .multicast_interface = "lo",
					  .tell_local = true };
	simul_address a = address(any, 0), to, from;
	simul_udp *asking;
	char buffer[8];

	CHECK_INT(simul_udp_bind(&a, &on_lo, &server), ==, 0);
	CHECK_INT(simul_udp_address(server, &a), ==, 0);
	to = address("239.192.7.7", simul_address_port(&a));
	CHECK_INT(simul_udp_join(server, &to, "lo"), ==, 0);
	a = address("127.0.0.1", 0);
	CHECK_INT(simul_udp_bind(&a, &on_lo, &asking), ==, 0);
	CHECK_INT(simul_udp_send_to(asking, "hello", 5, &to), ==, 0);
	write_letters(1);
	CHECK_INT(simul_udp_receive_many(server, letters, 1), ==, 1);
	CHECK_INT(simul_udp_send_many(server, letters, 1), ==, 1);
	CHECK_INT(simul_udp_receive_from(asking, buffer, 8, &from), ==, 5);
	a = address("127.0.0.1", simul_address_port(&to));
	CHECK_BYTES(&from, &a, sizeof a);
	simul_udp_close(asking);
	simul_udp_close(server);
}

TEST_VIRTUAL(a_group_is_answered_from_an_address_of_ours)
{
	simul_udp *u;
	simul_address a = address("::1", 0);

	answer_group("0.0.0.0");
	if (simul_udp_bind(&a, NULL, &u) < 0)
		return;
	simul_udp_close(u);
	answer_group("::");
}

static void hear_group(const char *any, const char *group, const char *name)
{
	const simul_udp_options o = { .multicast_interface = name };
	simul_address a = address(any, 0), to;
	simul_task *t;

	CHECK_INT(simul_udp_bind(&a, &o, &server), ==, 0);
	CHECK_INT(simul_udp_address(server, &a), ==, 0);
	to = address(group, simul_address_port(&a));
	CHECK_INT(simul_udp_join(server, &to, name), ==, 0);
	CHECK_INT(simul_udp_join(server, &to, name), ==, -EADDRINUSE);
	CHECK_INT(simul_udp_join(server, &to, "nosuch"), ==, -ENODEV);
	CHECK_INT(simul_udp_join(server, &a, name), ==, -EINVAL);
	CHECK_INT(simul_udp_connect(&to, &o, &client), ==, 0);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	check_receives(server, "hello");
	CHECK_INT(simul_udp_leave(server, &to, name), ==, 0);
	CHECK_INT(simul_udp_leave(server, &to, name), ==, -EADDRNOTAVAIL);
	CHECK_INT(simul_udp_send(client, "again", 5), ==, 0);
	t = simul_create_task(receive_any, server);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	close_both();
}

static int hear_groups(void *arg)
{
	hear_group("0.0.0.0", "239.1.2.3", "dead");
	hear_group("::", "ff02::1234", "dead");
	return 0;
}

TEST(groups_can_be_joined_and_left)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(hear_groups, NULL), ==, 0);
	close(network);
}

/* ---- Sweeps */

static int exchange(void *arg)
{
	simul_address a = address("127.0.0.1", 0);
	simul_udp *s = NULL, *c = NULL;
	int r = simul_udp_bind(&a, NULL, &s);

	write_letters(3);
	if (r >= 0)
		r = simul_udp_address(s, &a);
	if (r >= 0)
		r = simul_udp_connect(&a, NULL, &c);
	if (r >= 0)
		r = simul_udp_send_many(c, letters, 3);
	if (r >= 0)
		r = simul_udp_receive_many(s, letters, 3);
	if (r >= 0)
		r = simul_udp_send(c, "hello", 5);
	simul_udp_close(s);
	simul_udp_close(c);
	if (r >= 0)
		r = simul_udp_pair(&s, &c);
	if (r >= 0) {
		simul_udp_close(s);
		simul_udp_close(c);
	}
	return r;
}

static void run_exchange(void)
{
	run_virtual(exchange, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(datagrams_survive_every_refused_allocation)
{
	sweep_allocations(run_exchange);
}

TEST(datagrams_survive_a_cancellation_at_every_suspension)
{
	sweep_cancellations(exchange, 1, check_cancelled_or_done);
}
