/* SPDX-License-Identifier: MIT
 * tests/task/test_comprehension.c - generators made from a generator. */
#include "powers.h"
#include "test.h"

static void *doubled(void *value, void *arg)
{
	int *room = arg;

	*room = 2 * value_of(value);
	return room;
}

static bool is_more_than(void *value, void *arg)
{
	return value_of(value) > *(int *)arg;
}

TEST_VIRTUAL(map_and_filter_stand_in_for_comprehensions)
{
	int room, least = 4;
	simul_generator *g =
		simul_map(simul_filter(simul_generate(powers, .limit = 5),
				       is_more_than, &least),
			  doubled, &room);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(value_of(v), ==, 16);
	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(value_of(v), ==, 32);
	CHECK_INT(simul_next(g, &v), ==, 0);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

TEST_VIRTUAL(map_hands_on_the_error_of_its_source)
{
	int room;
	static int one = 1;
	simul_generator *g =
		simul_map(generator(fails_after_one, &one), doubled, &room);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_next(g, &v), ==, -EIO);
	CHECK_INT(simul_generator_close(g), ==, -EIO);
}

TEST_VIRTUAL(map_and_filter_of_null_are_null)
{
	CHECK(!simul_map(NULL, doubled, NULL));
	CHECK(!simul_filter(NULL, is_more_than, NULL));
}
