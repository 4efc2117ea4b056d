/* SPDX-License-Identifier: MIT
 * simul/future.h - a result that will be there later.
 *
 * The bridge from callbacks, and from other threads, to tasks: whoever knows
 * the result sets it, once; any number of tasks wait for it, before or after.
 * All bits zero is a future that is not set.
 *
 *	simul_future answer = {0};
 *
 *	library_call(request, on_answer, &answer);	// calls you back
 *	r = simul_future_wait(&answer, &value);
 *
 *	static void on_answer(void *arg, struct reply *reply)
 *	{
 *		simul_future_set(arg, 0, reply);
 *	}
 *
 * A future is of one loop. To set it from another thread see
 * simul_future_post in simul/thread.h.
 */
#ifndef SIMUL_FUTURE_H
#define SIMUL_FUTURE_H

#include <stdbool.h>

#include <simul/export.h>
#include <simul/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_future {
	bool is_set;
	int result;
	void *value;
	struct simul_waiters waiters;
} simul_future;

/* Set the result, and a value to go with it, and wake all that wait.
 * -EALREADY if it was set before; then nothing changed.
 * Suspends: never. */
SIMUL_API int simul_future_set(simul_future *future, int result, void *value);

/* Cancel the future: set it to -ECANCELED, if it was not set yet.
 * Suspends: never. */
SIMUL_API void simul_future_cancel(simul_future *future);

/* Wait until the future is set; return its result and, unless that is an error
 * or ret_value is NULL, store its value.
 * Suspends: if it is not set. Cancelled: the future was left alone. */
SIMUL_API int simul_future_wait(simul_future *future, void **ret_value);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_FUTURE_H */
