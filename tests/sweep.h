/* SPDX-License-Identifier: MIT
 * tests/sweep.h - cancel a program at every point where it suspends.
 *
 * The program runs again and again under the virtual clock, each time with
 * another suspension cancelled, until there is none left:
 *   when     at the moment of the suspension; after what it waited for has
 *            come, but before it runs; by a timer at the end of the turn;
 *   whom     the whole program (by simul_cancel or by a deadline around it,
 *            children included), or only the task that is suspended, while
 *            the others go on.
 *
 * A run must end: one in which every task waits for ever fails. Nothing may be
 * left after it, and check looks at what the program has counted.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stddef.h>

#include <simul/run.h>

/* Run program(state), with size zero bytes of state, for each of the above.
 * check(state, result) is called in a task after each run. */
void sweep_cancellations(simul_fn *program, size_t size,
			 void (*check)(void *state, int result));

#endif /* SWEEP_H */
