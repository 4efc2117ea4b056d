/* SPDX-License-Identifier: MIT
 * http/pool_idle.c - connections that wait for their next request. */
#include <simul/run.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "http/pool.h"
#include "io/stream.h"

static void link_in(struct smi_client_pool *pool,
		    struct smi_client_connection *c)
{
	struct smi_client_host *host = c->host;

	c->newer = NULL;
	c->older = pool->newest;
	if (c->older)
		c->older->newer = c;
	else
		pool->oldest = c;
	pool->newest = c;
	c->prev = NULL;
	c->next = host->newest;
	if (c->next)
		c->next->prev = c;
	host->newest = c;
	pool->idle++;
}

static void link_out(struct smi_client_pool *pool,
		     struct smi_client_connection *c)
{
	if (c->older)
		c->older->newer = c->newer;
	else
		pool->oldest = c->newer;
	if (c->newer)
		c->newer->older = c->older;
	else
		pool->newest = c->older;
	if (c->prev)
		c->prev->next = c->next;
	else
		c->host->newest = c->next;
	if (c->next)
		c->next->prev = c->prev;
	pool->idle--;
}

/* Close one that was taken out of the lists. */
static void discard(struct smi_client_pool *pool,
		    struct smi_client_connection *c)
{
	simul_close(c->stream);
	smi_client_leave_host(pool, c->host);
	smi_free(c);
}

void smi_client_close_idle(struct smi_client_pool *pool, size_t most)
{
	while (pool->idle > most) {
		struct smi_client_connection *oldest = pool->oldest;

		link_out(pool, oldest);
		discard(pool, oldest);
	}
}

/* ---- The sweeper: a task in the background while anything is idle */

static double expiry(const struct smi_client_pool *pool,
		     const struct smi_client_connection *c)
{
	return c->since + pool->keep_alive;
}

static int sweep(void *arg)
{
	struct smi_client_pool *pool = arg;
	int r = 0;

	while (pool->oldest && r >= 0) {
		double left = expiry(pool, pool->oldest) - simul_now();

		if (left > 0)
			r = simul_sleep(left);
		else
			smi_client_close_idle(pool, pool->idle - 1);
	}
	pool->sweeper = NULL;
	simul_event_set(&pool->swept);
	return 0;
}

/* Without memory for it there is none: what has expired is then closed when it
 * would be used. */
static void see_to_sweeping(struct smi_client_pool *pool)
{
	const simul_task_options options = { .name = "http_keep_alive",
					     .background = true };

	if (pool->sweeper)
		return;
	pool->sweeper = simul_create_task_with(&options, sweep, pool);
	if (pool->sweeper)
		simul_event_clear(&pool->swept);
}

static int wait_until_swept(void *pool)
{
	return simul_event_wait(&((struct smi_client_pool *)pool)->swept);
}

void smi_client_stop_sweeping(struct smi_client_pool *pool)
{
	if (!pool->sweeper)
		return;
	simul_cancel(pool->sweeper);
	simul_shield(wait_until_swept, pool);
}

/* ---- In and out */

void smi_client_park(struct smi_client_pool *pool,
		     struct smi_client_connection *c)
{
	c->since = simul_now();
	link_in(pool, c);
	see_to_sweeping(pool);
}

struct smi_client_connection *smi_client_unpark(struct smi_client_pool *pool,
						struct smi_client_host *host)
{
	struct smi_client_connection *c;

	/* A server may close a connection that is idle whenever it likes, and
	 * must not send anything. */
	while ((c = host->newest)) {
		link_out(pool, c);
		if (simul_now() < expiry(pool, c) &&
		    smi_stream_is_quiet(c->stream))
			return c;
		discard(pool, c);
	}
	return NULL;
}
