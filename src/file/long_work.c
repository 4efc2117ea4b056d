/* SPDX-License-Identifier: MIT
 * file/long_work.c - work on files that takes long. */
#include "file/long_work.h"

#include <errno.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "loop/workers.h"
#include "task/threads.h"
#include "task/wait.h"

/* More would only fight for the disk. */
enum { MOST_THREADS = 4 };

struct pool {
	struct smi_belonging belonging;
	struct smi_workers *workers; /* the loop's to free */
};

static void free_pool(struct smi_belonging *belonging)
{
	smi_free(belonging);
}

static struct smi_workers *workers_of(struct smi_loop *loop)
{
	struct pool *pool = (struct pool *)smi_loop_belonging(loop, free_pool);

	if (pool)
		return pool->workers;
	pool = smi_alloc_zero(sizeof *pool);
	if (!pool)
		return NULL;
	pool->workers = smi_workers_new(loop, "simul-copy", MOST_THREADS);
	if (!pool->workers) {
		smi_free(pool);
		return NULL;
	}
	smi_loop_keep(loop, &pool->belonging);
	pool->belonging.free = free_pool;
	return pool->workers;
}

int smi_work_long(simul_fn *fn, void *arg, atomic_bool *stop)
{
	struct smi_workers *workers;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	workers = workers_of(&smi_current->loop->loop);
	return workers ? smi_call_in(workers, fn, arg, stop) : -ENOMEM;
}
