/* SPDX-License-Identifier: MIT
 * simul/loops.h - several loops, each in a thread of its own: more cores.
 *
 * A loop uses one core. A program that needs more runs several loops that
 * share nothing, and calls from one into another:
 *
 *	static int serve(void *arg)
 *	{
 *		static const simul_listen_options shared = {
 *			.reuse_port = true,
 *		};
 *		simul_listener *l;
 *		int r = simul_listen(arg, &shared, &l);
 *
 *		if (r >= 0) {
 *			r = simul_serve(l, handler, NULL, NULL);
 *			simul_listener_close(l);
 *		}
 *		return r;
 *	}
 *
 *	r = simul_loops_open(NULL, &loops);		// one for each core
 *	if (r >= 0) {
 *		r = simul_loops_call(loops, serve, &address);
 *		simul_loops_close(loops);
 *	}
 *
 * A task stays in the loop that it was started in, and so does everything that
 * is made of tasks or waited for by tasks: queues, locks, futures, streams.
 * What fn(arg) shares with other loops is shared between threads: it takes
 * atomics or a mutex, or isn't changed. A connection can be taken along: see
 * simul_stream_detach.
 */
#ifndef SIMUL_LOOPS_H
#define SIMUL_LOOPS_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- From loop to loop */

/* Call fn(arg) in another loop, as a background task there, and return its
 * result. You need a hold on the loop (simul/thread.h), or it is one of
 * simul_loops below. -ESHUTDOWN if its run has ended, -ENOMEM if there is no
 * memory for the task: then fn was not called. The call leaves when the tasks
 * that are ready have had their turn, together with theirs. When the other
 * loop's run ends, fn is cancelled as all background tasks are.
 * Suspends: always. Cancelled: fn was cancelled too and has ended, so arg may
 * lie in your frame; what is returned is fn's result, which may be a success
 * that came first. */
SIMUL_API int simul_to_loop(simul_loop *loop, simul_fn *fn, void *arg);

/* ---- Loops in threads */

typedef struct simul_loops simul_loops;

/* What they are to be; all zero is a good choice. */
typedef struct simul_loops_options {
	size_t count;	    /* 0: as many as there are cores for this process */
	bool pinned;	    /* each stays on a core of its own */
	const char *name;   /* of the threads: "name-0", "name-1", ..., cut to
			     * 15 bytes; NULL: "simul-loop" */
	simul_options loop; /* of each */
} simul_loops_options;

/* Start loops, each in a thread of its own where all signals are blocked but
 * those that a fault of the program sends. They have nothing to do yet and wait
 * to be called. options may be NULL. -EINVAL for more than 1,024; -EAGAIN,
 * -ENOMEM or what the kernel says if one can't be had: then none is left.
 * Whoever opens them closes them, before its own loop ends.
 * Suspends: until all of them run, which a cancellation can't cut short.
 * Cancelled: before: there are none. */
SIMUL_API int simul_loops_open(const simul_loops_options *options,
			       simul_loops **ret_loops);

/* How many there are. From any thread.
 * Suspends: never. */
SIMUL_API size_t simul_loops_count(const simul_loops *loops);

/* One of them, from 0 on, for simul_to_loop or simul_submit; NULL if there is
 * none of that number. It is there until simul_loops_close. From any thread.
 * Suspends: never. */
SIMUL_API simul_loop *simul_loops_at(const simul_loops *loops, size_t index);

/* The one whose turn it is, so that work that comes in is dealt out in rounds.
 * From any thread.
 * Suspends: never. */
SIMUL_API simul_loop *simul_loops_next(simul_loops *loops);

/* Which of them runs in this thread; -ENOENT if none.
 * Suspends: never. */
SIMUL_API int simul_loops_index(const simul_loops *loops);

/* Call fn(arg) in each of them at once, and return when all calls have ended:
 * zero, or the first failure, which cancels the other calls, as in a group.
 * Suspends: always. Cancelled: so were all calls, and they have ended. */
SIMUL_API int simul_loops_call(simul_loops *loops, simul_fn *fn, void *arg);

/* End them: what still runs in them is cancelled, waited for, and their threads
 * are joined; then loops is gone. Nobody else may be using it any more. Returns
 * 0, or how a loop broke down, if one did (see simul_run). NULL is 0.
 * Suspends: until they have ended, which a cancellation can't cut short. */
SIMUL_API int simul_loops_close(simul_loops *loops);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_LOOPS_H */
