/* SPDX-License-Identifier: MIT
 * loop/blocking.c - operations on files as system calls that block. */
#include "loop/blocking.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* As io_uring does it, so that nobody is stuck where a FIFO has no other end:
 * to wait in there would mean that it can't be cancelled. Where there is
 * something to wait for that passes (a lease), we wait. */
static int open_file(const struct smi_op *op)
{
	int fd = openat(op->fd, op->buffer, op->flags | O_NONBLOCK, op->mode);

	return fd < 0 && errno == EAGAIN
		       ? openat(op->fd, op->buffer, op->flags, op->mode)
		       : fd;
}

static ssize_t read_file(const struct smi_op *op, size_t length)
{
	return op->offset == SMI_OP_CURSOR
		       ? read(op->fd, op->buffer, length)
		       : pread(op->fd, op->buffer, length, (off_t)op->offset);
}

static ssize_t write_file(const struct smi_op *op, size_t length)
{
	return op->offset == SMI_OP_CURSOR
		       ? write(op->fd, op->buffer, length)
		       : pwrite(op->fd, op->buffer, length, (off_t)op->offset);
}

static ssize_t block(const struct smi_op *op)
{
	size_t length = op->length > INT_MAX ? INT_MAX : op->length;

	switch (op->kind) {
	case SMI_OP_OPEN:
		return open_file(op);
	case SMI_OP_READ:
		return read_file(op, length);
	case SMI_OP_WRITE:
		return write_file(op, length);
	case SMI_OP_CLOSE:
		return close(op->fd);
	default:
		errno = EINVAL;
		return -1;
	}
}

void smi_op_block(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	ssize_t r = block(op);

	op->result = r < 0 ? -errno : (int)r;
}
