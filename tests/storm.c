/* SPDX-License-Identifier: MIT
 * tests/storm.c - long sequences of calls, drawn from a seed, under fire. */
#include <errno.h>
#include <stdlib.h>

#include <simul/gather.h>
#include <simul/run.h>

#include "test.h"

#include "storm.h"

enum { MOST_GAMES = 8, MOST_TASKS = 512 };

/* By this the tasks are known that may be hit. */
static const char target[] = "target";

struct bad_weather {
	simul_fn *const *games;
	size_t count;
	struct dice dice;
};

/* splitmix64 */
static uint64_t draw(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

unsigned roll(struct dice *d, unsigned n)
{
	return (unsigned)(draw(d) % n);
}

struct dice more_dice(struct dice *d)
{
	return (struct dice){ draw(d) };
}

double moment(struct dice *d)
{
	unsigned microseconds = roll(d, 4) ? roll(d, 1000) : 0;

	return microseconds * 1e-6;
}

simul_task *start_target(simul_fn *fn, void *arg)
{
	return simul_create_named_task(target, fn, arg);
}

static void strike(struct dice *d)
{
	static simul_task *tasks[MOST_TASKS];
	size_t n = simul_all_tasks(tasks, MOST_TASKS);
	simul_task *t = tasks[roll(d, (unsigned)n)];

	CHECK_INT(n, <=, MOST_TASKS);
	if (simul_task_name(t) == target)
		simul_cancel(t);
}

static int strikes(void *arg)
{
	while (simul_sleep(moment(arg)) >= 0)
		strike(arg);
	return 0;
}

static int blow(void *arg)
{
	struct bad_weather *w = arg;
	struct dice dice[MOST_GAMES], lightning = more_dice(&w->dice);
	simul_task *striker = simul_create_task(strikes, &lightning);
	simul_task *tasks[MOST_GAMES];

	for (size_t i = 0; i < MOST_GAMES; i++) {
		dice[i] = more_dice(&w->dice);
		tasks[i] = simul_create_task(
			w->games[roll(&w->dice, (unsigned)w->count)], &dice[i]);
	}
	CHECK_INT(simul_gather(tasks, MOST_GAMES, NULL), ==, 0);
	simul_cancel(striker);
	CHECK_INT(simul_await(striker), ==, 0);
	return 0;
}

/* What is said here is shown if the test fails, whatever its end. */
void storm(simul_fn *const *games, size_t count, unsigned seeds)
{
	const char *one = getenv("STORM_SEED");
	unsigned first = one ? (unsigned)strtoul(one, NULL, 10) : 1;
	unsigned last = one ? first : seeds;

	for (unsigned seed = first; seed <= last; seed++) {
		struct bad_weather w = { games, count, { seed } };

		fprintf(stderr, "seed %u\n", seed);
		CHECK_INT(simul_run(blow, &w), ==, 0);
	}
}
