/* SPDX-License-Identifier: MIT
 * loop/uring_open.c - files are opened by io_uring(7), and nobody is stuck. */
#include "loop/uring_open.h"

#include <errno.h>
#include <fcntl.h>

enum { FLAGS, MODE, RESOLVE };

/* What is made or cut has its own way (see uring.c); a directory, or the name
 * alone, is never waited for. */
static bool may_be_stuck(const struct smi_op *op)
{
	return !(op->flags &
		 (O_CREAT | O_TRUNC | O_NONBLOCK | O_DIRECTORY | O_PATH));
}

void smi_uring_open_begin(struct smi_op *op)
{
	bool apart = op->length & SMI_OP_APART;

	op->how[FLAGS] = (unsigned)(op->flags | (apart ? O_NONBLOCK : 0));
	op->how[MODE] = 0;
	op->how[RESOLVE] = apart ? 0 : RESOLVE_CACHED;
}

void smi_uring_open_prepare(struct io_uring_sqe *sqe, struct smi_op *op)
{
	if (may_be_stuck(op))
		io_uring_prep_openat2(sqe, op->fd, op->buffer,
				      (struct open_how *)op->how);
	else
		io_uring_prep_openat(sqe, op->fd, op->buffer, op->flags,
				     op->mode);
	if (op->length & SMI_OP_APART)
		sqe->flags |= IOSQE_ASYNC;
}

enum smi_uring_open_next smi_uring_open_next(struct smi_op *op, int result)
{
	bool cached = op->how[RESOLVE] == RESOLVE_CACHED;

	if (!may_be_stuck(op))
		return SMI_OPEN_ENDED;
	if (result >= 0 && !cached)
		fcntl(result, F_SETFL, op->flags);
	if (result == -EAGAIN && cached) {
		op->how[FLAGS] |= O_NONBLOCK;
		op->how[RESOLVE] = 0;
		return SMI_OPEN_AGAIN;
	}
	return result == -EAGAIN || result == -EINVAL ? SMI_OPEN_WORKER
						      : SMI_OPEN_ENDED;
}
