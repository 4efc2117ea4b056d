/* SPDX-License-Identifier: MIT
 * sync/thread_queue.c - hand items from thread to thread.
 *
 * A mutex guards all of it, for a few instructions at a time. Who waits is a
 * record in a list, in the frame of the call that waits. Whoever wakes it takes
 * it out of the list, and that decides, as in task/wait.h; then a thread is
 * woken by its semaphore, a task by a letter to its loop. A loop that sleeps is
 * woken when the mutex has been unlocked: it would run into it.
 */
#include <simul/thread_queue.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "task/wait.h"

struct waiting {
	struct waiting *next;
	struct waiting *prev;
	struct line *line; /* NULL: it was woken */
	simul_thread_queue *queue;
	void *item; /* to be put, or what was got */
	int result;
	/* A task, or a thread. */
	struct simul_task *task;
	struct smi_letter letter;
	sem_t woken;
};

struct line {
	struct waiting *first;
	struct waiting *last;
};

struct simul_thread_queue {
	pthread_mutex_t mutex;
	size_t capacity;
	size_t head;
	size_t count;
	size_t unfinished; /* items got or waiting, not yet task_done */
	bool closed;
	struct simul_loop *to_wake; /* when the mutex has been unlocked */
	struct line getters;
	struct line putters;
	struct line joiners;
	void *items[];
};

/* ---- Lines of those who wait */

static void join_line(struct line *line, struct waiting *w)
{
	w->line = line;
	w->next = NULL;
	w->prev = line->last;
	if (line->last)
		line->last->next = w;
	else
		line->first = w;
	line->last = w;
}

static void leave_line(struct waiting *w)
{
	struct line *line = w->line;

	if (w->prev)
		w->prev->next = w->next;
	else
		line->first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	else
		line->last = w->prev;
	w->line = NULL;
}

/* ---- The mutex */

static void wake_loop(struct simul_loop *loop)
{
	smi_mailbox_wake(&loop->loop.mailbox);
	smi_loop_unreference(loop);
}

static void lock(simul_thread_queue *q)
{
	pthread_mutex_lock(&q->mutex);
}

static void unlock(simul_thread_queue *q)
{
	struct simul_loop *loop = q->to_wake;

	q->to_wake = NULL;
	pthread_mutex_unlock(&q->mutex);
	if (loop)
		wake_loop(loop);
}

/* One for each verb, mostly. */
static void wake_when_unlocked(simul_thread_queue *q, struct simul_loop *loop)
{
	if (q->to_wake == loop)
		smi_loop_unreference(loop);
	else if (q->to_wake)
		wake_loop(q->to_wake);
	q->to_wake = loop;
}

/* ---- Waking */

/* In the loop of the task that waits. */
static void deliver(struct smi_letter *letter)
{
	struct waiting *w =
		(struct waiting *)((char *)letter -
				   offsetof(struct waiting, letter));

	w->task->loop->loop.in_flight--;
	smi_resume(w->task, w->result);
}

/* The record may be gone as soon as its owner has been told; its loop, too, but
 * for the reference that this has. */
static void wake(struct waiting *w, int result)
{
	struct simul_loop *loop = w->task ? w->task->loop : NULL;
	simul_thread_queue *queue = w->queue;

	leave_line(w);
	w->result = result;
	if (!loop) {
		sem_post(&w->woken);
		return;
	}
	w->letter.deliver = deliver;
	if (smi_mailbox_put(&loop->loop.mailbox, &w->letter, true) > 0)
		wake_when_unlocked(queue, loop);
	else
		smi_loop_unreference(loop);
}

static void wake_line(struct line *line, int result)
{
	while (line->first)
		wake(line->first, result);
}

/* ---- Waiting, with the mutex locked, which is unlocked meanwhile */

static void give_up(struct simul_task *task, void *arg)
{
	struct waiting *w = arg;
	bool left;

	lock(w->queue);
	left = w->line;
	if (left)
		leave_line(w);
	unlock(w->queue);
	if (!left)
		return; /* its letter is on the way */
	task->loop->loop.in_flight--;
	smi_loop_unreference(task->loop);
	smi_resume(task, -ECANCELED);
}

static int wait_as_task(struct waiting *w)
{
	static const struct smi_wait waiting = { "another thread", give_up };

	w->task = smi_current;
	w->task->loop->loop.in_flight++;
	atomic_fetch_add(&w->task->loop->references, 1);
	unlock(w->queue);
	return smi_suspend(&waiting, w);
}

static int wait_as_thread(struct waiting *w)
{
	sem_init(&w->woken, 0, 0);
	unlock(w->queue);
	while (sem_wait(&w->woken) < 0)
		;
	sem_destroy(&w->woken);
	return w->result;
}

static int wait_in(struct line *line, struct waiting *w)
{
	if (!smi_current && smi_current_loop) {
		unlock(w->queue);
		return -EPERM;
	}
	join_line(line, w);
	return smi_current ? wait_as_task(w) : wait_as_thread(w);
}

/* A task that was cancelled does nothing any more. */
static int look_for_cancellation(void)
{
	return smi_current ? smi_may_suspend() : 0;
}

/* ---- Items */

static void append(simul_thread_queue *q, void *item)
{
	q->items[(q->head + q->count++) % q->capacity] = item;
}

static void *take(simul_thread_queue *q)
{
	void *item = q->items[q->head];

	q->head = (q->head + 1) % q->capacity;
	q->count--;
	return item;
}

/* An item for whoever has waited longest, or for the queue, which has room. */
static void add(simul_thread_queue *q, void *item)
{
	struct waiting *getter = q->getters.first;

	q->unfinished++;
	if (!getter) {
		append(q, item);
		return;
	}
	getter->item = item;
	wake(getter, 0);
}

/* There is an item. Its place is for the putter that has waited longest. */
static void *get_item(simul_thread_queue *q)
{
	void *item = take(q);
	struct waiting *putter = q->putters.first;

	if (putter) {
		q->unfinished++;
		append(q, putter->item);
		wake(putter, 0);
	}
	return item;
}

/* What was said to be done before it was got may be dropped as well. */
static void finish(simul_thread_queue *q, size_t n)
{
	q->unfinished -= n < q->unfinished ? n : q->unfinished;
	if (q->unfinished == 0)
		wake_line(&q->joiners, 0);
}

/* ---- The verbs */

/* 0, -EAGAIN: it has to wait; or an error. */
static int try_put(simul_thread_queue *q, void *item)
{
	if (q->closed)
		return -EPIPE;
	if (q->count == q->capacity || q->putters.first)
		return -EAGAIN;
	add(q, item);
	return 0;
}

static int try_get(simul_thread_queue *q, void **ret_item)
{
	if (q->count == 0)
		return q->closed ? -EPIPE : -EAGAIN;
	*ret_item = get_item(q);
	return 0;
}

int simul_thread_queue_try_put(simul_thread_queue *queue, void *item)
{
	int r;

	lock(queue);
	r = try_put(queue, item);
	unlock(queue);
	return r;
}

int simul_thread_queue_put(simul_thread_queue *queue, void *item)
{
	struct waiting w = { .queue = queue, .item = item };
	int r = look_for_cancellation();

	if (r < 0)
		return r;
	lock(queue);
	r = try_put(queue, item);
	if (r == -EAGAIN)
		return wait_in(&queue->putters, &w);
	unlock(queue);
	return r;
}

int simul_thread_queue_try_get(simul_thread_queue *queue, void **ret_item)
{
	int r;

	lock(queue);
	r = try_get(queue, ret_item);
	unlock(queue);
	return r;
}

int simul_thread_queue_get(simul_thread_queue *queue, void **ret_item)
{
	struct waiting w = { .queue = queue };
	int r = look_for_cancellation();

	if (r < 0)
		return r;
	lock(queue);
	r = try_get(queue, ret_item);
	if (r != -EAGAIN) {
		unlock(queue);
		return r;
	}
	r = wait_in(&queue->getters, &w);
	if (r >= 0)
		*ret_item = w.item;
	return r;
}

int simul_thread_queue_task_done(simul_thread_queue *queue)
{
	int r = 0;

	lock(queue);
	if (queue->unfinished == 0)
		r = -EINVAL;
	else
		finish(queue, 1);
	unlock(queue);
	return r;
}

int simul_thread_queue_join(simul_thread_queue *queue)
{
	struct waiting w = { .queue = queue };
	int r = look_for_cancellation();

	if (r < 0)
		return r;
	lock(queue);
	if (queue->unfinished > 0)
		return wait_in(&queue->joiners, &w);
	unlock(queue);
	return 0;
}

/* ---- The end */

/* Nobody waits for an item where there are any. */
static void close_queue(simul_thread_queue *q)
{
	q->closed = true;
	wake_line(&q->putters, -EPIPE);
	wake_line(&q->getters, -EPIPE);
}

void simul_thread_queue_shutdown(simul_thread_queue *queue)
{
	lock(queue);
	close_queue(queue);
	unlock(queue);
}

void simul_thread_queue_shutdown_now(simul_thread_queue *queue,
				     void (*drop)(void *item))
{
	size_t dropped;

	lock(queue);
	close_queue(queue);
	dropped = queue->count;
	while (queue->count > 0) {
		void *item = take(queue);

		if (drop)
			drop(item);
	}
	finish(queue, dropped);
	unlock(queue);
}

size_t simul_thread_queue_count(simul_thread_queue *queue)
{
	size_t count;

	lock(queue);
	count = queue->count;
	unlock(queue);
	return count;
}

/* ---- Life */

int simul_thread_queue_new(size_t capacity, simul_thread_queue **ret_queue)
{
	simul_thread_queue *q;

	if (capacity == 0)
		return -EINVAL;
	if (capacity > SIZE_MAX / sizeof *q->items / 2)
		return -ENOMEM;
	q = smi_alloc_zero(sizeof *q + capacity * sizeof *q->items);
	if (!q)
		return -ENOMEM;
	q->capacity = capacity;
	pthread_mutex_init(&q->mutex, NULL);
	*ret_queue = q;
	return 0;
}

void simul_thread_queue_free(simul_thread_queue *queue)
{
	if (!queue)
		return;
	if (queue->getters.first || queue->putters.first ||
	    queue->joiners.first)
		smi_bug("a thread queue is freed that somebody waits at");
	pthread_mutex_destroy(&queue->mutex);
	smi_free(queue);
}
