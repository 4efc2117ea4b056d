/* SPDX-License-Identifier: MIT
 * http/pool.c - a client's connections: slots, and what they are used for. */
#include "http/pool.h"

#include <errno.h>

#include <simul/net.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "tls/table.h"

void smi_client_pool_init(struct smi_client_pool *pool)
{
	pool->slots.value = pool->limit;
	pool->swept.is_set = true;
}

void smi_client_pool_done(struct smi_client_pool *pool)
{
	smi_client_stop_sweeping(pool);
	smi_client_close_idle(pool, 0);
}

/* ---- Slots */

/* The host's first: who waits for that must not keep others from theirs. */
static int take_slot(struct smi_client_pool *pool, struct smi_client_host *host)
{
	int r = simul_semaphore_acquire(&host->slots);

	if (r < 0)
		return r;
	r = simul_semaphore_acquire(&pool->slots);
	if (r < 0)
		simul_semaphore_release(&host->slots);
	else
		pool->busy++;
	return r;
}

static void give_slot(struct smi_client_pool *pool,
		      struct smi_client_host *host)
{
	pool->busy--;
	simul_semaphore_release(&pool->slots);
	simul_semaphore_release(&host->slots);
}

/* ---- Connections */

/* If we have something to complain of, the server should hear it. */
static void give_up(simul_stream *plain, int error)
{
	if (error == -ECANCELED || error == -ETIMEDOUT)
		simul_abort(plain);
	else
		simul_close(plain);
}

/* If this fails, *stream is closed. */
static int secure(const struct smi_client_pool *pool,
		  const struct smi_client_host *host,
		  struct smi_client_fault *fault, simul_stream **stream)
{
	const simul_tls_start_options options = { .host = host->name,
						  .alpn = "http/1.1",
						  .session = host->authority };
	simul_tls *tls = pool->tls;
	int r = tls->table->start(tls, *stream, &options, stream);

	if (r < 0) {
		smi_client_fail(fault, r, "speak TLS with %s: %s",
				host->authority, tls->table->error(tls));
		give_up(*stream, r);
	}
	return r;
}

static int connect_to(const struct smi_client_pool *pool,
		      const struct smi_client_host *host,
		      struct smi_client_fault *fault, simul_stream **ret_stream)
{
	simul_stream *s;
	int r = simul_connect(host->name, host->port, &s);

	if (r >= 0 && host->secure)
		r = secure(pool, host, fault, &s);
	if (r >= 0)
		*ret_stream = s;
	return r;
}

static int connect_in_time(const struct smi_client_pool *pool,
			   const struct smi_client_host *host,
			   struct smi_client_fault *fault,
			   simul_stream **ret_stream, bool *ret_expired)
{
	simul_timeout limit;
	int r = simul_timeout_open(&limit, pool->connect_timeout);

	if (r < 0)
		return r;
	r = connect_to(pool, host, fault, ret_stream);
	r = simul_timeout_close(&limit, r);
	*ret_expired = r == -ETIMEDOUT && simul_timeout_expired(&limit);
	return r;
}

static int open_stream(struct smi_client_pool *pool,
		       struct smi_client_connection *c,
		       struct smi_client_fault *fault)
{
	const char *whom = c->host->authority;
	bool expired = false;
	int r;

	smi_client_close_idle(
		pool, pool->limit > pool->busy ? pool->limit - pool->busy : 0);
	fault->text[0] = '\0';
	r = connect_in_time(pool, c->host, fault, &c->stream, &expired);
	if (r == -ECANCELED)
		return smi_client_fail(fault, r, "while connecting to %s",
				       whom);
	if (expired)
		return smi_client_fail(fault, r,
				       "connect to %s: not within %g s", whom,
				       pool->connect_timeout);
	if (r < 0 && !fault->text[0])
		smi_client_fail_at(fault, r, "connect to", whom);
	return r;
}

/* A connection that holds a slot and has no stream yet. */
static int new_connection(struct smi_client_pool *pool,
			  struct smi_client_host *host,
			  struct smi_client_fault *fault,
			  struct smi_client_connection **ret_connection)
{
	struct smi_client_connection *c = smi_alloc_zero(sizeof(*c));
	int r;

	if (!c)
		return smi_client_fail_at(fault, -ENOMEM, "connect to",
					  host->authority);
	c->host = host;
	r = open_stream(pool, c, fault);
	if (r < 0) {
		smi_free(c);
		return r;
	}
	*ret_connection = c;
	return 0;
}

int smi_client_take(struct smi_client_pool *pool, const struct smi_url *url,
		    struct smi_slice authority, struct smi_client_fault *fault,
		    struct smi_client_connection **ret_connection)
{
	struct smi_client_host *host =
		smi_client_enter_host(pool, url, authority);
	struct smi_client_connection *c;
	int r;

	if (!host)
		return smi_client_fail(fault, -ENOMEM, "no memory");
	r = take_slot(pool, host);
	if (r < 0) {
		smi_client_fail(fault, r, "while waiting for a connection");
		smi_client_leave_host(pool, host);
		return r;
	}
	c = smi_client_unpark(pool, host);
	if (c) {
		/* The task stands in for the connection as a user of it. */
		smi_client_leave_host(pool, host);
	} else {
		r = new_connection(pool, host, fault, &c);
		if (r < 0) {
			give_slot(pool, host);
			smi_client_leave_host(pool, host);
			return r;
		}
	}
	*ret_connection = c;
	return 0;
}

int smi_client_renew(struct smi_client_pool *pool,
		     struct smi_client_connection *c,
		     struct smi_client_fault *fault)
{
	simul_abort(c->stream);
	c->stream = NULL;
	c->used = false;
	return open_stream(pool, c, fault);
}

static bool may_keep(const struct smi_client_pool *pool, const simul_stream *s)
{
	return pool->keep_alive > 0 && simul_stream_buffered(s) == 0;
}

void smi_client_give(struct smi_client_pool *pool,
		     struct smi_client_connection *c, enum smi_client_fate fate)
{
	struct smi_client_host *host = c->host;

	/* What the request had too much of is of no use to the server. */
	if (fate != SMI_CLIENT_ABORT && c->stream &&
	    simul_stream_unsent(c->stream) > 0)
		fate = SMI_CLIENT_ABORT;
	if (fate == SMI_CLIENT_KEEP && may_keep(pool, c->stream)) {
		c->used = true;
		smi_client_park(pool, c);
		give_slot(pool, host);
		return;
	}
	if (fate == SMI_CLIENT_ABORT)
		simul_abort(c->stream);
	else
		simul_close(c->stream);
	smi_free(c);
	give_slot(pool, host);
	smi_client_leave_host(pool, host);
}
