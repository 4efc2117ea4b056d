/* SPDX-License-Identifier: MIT
 * bench/floors/uring_echo.c - floor of "echo" on io_uring, by hand: a receive,
 * then a send, from a buffer that each connection has; one system call for all
 * that is ready. */
#include "uring.h"

struct connection {
	char *buffer;
	size_t length, sent;
};

static struct connection connections[URING_DESCRIPTORS];
static size_t room;

static void receive(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);

	io_uring_prep_recv(sqe, fd, connections[fd].buffer, room, 0);
	uring_tag(sqe, URING_RECEIVE, fd, 0);
}

static void reply(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);
	struct connection *c = &connections[fd];

	io_uring_prep_send(sqe, fd, c->buffer + c->sent, c->length - c->sent,
			   MSG_NOSIGNAL | MSG_WAITALL);
	uring_tag(sqe, URING_SEND, fd, 0);
}

static void begin(struct io_uring *ring, int fd)
{
	socket_hurry(fd);
	if (!connections[fd].buffer)
		connections[fd].buffer = malloc(room);
	receive(ring, fd);
}

static void received(struct io_uring *ring, int fd, int n)
{
	if (n <= 0) {
		close(fd);
		return;
	}
	connections[fd].length = (size_t)n;
	connections[fd].sent = 0;
	reply(ring, fd);
}

static void sent(struct io_uring *ring, int fd, int n)
{
	if (n < 0) {
		close(fd);
		return;
	}
	connections[fd].sent += (size_t)n;
	if (connections[fd].sent < connections[fd].length)
		reply(ring, fd);
	else
		receive(ring, fd);
}

static void handle(struct io_uring *ring, const struct io_uring_cqe *cqe)
{
	int fd = uring_fd(cqe);

	switch (uring_kind(cqe)) {
	case URING_ACCEPT:
		if (cqe->res >= 0)
			begin(ring, cqe->res);
		break;
	case URING_RECEIVE:
		received(ring, fd, cqe->res);
		break;
	case URING_SEND:
		sent(ring, fd, cqe->res);
		break;
	}
}

int main(int argc, char **argv)
{
	struct io_uring ring;

	room = (size_t)bench_number(argc, argv, 2, 65536);
	uring_open(&ring);
	uring_accept(&ring, socket_listen(bench_number(argc, argv, 1, 7000)));
	for (;;)
		uring_turn(&ring, handle);
}
