/* SPDX-License-Identifier: MIT
 * tests/task/test_place.c - in debug mode: where a task was that kept the loop
 * to itself. */
#include "dies.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <simul.h>

static int run_debug(simul_fn *fn)
{
	return simul_run_with(
		&(simul_options){ .debug = true, .virtual_clock = true }, fn,
		NULL);
}

enum { HERE = __LINE__ + 7 };

static int hogs(void)
{
	int r;

	usleep(120000);
	r = simul_sleep(0);
	return r < 0 ? r : 1;
}

static int calls_a_hog(void *arg)
{
	(void)arg;
	return hogs() == 1 ? 0 : -1;
}

static int awaits_a_hog(void *arg)
{
	return simul_await(simul_create_task(calls_a_hog, arg));
}

static int has_a_hog_beside(void *arg)
{
	simul_task *t = simul_create_task(calls_a_hog, arg);

	for (int i = 0; i < 3; i++)
		CHECK_INT(simul_sleep(0), ==, 0);
	return simul_await(t);
}

static void hog_is_main(void)
{
	CHECK_INT(run_debug(calls_a_hog), ==, 0);
}

static void hog_is_a_child(void)
{
	CHECK_INT(run_debug(awaits_a_hog), ==, 0);
}

static void hog_is_one_of_two(void)
{
	CHECK_INT(run_debug(has_a_hog_beside), ==, 0);
}

/* What addr2line(1) says of one call in a report. */
static void look_up(const char *call, char *found, int size)
{
	char program[256], command[400];
	unsigned long offset;
	FILE *answer;

	CHECK_INT(sscanf(call, "%255s %lx", program, &offset), ==, 2);
	snprintf(command, sizeof command, "addr2line -e '%s' %#lx 2>/dev/null",
		 program, offset);
	answer = popen(command, "r");
	CHECK(answer);
	if (!fgets(found, size, answer))
		*found = '\0';
	if (pclose(answer) != 0)
		SKIP("no addr2line reads this program here");
}

/* Is one of the calls in said at the line where the hog has suspended? */
static bool is_told(const char *said)
{
	static const char from[] = "simul:   from ";
	char found[256], wanted[64];

	snprintf(wanted, sizeof wanted, "test_place.c:%d", HERE);
	while ((said = strstr(said, from))) {
		said += sizeof from - 1;
		look_up(said, found, sizeof found);
		if (strstr(found, wanted))
			return true;
	}
	return false;
}

static void check_told(void (*fn)(void))
{
	char said[65536];

	CHECK_INT(status_of(fn, said, sizeof said), ==, 0);
	CHECK(strstr(said, "and suspended here"));
	if (!is_told(said))
		test_fail(__FILE__, __LINE__, "line %d is not in \"%s\"", HERE,
			  said);
}

TEST(where_a_hog_suspended_is_told)
{
	check_told(hog_is_main);
	check_told(hog_is_a_child);
	check_told(hog_is_one_of_two);
}
