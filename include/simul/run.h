/* SPDX-License-Identifier: MIT
 * simul/run.h - start a loop, and what time it is in there.
 *
 * A loop runs the tasks of one thread, one at a time. simul_run makes a loop,
 * runs your main coroutine and everything that it starts, and returns when all
 * of it has ended:
 *
 *	static int amain(void *arg)
 *	{
 *		simul_sleep(1);
 *		puts("hello");
 *		return 0;
 *	}
 *
 *	int main(void) { return simul_run(amain, NULL) < 0; }
 *
 * A coroutine is any function of type simul_fn: an ordinary C function that
 * runs on a stack of its own. Calling it from another coroutine is what
 * Python spells `await f(x)`; simul/task.h runs it beside you.
 *
 * In C++ an exception must be caught in the coroutine that it came up in, else
 * the program ends (std::terminate). And a handler must not suspend: the
 * compiler's library counts by thread what was caught, and would take it for
 * another task's. Note what is to be done, and do it behind the handler. In C,
 * a longjmp stays in its task, and leaves no scope open (simul/scope.h).
 *
 * Words used in all headers:
 *   suspend    let other tasks run until what you wait for has happened
 *   Suspends:  closes the description of a function and says whether it may.
 *              A call that may suspend looks for cancellation first, also
 *              when it would not have to wait.
 *   Cancelled: says what is true when the call returns -ECANCELED.
 */
#ifndef SIMUL_RUN_H
#define SIMUL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A coroutine. It returns zero or more for success, or a negative error. */
typedef int simul_fn(void *arg);

typedef struct simul_loop simul_loop;

/* How a loop behaves. All zero is what simul_run uses. Where a member names an
 * environment variable, that decides if the member is zero, so that a program
 * can be looked into without being built again. A value that makes no sense,
 * in either, is -EINVAL. */
typedef struct simul_options {
	/* Time jumps to the next timer as soon as nothing else can happen, so
	 * that a program that sleeps for hours takes no time. Operations of the
	 * real world (sockets, files, threads) are given 20 ms of quiet before
	 * the clock jumps past them: a judgement, not a certainty.
	 * SIMUL_CLOCK=virtual */
	bool virtual_clock;

	/* Look for mistakes and report them on stderr: who waits for what in a
	 * deadlock, a task that failed and that nobody awaited, streams that
	 * are open when the loop ends, a stack that overflowed (which installs
	 * a SIGSEGV handler for as long as the loop lives), a task that kept
	 * the loop busy for more than 100 ms, and where it was when it
	 * suspended at last (program and offset, of which addr2line(1) makes
	 * file and line). SIMUL_DEBUG=1 */
	bool debug;

	/* Leave SIGINT alone. Otherwise, where SIGINT has its default action
	 * and the loop is in the main thread, the first one cancels the main
	 * task and a second one ends the process; simul_run restores the
	 * default when it returns. Other signals are yours, as are all of
	 * them with simul_loop_new: see simul/signal.h. */
	bool keep_sigint;

	/* Do the same for SIGTERM, which is how a service is asked to end. */
	bool catch_sigterm;

	/* "io_uring", "epoll", or NULL for the first of these that the kernel
	 * allows. An unknown name makes simul_run fail with -EINVAL, one that
	 * the kernel denies with its error. SIMUL_BACKEND=epoll */
	const char *backend;

	/* Address space for the stack of a task, in bytes; rounded up to a
	 * power of two and at least 16 KiB. Only pages that were touched cost
	 * memory. 0 is 256 KiB, where any C library call fits.
	 * SIMUL_STACK_SIZE=bytes */
	size_t stack_size;

	/* Seconds for which the thread stays awake when it has nothing to do,
	 * as long as what it waits for has mostly come sooner; when that fails
	 * it sleeps, and stays awake no more until waits are short again. To
	 * fall asleep and be woken takes tens of microseconds, mostly in
	 * virtual machines: where peers answer faster than that, 50e-6 halves
	 * the time of a round trip. It needs a core of its own, which it keeps
	 * busy meanwhile. At rest it costs nothing. 0 is never; above 1 is
	 * -EINVAL. Loops on the virtual clock, and those that are driven from
	 * outside, never do. SIMUL_SPIN=seconds */
	double spin;
} simul_options;

/* Run fn(arg) as the main task of a new loop in this thread, and return its
 * result when it and every task that it started have ended. Fails with -EBUSY
 * inside a task, -ENOMEM, or what the kernel says to a new ring or epoll
 * descriptor. If every task waits and nothing is left that could wake one,
 * all are cancelled and the result is -EDEADLK.
 * Suspends: never; it is the thread that waits. */
SIMUL_API int simul_run(simul_fn *fn, void *arg);

/* simul_run with options; they are only read during the call.
 * Suspends: never; it is the thread that waits. */
SIMUL_API int simul_run_with(const simul_options *options, simul_fn *fn,
			     void *arg);

/* ---- Time */

/* Seconds on the clock of the loop, or on the system's monotonic clock outside
 * of one. Only differences mean something.
 * Suspends: never. */
SIMUL_API double simul_now(void);

/* Seconds since 1970, by the system's clock when the loop was made and the
 * loop's own since then; so under the virtual clock it follows that.
 * Suspends: never. */
SIMUL_API double simul_time(void);

/* Let others run for at least this many seconds. 0 (or less) only lets the
 * tasks that are ready take a turn, INFINITY is until cancelled. A NaN is
 * -EINVAL, -ENOMEM is possible.
 * Suspends: always. Cancelled: woken early. */
SIMUL_API int simul_sleep(double seconds);

/* ---- A loop driven from outside: inside a GUI, a game, or another loop
 *
 *	simul_loop *loop;
 *	int r = simul_loop_new(NULL, amain, NULL, &loop);
 *
 *	while (r >= 0 && (r = simul_loop_turn(loop)) > 0)
 *		wait_for(simul_loop_fd(loop), simul_loop_timeout(loop));
 *	r = simul_loop_free(loop);
 *
 * What waits in milliseconds should round the time up, lest it spins. Such a
 * loop never blocks and never reports a deadlock: whoever drives it may yet do
 * something. All calls come from the thread that made the loop. */

/* Make a loop with fn(arg) as its main task, which starts in the first turn.
 * Suspends: never. */
SIMUL_API int simul_loop_new(const simul_options *options, simul_fn *fn,
			     void *arg, simul_loop **ret_loop);

/* Run what is ready, fire due timers, collect finished operations; wait for
 * nothing. Returns 1 while the main task or any other lives, 0 when all have
 * ended, or a negative error of the kernel's. -EBUSY inside a task.
 * Suspends: never. */
SIMUL_API int simul_loop_turn(simul_loop *loop);

/* A descriptor that is readable when operations have finished: poll it, don't
 * read it. It stays the loop's.
 * Suspends: never. */
SIMUL_API int simul_loop_fd(const simul_loop *loop);

/* Seconds until simul_loop_turn has something to do even if the descriptor
 * stays quiet: 0 if it has now, a negative number if there is no such time.
 * Suspends: never. */
SIMUL_API double simul_loop_timeout(const simul_loop *loop);

/* Cancel what still runs, wait for it (this may block), free the loop, and
 * return the main task's result. NULL is accepted and is 0.
 * Suspends: never; it is the thread that waits. */
SIMUL_API int simul_loop_free(simul_loop *loop);

/* The loop that runs in this thread, or NULL.
 * Suspends: never. */
SIMUL_API simul_loop *simul_current_loop(void);

/* The name of what the loop asks for I/O: "io_uring" or "epoll".
 * Suspends: never. */
SIMUL_API const char *simul_loop_backend(const simul_loop *loop);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_RUN_H */
