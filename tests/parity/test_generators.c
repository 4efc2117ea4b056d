/* SPDX-License-Identifier: MIT
 * tests/parity/test_generators.c - what Python promises of generators; see
 * docs/parity.md. */
#include "../task/trail.h"

#include <errno.h>

#include <simul.h>

struct point {
	double x;
	const char *name;
};

struct points {
	int n;
};

static int points(void *arg)
{
	const struct points *my = arg;
	int r = 0;

	for (int i = 0; i < my->n && r >= 0; i++) {
		struct point p = { i * 0.5, i % 2 ? "odd" : "even" };

		r = simul_yield_value(&p);
	}
	return r;
}

TEST_VIRTUAL(a_generator_yields_typed_values_and_for_loops_over_it)
{
	simul_generator *g = simul_generate(points, .n = 7);
	int n = 0;

	for (void *v; simul_next(g, &v) > 0; n++) {
		const struct point *p = v;

		CHECK_NEAR(p->x, n * 0.5, 0);
		CHECK_STR(p->name, n % 2 ? "odd" : "even");
	}
	CHECK_INT(n, ==, 7);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

/* ---- Closing early */

static int cleans_up(void *arg)
{
	int r = 0;

	while (r >= 0)
		r = simul_yield_value(arg);
	mark('i');
	return r;
}

static int delegates(void *arg)
{
	simul_generator *inner = simul_generator_new(NULL, cleans_up, arg);
	int r = simul_yield_from(inner);

	CHECK_INT(r, ==, -ECANCELED);
	mark('o');
	CHECK_INT(simul_generator_close(inner), ==, 0);
	return r;
}

TEST_VIRTUAL(closing_one_that_delegates_runs_the_clean_up_of_both)
{
	simul_generator *g = simul_generator_new(NULL, delegates, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("oi");
}

static void *same(void *value, void *arg)
{
	(void)arg;
	return value;
}

static bool is_any(void *value, void *arg)
{
	(void)value;
	(void)arg;
	return true;
}

TEST_VIRTUAL(closing_a_map_or_filter_early_runs_the_clean_up_of_its_source)
{
	simul_generator *g = simul_map(
		simul_generator_new(NULL, cleans_up, NULL), same, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("i");
	g = simul_filter(simul_generator_new(NULL, cleans_up, NULL), is_any,
			 NULL);
	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("i");
}
