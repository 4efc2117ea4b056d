/* SPDX-License-Identifier: MIT
 * simul/thread.h - between a loop and other threads.
 *
 * A loop and all that lives in it belong to one thread. These are the calls
 * that cross over: out, to run blocking code in a pool of threads; in, from a
 * thread that has something for a loop.
 *
 * A thread that wants to reach a loop needs a hold on it, taken in the loop's
 * own thread. While a hold is out, the loop knows that somebody may yet wake
 * it, and never reports a deadlock:
 *
 *	simul_loop *loop = simul_loop_hold(simul_current_loop());
 *	start_thread(worker, loop);
 *	...
 *	// in the thread:
 *	simul_submit(loop, handle, job);
 *	simul_loop_release(loop);
 */
#ifndef SIMUL_THREAD_H
#define SIMUL_THREAD_H

#include <simul/export.h>
#include <simul/future.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Out: functions that block */

/* Call fn(arg) in a thread and return its result. There it may block, but not
 * use the loop. The loop has up to 16 threads for this, which serve nothing
 * else: who keeps all of them busy for long keeps only other calls of this kind
 * waiting. -ENOMEM or -EAGAIN if no thread could be had for it.
 * Suspends: always. Cancelled: fn was not called. Once it has been called it
 * can't be stopped, as its argument may be yours: then the call waits for its
 * end and returns its result. */
SIMUL_API int simul_to_thread(simul_fn *fn, void *arg);

/* Threads of your own, for work that must not wait for other work: a database,
 * compression, a library that wants its calls one at a time. */
typedef struct simul_threads simul_threads;

typedef struct simul_threads_options {
	const char *name;   /* of the threads, in ps and debuggers; cut to 15
			     * bytes. NULL: "simul-pool" */
	size_t count;	    /* threads at most, up to 1,024; 0: one for
			     * each core that this thread may use. They start
			     * when they are needed */
	size_t queue_limit; /* calls that may wait for a thread; one more is
			     * refused. 0: no limit */
} simul_threads_options;

/* Make a pool of threads for this loop. All signals are blocked in them.
 * options are only read during the call, and may be NULL. -EINVAL, -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_threads_open(const simul_threads_options *options,
				 simul_threads **ret_threads);

/* End the threads and free the pool, before its loop ends. No task may be
 * waiting for a call. NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_threads_close(simul_threads *threads);

/* simul_to_thread in one of these threads. -EAGAIN, too, if as many calls wait
 * as may.
 * Suspends: always. Cancelled: as simul_to_thread. */
SIMUL_API int simul_threads_call(simul_threads *threads, simul_fn *fn,
				 void *arg);

/* Call fn with the address of each of count items of size bytes from items on,
 * in as many threads at once as the pool has; threads may be NULL: those of
 * simul_to_thread. Returns 0 if none fails, else the first failure: then no
 * further item is begun, and those that were are waited for. results, unless
 * NULL, gets what each call returned, and -ECANCELED for items that were not
 * begun. The pool's queue_limit does not count here. -ENOMEM, -EAGAIN: no item
 * was begun.
 * Suspends: always. Cancelled: no further item is begun; those that were are
 * waited for. If that were all, it is as if it had not been cancelled. */
SIMUL_API int simul_threads_map(simul_threads *threads, simul_fn *fn,
				void *items, size_t count, size_t size,
				int *results);

/* ---- In: other threads reach a loop */

/* Keep loop reachable from other threads until simul_loop_release. Only in the
 * loop's own thread, or by somebody who has a hold. Returns loop.
 * Suspends: never. */
SIMUL_API simul_loop *simul_loop_hold(simul_loop *loop);

/* Give a hold back; loop may be gone after this. From any thread. NULL does
 * nothing.
 * Suspends: never. */
SIMUL_API void simul_loop_release(simul_loop *loop);

/* Run fn(arg) as a background task of loop. From any thread that has a hold.
 * -ESHUTDOWN if the loop's run has ended (fn is not called), -ENOMEM. Once it
 * has returned 0, fn will be called: without memory for a task the loop tries
 * again a hundred times a second, and when its run ends it calls fn with no
 * task around it, where what would suspend is -EPERM.
 *
 * What was submitted and has not run takes memory, some 64 bytes each, and
 * there is no limit. Who may be faster than the loop puts items into a
 * simul_thread_queue (simul/thread_queue.h), or uses simul_submit_wait.
 * Suspends: never. */
SIMUL_API int simul_submit(simul_loop *loop, simul_fn *fn, void *arg);

/* simul_submit, and wait until fn has ended: the thread blocks, and gets what
 * fn returned. After so many seconds (INFINITY: never) fn is cancelled and
 * waited for, as by simul_wait_for, and the result is -ETIMEDOUT: so arg may
 * lie in the caller's frame. If the run of the loop ends, fn is cancelled, too.
 * -EDEADLK in a thread in which a loop runs; tasks have simul_to_loop
 * (simul/loops.h). -ESHUTDOWN, -ENOMEM: fn was not called.
 * Suspends: never; it is the thread that waits. */
SIMUL_API int simul_submit_wait(simul_loop *loop, simul_fn *fn, void *arg,
				double seconds);

/* simul_future_set from any thread that has a hold on the future's loop.
 * The future must live until it is set there. -ESHUTDOWN, -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_future_post(simul_loop *loop, simul_future *future,
				int result, void *value);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_THREAD_H */
