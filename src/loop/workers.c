/* SPDX-License-Identifier: MIT
 * loop/workers.c - threads that do for a loop what would block it. */
#include "loop/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "base/alloc.h"
#include "loop/loop.h"

enum { MOST_THREADS = 16 }; /* of the loop's own pool */

struct smi_workers {
	struct smi_loop *loop;
	struct smi_workers *next; /* of the loop's */
	const char *name;
	size_t most;
	pthread_mutex_t mutex; /* of all that follows */
	pthread_cond_t work_or_end;
	struct smi_work *first; /* queued work, the oldest first */
	struct smi_work *last;
	size_t queued;
	size_t idle; /* threads that wait for work */
	bool ending;
	size_t count; /* the loop's thread only, like threads */
	pthread_t threads[];
};

static void unlink_work(struct smi_workers *w, struct smi_work *work)
{
	if (work->prev)
		work->prev->next = work->next;
	else
		w->first = work->next;
	if (work->next)
		work->next->prev = work->prev;
	else
		w->last = work->prev;
	work->queued = false;
	w->queued--;
}

static void deliver(struct smi_letter *letter)
{
	struct smi_work *work =
		(struct smi_work *)((char *)letter -
				    offsetof(struct smi_work, letter));

	work->loop->in_flight--;
	work->done(work);
}

/* The next piece of work, or NULL when it is time to end. */
static struct smi_work *next_work(struct smi_workers *w)
{
	struct smi_work *work;

	pthread_mutex_lock(&w->mutex);
	w->idle++;
	while (!w->first && !w->ending)
		pthread_cond_wait(&w->work_or_end, &w->mutex);
	w->idle--;
	work = w->first;
	if (work)
		unlink_work(w, work);
	pthread_mutex_unlock(&w->mutex);
	return work;
}

static void *worker(void *arg)
{
	struct smi_workers *w = arg;
	struct smi_work *work;

	while ((work = next_work(w))) {
		struct smi_mailbox *mailbox = &work->loop->mailbox;

		work->run(work);
		smi_mailbox_answer(mailbox, &work->letter);
	}
	return NULL;
}

/* Signals are for the program's own threads. */
static int start_thread(struct smi_workers *w)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&w->threads[w->count], NULL, worker, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r)
		return -r;
	pthread_setname_np(w->threads[w->count], w->name);
	w->count++;
	return 0;
}

struct smi_workers *smi_workers_new(struct smi_loop *loop, const char *name,
				    size_t most)
{
	struct smi_workers *w =
		smi_alloc_zero(sizeof *w + most * sizeof *w->threads);

	if (!w)
		return NULL;
	w->loop = loop;
	w->name = name;
	w->most = most;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->work_or_end, NULL);
	w->next = loop->pools;
	loop->pools = w;
	return w;
}

/* Is there a thread, or will there be, that takes one more piece of work? With
 * fewer than wished for, it takes longer. */
static int have_thread(struct smi_workers *w)
{
	bool busy;
	int r = 0;

	pthread_mutex_lock(&w->mutex);
	busy = w->queued >= w->idle;
	pthread_mutex_unlock(&w->mutex);
	if (busy && w->count < w->most)
		r = start_thread(w);
	return w->count > 0 ? 0 : r;
}

static void enqueue(struct smi_workers *w, struct smi_work *work)
{
	pthread_mutex_lock(&w->mutex);
	work->next = NULL;
	work->prev = w->last;
	if (w->last)
		w->last->next = work;
	else
		w->first = work;
	w->last = work;
	work->queued = true;
	w->queued++;
	pthread_cond_signal(&w->work_or_end);
	pthread_mutex_unlock(&w->mutex);
}

int smi_workers_submit(struct smi_workers *w, struct smi_work *work)
{
	int r = have_thread(w);

	if (r < 0)
		return r;
	work->loop = w->loop;
	work->workers = w;
	work->letter.deliver = deliver;
	w->loop->in_flight++;
	enqueue(w, work);
	return 0;
}

int smi_work_submit(struct smi_loop *loop, struct smi_work *work)
{
	if (!loop->workers)
		loop->workers =
			smi_workers_new(loop, "simul-worker", MOST_THREADS);
	return loop->workers ? smi_workers_submit(loop->workers, work)
			     : -ENOMEM;
}

bool smi_work_cancel(struct smi_loop *loop, struct smi_work *work)
{
	struct smi_workers *w = work->workers;
	bool taken_back;

	pthread_mutex_lock(&w->mutex);
	taken_back = work->queued;
	if (taken_back)
		unlink_work(w, work);
	pthread_mutex_unlock(&w->mutex);
	loop->in_flight -= taken_back;
	return taken_back;
}

static void leave_loop(struct smi_workers *w)
{
	struct smi_workers **at = &w->loop->pools;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

void smi_workers_free(struct smi_workers *w)
{
	if (!w)
		return;
	leave_loop(w);
	pthread_mutex_lock(&w->mutex);
	w->ending = true;
	pthread_cond_broadcast(&w->work_or_end);
	pthread_mutex_unlock(&w->mutex);
	for (size_t i = 0; i < w->count; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->work_or_end);
	pthread_mutex_destroy(&w->mutex);
	smi_free(w);
}
