/* SPDX-License-Identifier: MIT
 * tests/task/test_again.c - one loop after the other in the same thread. */
#include <simul/gather.h>
#include <simul/task.h>

#include "test.h"

static int sleep_a_little(void *arg)
{
	(void)arg;
	return simul_sleep(1);
}

static int start_others(void *arg)
{
	simul_task *t[3];

	(void)arg;
	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(sleep_a_little, NULL);
	return simul_gather(t, 3, NULL);
}

/* Its stacks come to lie where those of the last one were. Sanitizers must have
 * been told that nothing there means anything any more. */
TEST(a_loop_may_run_where_another_one_was)
{
	for (int i = 0; i < 5; i++)
		CHECK_INT(run_virtual(start_others, NULL), ==, 0);
}
