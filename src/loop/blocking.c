/* SPDX-License-Identifier: MIT
 * loop/blocking.c - operations on files as system calls that block. */
#include "loop/blocking.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "loop/loop.h"

/* As io_uring does it, so that nobody is stuck where a FIFO has no other end:
 * to wait in there would mean that it can't be cancelled. Where there is
 * something to wait for that passes (a lease), we wait. What has a position is
 * never waited for: the flag is of no use there after the opening, and io_uring
 * would take it for one of its own. */
static int open_file(const struct smi_op *op)
{
	int fd = openat(op->fd, op->buffer, op->flags | O_NONBLOCK, op->mode);

	if (fd < 0 && errno == EAGAIN)
		return openat(op->fd, op->buffer, op->flags, op->mode);
	if (fd >= 0 && !(op->flags & O_NONBLOCK) && lseek(fd, 0, SEEK_CUR) >= 0)
		fcntl(fd, F_SETFL, op->flags);
	return fd;
}

static ssize_t read_file(const struct smi_op *op, size_t length)
{
	return op->offset == SMI_OP_CURSOR
		       ? read(op->fd, op->buffer, length)
		       : pread(op->fd, op->buffer, length, (off_t)op->offset);
}

/* Some files of /proc have a position, but are only written where it is. */
static ssize_t write_file(const struct smi_op *op, size_t length)
{
	ssize_t r;

	if (op->offset == SMI_OP_CURSOR)
		return write(op->fd, op->buffer, length);
	r = pwrite(op->fd, op->buffer, length, (off_t)op->offset);
	if (r < 0 && errno == ESPIPE &&
	    lseek(op->fd, (off_t)op->offset, SEEK_SET) >= 0)
		r = write(op->fd, op->buffer, length);
	return r;
}

static int sync_file(const struct smi_op *op)
{
	return op->flags & SMI_OP_DATA ? fdatasync(op->fd) : fsync(op->fd);
}

/* The one that returns its error. */
static int advise(const struct smi_op *op)
{
	errno = posix_fadvise(op->fd, (off_t)op->offset, (off_t)op->length,
			      op->flags);
	return errno ? -1 : 0;
}

/* Without flags it is asked for by its old name, that old file systems and
 * sandboxes know. */
static int rename_file(const struct smi_op *op)
{
	return op->flags
		       ? renameat2(op->fd, op->buffer, op->other_fd, op->other,
				   (unsigned)op->flags)
		       : renameat(op->fd, op->buffer, op->other_fd, op->other);
}

static ssize_t send_file_now(const struct smi_op *op, size_t length)
{
	off_t offset = (off_t)op->offset;

	return sendfile(op->fd, op->other_fd,
			op->offset == SMI_OP_CURSOR ? NULL : &offset, length);
}

/* A socket that blocks keeps us no longer than a tick of the system's clock,
 * and others, who may have it too, never know. */
static ssize_t send_file(const struct smi_op *op, size_t length)
{
	static const struct timeval moment = { .tv_usec = 1 };
	struct timeval before;
	socklen_t size = sizeof before;
	ssize_t n;
	int error;

	if (fcntl(op->fd, F_GETFL) & O_NONBLOCK)
		return send_file_now(op, length);
	if (getsockopt(op->fd, SOL_SOCKET, SO_SNDTIMEO, &before, &size) < 0 ||
	    setsockopt(op->fd, SOL_SOCKET, SO_SNDTIMEO, &moment,
		       sizeof moment) < 0)
		return -1;
	n = send_file_now(op, length);
	error = errno;
	setsockopt(op->fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
	errno = error;
	return n;
}

static ssize_t block_on_name(const struct smi_op *op)
{
	switch (op->kind) {
	case SMI_OP_STAT:
		return statx(op->fd, op->buffer, op->flags, op->mode,
			     op->other);
	case SMI_OP_RENAME:
		return rename_file(op);
	case SMI_OP_LINK:
		return linkat(op->fd, op->buffer, op->other_fd, op->other,
			      op->flags);
	case SMI_OP_SYMLINK:
		return symlinkat(op->buffer, op->other_fd, op->other);
	case SMI_OP_UNLINK:
		return unlinkat(op->fd, op->buffer, op->flags);
	case SMI_OP_MKDIR:
		return mkdirat(op->fd, op->buffer, op->mode);
	default:
		errno = EINVAL;
		return -1;
	}
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
	case SMI_OP_SYNC:
		return sync_file(op);
	case SMI_OP_TRUNCATE:
		return ftruncate(op->fd, (off_t)op->offset);
	case SMI_OP_ALLOCATE:
		return fallocate(op->fd, op->flags, (off_t)op->offset,
				 (off_t)op->length);
	case SMI_OP_ADVISE:
		return advise(op);
	case SMI_OP_CLOSE:
		return close(op->fd);
	case SMI_OP_SENDFILE:
		return send_file(op, length);
	default:
		return block_on_name(op);
	}
}

void smi_op_block(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	ssize_t r = block(op);

	op->result = r < 0 ? -errno : (int)r;
}

static void worked(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));

	smi_op_finish(work->loop, op, op->result);
}

int smi_op_offload(struct smi_loop *loop, struct smi_op *op)
{
	op->work = (struct smi_work){ .run = smi_op_block, .done = worked };
	return smi_work_submit(loop, &op->work);
}

/* What is to be closed must be closed. */
void smi_op_offload_cancel(struct smi_loop *loop, struct smi_op *op)
{
	if (op->kind != SMI_OP_CLOSE && smi_work_cancel(loop, &op->work))
		smi_op_finish(loop, op, -ECANCELED);
}
