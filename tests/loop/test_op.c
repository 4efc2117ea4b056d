/* SPDX-License-Identifier: MIT
 * tests/loop/test_op.c - operations, the same on every backend. */
#include "ops.h"

/* ---- Sockets */

TEST_BOTH(what_is_sent_is_received)
{
	char buffer[16];
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	CHECK_INT(ask_and_wait(send_op(fds[0], "hello", 5)), ==, 5);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, sizeof buffer)), ==, 5);
	CHECK_BYTES(buffer, "hello", 5);
	close_both(fds);
}

TEST_BOTH(a_receive_waits_for_data)
{
	char buffer[16];
	struct asked a;
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	ask(&a, recv_op(fds[1], buffer, sizeof buffer));
	turn_some(3);
	CHECK(!a.done);
	put(fds[0], "late");
	CHECK_INT(answer(&a), ==, 4);
	close_both(fds);
}

TEST_BOTH(the_end_of_a_stream_is_zero_again_and_again)
{
	char buffer[16];
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	put(fds[0], "x");
	close_by_op(fds[0]);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, 16)), ==, 1);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, 16)), ==, 0);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, 16)), ==, 0);
	close_by_op(fds[1]);
}

TEST_BOTH(receiving_bit_by_bit_finds_all_that_came)
{
	char text[1000], buffer[7], seen[1000];
	size_t length = 0;
	int fds[2];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	make_pair(SOCK_STREAM, fds);
	CHECK_INT(send(fds[0], text, sizeof text, 0), ==, sizeof text);
	while (length < sizeof text) {
		int n = ask_and_wait(recv_op(fds[1], buffer, sizeof buffer));

		CHECK_INT(n, >, 0);
		memcpy(seen + length, buffer, (size_t)n);
		length += (size_t)n;
	}
	CHECK_BYTES(seen, text, sizeof text);
	close_both(fds);
}

TEST_BOTH(data_that_was_peeked_at_is_still_there)
{
	struct smi_op peek;
	char buffer[16];
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	put(fds[0], "peek");
	peek = recv_op(fds[1], buffer, sizeof buffer);
	peek.flags = MSG_PEEK;
	CHECK_INT(ask_and_wait(peek), ==, 4);
	CHECK_INT(ask_and_wait(peek), ==, 4);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, 16)), ==, 4);
	close_both(fds);
}

/* A read of a Unix socket stops behind it. */
static void put_with_descriptor(int fd, const char *text)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec part = { (void *)(uintptr_t)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof control };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	CHECK_INT(sendmsg(fd, &message, 0), ==, part.iov_len);
}

TEST_BOTH(what_comes_behind_a_descriptor_is_received)
{
	char buffer[16];
	struct asked a;
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	ask(&a, recv_op(fds[1], buffer, sizeof buffer));
	turn_some(1);
	put_with_descriptor(fds[0], "A");
	put(fds[0], "B");
	CHECK_INT(answer(&a), ==, 1);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, 16)), ==, 1);
	CHECK_INT(buffer[0], ==, 'B');
	close_both(fds);
}

TEST_BOTH(datagrams_that_wait_are_received_one_by_one)
{
	char buffer[64];
	int fds[2];

	make_pair(SOCK_DGRAM, fds);
	put(fds[0], "one");
	put(fds[0], "three");
	put(fds[0], "");
	put(fds[0], "x");
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, sizeof buffer)), ==, 3);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, sizeof buffer)), ==, 5);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, sizeof buffer)), ==, 0);
	CHECK_INT(ask_and_wait(recv_op(fds[1], buffer, sizeof buffer)), ==, 1);
	close_both(fds);
}

TEST_BOTH(a_send_waits_until_there_is_room)
{
	static char block[1 << 20];
	char buffer[1 << 16];
	struct asked a;
	ssize_t sent = 0, received = 0, n;
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	while ((n = send(fds[0], block, sizeof block, MSG_DONTWAIT)) > 0)
		sent += n;
	ask(&a, send_op(fds[0], block, sizeof block));
	turn_some(3);
	CHECK(!a.done);
	while (!a.done) {
		n = recv(fds[1], buffer, sizeof buffer, MSG_DONTWAIT);
		received += n > 0 ? n : 0;
		turn_some(1);
	}
	CHECK_INT(a.op.result, >, 0);
	close_both(fds);
	(void)sent;
	(void)received;
}

TEST_BOTH(sending_to_nobody_is_an_error_and_no_signal)
{
	int fds[2], r;

	make_pair(SOCK_STREAM, fds);
	close_by_op(fds[1]);
	r = ask_and_wait(send_op(fds[0], "x", 1));
	CHECK_INT(r, ==, -EPIPE);
	close_by_op(fds[0]);
}

TEST_BOTH(both_directions_of_a_socket_are_independent)
{
	static char block[1 << 20];
	struct asked reading, writing;
	char buffer[16];
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	while (send(fds[0], block, sizeof block, MSG_DONTWAIT) > 0)
		;
	ask(&writing, send_op(fds[0], block, sizeof block));
	ask(&reading, recv_op(fds[0], buffer, sizeof buffer));
	put(fds[1], "in");
	CHECK_INT(answer(&reading), ==, 2);
	CHECK(!writing.done);
	smi_op_cancel(&loop, &writing.op);
	CHECK_INT(answer(&writing), ==, -ECANCELED);
	close_both(fds);
}

/* io_uring makes no such promise. */
TEST(who_asked_first_is_served_first_by_epoll)
{
	struct asked first, second;
	char a, b;
	int fds[2];

	start_loop("epoll", false);
	make_pair(SOCK_STREAM, fds);
	ask(&first, recv_op(fds[1], &a, 1));
	ask(&second, recv_op(fds[1], &b, 1));
	turn_some(2);
	put(fds[0], "12");
	CHECK_INT(answer(&first), ==, 1);
	CHECK_INT(answer(&second), ==, 1);
	CHECK_INT(a, ==, '1');
	CHECK_INT(b, ==, '2');
	close_both(fds);
	end_loop();
}

TEST_BOTH(an_operation_on_no_descriptor_fails)
{
	char c;

	CHECK_INT(ask_and_wait(recv_op(-1, &c, 1)), ==, -EBADF);
	CHECK_INT(ask_and_wait(recv_op(1000, &c, 1)), ==, -EBADF);
	CHECK_INT(ask_and_wait(poll_op(1000, POLLIN)), ==, -EBADF);
	CHECK_INT(ask_and_wait(
			  (struct smi_op){ .kind = SMI_OP_CLOSE, .fd = 1000 }),
		  ==, -EBADF);
	CHECK_INT(
		ask_and_wait((struct smi_op){ .kind = SMI_OP_CLOSE, .fd = -1 }),
		==, -EBADF);
}

/* ---- Connections */

static int tcp_socket(void)
{
	return socket(AF_INET,
		      SOCK_STREAM | SOCK_CLOEXEC | loop.backend->socket_flags,
		      0);
}

static struct smi_op connect_op(int fd, void *address, size_t size)
{
	return (struct smi_op){ .kind = SMI_OP_CONNECT,
				.fd = fd,
				.buffer = address,
				.length = size };
}

TEST_BOTH(a_connection_is_accepted_and_carries_data_both_ways)
{
	struct sockaddr_in address;
	int server = listen_on_loopback(&address, 10);
	int client = tcp_socket(), peer;
	struct asked accepting;
	char buffer[8];

	ask(&accepting, accept_op(server));
	CHECK_INT(ask_and_wait(connect_op(client, &address, sizeof address)),
		  ==, 0);
	peer = answer(&accepting);
	CHECK_INT(peer, >=, 0);
	CHECK(fcntl(peer, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(ask_and_wait(send_op(client, "ping", 4)), ==, 4);
	CHECK_INT(ask_and_wait(recv_op(peer, buffer, 8)), ==, 4);
	CHECK_INT(ask_and_wait(send_op(peer, "pong!", 5)), ==, 5);
	CHECK_INT(ask_and_wait(recv_op(client, buffer, 8)), ==, 5);
	close_by_op(client);
	close_by_op(peer);
	close_by_op(server);
}

TEST_BOTH(connections_that_came_before_are_accepted)
{
	struct sockaddr_in address;
	int server = listen_on_loopback(&address, 10);
	int clients[3], peer;

	for (int i = 0; i < 3; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		CHECK_INT(connect(clients[i], (struct sockaddr *)&address,
				  sizeof address),
			  ==, 0);
	}
	for (int i = 0; i < 3; i++) {
		peer = ask_and_wait(accept_op(server));
		CHECK_INT(peer, >=, 0);
		close_by_op(peer);
		close(clients[i]);
	}
	close_by_op(server);
}

TEST_BOTH(a_connection_that_is_refused_says_so)
{
	struct sockaddr_in address;
	int server = listen_on_loopback(&address, 10);
	int client = tcp_socket();

	close_by_op(server);
	CHECK_INT(ask_and_wait(connect_op(client, &address, sizeof address)),
		  ==, -ECONNREFUSED);
	close_by_op(client);
}

/* A Unix socket whose backlog is full can't be connected to just now; what
 * must not happen is a success that is none. */
TEST_BOTH(connecting_to_a_full_backlog_does_not_pretend)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int type = SOCK_STREAM | SOCK_CLOEXEC | loop.backend->socket_flags;
	int server = socket(AF_UNIX, type, 0), client = -1, n = 0, peer;
	int clients[8];
	struct asked a;
	socklen_t size;
	char c = 0;

	/* An abstract name, chosen by the kernel. */
	CHECK_INT(
		bind(server, (struct sockaddr *)&address, sizeof(sa_family_t)),
		==, 0);
	size = sizeof address;
	getsockname(server, (struct sockaddr *)&address, &size);
	CHECK_INT(listen(server, 0), ==, 0);
	do {
		clients[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(clients[n++], (struct sockaddr *)&address, size) == 0);
	client = socket(AF_UNIX, type, 0);
	ask(&a, connect_op(client, &address, size));
	turn_some(5);
	if (!a.done) { /* it waits for its turn */
		for (int i = 0; i < n - 1; i++) {
			peer = ask_and_wait(accept_op(server));
			CHECK_INT(peer, >=, 0);
			close_by_op(peer);
		}
		CHECK_INT(answer(&a), ==, 0);
		peer = ask_and_wait(accept_op(server));
		CHECK_INT(peer, >=, 0);
		CHECK_INT(ask_and_wait(send_op(client, "x", 1)), ==, 1);
		CHECK_INT(ask_and_wait(recv_op(peer, &c, 1)), ==, 1);
		close_by_op(peer);
	} else {
		CHECK_INT(a.op.result, <, 0);
	}
	while (n-- > 0)
		close(clients[n]);
	close_by_op(client);
	close_by_op(server);
}

/* ---- Polling */

TEST_BOTH(a_poll_tells_what_came)
{
	struct asked a;
	int fds[2];

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, poll_op(fds[0], POLLIN));
	turn_some(2);
	CHECK(!a.done);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(answer(&a) & POLLIN, ==, POLLIN);
	CHECK_INT(ask_and_wait(poll_op(fds[1], POLLOUT)) & POLLOUT, ==,
		  POLLOUT);
	close(fds[1]);
	CHECK(ask_and_wait(poll_op(fds[0], POLLIN)) & (POLLIN | POLLHUP));
	close(fds[0]);
}

TEST_BOTH(polls_of_one_descriptor_for_different_things_do_not_hinder_each_other)
{
	struct asked in, any, in_again;
	int fds[2];

	make_pair(SOCK_STREAM, fds);
	ask(&in, poll_op(fds[0], POLLIN));
	ask(&in_again, poll_op(fds[0], POLLIN));
	ask(&any, poll_op(fds[0], POLLIN | POLLOUT));
	CHECK_INT(answer(&any) & POLLOUT, ==, POLLOUT);
	CHECK(!in.done);
	put(fds[1], "x");
	CHECK_INT(answer(&in), ==, POLLIN);
	CHECK_INT(answer(&in_again), ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
}

TEST_BOTH(a_poll_for_urgent_data_does_not_hold_up_a_poll_for_room)
{
	struct sockaddr_in address;
	int server = listen_on_loopback(&address, 1);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct asked urgent;

	CHECK_INT(connect(client, (struct sockaddr *)&address, sizeof address),
		  ==, 0);
	ask(&urgent, poll_op(client, POLLPRI));
	CHECK_INT(ask_and_wait(poll_op(client, POLLOUT)), ==, POLLOUT);
	CHECK_INT(ask_and_wait(send_op(client, "x", 1)), ==, 1);
	CHECK_INT(ask_and_wait(send_op(client, "y", 1)), ==, 1);
	CHECK(!urgent.done);
	smi_op_cancel(&loop, &urgent.op);
	CHECK_INT(answer(&urgent), ==, -ECANCELED);
	close_by_op(client);
	close_by_op(server);
}

TEST_BOTH(a_file_is_always_readable)
{
	FILE *file = tmpfile();

	CHECK_INT(ask_and_wait(poll_op(fileno(file), POLLIN)) & POLLIN, ==,
		  POLLIN);
	fclose(file);
}

TEST_BOTH(a_descriptor_that_was_polled_can_be_closed_by_its_owner_and_reused)
{
	for (int i = 0; i < 5; i++) {
		struct asked a;
		int fds[2];

		CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
		ask(&a, poll_op(fds[0], POLLIN));
		CHECK(!a.done);
		CHECK_INT(write(fds[1], "x", 1), ==, 1);
		CHECK_INT(answer(&a), ==, POLLIN);
		/* Not by an operation: it is somebody else's. */
		close(fds[0]);
		close(fds[1]);
	}
}

/* ---- Files */

TEST_BOTH(a_file_is_opened_written_read_and_closed)
{
	char path[] = "/tmp/simul_test_XXXXXX", buffer[16] = "";
	char digits[] = "0123456789", letters[] = "XY";
	int made = mkstemp(path), fd;

	CHECK_INT(made, >=, 0);
	close(made);
	fd = ask_and_wait((struct smi_op){ .kind = SMI_OP_OPEN,
					   .fd = AT_FDCWD,
					   .buffer = path,
					   .flags = O_RDWR | O_CLOEXEC,
					   .mode = 0600 });
	CHECK_INT(fd, >=, 0);
	CHECK_INT(ask_and_wait((struct smi_op){ .kind = SMI_OP_WRITE,
						.fd = fd,
						.buffer = digits,
						.length = 10,
						.offset = SMI_OP_CURSOR }),
		  ==, 10);
	CHECK_INT(ask_and_wait((struct smi_op){ .kind = SMI_OP_WRITE,
						.fd = fd,
						.buffer = letters,
						.length = 2,
						.offset = 4 }),
		  ==, 2);
	CHECK_INT(ask_and_wait((struct smi_op){ .kind = SMI_OP_READ,
						.fd = fd,
						.buffer = buffer,
						.length = 16,
						.offset = SMI_OP_CURSOR }),
		  ==, 0);
	CHECK_INT(ask_and_wait((struct smi_op){ .kind = SMI_OP_READ,
						.fd = fd,
						.buffer = buffer,
						.length = 16,
						.offset = 2 }),
		  ==, 8);
	CHECK_STR(buffer, "23XY6789");
	close_by_op(fd);
	CHECK_INT(fcntl(fd, F_GETFD), ==, -1);
	unlink(path);
}

TEST_BOTH(a_file_that_is_not_there_can_not_be_opened)
{
	char nowhere[] = "/nowhere/at/all";

	CHECK_INT(ask_and_wait((struct smi_op){ .kind = SMI_OP_OPEN,
						.fd = AT_FDCWD,
						.buffer = nowhere,
						.flags = O_RDONLY }),
		  ==, -ENOENT);
}
