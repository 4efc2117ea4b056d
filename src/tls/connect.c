/* SPDX-License-Identifier: MIT
 * tls/connect.c - connections with TLS from the start. */
#include <errno.h>
#include <stdio.h>

#include <simul/error.h>
#include <simul/scope.h>
#include <simul/server.h>
#include <simul/task.h>

#include "task/task.h"
#include "tls/stream.h"

enum { LONGEST_NAME = 300 }; /* of a host and port */

/* ---- A client */

static int start_over(simul_tls *tls, simul_stream *plain,
		      const simul_tls_start_options *options,
		      simul_stream **ret_stream)
{
	struct smi_tls_context *context = smi_tls_context_of(tls);
	int r = simul_start_tls(tls, plain, options, ret_stream);
	simul_tls_failure failure;

	if (r >= 0)
		return r;
	failure = context->failure;
	/* If we have something to complain of, the server should hear it. */
	if (r == -ECANCELED || r == -ETIMEDOUT)
		simul_abort(plain);
	else
		simul_close(plain);
	/* Others ran meanwhile. */
	context->failure = failure;
	return r;
}

int simul_connect_tls(simul_tls *tls, const char *host, int port,
		      const simul_tls_start_options *options,
		      simul_stream **ret_stream)
{
	simul_tls_start_options o = { 0 };
	char place[LONGEST_NAME];
	simul_stream *plain;
	int r;

	if (options)
		o = *options;
	snprintf(place, sizeof place, "%s:%d", host, port);
	if (!o.host)
		o.host = host;
	if (!o.session)
		o.session = place;
	r = simul_connect(host, port, &plain);
	if (r < 0)
		return smi_tls_fail(&smi_tls_context_of(tls)->failure, r,
				    "connect to %s: %s", place,
				    simul_strerror(r));
	return start_over(tls, plain, &o, ret_stream);
}

/* ---- A server */

struct serving {
	simul_tls *tls;
	simul_handler *handler;
	void *arg;
	double close_timeout;
	simul_serve_failed *failed;
};

/* To be cancelled with the server is nobody's fault. */
static void report(const struct serving *my, simul_stream *s, int error)
{
	if (my->failed && !(error == -ECANCELED && simul_is_cancelled()))
		my->failed(s, error, my->arg);
}

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

struct call {
	const struct serving *serving;
	simul_stream *stream;
};

static int call_handler(void *arg)
{
	const struct call *my = arg;

	return my->serving->handler(my->stream, my->serving->arg);
}

static void serve_stream(const struct serving *my, simul_stream *s)
{
	struct call call = { my, s };
	/* What the handler has left behind, or deferred, may use the stream. */
	int r = smi_call_apart(call_handler, &call);
	int left = r == -ECONNABORTED ? r : flush_in_time(s, my->close_timeout);

	if (r < 0 || left < 0)
		report(my, s, r < 0 ? r : left);
	if (left == -ECONNABORTED || simul_stream_unsent(s) > 0)
		simul_abort(s);
	else
		simul_close(s);
}

/* In the connection's task. What lies below is closed by simul_serve, and all
 * that went wrong has been told here. */
static int serve_one(simul_stream *plain, void *arg)
{
	const struct serving *my = arg;
	simul_stream *s;
	int r = smi_tls_start(my->tls, plain, NULL, true, &s);

	if (r < 0)
		report(my, plain, r);
	else
		serve_stream(my, s);
	return 0;
}

static void tell_of_shortage(simul_stream *s, int error, void *arg)
{
	const struct serving *my = arg;

	if (!s)
		my->failed(NULL, error, my->arg);
}

int simul_serve_tls(simul_listener *listener, simul_tls *tls,
		    simul_handler *handler, void *arg,
		    const simul_serve_options *options)
{
	simul_serve_options o = { 0 };
	struct serving my = { .tls = tls, .handler = handler, .arg = arg };

	if (!tls->is_server)
		return -EINVAL;
	if (options)
		o = *options;
	my.failed = o.failed;
	my.close_timeout = o.close_timeout != 0 ? o.close_timeout : 30;
	if (my.failed)
		o.failed = tell_of_shortage;
	return simul_serve(listener, serve_one, &my, &o);
}
