/* SPDX-License-Identifier: MIT
 * http/server.c - the options, and all connections together; net/server.c
 * accepts them. */
#include <errno.h>
#include <math.h>

#include <simul/task.h>

#include "http/server.h"
#include "task/task.h"
#include "tls/table.h"

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
	    isnan(o.grace) || (o.tls && !o.tls->is_server) ||
	    o.max_head > INT32_MAX || o.max_fields > INT32_MAX)
		return -EINVAL;
	server->options = o;
	server->date_second = -1;
	return 0;
}

/* ---- Connections */

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

static struct smi_http_server *http_server_of(struct smi_server *server)
{
	return (struct smi_http_server *)((char *)server -
					  offsetof(struct smi_http_server,
						   connections));
}

void smi_http_server_report(const struct smi_http_server *server,
			    simul_stream *s, int error)
{
	if (server->options.failed &&
	    !(error == -ECANCELED && simul_is_cancelled()))
		server->options.failed(s, error, server->arg);
}

static void starved(struct smi_server *server, int error)
{
	smi_http_server_report(http_server_of(server), NULL, error);
}

/* For the client to hear what we have to complain of. */
static const double LINGER = 1; /* seconds */

/* If this fails, *stream is closed. */
static int secure(const struct smi_http_server *server, simul_stream **stream)
{
	const simul_tls_start_options options = { .alpn = "http/1.1" };
	simul_tls *tls = server->options.tls;
	int r = tls->table->start(tls, *stream, &options, stream);

	if (r < 0) {
		smi_http_server_report(server, *stream, r);
		smi_linger(*stream, LINGER);
		if (simul_stream_unsent(*stream) > 0)
			simul_abort(*stream);
		else
			simul_close(*stream);
	}
	return r;
}

static void serve_connection(struct smi_server *server, simul_stream *stream)
{
	struct simul_http_request c = { .server = http_server_of(server) };

	if (c.server->options.tls && secure(c.server, &stream) < 0)
		return;
	c.stream = stream;
	link_connection(&c);
	smi_http_connection_run(&c);
	unlink_connection(&c);
}

static void close_idle(struct smi_server *connections)
{
	struct smi_http_server *server = http_server_of(connections);
	struct simul_http_request *c;

	server->closing = true;
	for (c = server->first; c; c = c->next)
		if (c->idle)
			smi_scope_cancel(&c->wait.scope);
}

/* ---- Serving */

int simul_http_serve(simul_listener *listener, simul_http_handler *handler,
		     void *arg, const simul_http_server_options *options)
{
	struct smi_http_server server = { .handler = handler, .arg = arg };
	simul_server handle = { 0 };
	int r = smi_http_server_set(&server, options);

	if (r < 0)
		return r;
	server.connections = (struct smi_server){
		.handle =
			server.options.server ? server.options.server : &handle,
		.listeners = &listener,
		.listener_count = 1,
		.max_connections = server.options.max_connections,
		.grace = server.options.grace,
		.stack_size = server.options.stack_size,
		.name = "connection",
		.serve = serve_connection,
		.closing = close_idle,
		.starved = starved,
	};
	return smi_server_run(&server.connections);
}

int simul_http_serve_stream(simul_stream *stream, simul_http_handler *handler,
			    void *arg, const simul_http_server_options *options)
{
	struct smi_http_server server = { .handler = handler, .arg = arg };
	struct simul_http_request c = { .server = &server, .stream = stream };
	int r = smi_http_server_set(&server, options);

	if (r < 0)
		return r;
	server.options.failed = NULL; /* it is returned */
	r = smi_http_connection_run(&c);
	return r < 0 ? r : simul_check_cancelled();
}
