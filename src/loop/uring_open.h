/* SPDX-License-Identifier: MIT
 * loop/uring_open.h - files are opened by io_uring(7), and nobody is stuck.
 *
 * At a FIFO an open waits for the other end. So first the kernel looks in its
 * cache only: most names are there, and then it is done at once. For the
 * others, and where our thread must not open anything, it has threads of its
 * own, which are told not to wait; the file is not to know of that later. What
 * remains is a file that somebody has a lease on, or a kernel that knows no
 * such ways: then a worker opens it.
 */
#ifndef SMI_LOOP_URING_OPEN_H
#define SMI_LOOP_URING_OPEN_H

#include <liburing.h>

#include "loop/op.h"

/* Before op, an SMI_OP_OPEN, is prepared for the first time. */
void smi_uring_open_begin(struct smi_op *op);

/* Fill sqe, but for its user data. */
void smi_uring_open_prepare(struct io_uring_sqe *sqe, struct smi_op *op);

/* What now, that this was the result? */
enum smi_uring_open_next { SMI_OPEN_ENDED, SMI_OPEN_AGAIN, SMI_OPEN_WORKER };

enum smi_uring_open_next smi_uring_open_next(struct smi_op *op, int result);

#endif /* SMI_LOOP_URING_OPEN_H */
