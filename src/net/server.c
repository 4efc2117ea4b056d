/* SPDX-License-Identifier: MIT
 * net/server.c - accepts connections, and sees them to their end.
 *
 * What stops a server must keep new connections from coming, but not break off
 * those that are there. So those who accept and those who serve live in
 * different scopes of the caller:
 *
 *	accepting	the acceptors' tasks, one for each listener; cancelled
 *			with the caller, or by simul_server_stop
 *	  a shield	in which the caller does nothing but wait
 *	    living	the connections' tasks; cancelled when their time of
 *			grace is over
 */
#include "net/server.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "task/wait.h"

/* How long to wait when there is no room for another connection. */
static const double REST = 0.1; /* seconds */

/* ---- Stopping */

static void stop(struct smi_server *server, int result)
{
	if (server->handle->stopping.is_set)
		return;
	server->result = result;
	simul_event_set(&server->handle->stopping);
	smi_scope_cancel(&server->accepting);
}

void simul_server_stop(simul_server *handle)
{
	if (handle->server)
		stop(handle->server, 0);
	else
		simul_event_set(&handle->stopping);
}

void simul_server_cancel(simul_server *handle)
{
	simul_server_stop(handle);
	/* If it has been cancelled already, it need not be again. */
	if (handle->server)
		simul_timeout_reschedule(&handle->server->living, 0);
}

size_t simul_server_connections(const simul_server *handle)
{
	return handle->connections;
}

/* ---- Its tasks */

struct member {
	struct smi_server *server;
	void *object; /* the stream, or the listener */
};

static int start(struct smi_server *server, struct simul_scope *scope,
		 const simul_task_options *options, simul_fn *fn, void *object,
		 void (*ended)(struct simul_task *task))
{
	const struct member member = { server, object };
	struct smi_task_plan plan =
		smi_task_plan(smi_current->loop, options, scope, fn, &member);
	struct simul_task *task;

	plan.arg_size = sizeof member;
	task = smi_task_new(smi_current->loop, &plan);
	if (!task)
		return -ENOMEM;
	smi_task_detach(task);
	smi_task_tell(task, ended);
	task->owner = server;
	smi_task_start(task);
	return 0;
}

static int wait_for_member(struct smi_server *server)
{
	static const struct smi_wait waiting = { "a connection to end",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r = smi_may_suspend();

	return r < 0 ? r : smi_wait_in(&server->waiters, &waiter, &waiting);
}

/* ---- Connections */

static int serve_connection(void *arg)
{
	const struct member *my = arg;

	my->server->serve(my->server, my->object);
	return 0;
}

static void connection_ended(struct simul_task *task)
{
	struct smi_server *server = task->owner;

	server->handle->connections--;
	smi_wake_all(&server->waiters, 0);
}

static int start_connection(struct smi_server *server, simul_stream *s)
{
	const simul_task_options options = { .name = server->name,
					     .stack_size = server->stack_size };
	int r = start(server, &server->living.scope, &options, serve_connection,
		      s, connection_ended);

	if (r >= 0)
		server->handle->connections++;
	return r;
}

/* ---- Accepting */

static int wait_for_room(struct smi_server *server)
{
	int r = 0;

	while (r >= 0 && server->handle->connections >= server->max_connections)
		r = wait_for_member(server);
	return r;
}

/* What was accepted and could not be started is *next, for another try. */
static int accept_one(const struct member *my, simul_stream **next)
{
	int r = wait_for_room(my->server);

	if (r >= 0 && !*next)
		r = simul_accept(my->object, next);
	/* Another listener may have had one, too. */
	if (r >= 0)
		r = wait_for_room(my->server);
	if (r >= 0)
		r = start_connection(my->server, *next);
	if (r >= 0)
		*next = NULL;
	return r;
}

static bool is_shortage(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS ||
	       error == -ENOMEM;
}

/* A connection that ends makes room. Without memory for a timer, at least
 * others get their turn. */
static int rest(struct smi_server *server)
{
	simul_timeout limit;
	int r = simul_timeout_open(&limit, REST);

	if (r < 0)
		return simul_sleep(0);
	r = simul_timeout_close(&limit, wait_for_member(server));
	return r == -ETIMEDOUT ? 0 : r;
}

/* Whoever wants to know is told once, not each time. */
static void complain(struct smi_server *server, bool *starving, int error)
{
	if (!*starving && server->starved)
		server->starved(server, error);
	*starving = true;
}

static int accept_all(void *arg)
{
	const struct member *my = arg;
	simul_stream *next = NULL;
	bool starving = false;
	int r;

	do {
		r = accept_one(my, &next);
		if (is_shortage(r)) {
			complain(my->server, &starving, r);
			r = rest(my->server);
		} else {
			starving = false;
		}
	} while (r >= 0);
	simul_abort(next);
	stop(my->server, r);
	return 0;
}

static void acceptor_ended(struct simul_task *task)
{
	struct smi_server *server = task->owner;

	server->acceptors--;
	smi_wake_all(&server->waiters, 0);
}

static void start_acceptors(struct smi_server *server)
{
	const simul_task_options options = { .name = "acceptor" };
	int r = 0;

	for (size_t i = 0; i < server->listener_count && r >= 0; i++) {
		r = start(server, &server->accepting, &options, accept_all,
			  server->listeners[i], acceptor_ended);
		if (r >= 0)
			server->acceptors++;
	}
	if (r < 0)
		stop(server, r);
}

/* ---- Serving */

/* All that is waited for has been cancelled or will be. */
static void wait_for_none(struct smi_server *server, const size_t *members)
{
	static const struct smi_wait waiting = { "its connections to end",
						 NULL };
	struct simul_waiter waiter;

	while (*members > 0)
		smi_wait_in(&server->waiters, &waiter, &waiting);
}

/* Without memory for a timer there is none. */
static void begin_grace(struct smi_server *server)
{
	if (simul_timeout_reschedule(&server->living, server->grace) < 0)
		simul_timeout_reschedule(&server->living, 0);
}

/* In a shield. */
static int look_after(void *arg)
{
	struct smi_server *server = arg;
	int r = simul_timeout_open(&server->living, INFINITY);

	assert(r >= 0); /* there is no timer to be set */
	wait_for_none(server, &server->acceptors);
	if (server->closing)
		server->closing(server);
	begin_grace(server);
	wait_for_none(server, &server->handle->connections);
	return simul_timeout_close(&server->living, 0);
}

int smi_server_run(struct smi_server *server)
{
	simul_server *handle = server->handle;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (handle->server)
		return -EBUSY;
	if (handle->stopping.is_set)
		return 0;
	handle->server = server;
	smi_scope_open(smi_current, &server->accepting);
	start_acceptors(server);
	simul_shield(look_after, server);
	smi_scope_close(&server->accepting);
	handle->server = NULL;
	return server->result;
}
