/* SPDX-License-Identifier: MIT
 * tests/sync/choose.h - tasks that select. */
#ifndef CHOOSE_H
#define CHOOSE_H

#include <simul/select.h>
#include <simul/task.h>

#include "test.h"

static char A[] __attribute__((unused)) = "a";
static char B[] __attribute__((unused)) = "b";

/* A select in a task of its own. */
struct choose {
	simul_case *cases;
	size_t n;
};

static inline int choose(void *arg)
{
	const struct choose *my = arg;

	return simul_select(my->cases, my->n);
}

static inline void let_others_run(void)
{
	CHECK_INT(simul_sleep(0), ==, 0);
}

/* Whatever a select waited for, it waits no more. */
static inline void check_nobody_waits(const simul_queue *q)
{
	CHECK(!q->getters.first);
	CHECK(!q->putters.first);
}

#endif /* CHOOSE_H */
