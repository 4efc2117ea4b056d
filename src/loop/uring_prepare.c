/* SPDX-License-Identifier: MIT
 * loop/uring_prepare.c - what an operation is called in io_uring(7). */
#include "loop/uring_prepare.h"

#include <errno.h>
#include <poll.h>

#include "loop/uring_buffers.h"
#include "loop/uring_newer.h"
#include "loop/uring_open.h"

static const unsigned char opcodes[SMI_OP_KINDS] = {
	[SMI_OP_POLL] = IORING_OP_POLL_ADD,
	[SMI_OP_ACCEPT] = IORING_OP_ACCEPT,
	[SMI_OP_CONNECT] = IORING_OP_CONNECT,
	[SMI_OP_AWAIT] = IORING_OP_POLL_ADD,
	[SMI_OP_RECV] = IORING_OP_RECV,
	[SMI_OP_RECEIVE] = IORING_OP_RECV,
	[SMI_OP_SEND] = IORING_OP_SEND,
	[SMI_OP_RECVMSG] = IORING_OP_RECVMSG,
	[SMI_OP_SENDMSG] = IORING_OP_SENDMSG,
	[SMI_OP_CLOSE] = IORING_OP_CLOSE,
	[SMI_OP_OPEN] = IORING_OP_OPENAT,
	[SMI_OP_READ] = IORING_OP_READ,
	[SMI_OP_WRITE] = IORING_OP_WRITE,
	[SMI_OP_SYNC] = IORING_OP_FSYNC,
	[SMI_OP_TRUNCATE] = SMI_URING_FTRUNCATE,
	[SMI_OP_ALLOCATE] = IORING_OP_FALLOCATE,
	[SMI_OP_ADVISE] = IORING_OP_FADVISE,
	[SMI_OP_STAT] = IORING_OP_STATX,
	[SMI_OP_RENAME] = IORING_OP_RENAMEAT,
	[SMI_OP_LINK] = IORING_OP_LINKAT,
	[SMI_OP_SYMLINK] = IORING_OP_SYMLINKAT,
	[SMI_OP_UNLINK] = IORING_OP_UNLINKAT,
	[SMI_OP_MKDIR] = IORING_OP_MKDIRAT,
};

/* What every kernel has that we run on, and what nobody else can do for us. */
static const uint64_t always = (UINT64_C(2) << SMI_OP_WRITE) - 1;

uint64_t smi_uring_abilities(struct io_uring *ring)
{
	struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
	uint64_t able = always;

	for (int kind = 0; probe && kind < SMI_OP_KINDS; kind++)
		if (io_uring_opcode_supported(probe, opcodes[kind]))
			able |= UINT64_C(1) << kind;
	io_uring_free_probe(probe);
	return able;
}

/* liburing 2.3 has no function for it. */
static void prepare_truncate(struct io_uring_sqe *sqe, const struct smi_op *op)
{
	io_uring_prep_rw(SMI_URING_FTRUNCATE, sqe, op->fd, NULL, 0, op->offset);
}

static void prepare_on_name(struct io_uring_sqe *sqe, const struct smi_op *op)
{
	switch (op->kind) {
	case SMI_OP_STAT:
		io_uring_prep_statx(sqe, op->fd, op->buffer, op->flags,
				    op->mode, op->other);
		break;
	case SMI_OP_RENAME:
		io_uring_prep_renameat(sqe, op->fd, op->buffer, op->other_fd,
				       op->other, (unsigned)op->flags);
		break;
	case SMI_OP_LINK:
		io_uring_prep_linkat(sqe, op->fd, op->buffer, op->other_fd,
				     op->other, op->flags);
		break;
	case SMI_OP_SYMLINK:
		io_uring_prep_symlinkat(sqe, op->buffer, op->other_fd,
					op->other);
		break;
	case SMI_OP_UNLINK:
		io_uring_prep_unlinkat(sqe, op->fd, op->buffer, op->flags);
		break;
	default:
		io_uring_prep_mkdirat(sqe, op->fd, op->buffer, op->mode);
		break;
	}
}

static void prepare_on_file(struct io_uring_sqe *sqe, const struct smi_op *op)
{
	switch (op->kind) {
	case SMI_OP_SYNC:
		io_uring_prep_fsync(
			sqe, op->fd,
			op->flags & SMI_OP_DATA ? IORING_FSYNC_DATASYNC : 0);
		break;
	case SMI_OP_TRUNCATE:
		prepare_truncate(sqe, op);
		break;
	case SMI_OP_ALLOCATE:
		io_uring_prep_fallocate(sqe, op->fd, op->flags,
					(off_t)op->offset, (off_t)op->length);
		break;
	case SMI_OP_ADVISE:
		io_uring_prep_fadvise(sqe, op->fd, op->offset,
				      (off_t)op->length, op->flags);
		break;
	default:
		prepare_on_name(sqe, op);
		break;
	}
}

void smi_uring_prepare(struct io_uring_sqe *sqe, struct smi_op *op)
{
	unsigned length =
		op->length > INT32_MAX ? INT32_MAX : (unsigned)op->length;

	switch (op->kind) {
	case SMI_OP_POLL:
		io_uring_prep_poll_add(sqe, op->fd, (unsigned)op->flags);
		break;
	case SMI_OP_ACCEPT:
		io_uring_prep_accept(sqe, op->fd, NULL, NULL, op->flags);
		break;
	case SMI_OP_CONNECT:
		io_uring_prep_connect(sqe, op->fd, op->buffer, length);
		break;
	case SMI_OP_AWAIT:
		io_uring_prep_poll_add(sqe, op->fd, POLLIN);
		break;
	case SMI_OP_RECV:
		io_uring_prep_recv(sqe, op->fd, op->buffer, length, op->flags);
		break;
	case SMI_OP_RECEIVE:
		io_uring_prep_recv_multishot(sqe, op->fd, NULL, 0, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = SMI_URING_BUFFER_GROUP;
		break;
	case SMI_OP_SEND:
		io_uring_prep_send(sqe, op->fd, op->buffer, length, op->flags);
		break;
	case SMI_OP_RECVMSG:
		io_uring_prep_recvmsg(sqe, op->fd, op->buffer,
				      (unsigned)op->flags);
		break;
	case SMI_OP_SENDMSG:
		io_uring_prep_sendmsg(sqe, op->fd, op->buffer,
				      (unsigned)op->flags);
		break;
	case SMI_OP_OPEN:
		smi_uring_open_prepare(sqe, op);
		break;
	case SMI_OP_READ:
		io_uring_prep_read(sqe, op->fd, op->buffer, length, op->offset);
		break;
	case SMI_OP_WRITE:
		io_uring_prep_write(sqe, op->fd, op->buffer, length,
				    op->offset);
		break;
	case SMI_OP_CLOSE:
		io_uring_prep_close(sqe, op->fd);
		break;
	default:
		prepare_on_file(sqe, op);
		break;
	}
}
