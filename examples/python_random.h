/* SPDX-License-Identifier: MIT
 * python_random.h - the numbers that Python's random module draws.
 *
 *	import random			#include "python_random.h"
 *
 *	random.seed(444)		random_seed(444);
 *	i = random.randint(0, 10)	i = random_randint(0, 10);
 *
 * The same seed gives the same numbers as in Python, so that an example prints
 * what its Python original prints. Like Python's, it is one generator for the
 * whole program; not for secrets, and not for several threads.
 */
#ifndef PYTHON_RANDOM_H
#define PYTHON_RANDOM_H

#include <stdint.h>

/* Start the sequence that belongs to seed; without it, that of seed 0. */
void random_seed(uint64_t seed);

/* A whole number from a to b, both included; a <= b. */
int random_randint(int a, int b);

/* A number from 0 to 1, 1 excluded. */
double random_random(void);

/* A number from a to b. */
double random_uniform(double a, double b);

#endif /* PYTHON_RANDOM_H */
