/* SPDX-License-Identifier: MIT
 * loop/uring_prepare.c - what an operation is called in io_uring(7). */
#include "loop/uring_prepare.h"

void smi_uring_prepare(struct io_uring_sqe *sqe, const struct smi_op *op)
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
	case SMI_OP_RECV:
		io_uring_prep_recv(sqe, op->fd, op->buffer, length, op->flags);
		break;
	case SMI_OP_SEND:
		io_uring_prep_send(sqe, op->fd, op->buffer, length, op->flags);
		break;
	case SMI_OP_OPEN:
		io_uring_prep_openat(sqe, op->fd, op->buffer, op->flags,
				     op->mode);
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
	}
}
