/* SPDX-License-Identifier: MIT
 * loop/blocking.h - operations on files as system calls that block, for the
 * worker threads. */
#ifndef SMI_LOOP_BLOCKING_H
#define SMI_LOOP_BLOCKING_H

#include "loop/op.h"

/* Carry out the operation that work is part of, and store its result there. */
void smi_op_block(struct smi_work *work);

#endif /* SMI_LOOP_BLOCKING_H */
