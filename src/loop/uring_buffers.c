/* SPDX-License-Identifier: MIT
 * loop/uring_buffers.c - the memory into which a loop's sockets receive. */
#include "loop/uring_buffers.h"

#include <errno.h>
#include <stdint.h>

#include "base/alloc.h"
#include "loop/uring_newer.h"

/* A megabyte either way: what a few hundred sockets receive in one turn should
 * fit, as each that finds no buffer has to ask anew. */
enum {
	FEW = 16,
	LARGE = 65536,
	MANY = SMI_URING_MOST_BUFFERS,
	SMALL = 4096,
	PAGE = 65536 /* the largest there is */
};

static unsigned index_of(unsigned flags)
{
	return flags >> IORING_CQE_BUFFER_SHIFT;
}

/* Let the kernel have buffer i, all of it. */
static void offer(struct smi_uring_buffers *b, unsigned i, unsigned place)
{
	b->used[i] = 0;
	io_uring_buf_ring_add(b->ring, b->bytes + (size_t)i * b->size, b->size,
			      (unsigned short)i,
			      io_uring_buf_ring_mask(b->count), (int)place);
}

static int enroll(struct smi_uring_buffers *b, struct io_uring *ring)
{
	struct io_uring_buf_reg reg = {
		.ring_addr = (uintptr_t)b->ring,
		.ring_entries = b->count,
		.bgid = SMI_URING_BUFFER_GROUP,
		/* Newer headers call it flags. */
		.pad = b->incremental ? SMI_URING_BUFFERS_INCREMENTAL : 0,
	};
	int r = io_uring_register_buf_ring(ring, &reg, 0);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < b->count; i++)
		offer(b, i, i);
	io_uring_buf_ring_advance(b->ring, (int)b->count);
	return 0;
}

/* The ring lies on pages of its own, before the buffers. */
static int allocate(struct smi_uring_buffers *b)
{
	size_t head = MANY * sizeof(struct io_uring_buf);
	uintptr_t start;

	b->memory = smi_alloc(PAGE + head + (size_t)b->count * b->size);
	if (!b->memory)
		return -ENOMEM;
	start = ((uintptr_t)b->memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
	b->ring = (struct io_uring_buf_ring *)start;
	b->bytes = (char *)start + head;
	io_uring_buf_ring_init(b->ring);
	return 0;
}

static int try_open(struct smi_uring_buffers *b, struct io_uring *ring,
		    bool incremental)
{
	int r;

	b->incremental = incremental;
	b->count = incremental ? FEW : MANY;
	b->size = incremental ? LARGE : SMALL;
	r = allocate(b);
	if (r < 0)
		return r;
	r = enroll(b, ring);
	if (r < 0) {
		smi_free(b->memory);
		b->ring = NULL;
	}
	return r;
}

int smi_uring_buffers_open(struct smi_uring_buffers *b, struct io_uring *ring,
			   bool newest)
{
	int r = newest ? try_open(b, ring, true) : -EINVAL;

	return r == -EINVAL ? try_open(b, ring, false) : r;
}

void smi_uring_buffers_close(struct smi_uring_buffers *b, struct io_uring *ring)
{
	if (!b->ring)
		return;
	io_uring_unregister_buf_ring(ring, SMI_URING_BUFFER_GROUP);
	smi_free(b->memory);
	b->ring = NULL;
}

char *smi_uring_buffers_at(const struct smi_uring_buffers *b, unsigned flags)
{
	unsigned i = index_of(flags);

	return b->bytes + (size_t)i * b->size + b->used[i];
}

void smi_uring_buffers_return(struct smi_uring_buffers *b, unsigned flags,
			      unsigned n)
{
	unsigned i = index_of(flags);

	b->used[i] += n;
	if (b->incremental && (flags & SMI_URING_BUFFER_HAS_MORE))
		return;
	offer(b, i, 0);
	io_uring_buf_ring_advance(b->ring, 1);
}
