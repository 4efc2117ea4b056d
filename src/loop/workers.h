/* SPDX-License-Identifier: MIT
 * loop/workers.h - threads that do for a loop what would block it.
 *
 * Threads are started when there is more work than threads that wait for some,
 * up to a limit, and stay until the loop ends.
 */
#ifndef SMI_LOOP_WORKERS_H
#define SMI_LOOP_WORKERS_H

#include <stdbool.h>

#include "loop/mailbox.h"

struct smi_loop;
struct smi_workers;

/* A piece of work. It lives in its caller's frame and belongs to the workers
 * until done is called or smi_work_cancel has returned true. */
struct smi_work {
	void (*run)(struct smi_work *work);  /* in a worker; may block */
	void (*done)(struct smi_work *work); /* in the loop's thread */
	/* The workers'. */
	struct smi_loop *loop;
	struct smi_letter letter;
	struct smi_work *next;
	struct smi_work *prev;
	bool queued;
};

/* Queue work. 0; -ENOMEM or -EAGAIN if there is no thread and none could be
 * started: then it was not queued. In the loop's thread. */
int smi_work_submit(struct smi_loop *loop, struct smi_work *work);

/* Take back work that no worker has begun; false if one has, and then done
 * will be called. In the loop's thread. */
bool smi_work_cancel(struct smi_loop *loop, struct smi_work *work);

/* End the threads, which finish what they have begun. NULL is accepted. */
void smi_workers_free(struct smi_workers *workers);

#endif /* SMI_LOOP_WORKERS_H */
