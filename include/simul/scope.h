/* SPDX-License-Identifier: MIT
 * simul/scope.h - deadlines and protection from cancellation.
 *
 * Cancellation is a level. Inside a scope that was cancelled, every call that
 * would suspend returns -ECANCELED at once, until the scope is left; a return
 * code that was overlooked is said again by the next call. What cancels a
 * scope cancels everything in it: scopes inside it, and the tasks that were
 * created in it, with their children.
 *
 * Two rules hold everywhere:
 *   Delivered wins: if a result and a cancellation meet in the same turn, the
 *   call returns the result, and the next call tells of the cancellation.
 *   Cancelled is not finished: when a call returns, nothing of it is left
 *   running; no kernel or thread still writes to your buffer.
 *
 * A deadline is a scope too. No function takes a deadline of its own:
 *
 *	simul_timeout limit;
 *	int r = simul_timeout_open(&limit, 5);
 *
 *	if (r >= 0) {
 *		r = talk_to_server(s);
 *		r = simul_timeout_close(&limit, r); // -ETIMEDOUT: it was us
 *	}
 *
 * Scopes nest and must be closed innermost first, by the task that opened
 * them, in the function that opened them. simul_wait_for and the block form
 * below can't get that wrong.
 */
#ifndef SIMUL_SCOPE_H
#define SIMUL_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A region of a task's execution that is cancelled as one. Its members are the
 * library's business. */
struct simul_scope {
	struct simul_scope *outer;	/* the one around it */
	struct simul_task *task;	/* whose it is; NULL: closed */
	struct simul_task *first_child; /* tasks created in it */
	struct simul_task *last_child;
	bool cancelled; /* it, or one around it */
	bool shielded;	/* what is outside does not count */
};

/* A timer of the loop. Its members are the library's business. */
struct simul_timer {
	uint64_t when; /* ns on the loop's clock */
	uint64_t order;
	size_t slot; /* place in the heap, from 1; 0: not set */
	void (*fire)(struct simul_timer *timer);
};

/* ---- Timeout: a deadline for all that is called inside it. */

typedef struct simul_timeout {
	struct simul_scope scope;
	struct simul_timer timer;
	bool expired;
} simul_timeout;

/* Open a scope that is cancelled when this many seconds have passed; at once
 * if 0 or less; never if INFINITY. -EINVAL for NaN, -ENOMEM; after an error
 * nothing is open.
 * Suspends: never. */
SIMUL_API int simul_timeout_open(simul_timeout *timeout, double seconds);

/* The same with a point of time on simul_now's clock; one that has passed
 * counts from the next turn of the loop on. Reads no clock, so it is the
 * cheaper one where the time is known.
 * Suspends: never. */
SIMUL_API int simul_timeout_open_at(simul_timeout *timeout, double when);

/* Close the scope and return result, but -ETIMEDOUT in place of -ECANCELED
 * where it was this deadline that passed, and nothing around it was cancelled.
 * Suspends: never. */
SIMUL_API int simul_timeout_close(simul_timeout *timeout, int result);

/* Move the deadline to this many seconds from now (INFINITY: to never).
 * -EINVAL if it has passed already or the scope is closed; -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_timeout_reschedule(simul_timeout *timeout, double seconds);

/* When it passes, on simul_now's clock; INFINITY for never.
 * Suspends: never. */
SIMUL_API double simul_timeout_when(const simul_timeout *timeout);

/* Has the deadline passed while the scope was open?
 * Suspends: never. */
SIMUL_API bool simul_timeout_expired(const simul_timeout *timeout);

/* ---- Calls in a scope of their own */

/* Call fn(arg) and return its result, or -ETIMEDOUT if it was cancelled
 * because it took longer than this many seconds. It has ended in any case.
 * Suspends: if fn does. Cancelled: fn was, and has ended. */
SIMUL_API int simul_wait_for(double seconds, simul_fn *fn, void *arg);

/* Call fn(arg) out of reach of any cancellation from outside, and return its
 * result. For clean-up that must be allowed to wait. Unlike asyncio's, the
 * caller stays until fn has ended (its argument may be in the caller's frame);
 * it is told of the cancellation by its next call that would suspend.
 * Suspends: if fn does. */
SIMUL_API int simul_shield(simul_fn *fn, void *arg);

/* ---- Block form, where the compiler knows the clean-up attribute
 *
 *	int r = 0;
 *
 *	SIMUL_WITH_TIMEOUT(5, r) {
 *		r = talk_to_server(s);
 *	}
 *	// r is -ETIMEDOUT if it took longer
 *
 * The scope is closed however the block is left: by its end, break, goto or
 * return. break and continue leave the block, not a loop around it. If the
 * scope can't be opened, r is the error and the block does not run. (What
 * `return r` returns was decided before the block was left: -ECANCELED where r
 * itself becomes -ETIMEDOUT.) */
#if defined(__GNUC__) && !defined(__cplusplus)

struct simul_timeout_block {
	simul_timeout timeout;
	int *result;
	bool once;
};

/* The two ends of the block: SIMUL_WITH_TIMEOUT calls them.
 * Suspends: never. */
SIMUL_API struct simul_timeout_block *
simul_timeout_block_open(struct simul_timeout_block *block, double seconds,
			 int *result);

/* See simul_timeout_block_open.
 * Suspends: never. */
SIMUL_API void simul_timeout_block_close(struct simul_timeout_block *block);

/* Run the block that follows with a deadline; see above.
 * Suspends: if the block does. */
#define SIMUL_WITH_TIMEOUT(seconds, r)                                         \
	SIMUL_WITH_TIMEOUT_1(seconds, r, __LINE__)

/* Names that differ from line to line, so that blocks nest without a warning.
 * Suspends: see SIMUL_WITH_TIMEOUT. */
#define SIMUL_WITH_TIMEOUT_1(seconds, r, line)                                 \
	SIMUL_WITH_TIMEOUT_2(seconds, r, line)

/* The block itself.
 * Suspends: see SIMUL_WITH_TIMEOUT. */
#define SIMUL_WITH_TIMEOUT_2(seconds, r, line)                                 \
	for (struct simul_timeout_block simul_block_##line                     \
	     __attribute__((cleanup(simul_timeout_block_close))),              \
	     *simul_open_##line = simul_timeout_block_open(                    \
		     &simul_block_##line, seconds, &(r));                      \
	     simul_open_##line->once; simul_open_##line->once = false)

#endif

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SCOPE_H */
