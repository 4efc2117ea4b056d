/* SPDX-License-Identifier: MIT
 * bench/floors/uring_files.c - "files" on io_uring by hand: each of 64 slots
 * has a chain of three operations under way, by a descriptor that only the ring
 * knows, and is told of its end alone. */
#include "../bench.h"
#include "uring.h"

#include <fcntl.h>

enum { IN_FLIGHT = 64, SIZE = 4096, ROOM = 300 };

static struct slot {
	char path[ROOM];
	char bytes[SIZE];
} slots[IN_FLIGHT];

static const char *directory;
static long n, next, done;

static void link_to_next(struct io_uring_sqe *sqe, unsigned i)
{
	sqe->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
	uring_tag(sqe, 0, 0, i);
}

static void start(struct io_uring *ring, unsigned i)
{
	struct slot *slot = &slots[i];
	struct io_uring_sqe *sqe;

	if (next == n)
		return;
	snprintf(slot->path, ROOM, "%s/%ld", directory, next++);
	sqe = uring_sqe(ring);
	io_uring_prep_openat_direct(sqe, AT_FDCWD, slot->path, O_RDONLY, 0, i);
	link_to_next(sqe, i);
	sqe = uring_sqe(ring);
	io_uring_prep_read(sqe, (int)i, slot->bytes, SIZE, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	link_to_next(sqe, i);
	sqe = uring_sqe(ring);
	io_uring_prep_close_direct(sqe, i);
	uring_tag(sqe, 0, 0, i);
}

/* A chain that breaks is told of at the link that broke. */
static void closed(struct io_uring *ring, const struct io_uring_cqe *cqe)
{
	if (cqe->res < 0)
		exit(bench_exit(cqe->res));
	done++;
	start(ring, uring_number(cqe));
}

static void use_all(struct io_uring *ring)
{
	next = done = 0;
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		start(ring, i);
	while (done < n)
		uring_turn(ring, closed);
}

int main(int argc, char **argv)
{
	struct io_uring ring;
	double begin;

	directory = argc > 1 ? argv[1] : ".";
	n = bench_number(argc, argv, 2, 20000);
	uring_open(&ring);
	if (io_uring_register_files_sparse(&ring, IN_FLIGHT) < 0)
		return 1;
	use_all(&ring);
	begin = bench_now();
	use_all(&ring);
	bench_report_each("files", begin, (double)n, n);
	return 0;
}
