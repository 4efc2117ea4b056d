/* SPDX-License-Identifier: MIT
 * bench/floors/uring_multi_echo.c - floor of "echo" on io_uring, by hand, for
 * many connections: each receive is asked for once and goes on for ever, into
 * buffers that all connections share. What a connection has received leaves in
 * order, one buffer after the other: the kernel does not see to that. */
#include "uring.h"

enum { MEMORY = 16 << 20, MOST = 4096, GROUP = 1 };

static struct io_uring_buf_ring *buffers;
static char *memory;
static unsigned room, count; /* of a buffer; of them */

/* Buffers that wait to leave: a list for each connection. */
static struct buffer {
	int length;
	unsigned next;
} waiting[MOST];

static struct connection {
	unsigned first, last; /* of those that wait */
	unsigned waiting;     /* so many, the one that is leaving included */
} connections[URING_DESCRIPTORS];

static char *place(unsigned i)
{
	return memory + (size_t)i * room;
}

static void give_back(unsigned i)
{
	io_uring_buf_ring_add(buffers, place(i), room, (unsigned short)i,
			      io_uring_buf_ring_mask(count), 0);
	io_uring_buf_ring_advance(buffers, 1);
}

static void share_buffers(struct io_uring *ring)
{
	size_t size = MOST * sizeof(struct io_uring_buf);
	struct io_uring_buf_reg reg = { .ring_entries = count, .bgid = GROUP };
	int r;

	buffers = aligned_alloc(4096, size);
	memory = bench_alloc(MEMORY);
	memset(buffers, 0, size);
	reg.ring_addr = (uintptr_t)buffers;
	r = io_uring_register_buf_ring(ring, &reg, 0);
	if (r < 0) {
		fprintf(stderr, "buffer ring: %s\n", strerror(-r));
		exit(1);
	}
	for (unsigned i = 0; i < count; i++)
		give_back(i);
}

static void receive(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);

	io_uring_prep_recv(sqe, fd, NULL, 0, 0);
	sqe->ioprio |= IORING_RECV_MULTISHOT;
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	uring_tag(sqe, URING_RECEIVE, fd, 0);
}

static void leave(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);
	unsigned i = connections[fd].first;

	io_uring_prep_send(sqe, fd, place(i), (size_t)waiting[i].length,
			   MSG_NOSIGNAL | MSG_WAITALL);
	uring_tag(sqe, URING_SEND, fd, i);
}

static void reply(struct io_uring *ring, int fd, unsigned i, int n)
{
	struct connection *c = &connections[fd];

	waiting[i].length = n;
	if (c->waiting++ == 0) {
		c->first = c->last = i;
		leave(ring, fd);
	} else {
		waiting[c->last].next = i;
		c->last = i;
	}
}

static void sent(struct io_uring *ring, int fd, unsigned i)
{
	struct connection *c = &connections[fd];

	c->first = waiting[i].next;
	give_back(i);
	if (--c->waiting > 0)
		leave(ring, fd);
}

static void received(struct io_uring *ring, const struct io_uring_cqe *cqe)
{
	int fd = uring_fd(cqe);

	if (cqe->res > 0)
		reply(ring, fd, cqe->flags >> IORING_CQE_BUFFER_SHIFT,
		      cqe->res);
	if (cqe->flags & IORING_CQE_F_MORE)
		return;
	if (cqe->res > 0 || cqe->res == -ENOBUFS)
		receive(ring, fd);
	else
		close(fd);
}

static void handle(struct io_uring *ring, const struct io_uring_cqe *cqe)
{
	switch (uring_kind(cqe)) {
	case URING_ACCEPT:
		if (cqe->res >= 0) {
			socket_hurry(cqe->res);
			receive(ring, cqe->res);
		}
		break;
	case URING_RECEIVE:
		received(ring, cqe);
		break;
	case URING_SEND:
		sent(ring, uring_fd(cqe), uring_number(cqe));
		break;
	}
}

int main(int argc, char **argv)
{
	struct io_uring ring;

	room = (unsigned)bench_number(argc, argv, 2, 4096);
	if (room < MEMORY / MOST || room & (room - 1) || room > MEMORY)
		return 2;
	count = MEMORY / room;
	uring_open(&ring);
	share_buffers(&ring);
	uring_accept(&ring, socket_listen(bench_number(argc, argv, 1, 7000)));
	for (;;)
		uring_turn(&ring, handle);
}
