/* SPDX-License-Identifier: MIT
 * file/long_work.h - work on files that takes long: in threads of its own, and
 * ended early when it is cancelled. */
#ifndef SMI_FILE_LONG_WORK_H
#define SMI_FILE_LONG_WORK_H

#include <stdatomic.h>
#include <stdbool.h>

#include <simul/run.h>

/* As smi_call_in, in such a thread. */
int smi_work_long(simul_fn *fn, void *arg, atomic_bool *stop);

#endif /* SMI_FILE_LONG_WORK_H */
