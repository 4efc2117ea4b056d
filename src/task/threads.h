/* SPDX-License-Identifier: MIT
 * task/threads.h - a task has something done by a thread. */
#ifndef SMI_TASK_THREADS_H
#define SMI_TASK_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>

#include <simul/run.h>

struct smi_workers;

/* Call fn(arg) in a thread of the pool and return its result. Suspends. If the
 * task is cancelled, what has not begun is taken back; what has is waited for,
 * and *stop, unless that is NULL, becomes true, which fn should look at now and
 * then, to return -ECANCELED. */
int smi_call_in(struct smi_workers *workers, simul_fn *fn, void *arg,
		atomic_bool *stop);

/* The same in the loop's own pool, for what blocks for a short time: nothing
 * of the program's, which may keep its threads for as long as it likes. */
int smi_call_in_worker(simul_fn *fn, void *arg);

#endif /* SMI_TASK_THREADS_H */
