/* SPDX-License-Identifier: MIT
 * simul/sync.h - let tasks of one loop wait for each other.
 *
 * Everything here is a small visible struct that you place where you like: on
 * the stack, in your own struct, in a static. All bits zero is a valid, ready
 * object, so there is nothing to initialise and, once no task waits on it,
 * nothing to destroy. Freeing one that a task still waits on is a bug.
 *
 * All of them are fair: first come, first served, and a task that comes later
 * never overtakes one that waits. None is safe across threads: for that see
 * simul/thread.h, and simul/thread_queue.h for a queue.
 */
#ifndef SIMUL_SYNC_H
#define SIMUL_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Tasks waiting in order of arrival. The other objects are built from this. */
struct simul_waiters {
	struct simul_waiter *first; /* wakes next */
	struct simul_waiter *last;  /* newest arrival */
};

/* ---- Lock: at most one task holds it. */

typedef struct simul_lock {
	struct simul_task *owner; /* NULL when free */
	struct simul_waiters waiters;
} simul_lock;

/* Take the lock, waiting for its turn. Taking it twice from the same task is
 * -EDEADLK.
 * Suspends: if the lock is held. Cancelled: the lock is not held. */
SIMUL_API int simul_lock_acquire(simul_lock *lock);

/* Take the lock if it is free, else return -EAGAIN.
 * Suspends: never. */
SIMUL_API int simul_lock_try_acquire(simul_lock *lock);

/* Hand the lock to the task that waits longest, or free it. -EPERM if the
 * caller does not hold it.
 * Suspends: never. */
SIMUL_API int simul_lock_release(simul_lock *lock);

/* ---- Event: a flag to wait for. */

typedef struct simul_event {
	bool is_set;
	struct simul_waiters waiters;
} simul_event;

/* Set the flag and wake all that wait for it.
 * Suspends: never. */
SIMUL_API void simul_event_set(simul_event *event);

/* Clear the flag. Tasks that were woken already are not affected.
 * Suspends: never. */
SIMUL_API void simul_event_clear(simul_event *event);

/* Wait until the flag is set.
 * Suspends: if it is not set. Cancelled: the event may or may not be set. */
SIMUL_API int simul_event_wait(simul_event *event);

/* ---- Condition: wait, under a lock, for something to become true.
 *
 *	simul_lock_acquire(&lock);
 *	while (!there_is_work() && r >= 0)
 *		r = simul_condition_wait(&condition, &lock);
 *	...
 *	simul_lock_release(&lock);
 */

typedef struct simul_condition {
	struct simul_waiters waiters;
} simul_condition;

/* Release lock, wait to be notified, and take lock again. -EPERM if the caller
 * does not hold it. The lock is held again whenever this returns another
 * result, also when cancelled, even if that takes waiting.
 * Suspends: always. Cancelled: the lock is held; a notification that had
 * arrived went to the next waiter. */
SIMUL_API int simul_condition_wait(simul_condition *condition,
				   simul_lock *lock);

/* Wait until test(arg) is true, looking each time after a notification.
 * Suspends: if test is false. Cancelled: the lock is held. */
SIMUL_API int simul_condition_wait_for(simul_condition *condition,
				       simul_lock *lock,
				       bool (*test)(void *arg), void *arg);

/* Wake up to n waiters, the longest waiting first.
 * Suspends: never. */
SIMUL_API void simul_condition_notify(simul_condition *condition, size_t n);

/* Wake all waiters.
 * Suspends: never. */
SIMUL_API void simul_condition_notify_all(simul_condition *condition);

/* ---- Semaphore: at most so many at a time.
 *
 *	simul_semaphore ten = { .value = 10 };
 *
 * A zero semaphore has nothing to give until it is released. With .bound set,
 * a release beyond it is an error: a bounded semaphore. */

typedef struct simul_semaphore {
	size_t value; /* acquires that would succeed now */
	size_t bound; /* value may not exceed it; 0: no bound */
	struct simul_waiters waiters;
} simul_semaphore;

/* Take one, waiting until there is one.
 * Suspends: if there is none. Cancelled: nothing was taken. */
SIMUL_API int simul_semaphore_acquire(simul_semaphore *semaphore);

/* Take one if there is one and nobody waits for it, else return -EAGAIN.
 * Suspends: never. */
SIMUL_API int simul_semaphore_try_acquire(simul_semaphore *semaphore);

/* Give one back, to the task that waits longest if there is one. -EOVERFLOW
 * if that would exceed the bound; then nothing changed.
 * Suspends: never. */
SIMUL_API int simul_semaphore_release(simul_semaphore *semaphore);

/* ---- Barrier: wait until so many tasks have arrived, again and again.
 *
 *	simul_barrier barrier = { .parties = 3 };
 */

typedef struct simul_barrier {
	size_t parties; /* set this; at least 1 */
	size_t arrived; /* tasks that wait */
	bool broken;
	struct simul_waiters waiters;
} simul_barrier;

/* Arrive, and wait for the others. Returns which arrival this was, 0 for the
 * first to parties - 1 for the last, which lets all go; so that one of them
 * can do what is to be done once. -SIMUL_EBROKEN if the barrier is or gets
 * broken, -EINVAL if parties is 0.
 * Suspends: unless it is the last. Cancelled: the barrier is broken, and all
 * others that wait get -SIMUL_EBROKEN: they would wait for ever. */
SIMUL_API int simul_barrier_wait(simul_barrier *barrier);

/* Break the barrier: all that wait, and all that arrive until it is reset, get
 * -SIMUL_EBROKEN.
 * Suspends: never. */
SIMUL_API void simul_barrier_abort(simul_barrier *barrier);

/* Make the barrier whole and empty; tasks that wait get -SIMUL_EBROKEN.
 * Suspends: never. */
SIMUL_API void simul_barrier_reset(simul_barrier *barrier);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SYNC_H */
