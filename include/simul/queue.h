/* SPDX-License-Identifier: MIT
 * simul/queue.h - hand items from tasks to tasks of the same loop.
 *
 *	simul_queue jobs = { .capacity = 100 };
 *
 * A queue holds pointers and never looks at what they mean: whoever got an
 * item owns it. It is the queue of asyncio, in all three orders. All bits zero
 * is a first-in-first-out queue without a limit.
 *
 * Putters and getters wait in order of arrival. An item that is put while a
 * task waits for one is that task's from this moment on: nobody can snatch it,
 * and neither a cancellation nor a deadline in the same turn loses it.
 *
 * Between loops, or threads, there is simul/thread_queue.h.
 */
#ifndef SIMUL_QUEUE_H
#define SIMUL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

enum simul_order {
	SIMUL_FIFO,    /* first in, first out */
	SIMUL_LIFO,    /* last in, first out */
	SIMUL_PRIORITY /* smallest first, by .compare; equal ones by arrival */
};

typedef struct simul_queue {
	size_t capacity; /* items that fit; 0: no limit */
	enum simul_order order;
	int (*compare)(const void *a, const void *b); /* < 0: a goes first */

	size_t count;	   /* items in it now */
	size_t unfinished; /* items got or waiting, not yet task_done */
	bool closed;	   /* shut down: no more puts */
	size_t head;	   /* the rest is the library's business */
	size_t room;
	struct simul_queue_item *items;
	size_t arrivals;
	struct simul_waiters getters;
	struct simul_waiters putters;
	struct simul_waiters joiners;
} simul_queue;

/* Append item, waiting while the queue is full. -EPIPE once it is shut down,
 * -ENOMEM if it can't grow, -EINVAL for SIMUL_PRIORITY without .compare; after
 * any error the item is still yours.
 * Suspends: if full. Cancelled: the item was not queued. */
SIMUL_API int simul_queue_put(simul_queue *queue, void *item);

/* Append item if there is room and nobody waits to put one, else return
 * -EAGAIN; errors as simul_queue_put.
 * Suspends: never. */
SIMUL_API int simul_queue_try_put(simul_queue *queue, void *item);

/* Remove the next item into *ret_item, waiting while there is none. -EPIPE
 * once the queue is shut down and empty.
 * Suspends: if empty. Cancelled: nothing was removed. */
SIMUL_API int simul_queue_get(simul_queue *queue, void **ret_item);

/* Remove the next item if there is one, else return -EAGAIN (-EPIPE once the
 * queue is shut down and empty).
 * Suspends: never. */
SIMUL_API int simul_queue_try_get(simul_queue *queue, void **ret_item);

/* Say that the work on one item that was got is done. -EINVAL if that is more
 * often than items were put.
 * Suspends: never. */
SIMUL_API int simul_queue_task_done(simul_queue *queue);

/* Wait until task_done was called for every item that was ever put.
 * Suspends: if work is unfinished. Cancelled: work may be unfinished. */
SIMUL_API int simul_queue_join(simul_queue *queue);

/* Refuse further puts, and wake all that wait to put with -EPIPE. Items that
 * are queued can still be got; once there are none, so do getters get -EPIPE.
 * Twice does nothing more.
 * Suspends: never. */
SIMUL_API void simul_queue_shutdown(simul_queue *queue);

/* Shut down at once: drop what is queued, as if it had been got and done, so
 * that joiners go on. drop, if not NULL, is called for each item; it must not
 * suspend.
 * Suspends: never. */
SIMUL_API void simul_queue_shutdown_now(simul_queue *queue,
					void (*drop)(void *item));

/* Is it full, so that a put would wait?
 * Suspends: never. */
SIMUL_API bool simul_queue_is_full(const simul_queue *queue);

/* Free what the queue has allocated; items still in it are forgotten. No task
 * may be waiting. The queue is then empty and open, with the capacity, order
 * and compare that it had, and may be used again.
 * Suspends: never. */
SIMUL_API void simul_queue_done(simul_queue *queue);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_QUEUE_H */
