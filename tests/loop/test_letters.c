/* SPDX-License-Identifier: MIT
 * tests/loop/test_letters.c - letters from other threads wake the loop. */
#include "test.h"

#include <simul/thread.h>

static int nothing(void *arg)
{
	return 0;
}

static int many_errands(void *arg)
{
	for (int i = 0; i < 20000; i++)
		CHECK_INT(simul_to_thread(nothing, NULL), ==, 0);
	return 0;
}

/* Now and then one comes between the loop's look into the mailbox and its
 * going to sleep. */
TEST(no_letter_is_overlooked)
{
	CHECK_INT(simul_run(many_errands, NULL), ==, 0);
}
