/* SPDX-License-Identifier: MIT
 * tests/net/test_listen.c - listeners that are in use. */
#include "dead.h"
#include "loopback.h"

#include <errno.h>

#include <simul/run.h>

#include "task/dies.h"

static int accept_any(void *arg)
{
	simul_stream *s;
	int r = simul_accept(listener, &s);

	(void)arg;
	if (r >= 0)
		simul_abort(s);
	return r;
}

static int close_too_early(void *arg)
{
	(void)arg;
	listen_here();
	simul_create_named_task("acceptor", accept_any, NULL);
	simul_sleep(0);
	simul_listener_close(listener);
	return 0;
}

static void run_close_too_early(void)
{
	simul_run(close_too_early, NULL);
}

/* The number may soon be that of another's socket. */
TEST(to_close_a_listener_that_somebody_waits_at_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_too_early,
		   "closes a listener that others wait at");
}

static void check_reached(simul_listener *l, const char *numbers, int port)
{
	simul_stream *client, *server;
	simul_address a;

	CHECK_INT(simul_address_parse(numbers, port, &a), ==, 0);
	CHECK_INT(simul_connect_address(&a, &client), ==, 0);
	CHECK_INT(simul_accept(l, &server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
}

TEST_VIRTUAL(all_addresses_of_a_host_can_be_listened_at)
{
	simul_listener *l[4];
	simul_address a;
	int n = simul_listen_host("localhost", 0, NULL, l, 4), port;

	CHECK(n == 1 || n == 2);
	CHECK_INT(simul_listener_address(l[0], &a), ==, 0);
	port = simul_address_port(&a);
	CHECK_INT(port, >, 0);
	check_reached(l[n - 1], "127.0.0.1", port);
	if (n == 2)
		check_reached(l[0], "::1", port);
	/* All or none. */
	simul_listener_close(l[0]);
	if (n == 2) {
		CHECK_INT(simul_listen_host("localhost", port, NULL, l, 4), ==,
			  -EADDRINUSE);
		simul_listener_close(l[1]);
	}
	CHECK_INT(simul_listen_host("127.0.0.1", port, NULL, l, 4), ==, 1);
	simul_listener_close(l[0]);
	CHECK_INT(simul_listen_host("127.0.0.1", port, NULL, l, 0), ==,
		  -EINVAL);
	CHECK_INT(simul_listen_host("192.0.2.1", port, NULL, l, 4), ==,
		  -EADDRNOTAVAIL);
}

TEST_VIRTUAL(every_address_of_this_machine_can_be_listened_at)
{
	simul_listener *l[4];
	simul_address a;

	CHECK_INT(simul_listen_host(NULL, 0, NULL, l, 4), ==, 1);
	CHECK_INT(simul_listener_address(l[0], &a), ==, 0);
	check_reached(l[0], "127.0.0.1", simul_address_port(&a));
	if (a.storage.ss_family == AF_INET6)
		check_reached(l[0], "::1", simul_address_port(&a));
	simul_listener_close(l[0]);
}

static void set_ports(const char *from_to)
{
	int fd = open("/proc/sys/net/ipv4/ip_local_port_range",
		      O_WRONLY | O_CLOEXEC);
	size_t n = strlen(from_to);

	if (fd < 0 || write(fd, from_to, n) != (ssize_t)n)
		SKIP("the range of ports can't be set here");
	close(fd);
}

/* Of the sixteen ports that are chosen from first, four are free by IPv6
 * only. */
static int listen_among_others(void *arg)
{
	simul_listener *others[4], *l[2];
	simul_address a, b;

	for (int i = 0; i < 4; i++) {
		CHECK_INT(simul_address_parse("127.0.0.1", 40000 + i, &a), ==,
			  0);
		CHECK_INT(simul_listen(&a, NULL, &others[i]), ==, 0);
	}
	for (int i = 0; i < 100; i++) {
		CHECK_INT(simul_listen_host("localhost", 0, NULL, l, 2), ==, 2);
		CHECK_INT(simul_listener_address(l[0], &a), ==, 0);
		CHECK_INT(simul_listener_address(l[1], &b), ==, 0);
		CHECK_INT(simul_address_port(&a), ==, simul_address_port(&b));
		simul_listener_close(l[0]);
		simul_listener_close(l[1]);
	}
	for (int i = 0; i < 4; i++)
		simul_listener_close(others[i]);
	return 0;
}

TEST(a_port_for_all_addresses_of_a_host_is_one_that_is_free_at_each)
{
	int network = enter_dead_network();

	set_ports("40000 40031");
	CHECK_INT(run_virtual(listen_among_others, NULL), ==, 0);
	close(network);
}

static int listen_somewhere(void *arg)
{
	simul_listener *l[4];
	int n = simul_listen_host("localhost", 0, NULL, l, 4);

	for (int i = 0; i < n; i++)
		simul_listener_close(l[i]);
	return n;
}

static void run_listen_somewhere(void)
{
	run_virtual(listen_somewhere, NULL);
}

TEST(listening_at_a_host_survives_every_refused_allocation)
{
	sweep_allocations(run_listen_somewhere);
}

TEST_VIRTUAL(a_listener_that_nobody_waits_at_any_more_can_be_closed)
{
	simul_task *t;

	listen_here();
	t = simul_create_task(accept_any, NULL);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_listener_close(listener);
}
