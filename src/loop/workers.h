/* SPDX-License-Identifier: MIT
 * loop/workers.h - threads that do for a loop what would block it.
 *
 * A loop has one pool of them for files and for whatever else blocks for a
 * short time, and rooms to the right may have more, so that what is slow keeps
 * nobody waiting but its own kind. Threads are started when there is more work
 * than threads that wait for some, up to the pool's limit, and stay until it is
 * freed: at the latest with the loop.
 */
#ifndef SMI_LOOP_WORKERS_H
#define SMI_LOOP_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

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
	struct smi_workers *workers;
	struct smi_letter letter;
	struct smi_work *next;
	struct smi_work *prev;
	bool queued;
};

/* Make a pool of up to most threads, none of which is started yet, or NULL.
 * The name is for people: up to 15 bytes, lent. The loop frees the pool at its
 * end. All calls come from the loop's thread. */
struct smi_workers *smi_workers_new(struct smi_loop *loop, const char *name,
				    size_t most);

/* Queue work. 0; -EAGAIN or the like if there is no thread and none could be
 * started: then it was not queued. */
int smi_workers_submit(struct smi_workers *workers, struct smi_work *work);

/* The same in the loop's own pool, which the first call makes; -ENOMEM. */
int smi_work_submit(struct smi_loop *loop, struct smi_work *work);

/* Take back work of any pool that no worker has begun; false if one has, and
 * then done will be called. */
bool smi_work_cancel(struct smi_loop *loop, struct smi_work *work);

/* End the threads of a pool and free it. They finish what was queued, and this
 * waits for them; the loop hands out their letters later. NULL is accepted. */
void smi_workers_free(struct smi_workers *workers);

#endif /* SMI_LOOP_WORKERS_H */
