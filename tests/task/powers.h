/* SPDX-License-Identifier: MIT
 * tests/task/powers.h - generators to be tested. */
#ifndef TEST_TASK_POWERS_H
#define TEST_TASK_POWERS_H

#include <errno.h>

#include <simul.h>

struct powers {
	int limit;
};

static inline int powers(void *arg)
{
	const struct powers *my = arg;
	int r = 0;

	for (int i = 0, v = 1; i < my->limit && r >= 0; i++, v *= 2)
		r = simul_yield_value(&v);
	return r;
}

static inline int value_of(void *v)
{
	return *(int *)v;
}

static inline simul_generator *generator(simul_fn *fn, void *arg)
{
	return simul_generator_new(&(simul_task_options){ 0 }, fn, arg);
}

static inline int fails_after_one(void *arg)
{
	int r = simul_yield_value(arg);

	return r < 0 ? r : -EIO;
}

#endif /* TEST_TASK_POWERS_H */
