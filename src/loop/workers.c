/* SPDX-License-Identifier: MIT
 * loop/workers.c - threads that do for a loop what would block it. */
#include "loop/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "base/alloc.h"
#include "loop/loop.h"

enum { MOST_THREADS = 16 };

struct smi_workers {
	pthread_mutex_t mutex; /* of all that follows */
	pthread_cond_t work_or_end;
	struct smi_work *first; /* queued work, the oldest first */
	struct smi_work *last;
	size_t queued;
	size_t idle; /* threads that wait for work */
	bool ending;
	size_t count; /* the loop's thread only, like threads */
	pthread_t threads[MOST_THREADS];
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
	pthread_setname_np(w->threads[w->count], "simul-worker");
	w->count++;
	return 0;
}

static struct smi_workers *new_workers(void)
{
	struct smi_workers *w = smi_alloc_zero(sizeof *w);

	if (!w)
		return NULL;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->work_or_end, NULL);
	return w;
}

int smi_work_submit(struct smi_loop *loop, struct smi_work *work)
{
	struct smi_workers *w = loop->workers;
	bool busy;
	int r;

	if (!w)
		w = loop->workers = new_workers();
	if (!w)
		return -ENOMEM;
	pthread_mutex_lock(&w->mutex);
	busy = w->queued >= w->idle;
	pthread_mutex_unlock(&w->mutex);
	if (busy && w->count < MOST_THREADS) {
		r = start_thread(w);
		/* With fewer threads than wished for, it takes longer. */
		if (r < 0 && w->count == 0)
			return r;
	}
	work->loop = loop;
	work->letter.deliver = deliver;
	work->next = NULL;
	work->queued = true;
	loop->in_flight++;
	pthread_mutex_lock(&w->mutex);
	work->prev = w->last;
	if (w->last)
		w->last->next = work;
	else
		w->first = work;
	w->last = work;
	w->queued++;
	pthread_cond_signal(&w->work_or_end);
	pthread_mutex_unlock(&w->mutex);
	return 0;
}

bool smi_work_cancel(struct smi_loop *loop, struct smi_work *work)
{
	struct smi_workers *w = loop->workers;
	bool taken_back;

	pthread_mutex_lock(&w->mutex);
	taken_back = work->queued;
	if (taken_back)
		unlink_work(w, work);
	pthread_mutex_unlock(&w->mutex);
	loop->in_flight -= taken_back;
	return taken_back;
}

void smi_workers_free(struct smi_workers *w)
{
	if (!w)
		return;
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
