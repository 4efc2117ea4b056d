/* SPDX-License-Identifier: MIT
 * tests/sync/items.h - items to put into queues, and tasks that do so. */
#ifndef ITEMS_H
#define ITEMS_H

#include <string.h>

#include <simul/queue.h>
#include <simul/task.h>

#include "test.h"

/* Items are strings. */
static char A[] __attribute__((unused)) = "a";
static char B[] __attribute__((unused)) = "b";
static char C[] __attribute__((unused)) = "c";
static char D[] __attribute__((unused)) = "d";

static inline int put_item(simul_queue *q, const char *item)
{
	return simul_queue_put(q, (void *)item);
}

static inline void check_got(simul_queue *q, const char *expected)
{
	void *item = NULL;

	CHECK_INT(simul_queue_try_get(q, &item), ==, 0);
	CHECK_STR(item, expected);
}

static inline void check_empty(simul_queue *q)
{
	void *item = q;

	CHECK_INT(simul_queue_try_get(q, &item), <, 0);
	CHECK(item == q); /* untouched */
	CHECK_INT(q->count, ==, 0);
}

struct put {
	simul_queue *queue;
	char *item;
};

static inline int put(void *arg)
{
	const struct put *my = arg;

	return simul_queue_put(my->queue, my->item);
}

static char order[16]; /* the items that were got */

static inline int get(void *arg)
{
	void *item = NULL;
	int r = simul_queue_get(arg, &item);

	if (r >= 0)
		strncat(order, item, 1);
	else
		CHECK(!item);
	return r;
}

static inline int join(void *arg)
{
	return simul_queue_join(arg);
}

static inline void let_others_run(void)
{
	CHECK_INT(simul_sleep(0), ==, 0);
}

#endif /* ITEMS_H */
