/* SPDX-License-Identifier: MIT
 * simul/thread_queue.h - hand items from thread to thread.
 *
 *	simul_thread_queue *jobs;
 *	int r = simul_thread_queue_new(100, &jobs);
 *
 *	// in any thread, or in any task of any loop:
 *	r = simul_thread_queue_put(jobs, job);
 *	r = simul_thread_queue_get(jobs, &item);
 *
 * It is simul_queue for those who are not in one loop: the same verbs may be
 * called by tasks, whatever loop they are in, and by threads that have none. A
 * task suspends where it has to wait; a thread blocks. It is bounded, so
 * whoever puts is slowed down to the speed of whoever gets. First in, first
 * out, also among those who wait.
 *
 * An item that is put while somebody waits for one is theirs from this moment
 * on, and neither a cancellation nor a deadline loses it.
 *
 * In a thread in which a loop runs, but outside of any task, what would wait
 * is -EPERM.
 */
#ifndef SIMUL_THREAD_QUEUE_H
#define SIMUL_THREAD_QUEUE_H

#include <stddef.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_thread_queue simul_thread_queue;

/* Make a queue that holds up to so many pointers. -EINVAL for 0, -ENOMEM: this
 * is where all its memory is allocated.
 * Suspends: never. */
SIMUL_API int simul_thread_queue_new(size_t capacity,
				     simul_thread_queue **ret_queue);

/* Free it; items still in it are forgotten. Nobody may be using it any more.
 * NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_thread_queue_free(simul_thread_queue *queue);

/* Append item, waiting while the queue is full. -EPIPE once it is shut down;
 * after any error the item is still yours.
 * Suspends: if full. Cancelled: the item was not queued. */
SIMUL_API int simul_thread_queue_put(simul_thread_queue *queue, void *item);

/* Append item if there is room and nobody waits to put one, else return
 * -EAGAIN; -EPIPE once it is shut down.
 * Suspends: never. */
SIMUL_API int simul_thread_queue_try_put(simul_thread_queue *queue, void *item);

/* Remove the next item into *ret_item, waiting while there is none. -EPIPE
 * once the queue is shut down and empty.
 * Suspends: if empty. Cancelled: nothing was removed. */
SIMUL_API int simul_thread_queue_get(simul_thread_queue *queue,
				     void **ret_item);

/* Remove the next item if there is one, else return -EAGAIN (-EPIPE once the
 * queue is shut down and empty).
 * Suspends: never. */
SIMUL_API int simul_thread_queue_try_get(simul_thread_queue *queue,
					 void **ret_item);

/* Say that the work on one item that was got is done. -EINVAL if that is more
 * often than items were put.
 * Suspends: never. */
SIMUL_API int simul_thread_queue_task_done(simul_thread_queue *queue);

/* Wait until task_done was called for every item that was ever put.
 * Suspends: if work is unfinished. Cancelled: work may be unfinished. */
SIMUL_API int simul_thread_queue_join(simul_thread_queue *queue);

/* Refuse further puts, and wake all that wait to put with -EPIPE. Items that
 * are queued can still be got; once there are none, so do getters get -EPIPE.
 * Twice does nothing more.
 * Suspends: never. */
SIMUL_API void simul_thread_queue_shutdown(simul_thread_queue *queue);

/* Shut down at once: drop what is queued, as if it had been got and done, so
 * that joiners go on. drop, if not NULL, is called for each item; it must not
 * suspend, nor use the queue.
 * Suspends: never. */
SIMUL_API void simul_thread_queue_shutdown_now(simul_thread_queue *queue,
					       void (*drop)(void *item));

/* How many items are in it just now: others may change that at once.
 * Suspends: never. */
SIMUL_API size_t simul_thread_queue_count(simul_thread_queue *queue);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_THREAD_QUEUE_H */
