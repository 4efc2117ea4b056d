/* SPDX-License-Identifier: MIT
 * tests/net/test_unix_datagrams.c - datagrams between processes, and the
 * descriptors that go with them. */
#include "net/datagrams.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

TEST_VIRTUAL(datagrams_go_by_unix_sockets_too)
{
	char name[64];
	simul_address a;
	simul_task *t;

	snprintf(name, sizeof name, "@simul-test-udp-%d", (int)getpid());
	CHECK_INT(simul_address_unix(name, &a), ==, 0);
	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, 0);
	CHECK_INT(simul_udp_connect(&a, NULL, &client), ==, 0);
	t = simul_create_task(receive_hello, server);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	close_both();
}

static int send_hellos(void *arg)
{
	for (int i = 0; i < 2000; i++)
		CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	return 0;
}

TEST_VIRTUAL(a_full_queue_of_a_unix_socket_is_waited_for)
{
	char path[64];
	simul_address a;
	simul_task *t;

	snprintf(path, sizeof path, "/tmp/simul-test-udp-%d", (int)getpid());
	CHECK_INT(simul_address_unix(path, &a), ==, 0);
	CHECK_INT(simul_udp_bind(&a, NULL, &server), ==, 0);
	CHECK_INT(simul_udp_connect(&a, NULL, &client), ==, 0);
	t = simul_create_task(send_hellos, NULL);
	for (int i = 0; i < 2000; i++)
		check_receives(server, "hello");
	CHECK_INT(simul_await(t), ==, 0);
	close_both();
	CHECK_INT(access(path, F_OK), ==, -1);
}

static simul_address abstract(const char *suffix)
{
	char name[64];
	simul_address a;

	snprintf(name, sizeof name, "@simul-test-%d-%s", (int)getpid(), suffix);
	CHECK_INT(simul_address_unix(name, &a), ==, 0);
	return a;
}

/* By as many sockets as it takes: each may have so much on its way. Returns how
 * many datagrams there are. */
static int fill_queue(const simul_address *to)
{
	int n = 0, before;

	do {
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		before = n;
		CHECK_INT(connect(fd, (const struct sockaddr *)&to->storage,
				  to->length),
			  ==, 0);
		while (send(fd, "other", 5, MSG_DONTWAIT) == 5)
			n++;
		close(fd);
	} while (n > before);
	return n;
}

static int send_hello_there(void *to)
{
	return simul_udp_send_to(client, "hello", 5, to);
}

/* The system doesn't tell who isn't connected. */
TEST_VIRTUAL(a_queue_that_others_have_filled_is_waited_for)
{
	simul_address to = abstract("to"), from = abstract("from");
	simul_task *t;
	int n;

	CHECK_INT(simul_udp_bind(&to, NULL, &server), ==, 0);
	CHECK_INT(simul_udp_bind(&from, NULL, &client), ==, 0);
	n = fill_queue(&to);
	t = simul_create_task(send_hello_there, &to);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	while (n-- > 0)
		check_receives(server, "other");
	check_receives(server, "hello");
	CHECK_INT(simul_await(t), ==, 0);
	/* And who gives up has sent nothing. */
	fill_queue(&to);
	t = simul_create_task(send_hello_there, &to);
	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	close_both();
}

static int send_hello(void *arg)
{
	return simul_udp_send(client, "hello", 5);
}

/* Left to wait by itself, io_uring tries again with what it has used up, and
 * sends an empty one (seen with Linux 6.18). */
TEST_VIRTUAL(who_is_connected_waits_for_it_too_and_sends_all)
{
	simul_address to = abstract("to");
	simul_task *t;
	int n;

	CHECK_INT(simul_udp_bind(&to, NULL, &server), ==, 0);
	CHECK_INT(simul_udp_connect(&to, NULL, &client), ==, 0);
	n = fill_queue(&to);
	t = simul_create_task(send_hello, NULL);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	while (n-- > 0)
		check_receives(server, "other");
	check_receives(server, "hello");
	CHECK_INT(simul_await(t), ==, 0);
	close_both();
}

/* ---- Descriptors */

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

TEST_VIRTUAL(descriptors_go_from_process_to_process)
{
	int before, ends[2], fd = -7;
	char buffer[10];

	CHECK_INT(simul_udp_pair(&client, &server), ==, 0);
	CHECK_INT(pipe(ends), ==, 0);
	CHECK_INT(simul_udp_send_fd(client, "hello", 5, ends[1]), ==, 0);
	close(ends[1]);
	CHECK_INT(simul_udp_receive_fd(server, buffer, 10, &fd), ==, 5);
	CHECK_INT(fd, >=, 0);
	CHECK_INT(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
	CHECK_INT(write(fd, "x", 1), ==, 1);
	CHECK_INT(read(ends[0], buffer, 1), ==, 1);
	close(fd);
	/* None came; or it was not wanted, and is gone. */
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_udp_receive_fd(server, buffer, 10, &fd), ==, 5);
	CHECK_INT(fd, ==, -1);
	before = count_descriptors();
	CHECK_INT(simul_udp_send_fd(client, "hello", 5, ends[0]), ==, 0);
	check_receives(server, "hello");
	CHECK_INT(count_descriptors(), ==, before);
	CHECK_INT(simul_udp_send_fd(client, "hello", 5, 999), ==, -EBADF);
	close(ends[0]);
	close_both();
}

TEST_VIRTUAL(a_descriptor_for_which_there_is_no_room_is_closed)
{
	struct rlimit before, none = { 0 };
	int fd = -7, ends[2];
	char buffer[10];

	CHECK_INT(simul_udp_pair(&client, &server), ==, 0);
	CHECK_INT(pipe(ends), ==, 0);
	CHECK_INT(simul_udp_send_fd(client, "hello", 5, ends[1]), ==, 0);
	close(ends[1]);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	none.rlim_max = before.rlim_max;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	CHECK_INT(simul_udp_receive_fd(server, buffer, 10, &fd), ==, 5);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	CHECK_INT(fd, ==, -1);
	CHECK_INT(read(ends[0], buffer, 1), ==, 0);
	close(ends[0]);
	close_both();
}

TEST_VIRTUAL(descriptors_do_not_go_by_networks)
{
	char buffer[10];
	int fd = -7;

	open_both();
	CHECK_INT(simul_udp_send_fd(client, "hello", 5, 0), ==, -EOPNOTSUPP);
	CHECK_INT(simul_udp_send(client, "hello", 5), ==, 0);
	CHECK_INT(simul_udp_receive_fd(server, buffer, 10, &fd), ==, 5);
	CHECK_INT(fd, ==, -1);
	close_both();
}
