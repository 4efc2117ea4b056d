/* SPDX-License-Identifier: MIT
 * tests/storm.h - long sequences of calls, drawn from a seed, under fire.
 *
 * A sweep cancels one program at every point, once. A storm runs games side by
 * side that draw each of their calls and its deadline, while somebody cancels
 * this task and that. So it comes to sequences that nobody has thought of. What
 * a call promises when it fails (nothing was taken, nothing was written) is
 * what a game counts on: at its end all that was put must have been got.
 *
 *	test_storm NAME			seeds 1 and on
 *	STORM_SEED=7 test_storm NAME	that one only
 *
 * The same seed draws the same calls, but threads and the kernel have a say in
 * what comes when.
 */
#ifndef STORM_H
#define STORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/scope.h>
#include <simul/task.h>

/* What decides. */
struct dice {
	uint64_t state;
};

/* A number below n. */
unsigned roll(struct dice *d, unsigned n);

/* Dice for somebody else. */
struct dice more_dice(struct dice *d);

/* Some seconds, mostly less than it takes; perhaps none. */
double moment(struct dice *d);

/* r = call, perhaps with a deadline around it. */
#define PERHAPS(d, r, call)                                                    \
	do {                                                                   \
		simul_timeout limit_;                                          \
		bool limited_ = roll(d, 3) == 0 &&                             \
				simul_timeout_open(&limit_, moment(d)) == 0;   \
                                                                               \
		(r) = (call);                                                  \
		if (limited_)                                                  \
			(r) = simul_timeout_close(&limit_, (int)(r));          \
	} while (0)

/* Is this an error after which a game stops? */
static inline bool is_the_end(ptrdiff_t r)
{
	return r < 0 && r != -ETIMEDOUT;
}

/* Start fn(arg) as a task that may be cancelled at any time; others are not. */
simul_task *start_target(simul_fn *fn, void *arg);

/* For each of so many seeds: several games at once, drawn from count of them,
 * each with dice of its own for its argument, until all have ended. */
void storm(simul_fn *const *games, size_t count, unsigned seeds);

#endif /* STORM_H */
