/* SPDX-License-Identifier: MIT
 * loop/uring_buffers.h - the memory into which a loop's sockets receive.
 *
 * All sockets of a loop share a ring of buffers that the kernel fills as bytes
 * come, so that those that wait for some hold none. What has come is given
 * away at once (smi_uring_buffers_return), so that a few buffers are enough for
 * any number of sockets.
 *
 * Where the kernel can use up a buffer bit by bit (6.12), these are a few large
 * ones; before that each receipt takes one, and there are many small ones.
 */
#ifndef SMI_LOOP_URING_BUFFERS_H
#define SMI_LOOP_URING_BUFFERS_H

#include <liburing.h>
#include <stdbool.h>

enum { SMI_URING_BUFFER_GROUP = 1, SMI_URING_MOST_BUFFERS = 256 };

struct smi_uring_buffers {
	struct io_uring_buf_ring *ring; /* NULL: not open */
	void *memory;
	char *bytes;
	unsigned count; /* a power of two */
	unsigned size;	/* of each */
	bool incremental;
	unsigned used[SMI_URING_MOST_BUFFERS]; /* so much of each */
};

/* Make the buffers and tell the kernel. newest: try what the newest kernels
 * have; tests say no. 0, -ENOMEM, or that the kernel has no such thing. */
int smi_uring_buffers_open(struct smi_uring_buffers *b, struct io_uring *ring,
			   bool newest);

/* Nothing is received any more. */
void smi_uring_buffers_close(struct smi_uring_buffers *b,
			     struct io_uring *ring);

/* Where the bytes are that a completion with these flags is about. */
char *smi_uring_buffers_at(const struct smi_uring_buffers *b, unsigned flags);

/* The n bytes of that completion have been given away. */
void smi_uring_buffers_return(struct smi_uring_buffers *b, unsigned flags,
			      unsigned n);

#endif /* SMI_LOOP_URING_BUFFERS_H */
