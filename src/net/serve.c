/* SPDX-License-Identifier: MIT
 * net/serve.c - connections that are streams for a handler. */
#include <errno.h>
#include <math.h>

#include <simul/loops.h>
#include <simul/scope.h>

#include "io/stream.h"
#include "net/server.h"

static const simul_serve_options defaults = {
	.max_connections = 10000,
	.close_timeout = 30,
	.linger = 2,
	.name = "connection",
};

struct serving {
	struct smi_server server;
	simul_handler *handler;
	void *arg;
	double close_timeout;
	double linger;
	simul_serve_failed *failed;
};

static struct serving *serving_of(struct smi_server *server)
{
	return (struct serving *)server;
}

/* ---- One connection */

static int flush(void *s)
{
	return simul_flush(s);
}

/* A peer that doesn't read must not keep us for ever. */
static int flush_in_time(simul_stream *s, double seconds)
{
	return simul_stream_unsent(s) > 0 ? simul_wait_for(seconds, flush, s)
					  : simul_flush(s);
}

/* To be cancelled with the server is nobody's fault. */
static void report(const struct serving *my, simul_stream *s, int error)
{
	if (my->failed && !(error == -ECANCELED && simul_is_cancelled()))
		my->failed(s, error, my->arg);
}

struct call {
	const struct serving *serving;
	simul_stream *stream;
};

static int call_handler(void *arg)
{
	const struct call *my = arg;

	return my->serving->handler(my->stream, my->serving->arg);
}

static int abort_it(void *s)
{
	simul_abort(s);
	return 0;
}

/* Nobody but its own loop may touch it. In a shield. */
static int abort_where_it_is(void *stream)
{
	simul_stream *s = stream;
	int r;

	if (!s->loop)
		return abort_it(s);
	/* There was no memory for the task over there. */
	while ((r = simul_to_loop(s->loop, abort_it, s)) == -ENOMEM)
		simul_sleep(0.01);
	return r;
}

static void serve_stream(struct smi_server *server, simul_stream *s)
{
	const struct serving *my = serving_of(server);
	struct call call = { my, s };
	/* What the handler has left behind, or deferred, may use the stream. */
	int r = smi_call_apart(call_handler, &call);
	int left;

	if (s->loop != smi_current->loop) {
		/* It has gone to another loop, and did not arrive or not come
		 * back. */
		report(my, s, r < 0 ? r : -EBUSY);
		simul_shield(abort_where_it_is, s);
		return;
	}
	left = r == -ECONNABORTED ? r : flush_in_time(s, my->close_timeout);
	if (r < 0 || left < 0)
		report(my, s, r < 0 ? r : left);
	if (left >= 0)
		smi_linger(s, my->linger);
	if (left == -ECONNABORTED || simul_stream_unsent(s) > 0)
		simul_abort(s);
	else
		simul_close(s);
}

/* ---- All of them */

static void starved(struct smi_server *server, int error)
{
	const struct serving *my = serving_of(server);

	if (my->failed)
		my->failed(NULL, error, my->arg);
}

static double or_else(double given, double otherwise)
{
	return given == 0 ? otherwise : given;
}

int simul_serve_listeners(simul_listener *const *listeners, size_t count,
			  simul_handler *handler, void *arg,
			  const simul_serve_options *options)
{
	const simul_serve_options *o = options ? options : &defaults;
	simul_server handle = { 0 };
	struct serving serving = {
		.server = { .handle = o->server ? o->server : &handle,
			    .listeners = listeners,
			    .listener_count = count,
			    .max_connections = o->max_connections,
			    .grace = o->grace,
			    .stack_size = o->stack_size,
			    .name = o->name ? o->name : defaults.name,
			    .serve = serve_stream,
			    .starved = starved },
		.handler = handler,
		.arg = arg,
		.close_timeout =
			or_else(o->close_timeout, defaults.close_timeout),
		.linger = or_else(o->linger, defaults.linger),
		.failed = o->failed,
	};

	if (!(serving.close_timeout > 0) || isnan(serving.linger) ||
	    isnan(o->grace) || count == 0)
		return -EINVAL;
	if (o->max_connections == 0)
		serving.server.max_connections = defaults.max_connections;
	return smi_server_run(&serving.server);
}

int simul_serve(simul_listener *listener, simul_handler *handler, void *arg,
		const simul_serve_options *options)
{
	return simul_serve_listeners(&listener, 1, handler, arg, options);
}
