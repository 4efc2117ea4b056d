/* SPDX-License-Identifier: MIT
 * loop/uring_prepare.h - what an operation is called in io_uring(7). */
#ifndef SMI_LOOP_URING_PREPARE_H
#define SMI_LOOP_URING_PREPARE_H

#include <liburing.h>

#include "loop/op.h"

/* Fill sqe, but for its user data. */
void smi_uring_prepare(struct io_uring_sqe *sqe, const struct smi_op *op);

#endif /* SMI_LOOP_URING_PREPARE_H */
