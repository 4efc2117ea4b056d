/* SPDX-License-Identifier: MIT
 * tests/net/test_socket.c - what only sockets have, and sockets from
 * elsewhere. */
#include "loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <simul/file.h>

#include "sweep.h"

static int option(const simul_stream *s, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt(simul_socket_fd(s), level, name, &value, &size);
	return value;
}

TEST_VIRTUAL(a_connection_can_be_kept_alive_later)
{
	const simul_keep_alive quick = { .idle = 10 }, none = { 0 },
			       wrong = { .idle = -1 },
			       too_long = { .idle = 100000 };
	simul_stream *client, *server;

	listen_here();
	connect_both(&client, &server);
	CHECK_INT(simul_socket_set_keep_alive(server, &quick), ==, 0);
	CHECK_INT(option(server, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
	CHECK_INT(option(server, IPPROTO_TCP, TCP_KEEPIDLE), ==, 10);
	CHECK_INT(option(server, IPPROTO_TCP, TCP_KEEPCNT), ==, 9);
	CHECK_INT(simul_socket_set_keep_alive(server, &wrong), ==, -EINVAL);
	CHECK_INT(simul_socket_set_keep_alive(server, &too_long), ==, -EINVAL);
	CHECK_INT(option(server, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
	CHECK_INT(simul_socket_set_keep_alive(server, &none), ==, 0);
	CHECK_INT(option(server, SOL_SOCKET, SO_KEEPALIVE), ==, 0);
	CHECK_INT(simul_socket_set_no_delay(client, false), ==, 0);
	CHECK_INT(option(client, IPPROTO_TCP, TCP_NODELAY), ==, 0);
	CHECK_INT(simul_socket_set_no_delay(client, true), ==, 0);
	CHECK_INT(option(client, IPPROTO_TCP, TCP_NODELAY), ==, 1);
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	simul_listener_close(listener);
}

TEST_VIRTUAL(what_is_no_socket_says_so)
{
	const simul_keep_alive k = { .idle = 10 };
	simul_stream *a, *b;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_socket_fd(a), ==, -ENOTSOCK);
	CHECK_INT(simul_socket_set_keep_alive(a, &k), ==, -ENOTSOCK);
	CHECK_INT(simul_socket_set_no_delay(a, true), ==, -ENOTSOCK);
	simul_close(a);
	simul_close(b);
}

static void check_talk(simul_stream *a, simul_stream *b)
{
	say(a, "question");
	check_hears(b, "question");
	say(b, "answer");
	check_hears(a, "answer");
	CHECK_INT(simul_shutdown_write(a), ==, 0);
	check_ends(b);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}

TEST_VIRTUAL(a_pair_of_sockets_is_a_pair_of_streams)
{
	const simul_keep_alive k = { .idle = 10 };
	simul_stream *a, *b;

	CHECK_INT(simul_socket_pair(&a, &b), ==, 0);
	CHECK_INT(simul_socket_set_no_delay(a, true), ==, -EOPNOTSUPP);
	CHECK_INT(simul_socket_set_keep_alive(a, &k), ==, -EOPNOTSUPP);
	check_talk(a, b);
}

TEST_VIRTUAL(a_connected_socket_from_elsewhere_becomes_a_stream)
{
	simul_stream *a, *b;
	int ends[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	CHECK_INT(simul_socket_adopt(ends[0], &a), ==, 0);
	CHECK_INT(simul_socket_adopt(ends[1], &b), ==, 0);
	CHECK_INT(simul_socket_fd(a), ==, ends[0]);
	CHECK_INT(fcntl(ends[0], F_GETFD), ==, FD_CLOEXEC);
	check_talk(a, b);
	CHECK_INT(fcntl(ends[0], F_GETFD), ==, -1);
}

TEST_VIRTUAL(what_is_no_connected_socket_is_not_adopted)
{
	simul_stream *s = NULL;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_INT(simul_socket_adopt(fd, &s), ==, -ENOTCONN);
	CHECK_INT(close(fd), ==, 0);
	CHECK_INT(simul_socket_adopt(fd, &s), ==, -EBADF);
	CHECK_INT(simul_socket_adopt(-1, &s), ==, -EBADF);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_INT(simul_socket_adopt(fd, &s), ==, -EPROTOTYPE);
	CHECK_INT(close(fd), ==, 0);
	fd = open("/dev/null", O_RDWR);
	CHECK_INT(simul_socket_adopt(fd, &s), ==, -ENOTSOCK);
	CHECK_INT(close(fd), ==, 0);
	CHECK(s == NULL);
}

TEST(outside_of_a_task_there_are_no_sockets)
{
	simul_stream *a, *b;

	CHECK_INT(simul_socket_adopt(0, &a), ==, -EPERM);
	CHECK_INT(simul_socket_pair(&a, &b), ==, -EPERM);
}

static int make_and_adopt(void *arg)
{
	simul_stream *a = NULL, *b = NULL;
	int ends[2], r = simul_socket_pair(&a, &b);

	simul_abort(a);
	simul_abort(b);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	if (r >= 0)
		r = simul_socket_adopt(ends[0], &a);
	if (r < 0)
		close(ends[0]);
	else
		simul_abort(a);
	close(ends[1]);
	return r;
}

static void run_make_and_adopt(void)
{
	run_virtual(make_and_adopt, NULL);
}

TEST(sockets_survive_every_refused_allocation)
{
	sweep_allocations(run_make_and_adopt);
}
