/* SPDX-License-Identifier: MIT
 * tests/loop/test_buffers.c - the memory into which sockets receive, as the
 * newest kernels have it and as those before them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/uring_buffers.h"
#include "test.h"

static struct io_uring ring;
static struct smi_uring_buffers buffers;
static int ends[2];

static void begin(bool newest)
{
	int r = io_uring_queue_init(8, &ring, 0);

	if (r < 0)
		SKIP("no io_uring: %s", strerror(-r));
	r = smi_uring_buffers_open(&buffers, &ring, newest);
	if (r < 0)
		SKIP("no buffer rings: %s", strerror(-r));
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==,
		  0);
}

static void finish(void)
{
	close(ends[0]);
	close(ends[1]);
	smi_uring_buffers_close(&buffers, &ring);
	io_uring_queue_exit(&ring);
}

/* Send it, receive it, and give the buffer back. */
static void pass(const char *text)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	struct io_uring_cqe *cqe;
	size_t n = strlen(text);

	CHECK_INT(write(ends[0], text, n), ==, n);
	io_uring_prep_recv(sqe, ends[1], NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = SMI_URING_BUFFER_GROUP;
	CHECK_INT(io_uring_submit(&ring), ==, 1);
	CHECK_INT(io_uring_wait_cqe(&ring, &cqe), ==, 0);
	CHECK_INT(cqe->res, ==, n);
	CHECK(cqe->flags & IORING_CQE_F_BUFFER);
	CHECK_BYTES(smi_uring_buffers_at(&buffers, cqe->flags), text, n);
	smi_uring_buffers_return(&buffers, cqe->flags, (unsigned)n);
	io_uring_cqe_seen(&ring, cqe);
}

static void pass_many(void)
{
	char text[1025];

	/* Three times around all buffers there are. */
	for (int i = 0; i < 3 * 1024; i++) {
		memset(text, 'a' + i % 26, sizeof text - 1);
		text[sizeof text - 1] = 0;
		pass(text);
	}
}

TEST(what_was_given_back_is_filled_again)
{
	begin(true);
	pass_many();
	finish();
}

TEST(so_it_is_on_kernels_that_use_a_buffer_up_at_once)
{
	begin(false);
	CHECK(!buffers.incremental);
	pass_many();
	finish();
}

static void open_and_close(void)
{
	if (io_uring_queue_init(8, &ring, 0) < 0)
		return;
	smi_uring_buffers_open(&buffers, &ring, true);
	smi_uring_buffers_close(&buffers, &ring);
	io_uring_queue_exit(&ring);
}

TEST(without_memory_there_are_none_and_nothing_is_left)
{
	sweep_allocations(open_and_close);
}
