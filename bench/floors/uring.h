/* SPDX-License-Identifier: MIT
 * bench/floors/uring.h - a ring for a server by hand. */
#ifndef FLOOR_URING_H
#define FLOOR_URING_H

#include "socket.h"

#include <liburing.h>
#include <unistd.h>

enum { URING_DESCRIPTORS = 65536 };
enum { URING_ACCEPT = 1, URING_RECEIVE, URING_SEND };

static inline void uring_open(struct io_uring *ring)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_SINGLE_ISSUER |
			 IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
			 IORING_SETUP_CQSIZE,
		.cq_entries = 32768,
	};
	int r = io_uring_queue_init_params(2048, ring, &params);

	if (r < 0) {
		fprintf(stderr, "io_uring: %s\n", strerror(-r));
		exit(1);
	}
	io_uring_register_ring_fd(ring);
}

static inline struct io_uring_sqe *uring_sqe(struct io_uring *ring)
{
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(ring)))
		io_uring_submit(ring);
	return sqe;
}

/* What an operation was, its descriptor, and a number. */
static inline void uring_tag(struct io_uring_sqe *sqe, int kind, int fd,
			     unsigned number)
{
	sqe->user_data =
		(uint64_t)kind << 56 | (uint64_t)number << 32 | (uint64_t)fd;
}

static inline int uring_kind(const struct io_uring_cqe *cqe)
{
	return (int)(cqe->user_data >> 56);
}

static inline unsigned uring_number(const struct io_uring_cqe *cqe)
{
	return (unsigned)(cqe->user_data >> 32) & 0xffffff;
}

static inline int uring_fd(const struct io_uring_cqe *cqe)
{
	return (int)(cqe->user_data & 0xffffffff);
}

static inline void uring_accept(struct io_uring *ring, int listener)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);

	io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, 0);
	uring_tag(sqe, URING_ACCEPT, listener, 0);
}

/* One system call, and handle for all that has finished. */
static inline __attribute__((always_inline)) void uring_turn(
	struct io_uring *ring,
	void (*handle)(struct io_uring *ring, const struct io_uring_cqe *cqe))
{
	struct io_uring_cqe *cqe;
	unsigned head, seen = 0;

	io_uring_submit_and_wait(ring, 1);
	io_uring_for_each_cqe(ring, head, cqe)
	{
		handle(ring, cqe);
		seen++;
	}
	io_uring_cq_advance(ring, seen);
}

#endif /* FLOOR_URING_H */
