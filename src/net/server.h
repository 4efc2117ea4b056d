/* SPDX-License-Identifier: MIT
 * net/server.h - what every server does, whatever it serves: accept, give each
 * connection a task, keep to its limits, and end.
 *
 *	server.c	accepts, counts, rests, stops
 *	serve.c		connections that are streams for a handler
 *	linger.c	how a connection is ended so that the peer hears it all
 *	http/server.c	connections on which HTTP is spoken
 */
#ifndef SMI_NET_SERVER_H
#define SMI_NET_SERVER_H

#include <stddef.h>

#include <simul/server.h>

#include "task/task.h"

struct smi_server {
	/* The caller's to set. */
	simul_server *handle;
	simul_listener *const *listeners;
	size_t listener_count;
	size_t max_connections;
	double grace; /* seconds; 0 or less: none */
	size_t stack_size;
	const char *name; /* of the tasks */

	/* Serve a connection, and close it; in its own task. */
	void (*serve)(struct smi_server *server, simul_stream *s);
	/* Nothing more will be accepted: whoever has nothing to do may go. May
	 * be NULL. */
	void (*closing)(struct smi_server *server);
	/* There is no room for another connection. May be NULL. */
	void (*starved)(struct smi_server *server, int error);

	/* Its own. */
	struct simul_scope accepting;
	simul_timeout living; /* the scope of the connections */
	size_t acceptors;     /* that have not ended */
	int result;
	struct simul_waiters waiters; /* for a task of its to end */
};

/* Serve until it is stopped, cancelled, or a listener fails, and then to the
 * end of all connections. */
int smi_server_run(struct smi_server *server);

/* Say that no more will be written, and drop what the peer still sends, until
 * it ends or so many seconds have passed. */
void smi_linger(simul_stream *s, double seconds);

#endif /* SMI_NET_SERVER_H */
