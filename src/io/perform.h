/* SPDX-License-Identifier: MIT
 * io/perform.h - operations as calls that suspend. */
#ifndef SMI_IO_PERFORM_H
#define SMI_IO_PERFORM_H

#include "base/shared.h"
#include "loop/op.h"

/* Carry out op, all but whose done and owner is set, and return its result
 * when it has ended: a task waits for it that can be cancelled. If it had
 * succeeded when the cancellation reached it, that is what is returned. */
int smi_perform(struct smi_op *op);

/* A call that could have waited had no need to: let others have their turn now
 * and then. */
SMI_SHARED void smi_give_way(void);

/* Close fd, whether or not the task has been cancelled. It is closed even if
 * the result is an error. */
int smi_close_fd(int fd);

#endif /* SMI_IO_PERFORM_H */
