/* SPDX-License-Identifier: MIT
 * tests/base/test_heap.c - timers, the earliest first. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/heap.h"

enum { MANY = 2000 };

static struct simul_timer timers[MANY];

static void add(struct smi_heap *h, struct simul_timer *timer, uint64_t when)
{
	timer->when = when;
	CHECK_INT(smi_heap_add(h, timer), ==, 0);
}

static struct simul_timer *take(struct smi_heap *h)
{
	struct simul_timer *first = smi_heap_first(h);

	if (first)
		smi_heap_remove(h, first);
	return first;
}

/* Numbers that look random and are the same each time. */
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

TEST(an_empty_heap_has_no_first_timer)
{
	struct smi_heap h = { 0 };

	CHECK(!smi_heap_first(&h));
	smi_heap_done(&h);
}

TEST(timers_come_out_in_the_order_of_their_times)
{
	struct smi_heap h = { 0 };
	uint64_t last = 0;
	unsigned seed = 1;

	for (int i = 0; i < MANY; i++)
		add(&h, &timers[i], next_random(&seed) % 500);
	for (int i = 0; i < MANY; i++) {
		struct simul_timer *t = take(&h);

		CHECK(t && t->when >= last);
		last = t->when;
	}
	CHECK(!smi_heap_first(&h));
	smi_heap_done(&h);
}

TEST(timers_of_the_same_time_come_out_in_the_order_in_which_they_were_added)
{
	struct smi_heap h = { 0 };

	for (int i = 0; i < MANY; i++)
		add(&h, &timers[i], 7 + (uint64_t)i % 3);
	for (int k = 0; k < 3; k++)
		for (int i = k; i < MANY; i += 3)
			CHECK(take(&h) == &timers[i]);
	smi_heap_done(&h);
}

TEST(a_timer_that_is_added_again_stands_behind_those_of_the_same_time)
{
	struct smi_heap h = { 0 };

	for (int i = 0; i < 3; i++)
		add(&h, &timers[i], 5);
	smi_heap_remove(&h, &timers[0]);
	add(&h, &timers[0], 5);
	CHECK(take(&h) == &timers[1]);
	CHECK(take(&h) == &timers[2]);
	CHECK(take(&h) == &timers[0]);
	smi_heap_done(&h);
}

TEST(a_timer_can_be_removed_from_every_position)
{
	enum { SIZE = 100 };

	for (int gone = 0; gone < SIZE; gone++) {
		struct smi_heap h = { 0 };
		uint64_t last = 0;
		unsigned seed = 9;

		for (int i = 0; i < SIZE; i++)
			add(&h, &timers[i], next_random(&seed) % 1000);
		for (int i = 0; i < SIZE; i++)
			CHECK(h.entries[timers[i].slot - 1].timer ==
			      &timers[i]);
		/* By place, not by age: each place of the array once. */
		struct simul_timer *victim = h.entries[gone].timer;

		smi_heap_remove(&h, victim);
		CHECK(!smi_timer_is_set(victim));
		for (int i = 0; i < SIZE - 1; i++) {
			struct simul_timer *t = take(&h);

			CHECK(t && t != victim && t->when >= last);
			last = t->when;
		}
		smi_heap_done(&h);
	}
}

TEST(removing_a_timer_that_is_not_set_does_nothing)
{
	struct smi_heap h = { 0 };
	struct simul_timer never = { 0 };

	add(&h, &timers[0], 1);
	smi_heap_remove(&h, &never);
	smi_heap_remove(&h, &timers[0]);
	smi_heap_remove(&h, &timers[0]);
	CHECK_INT(h.count, ==, 0);
	smi_heap_done(&h);
}

/* ---- Against a model that is too simple to be wrong */

static struct simul_timer *least_of_all(int n)
{
	struct simul_timer *least = NULL;

	for (int i = 0; i < n; i++)
		if (smi_timer_is_set(&timers[i]) &&
		    (!least || timers[i].when < least->when ||
		     (timers[i].when == least->when &&
		      timers[i].order < least->order)))
			least = &timers[i];
	return least;
}

TEST(whatever_is_added_and_removed_the_first_is_the_least)
{
	enum { SIZE = 300, STEPS = 40000 };
	struct smi_heap h = { 0 };
	unsigned seed = 4711;

	for (int step = 0; step < STEPS; step++) {
		struct simul_timer *t = &timers[next_random(&seed) % SIZE];

		if (smi_timer_is_set(t))
			smi_heap_remove(&h, t);
		else
			add(&h, t, next_random(&seed) % 50);
		CHECK(smi_heap_first(&h) == least_of_all(SIZE));
	}
	while (take(&h))
		;
	smi_heap_done(&h);
}

TEST(a_timer_that_found_no_memory_is_not_set_and_the_others_stay)
{
	struct smi_heap h = { 0 };
	int n = 0, r = 0;

	atomic_store(&smi_alloc_probe->calls, 0);
	smi_alloc_probe->fail_from = 2;
	smi_alloc_probe->fail_count = 1;
	while (r == 0) {
		timers[n].when = (uint64_t)(MANY - n);
		r = smi_heap_add(&h, &timers[n]);
		n += r == 0;
	}
	CHECK_INT(r, ==, -ENOMEM);
	CHECK(n > 0 && n < MANY);
	CHECK(!smi_timer_is_set(&timers[n]));
	/* It was for a moment only. */
	add(&h, &timers[n], 0);
	for (int i = n; i >= 0; i--)
		CHECK(take(&h) == &timers[i]);
	smi_heap_done(&h);
}
