/* SPDX-License-Identifier: MIT
 * net/serve.c - a task for each connection.
 *
 * The tasks are members of the server much as those of a group (task/group.c),
 * except that to fail to start one, or to fail as one, is no reason for the
 * others to end.
 */
#include <errno.h>

#include <simul/net.h>

#include "task/wait.h"

enum { MOST_CONNECTIONS = 10000 };

static const double CLOSE_TIMEOUT = 30; /* seconds */

/* How long to wait when there is no room for another connection. */
static const double REST = 0.1; /* seconds */

struct server {
	simul_listener *listener;
	simul_handler *handler;
	void *arg;
	size_t max_connections;
	double close_timeout;
	struct smi_task_plan plan;
	struct simul_scope scope; /* of the connections */
	size_t running;
	struct simul_waiters waiters; /* for one to end */
};

/* ---- One connection */

struct connection {
	struct server *server;
	simul_stream *stream;
};

/* A peer that doesn't read must not keep us for ever. */
static void close_in_time(simul_stream *s, double seconds)
{
	simul_timeout timeout;

	if (simul_timeout_open(&timeout, seconds) < 0) {
		simul_abort(s);
		return;
	}
	simul_timeout_close(&timeout, simul_close(s));
}

static int serve_connection(void *arg)
{
	const struct connection *my = arg;

	/* What the handler has left behind may use the stream. */
	simul_end_children(my->server->handler(my->stream, my->server->arg));
	if (simul_stream_unsent(my->stream) > 0)
		close_in_time(my->stream, my->server->close_timeout);
	else
		simul_close(my->stream);
	return 0;
}

static void connection_ended(struct simul_task *task)
{
	struct server *server = task->owner;

	server->running--;
	smi_wake_all(&server->waiters, 0);
}

static int start(struct server *server, simul_stream *s)
{
	struct connection connection = { server, s };
	struct smi_task_plan plan = server->plan;
	struct simul_task *task;

	plan.arg = &connection;
	plan.arg_size = sizeof connection;
	task = smi_task_new(smi_current->loop, &plan);
	if (!task)
		return -ENOMEM;
	smi_task_detach(task);
	smi_task_tell(task, connection_ended);
	task->owner = server;
	server->running++;
	smi_task_start(task);
	return 0;
}

/* ---- All of them */

static int wait_for_room(struct server *server)
{
	static const struct smi_wait waiting = { "a connection to end",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = 0;

	while (r >= 0 && server->running >= server->max_connections)
		r = smi_wait_in(&server->waiters, &waiter, &waiting);
	return r;
}

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS ||
	       error == -ENOMEM;
}

/* Without memory for a timer, at least others get their turn. */
static int rest(void)
{
	int r = simul_sleep(REST);

	return r == -ENOMEM ? simul_sleep(0) : r;
}

static int accept_all(struct server *server)
{
	simul_stream *next = NULL; /* accepted, but not started */
	int r;

	do {
		r = smi_may_suspend();
		if (r >= 0)
			r = wait_for_room(server);
		if (r >= 0 && !next)
			r = simul_accept(server->listener, &next);
		if (r >= 0)
			r = start(server, next);
		if (r >= 0)
			next = NULL;
		else if (is_shortage(r))
			r = rest();
	} while (r >= 0);
	simul_abort(next);
	return r;
}

static void end_all(struct server *server)
{
	static const struct smi_wait waiting = { "its connections to end",
						 NULL };
	struct simul_waiter waiter;

	smi_scope_cancel(&server->scope);
	while (server->running > 0)
		smi_wait_in(&server->waiters, &waiter, &waiting);
	smi_scope_close(&server->scope);
}

int simul_serve(simul_listener *listener, simul_handler *handler, void *arg,
		const simul_serve_options *options)
{
	static const simul_serve_options none;
	const simul_serve_options *o = options ? options : &none;
	struct server server = {
		.listener = listener,
		.handler = handler,
		.arg = arg,
		.max_connections = o->max_connections ? o->max_connections
						      : MOST_CONNECTIONS,
		.close_timeout =
			o->close_timeout > 0 ? o->close_timeout : CLOSE_TIMEOUT,
		.plan = { .fn = serve_connection,
			  .name = o->name ? o->name : "connection",
			  .scope = &server.scope },
	};
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	server.plan.shift = o->stack_size ? smi_stack_shift(o->stack_size)
					  : smi_current->loop->shift;
	smi_scope_open(smi_current, &server.scope);
	r = accept_all(&server);
	end_all(&server);
	return r;
}
