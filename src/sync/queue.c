/* SPDX-License-Identifier: MIT
 * sync/queue.c - hand items from tasks to tasks.
 *
 * Who waits decides what the queue looks like: while a task waits for an item
 * there is none, and while one waits to put an item the queue is full. So an
 * item goes straight from its putter to the first who waits, by way of the
 * waiter's record; and whoever makes room fills it at once with the item of
 * the first that waits to put one. Nobody can come in between, and neither
 * needs memory. */
#include <simul/queue.h>

#include <errno.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "task/wait.h"

struct simul_queue_item {
	void *item;
	size_t arrival; /* for SIMUL_PRIORITY: which one it was */
};

enum { FIRST_ROOM = 8 };

/* ---- The items: a ring whose size is a power of two */

static struct simul_queue_item *at(const simul_queue *q, size_t i)
{
	return &q->items[(q->head + i) & (q->room - 1)];
}

static int grow(simul_queue *q)
{
	size_t room = q->room ? q->room * 2 : FIRST_ROOM;
	struct simul_queue_item *items = smi_alloc(room * sizeof *items);

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < q->count; i++)
		items[i] = *at(q, i);
	smi_free(q->items);
	q->items = items;
	q->room = room;
	q->head = 0;
	return 0;
}

/* ---- SIMUL_PRIORITY: the ring is a heap */

static bool before(const simul_queue *q, const struct simul_queue_item *a,
		   const struct simul_queue_item *b)
{
	int order = q->compare(a->item, b->item);

	return order ? order < 0 : a->arrival < b->arrival;
}

/* Put item into slot i or above it, where it belongs. */
static void sift_up(simul_queue *q, size_t i, struct simul_queue_item item)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (!before(q, &item, at(q, parent)))
			break;
		*at(q, i) = *at(q, parent);
		i = parent;
	}
	*at(q, i) = item;
}

/* Put item into slot i or below it. */
static void sift_down(simul_queue *q, size_t i, struct simul_queue_item item)
{
	size_t child;

	while ((child = i * 2 + 1) < q->count) {
		if (child + 1 < q->count &&
		    before(q, at(q, child + 1), at(q, child)))
			child++;
		if (!before(q, at(q, child), &item))
			break;
		*at(q, i) = *at(q, child);
		i = child;
	}
	*at(q, i) = item;
}

static void *take_least(simul_queue *q)
{
	void *item = at(q, 0)->item;

	q->count--;
	if (q->count > 0)
		sift_down(q, 0, *at(q, q->count));
	return item;
}

/* ---- In and out */

/* There is room in the ring. */
static void store(simul_queue *q, void *item)
{
	struct simul_queue_item new = { item, q->arrivals++ };

	if (q->order == SIMUL_PRIORITY)
		sift_up(q, q->count++, new);
	else
		*at(q, q->count++) = new;
}

/* There is an item. */
static void *take(simul_queue *q)
{
	void *item;

	if (q->order == SIMUL_PRIORITY)
		return take_least(q);
	if (q->order == SIMUL_LIFO)
		return at(q, --q->count)->item;
	item = at(q, 0)->item;
	q->head++;
	q->count--;
	return item;
}

/* There is room now: let the first that waits for it in. */
static void let_in(simul_queue *q)
{
	struct simul_waiter *putter = q->putters.first;

	if (!putter)
		return;
	store(q, putter->value);
	q->unfinished++;
	smi_wake(putter, 0);
}

static void *take_and_let_in(simul_queue *q)
{
	void *item = take(q);

	let_in(q);
	return item;
}

/* ---- Put */

bool simul_queue_is_full(const simul_queue *q)
{
	return q->capacity > 0 && q->count >= q->capacity;
}

/* -EAGAIN if item has to wait for room. */
static int put(simul_queue *q, void *item)
{
	struct simul_waiter *getter = q->getters.first;

	if (q->closed)
		return -EPIPE;
	if (q->order == SIMUL_PRIORITY && !q->compare)
		return -EINVAL;
	if (getter) {
		getter->value = item;
		smi_wake(getter, 0);
	} else {
		if (q->putters.first || simul_queue_is_full(q))
			return -EAGAIN;
		if (q->count == q->room && grow(q) < 0)
			return -ENOMEM;
		store(q, item);
	}
	q->unfinished++;
	return 0;
}

int simul_queue_try_put(simul_queue *queue, void *item)
{
	return put(queue, item);
}

/* Whoever makes room takes the item from here. */
static int wait_for_room(simul_queue *q, void *item)
{
	static const struct smi_wait waiting = { "room in a queue",
						 smi_interrupt_waiter };
	struct simul_waiter waiter = { .value = item };

	return smi_wait_in(&q->putters, &waiter, &waiting);
}

int simul_queue_put(simul_queue *queue, void *item)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	r = put(queue, item);
	return r == -EAGAIN ? wait_for_room(queue, item) : r;
}

/* ---- Get */

int simul_queue_try_get(simul_queue *queue, void **ret_item)
{
	if (queue->count == 0)
		return queue->closed ? -EPIPE : -EAGAIN;
	*ret_item = take_and_let_in(queue);
	return 0;
}

/* Whoever puts an item leaves it here. */
static int wait_for_item(simul_queue *q, void **ret_item)
{
	static const struct smi_wait waiting = { "an item of a queue",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_wait_in(&q->getters, &waiter, &waiting);

	if (r >= 0)
		*ret_item = waiter.value;
	return r;
}

int simul_queue_get(simul_queue *queue, void **ret_item)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	r = simul_queue_try_get(queue, ret_item);
	return r == -EAGAIN ? wait_for_item(queue, ret_item) : r;
}

/* ---- Join */

int simul_queue_task_done(simul_queue *queue)
{
	if (queue->unfinished == 0)
		return -EINVAL;
	if (--queue->unfinished == 0)
		smi_wake_all(&queue->joiners, 0);
	return 0;
}

int simul_queue_join(simul_queue *queue)
{
	static const struct smi_wait waiting = { "the items of a queue to be "
						 "done",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_may_suspend();

	if (r < 0 || queue->unfinished == 0)
		return r;
	return smi_wait_in(&queue->joiners, &waiter, &waiting);
}

/* ---- The end */

void simul_queue_shutdown(simul_queue *queue)
{
	queue->closed = true;
	smi_wake_all(&queue->putters, -EPIPE);
	smi_wake_all(&queue->getters, -EPIPE);
}

void simul_queue_shutdown_now(simul_queue *queue, void (*drop)(void *item))
{
	simul_queue_shutdown(queue);
	while (queue->count > 0) {
		void *item = take(queue);

		if (drop)
			drop(item);
		simul_queue_task_done(queue);
	}
}

static void check_nobody_waits(const struct simul_waiters *waiters)
{
	if (waiters->first)
		smi_bug("simul_queue_done while task '%s' still waits for %s",
			simul_task_name(waiters->first->task),
			waiters->first->task->wait->what);
}

void simul_queue_done(simul_queue *queue)
{
	check_nobody_waits(&queue->getters);
	check_nobody_waits(&queue->putters);
	check_nobody_waits(&queue->joiners);
	smi_free(queue->items);
	*queue = (simul_queue){ .capacity = queue->capacity,
				.order = queue->order,
				.compare = queue->compare };
}
