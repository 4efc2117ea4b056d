/* SPDX-License-Identifier: MIT
 * http/server.c - accepts connections, and sees them to their end.
 *
 * What cancels a server must not cancel the requests that are being answered,
 * but must keep new ones from coming. So those who accept and those who answer
 * live in different scopes: a child of the caller accepts, and ends when the
 * caller is cancelled; the caller itself is shielded and does nothing but
 * wait, and the connections' tasks are its children inside the shield. */
#include <assert.h>
#include <errno.h>
#include <math.h>

#include <simul/error.h>
#include <simul/run.h>
#include <simul/task.h>

#include "http/server.h"
#include "task/wait.h"

/* How long to wait when there is no room for another connection. */
static const double REST = 0.1; /* seconds */

/* ---- Options */

static double or_seconds(double given, double otherwise)
{
	return given == 0 ? otherwise : given;
}

static size_t or_count(size_t given, size_t otherwise)
{
	return given == 0 ? otherwise : given;
}

int smi_http_server_set(struct smi_http_server *server,
			const simul_http_server_options *options)
{
	simul_http_server_options o = { 0 };

	if (options)
		o = *options;
	o.max_connections = or_count(o.max_connections, 10000);
	o.max_head = or_count(o.max_head, SMI_HTTP_HEAD_LIMIT);
	o.max_fields = or_count(o.max_fields, SMI_HTTP_FIELD_LIMIT);
	o.max_body = o.max_body ? o.max_body : 1024 * 1024;
	o.head_timeout = or_seconds(o.head_timeout, 30);
	o.idle_timeout = or_seconds(o.idle_timeout, 75);
	o.stall_timeout = or_seconds(o.stall_timeout, 60);
	o.grace = or_seconds(o.grace, 10);
	if (!(o.head_timeout > 0 && o.idle_timeout > 0 &&
	      o.stall_timeout > 0) ||
	    isnan(o.grace) || o.max_head > INT32_MAX ||
	    o.max_fields > INT32_MAX)
		return -EINVAL;
	server->options = o;
	server->date_second = -1;
	return 0;
}

/* ---- Connections */

struct connection {
	struct smi_http_server *server;
	simul_stream *stream;
};

static void link_connection(struct simul_http_request *c)
{
	struct smi_http_server *server = c->server;

	c->next = server->first;
	if (c->next)
		c->next->prev = c;
	server->first = c;
}

static void unlink_connection(struct simul_http_request *c)
{
	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		c->server->first = c->next;
}

static int connection(void *arg)
{
	const struct connection *my = arg;
	struct simul_http_request c = { .server = my->server,
					.stream = my->stream };

	link_connection(&c);
	smi_http_connection_run(&c);
	unlink_connection(&c);
	return 0;
}

static void connection_ended(struct simul_task *task)
{
	struct smi_http_server *server = task->owner;

	simul_semaphore_release(&server->room);
	if (--server->running == 0)
		smi_wake_all(&server->waiters, 0);
}

static int start_connection(struct smi_http_server *server,
			    simul_stream *stream)
{
	struct connection arg = { server, stream };
	simul_task_options options = { .name = "connection",
				       .arg_size = sizeof arg,
				       .stack_size =
					       server->options.stack_size };
	struct smi_task_plan plan =
		smi_task_plan(smi_current->loop, &options, &server->grace.scope,
			      connection, &arg);
	struct simul_task *task = smi_task_new(smi_current->loop, &plan);

	if (!task)
		return -ENOMEM;
	smi_task_detach(task);
	smi_task_tell(task, connection_ended);
	task->owner = server;
	server->running++;
	smi_task_start(task);
	return 0;
}

/* ---- Accepting */

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

static int accept_one(struct smi_http_server *server)
{
	simul_stream *stream;
	int r = simul_accept(server->listener, &stream);

	if (r >= 0) {
		r = start_connection(server, stream);
		if (r < 0)
			simul_abort(stream);
	}
	return r;
}

/* As a task: until cancelled. */
static int accept_all(void *arg)
{
	struct smi_http_server *server = arg;
	int r;

	do {
		r = simul_semaphore_acquire(&server->room);
		if (r < 0)
			return r;
		r = accept_one(server);
		if (r < 0)
			simul_semaphore_release(&server->room);
		if (is_shortage(r))
			r = rest();
	} while (r >= 0);
	return r;
}

/* ---- Serving */

static void close_idle(struct smi_http_server *server)
{
	struct simul_http_request *c;

	server->closing = true;
	for (c = server->first; c; c = c->next)
		if (c->idle)
			smi_scope_cancel(&c->wait.scope);
}

static void set_grace(struct smi_http_server *server)
{
	if (simul_timeout_reschedule(&server->grace, server->options.grace) < 0)
		simul_timeout_reschedule(&server->grace, 0);
}

static void wait_for_connections(struct smi_http_server *server)
{
	/* They are cancelled when their time is over, so they end. */
	static const struct smi_wait waiting = { "connections to end", NULL };
	struct simul_waiter waiter = { 0 };

	while (server->running > 0)
		smi_wait_in(&server->waiters, &waiter, &waiting);
}

struct serving {
	struct smi_http_server *server;
	simul_task *acceptor;
};

/* In a shield. */
static int look_after(void *arg)
{
	struct serving *my = arg;
	struct smi_http_server *server = my->server;
	int r = simul_timeout_open(&server->grace, INFINITY);

	assert(r >= 0); /* there is no timer to be set */
	r = simul_await(my->acceptor);
	close_idle(server);
	set_grace(server);
	wait_for_connections(server);
	simul_timeout_close(&server->grace, 0);
	return r;
}

int simul_http_serve(simul_listener *listener, simul_http_handler *handler,
		     void *arg, const simul_http_server_options *options)
{
	struct smi_http_server server = { .handler = handler,
					  .arg = arg,
					  .listener = listener };
	struct serving my = { .server = &server };
	int r = smi_http_server_set(&server, options);

	if (r < 0)
		return r;
	if (!smi_current)
		return -EPERM;
	server.room.value = server.options.max_connections;
	my.acceptor = simul_create_task_with(
		&(simul_task_options){ .name = "acceptor" }, accept_all,
		&server);
	if (!my.acceptor)
		return -ENOMEM;
	return simul_shield(look_after, &my);
}

int simul_http_serve_stream(simul_stream *stream, simul_http_handler *handler,
			    void *arg, const simul_http_server_options *options)
{
	struct smi_http_server server = { .handler = handler, .arg = arg };
	struct simul_http_request c = { .server = &server, .stream = stream };
	int r = smi_http_server_set(&server, options);

	if (r < 0)
		return r;
	r = smi_http_connection_run(&c);
	return r < 0 ? r : simul_check_cancelled();
}
