/* SPDX-License-Identifier: MIT
 * tests/task/test_apart.c - a call that is like a task of its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <simul/local.h>
#include <simul/run.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "task/task.h"
#include "test.h"

static simul_local who;
static char trail[64];
static char outer[] = "outer", inner[] = "inner";
static char part_ends[] = "deferred ", main_ends[] = "main";

static void leave(const char *what)
{
	size_t length = strlen(trail);

	snprintf(trail + length, sizeof trail - length, "%s", what);
}

static void deferred(void *what)
{
	leave(what);
}

static int child(void *arg)
{
	(void)arg;
	CHECK_INT(simul_sleep(60), ==, -ECANCELED);
	leave("child ");
	return 0;
}

static int part(void *arg)
{
	(void)arg;
	CHECK_STR(simul_local_get(&who), "outer");
	CHECK_INT(simul_local_set(&who, inner), ==, 0);
	CHECK_INT(simul_defer(deferred, part_ends), ==, 0);
	CHECK(simul_create_task(child, NULL));
	CHECK_INT(simul_sleep(1), ==, 0);
	return 7;
}

static int amain(void *arg)
{
	(void)arg;
	CHECK_INT(simul_local_set(&who, outer), ==, 0);
	CHECK_INT(simul_defer(deferred, main_ends), ==, 0);
	CHECK_INT(smi_call_apart(part, NULL), ==, 7);
	CHECK_STR(trail, "child deferred ");
	CHECK_STR(simul_local_get(&who), "outer");
	return 0;
}

TEST(a_call_apart_leaves_no_children_no_deferred_functions_and_no_locals)
{
	CHECK_INT(run_virtual(amain, NULL), ==, 0);
	CHECK_STR(trail, "child deferred main");
}

/* ---- It has nothing to do with those of others */

static int short_one(void *arg)
{
	(void)arg;
	return simul_sleep(2) < 0 ? -1 : 5;
}

static void start_another(void *arg)
{
	(void)arg;
	CHECK(simul_create_task(child, NULL));
}

static int part_that_defers(void *arg)
{
	(void)arg;
	CHECK_INT(simul_defer(start_another, NULL), ==, 0);
	return 0;
}

TEST_VIRTUAL(a_call_apart_leaves_the_callers_children_alone)
{
	simul_task *task = simul_create_task(short_one, NULL);

	trail[0] = 0;
	CHECK_INT(smi_call_apart(part_that_defers, NULL), ==, 0);
	CHECK_STR(trail, "child ");
	CHECK_INT(simul_await(task), ==, 5);
}

TEST_VIRTUAL(a_call_apart_in_a_scope_ends_what_deferred_functions_started)
{
	simul_timeout timeout;

	trail[0] = 0;
	simul_timeout_open(&timeout, 100);
	CHECK_INT(smi_call_apart(part_that_defers, NULL), ==, 0);
	CHECK_STR(trail, "child ");
	CHECK_INT(simul_timeout_close(&timeout, 0), ==, 0);
}
