/* SPDX-License-Identifier: MIT
 * simul/generator.h - coroutines that produce values one by one.
 *
 *	struct powers { int limit; };
 *
 *	static int powers(void *arg)
 *	{
 *		const struct powers *my = arg;
 *		int r = 0;
 *
 *		for (int i = 0, v = 1; i < my->limit && r >= 0; i++, v *= 2)
 *			r = simul_yield_value(&v);
 *		return r;
 *	}
 *
 *	simul_generator *g = simul_generate(powers, .limit = 10);
 *	void *v;
 *
 *	while ((r = simul_next(g, &v)) > 0)
 *		printf("%d\n", *(const int *)v);
 *	simul_generator_close(g);
 *
 * A generator runs only while somebody waits for its next value: the call goes
 * straight to it and comes straight back, no other task runs in between unless
 * the generator itself suspends, which it may (Python's asynchronous
 * generator). A value is lent until the generator is asked for the next one, so
 * it may be in the generator's frame.
 *
 * A generator belongs to the task that made it, like a child: it is closed
 * when its owner ends, if not before. Only one task at a time may wait for its
 * next value. One that is closed before it was asked for anything never runs.
 */
#ifndef SIMUL_GENERATOR_H
#define SIMUL_GENERATOR_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_generator simul_generator;

/* Make a generator of fn(arg); options as for a task (.eager and .background
 * are ignored), or NULL. Nothing of it runs until it is asked for a value. NULL
 * is -ENOMEM, which every call below accepts and says.
 * Suspends: never. */
SIMUL_API simul_generator *
simul_generator_new(const simul_task_options *options, simul_fn *fn,
		    const void *arg);

/* Make a generator with named arguments; see simul_go.
 * Suspends: never. */
#define simul_generate(f, ...)                                                 \
	simul_generator_new(                                                   \
		&(simul_task_options){ .name = #f,                             \
				       .arg_size = sizeof(struct f) },         \
		f, &(struct f){ __VA_ARGS__ })

/* Run the generator until it yields: store the value and return 1. When its
 * function has returned: 0, or the error that it returned; again for every
 * later call. -EBUSY if another task waits for it, -EDEADLK from inside it.
 * Suspends: if the generator does. Cancelled: if that came before the call,
 * nothing was done; else the generator was cancelled too, as when an exception
 * is thrown into it, and has ended. */
SIMUL_API int simul_next(simul_generator *generator, void **ret_value);

/* simul_next, with a value for the generator: it is what simul_yield_sent
 * returns. The first call's value is lost, as the generator is not waiting for
 * one yet.
 * Suspends, Cancelled: as simul_next. */
SIMUL_API int simul_send(simul_generator *generator, void *value,
			 void **ret_value);

/* End the generator, if it has not ended, and free it: the yield that it is at
 * returns -ECANCELED, and so does everything that would suspend there; its
 * function is waited for. Returns what that returned; 0 where it is
 * -ECANCELED. NULL is 0; -EDEADLK from inside the generator.
 * Suspends: if it has not ended; cancellation does not cut this short. */
SIMUL_API int simul_generator_close(simul_generator *generator);

/* ---- Inside a generator */

/* Give value to whoever asked, and wait to be asked again. Returns 0, or
 * -EINVAL outside of a generator.
 * Suspends: always. Cancelled: nobody will ask again; clean up and return. */
SIMUL_API int simul_yield_value(void *value);

/* simul_yield_value that stores what the next simul_send sends (NULL from
 * simul_next).
 * Suspends, Cancelled: as simul_yield_value. */
SIMUL_API int simul_yield_sent(void *value, void **ret_sent);

/* Yield all that inner yields, handing it what is sent to us, until it ends;
 * return its result. inner stays yours to close. Python's `yield from`.
 * Suspends: always. Cancelled: as simul_yield_value; inner was left alone. */
SIMUL_API int simul_yield_from(simul_generator *inner);

/* ---- Comprehensions: generators made from a generator
 *
 * Both take over source: it is closed when they are, and at once if NULL is
 * returned. */

/* Yield fn(value, arg) for each value of source.
 * Suspends: never. */
SIMUL_API simul_generator *simul_map(simul_generator *source,
				     void *(*fn)(void *value, void *arg),
				     void *arg);

/* Yield the values of source for which test(value, arg) is true.
 * Suspends: never. */
SIMUL_API simul_generator *simul_filter(simul_generator *source,
					bool (*test)(void *value, void *arg),
					void *arg);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_GENERATOR_H */
