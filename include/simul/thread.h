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

/* Call fn(arg) in a thread of the loop's pool and return its result. There it
 * may block, but not use the loop. -ENOMEM or -EAGAIN if no thread could be
 * had for it.
 * Suspends: always. Cancelled: fn was not called. Once it has been called it
 * can't be stopped, as its argument may be yours: then the call waits for its
 * end and returns its result. */
SIMUL_API int simul_to_thread(simul_fn *fn, void *arg);

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
 * Suspends: never. */
SIMUL_API int simul_submit(simul_loop *loop, simul_fn *fn, void *arg);

/* simul_future_set from any thread that has a hold on the future's loop.
 * The future must live until it is set there. -ESHUTDOWN, -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_future_post(simul_loop *loop, simul_future *future,
				int result, void *value);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_THREAD_H */
