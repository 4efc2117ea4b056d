/* SPDX-License-Identifier: MIT
 * http/pool.h - a client's connections: so many at a time, and kept for the
 * next request.
 *
 * A connection that is in use holds a slot; tasks wait for slots in order of
 * arrival. One that is idle holds none, and gives way when others are to be
 * opened and the limit is reached. Idle connections hang in two lists: their
 * host's, from which the one that was used last is taken first, and the
 * pool's, in which the one that has been idle for longest is closed first.
 */
#ifndef SMI_HTTP_POOL_H
#define SMI_HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/stream.h>
#include <simul/sync.h>
#include <simul/task.h>
#include <simul/tls.h>

#include "http/client_fault.h"
#include "http/slice.h"
#include "http/url.h"

/* A host and port that we have to do with just now. */
struct smi_client_host {
	struct smi_client_host *next; /* in its bucket */
	size_t users;		      /* connections, and tasks that want one */
	simul_semaphore slots;
	struct smi_client_connection *newest; /* of those that are idle */
	int port;
	bool secure;	  /* https */
	const char *name; /* for the resolver */
	size_t length;	  /* of the authority */
	char authority[]; /* "example.org:8080"; then the name */
};

struct smi_client_connection {
	simul_stream *stream;
	struct smi_client_host *host;
	bool used; /* it has carried an exchange */
	/* While it is idle: */
	double since;
	struct smi_client_connection *older, *newer; /* in the pool */
	struct smi_client_connection *next, *prev;   /* of the same host */
};

enum { SMI_CLIENT_BUCKETS = 256 };

struct smi_client_pool {
	size_t limit; /* set these first, at least 1 or more than 0 */
	size_t host_limit;
	double connect_timeout;
	double keep_alive; /* negative: nothing is kept */
	simul_tls *tls;	   /* for those who ask for it, or NULL */

	simul_semaphore slots;
	size_t busy; /* connections that are in use */
	size_t idle;
	struct smi_client_connection *oldest, *newest; /* of those idle */
	struct smi_client_host *hosts[SMI_CLIENT_BUCKETS];
	simul_task *sweeper; /* closes what is idle for too long */
	simul_event swept;   /* there is no sweeper */
};

/* Fill in what follows from the limits. */
void smi_client_pool_init(struct smi_client_pool *pool);

/* Close what is idle. Nothing may be in use. */
void smi_client_pool_done(struct smi_client_pool *pool);

/* Wait for a slot, and have a connection to url's host, whose authority is as
 * smi_url_write_host writes it: one that was idle and still seems to be good,
 * or a new one. */
int smi_client_take(struct smi_client_pool *pool, const struct smi_url *url,
		    struct smi_slice authority, struct smi_client_fault *fault,
		    struct smi_client_connection **ret_connection);

/* Have a new connection in place of one that was no good. If that fails, the
 * old one is closed all the same, and must still be given back. */
int smi_client_renew(struct smi_client_pool *pool,
		     struct smi_client_connection *connection,
		     struct smi_client_fault *fault);

/* What becomes of a connection. */
enum smi_client_fate {
	SMI_CLIENT_KEEP,  /* it is exactly at the end of a message */
	SMI_CLIENT_CLOSE, /* the exchange is complete, but it was the last */
	SMI_CLIENT_ABORT  /* broken off: nobody knows what comes next */
};

/* Give a connection and its slot back. */
void smi_client_give(struct smi_client_pool *pool,
		     struct smi_client_connection *connection,
		     enum smi_client_fate fate);

/* ---- pool_idle.c */

/* Keep a connection. */
void smi_client_park(struct smi_client_pool *pool,
		     struct smi_client_connection *connection);

/* Take out an idle connection to host that seems to be good, or NULL. */
struct smi_client_connection *smi_client_unpark(struct smi_client_pool *pool,
						struct smi_client_host *host);

/* Close idle connections until there are no more than so many. */
void smi_client_close_idle(struct smi_client_pool *pool, size_t most);

/* End the sweeper. */
void smi_client_stop_sweeping(struct smi_client_pool *pool);

/* ---- pool_host.c */

/* The host of this authority; count one more user of it. NULL: no memory. */
struct smi_client_host *smi_client_enter_host(struct smi_client_pool *pool,
					      const struct smi_url *url,
					      struct smi_slice authority);

/* One user less; the last one takes the host with it. */
void smi_client_leave_host(struct smi_client_pool *pool,
			   struct smi_client_host *host);

#endif /* SMI_HTTP_POOL_H */
