/* SPDX-License-Identifier: MIT
 * task/threads.c - functions that block are called in threads: pools of them,
 * and calls for each item of an array. */
#include "task/threads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <simul/thread.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "base/cores.h"
#include "loop/workers.h"
#include "task/wait.h"

enum { MOST_THREADS = 16, MOST_IN_POOL = 1024 };

/* ---- One call */

struct errand {
	struct smi_work work;
	struct simul_task *task;
	simul_fn *fn;
	void *arg;
	atomic_bool *stop;
	int result;
};

static void run_errand(struct smi_work *work)
{
	struct errand *e = (struct errand *)work;

	e->result = e->fn(e->arg);
}

static void errand_done(struct smi_work *work)
{
	struct errand *e = (struct errand *)work;

	smi_resume(e->task, e->result);
}

/* Only what has not begun can be taken back. */
static void take_back(struct simul_task *task, void *arg)
{
	struct errand *e = arg;

	if (smi_work_cancel(&task->loop->loop, &e->work))
		smi_resume(task, -ECANCELED);
	else if (e->stop)
		atomic_store(e->stop, true);
}

int smi_call_in(struct smi_workers *workers, simul_fn *fn, void *arg,
		atomic_bool *stop)
{
	static const struct smi_wait waiting = { "a thread", take_back };
	struct errand e = { .work = { .run = run_errand, .done = errand_done },
			    .task = smi_current,
			    .fn = fn,
			    .arg = arg,
			    .stop = stop };
	int r = smi_may_suspend();

	if (r >= 0)
		r = workers ? smi_workers_submit(workers, &e.work)
			    : smi_work_submit(&e.task->loop->loop, &e.work);
	return r < 0 ? r : smi_suspend(&waiting, &e);
}

int smi_call_in_worker(simul_fn *fn, void *arg)
{
	return smi_call_in(NULL, fn, arg, NULL);
}

/* ---- The pool that is always there */

/* What the program does there may last: files have threads of their own. */
static struct smi_workers *own_threads(struct simul_loop *loop)
{
	if (!loop->threads)
		loop->threads = smi_workers_new(&loop->loop, "simul-thread",
						MOST_THREADS);
	return loop->threads;
}

int simul_to_thread(simul_fn *fn, void *arg)
{
	struct smi_workers *workers;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	workers = own_threads(smi_current->loop);
	return workers ? smi_call_in(workers, fn, arg, NULL) : -ENOMEM;
}

/* ---- Pools */

struct simul_threads {
	struct smi_workers *workers;
	size_t count; /* threads at most */
	size_t queue_limit;
	size_t calls; /* that wait or are at work */
	char name[16];
};

int simul_threads_open(const simul_threads_options *options,
		       simul_threads **ret_threads)
{
	static const simul_threads_options none;
	const simul_threads_options *o = options ? options : &none;
	struct simul_threads *t;

	if (!smi_current)
		return -EPERM;
	if (o->count > MOST_IN_POOL)
		return -EINVAL;
	t = smi_alloc_zero(sizeof *t);
	if (!t)
		return -ENOMEM;
	t->count = o->count ? o->count : smi_core_count();
	t->queue_limit = o->queue_limit ? o->queue_limit : SIZE_MAX;
	snprintf(t->name, sizeof t->name, "%s",
		 o->name ? o->name : "simul-pool");
	t->workers =
		smi_workers_new(&smi_current_loop->loop, t->name, t->count);
	if (!t->workers) {
		smi_free(t);
		return -ENOMEM;
	}
	*ret_threads = t;
	return 0;
}

void simul_threads_close(simul_threads *threads)
{
	if (!threads)
		return;
	if (threads->calls > 0)
		smi_bug("task '%s' closes a pool of threads that others wait "
			"for",
			simul_task_name(smi_current));
	smi_workers_free(threads->workers);
	smi_free(threads);
}

/* Would one more call have to wait, with as many before it as may? */
static bool is_full(const simul_threads *t)
{
	return t->calls >= t->count && t->calls - t->count >= t->queue_limit;
}

int simul_threads_call(simul_threads *threads, simul_fn *fn, void *arg)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (is_full(threads))
		return -EAGAIN;
	threads->calls++;
	r = smi_call_in(threads->workers, fn, arg, NULL);
	threads->calls--;
	return r;
}

/* ---- Calls for each item
 *
 * As many threads as there may be take items, one after the other, until there
 * are none left: so an item costs no journey of its own. */

struct map {
	simul_fn *fn;
	char *items;
	size_t count;
	size_t size;
	int *results;
	atomic_size_t next; /* the first item that nobody has taken */
	atomic_size_t done;
	atomic_int error; /* the first one */
	/* The loop's thread only. */
	struct simul_task *task;
	size_t away; /* shares that have not come back */
	size_t share_count;
	struct share *shares;
};

struct share {
	struct smi_work work;
	struct map *map;
};

static void map_one(struct map *m, size_t i)
{
	int r = m->fn(m->items + i * m->size), none = 0;

	if (m->results)
		m->results[i] = r;
	if (r < 0)
		atomic_compare_exchange_strong(&m->error, &none, r);
	atomic_fetch_add(&m->done, 1);
}

/* In a thread. After a failure no item is begun any more. */
static void run_share(struct smi_work *work)
{
	struct map *m = ((struct share *)work)->map;
	size_t i;

	while (!m->error && (i = atomic_fetch_add(&m->next, 1)) < m->count)
		map_one(m, i);
}

static int outcome(struct map *m)
{
	if (m->error)
		return m->error;
	return m->done == m->count ? 0 : -ECANCELED;
}

static void come_back(struct map *m)
{
	if (--m->away == 0)
		smi_resume(m->task, outcome(m));
}

static void share_done(struct smi_work *work)
{
	come_back(((struct share *)work)->map);
}

/* Items that nobody has taken stay so. */
static void stop_map(struct simul_task *task, void *arg)
{
	struct map *m = arg;
	size_t back = 0;

	atomic_store(&m->next, m->count);
	for (size_t i = 0; i < m->share_count; i++)
		back += smi_work_cancel(&task->loop->loop, &m->shares[i].work);
	m->away -= back;
	if (m->away == 0 && back > 0)
		smi_resume(task, outcome(m));
}

/* With fewer threads than wished for, it takes longer. */
static int submit_shares(struct map *m, struct smi_workers *workers)
{
	size_t started = 0;
	int r = 0;

	for (; started < m->share_count && r >= 0; started += r >= 0) {
		struct share *share = &m->shares[started];

		share->map = m;
		share->work = (struct smi_work){ .run = run_share,
						 .done = share_done };
		r = smi_workers_submit(workers, &share->work);
	}
	m->share_count = m->away = started;
	return started > 0 ? 0 : r;
}

static int run_map(struct map *m, struct smi_workers *workers, size_t threads)
{
	static const struct smi_wait waiting = { "threads", stop_map };
	int r;

	m->share_count = threads < m->count ? threads : m->count;
	m->shares = smi_alloc(m->share_count * sizeof *m->shares);
	if (!m->shares)
		return -ENOMEM;
	r = submit_shares(m, workers);
	if (r >= 0)
		r = smi_suspend(&waiting, m);
	smi_free(m->shares);
	return r;
}

static void mark_not_begun(struct map *m)
{
	for (size_t i = 0; m->results && i < m->count; i++)
		m->results[i] = -ECANCELED;
}

int simul_threads_map(simul_threads *threads, simul_fn *fn, void *items,
		      size_t count, size_t size, int *results)
{
	struct map m = { .fn = fn,
			 .items = items,
			 .count = count,
			 .size = size,
			 .results = results,
			 .task = smi_current };
	struct smi_workers *workers;
	int r = smi_may_suspend();

	if (r < 0 || count == 0)
		return r;
	workers = threads ? threads->workers : own_threads(smi_current->loop);
	if (!workers)
		return -ENOMEM;
	mark_not_begun(&m);
	if (!threads)
		return run_map(&m, workers, MOST_THREADS);
	threads->calls++;
	r = run_map(&m, workers, threads->count);
	threads->calls--;
	return r;
}
