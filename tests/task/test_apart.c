/* SPDX-License-Identifier: MIT
 * tests/task/test_apart.c - a call that is like a task of its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <simul/local.h>
#include <simul/run.h>
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
