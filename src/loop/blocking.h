/* SPDX-License-Identifier: MIT
 * loop/blocking.h - operations on files as system calls that block, for the
 * worker threads: where the kernel has nothing better. */
#ifndef SMI_LOOP_BLOCKING_H
#define SMI_LOOP_BLOCKING_H

#include "loop/op.h"

/* Carry out the operation that work is part of, and store its result there. */
void smi_op_block(struct smi_work *work);

/* For a backend's submit: have a worker carry out op. 0 or a negative
 * error. */
int smi_op_offload(struct smi_loop *loop, struct smi_op *op);

/* For its cancel: end it if it has not begun. */
void smi_op_offload_cancel(struct smi_loop *loop, struct smi_op *op);

#endif /* SMI_LOOP_BLOCKING_H */
