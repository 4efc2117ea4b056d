/* SPDX-License-Identifier: MIT
 * loop/uring_prepare.h - what an operation is called in io_uring(7). */
#ifndef SMI_LOOP_URING_PREPARE_H
#define SMI_LOOP_URING_PREPARE_H

#include <liburing.h>

#include "loop/op.h"

/* The kinds of operations that this kernel has, a bit for each. */
uint64_t smi_uring_abilities(struct io_uring *ring);

/* Fill sqe, but for its user data. */
void smi_uring_prepare(struct io_uring_sqe *sqe, struct smi_op *op);

#endif /* SMI_LOOP_URING_PREPARE_H */
