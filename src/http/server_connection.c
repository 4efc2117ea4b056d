/* SPDX-License-Identifier: MIT
 * http/server_connection.c - the life of a connection: heads are awaited,
 * understood or refused, handlers called; and then it ends, in one of three
 * ways. */
#include <errno.h>

#include <simul/error.h>
#include <simul/run.h>

#include "http/server.h"
#include "task/task.h"

enum {
	/* Requests answered before others get a turn for certain: a client
	 * that always has another one there would never let go. */
	BURST = 64,
	/* Seconds in which the client may read our last word. */
	LINGER = 2
};

enum ending {
	CLOSE,	   /* both sides know that it is over */
	LINGER_ON, /* the client may not know yet, and go on sending */
	BREAK /* only an error tells the client that something is missing */
};

/* ---- Heads */

/* The first bytes of a head have come. It has its own time from now on, or, if
 * it is the first, has had it from the beginning. */
static int begin_head(struct simul_http_request *c)
{
	int r = 0;

	c->idle = false;
	if (c->heads > 0)
		r = simul_timeout_reschedule(&c->wait,
					     c->server->options.head_timeout);
	/* If they came in the moment in which the time was over, it is. */
	return r == -EINVAL ? 0 : r;
}

/* Wait for a head until it is there or can't come any more. As parsers do:
 * its length, 0 if the connection ended, or an error. */
static ptrdiff_t receive_head(struct simul_http_request *c)
{
	const char *bytes;
	ptrdiff_t seen = 0, n, head;

	for (;;) {
		n = simul_peek(c->stream, (size_t)seen + 1, &bytes);
		if (n <= seen)
			return n < 0 ? n : 0;
		head = smi_http_parse_request(&c->parser, bytes, (size_t)n,
					      &c->message);
		if (head != 0)
			return head;
		if (c->idle && begin_head(c) < 0)
			return -ENOMEM;
		seen = n;
	}
}

static ptrdiff_t await_head(struct simul_http_request *c)
{
	const simul_http_server_options *o = &c->server->options;
	bool nothing;
	ptrdiff_t n;
	int r;

	/* The first one is due from the connection on. */
	r = simul_timeout_open(&c->wait,
			       c->heads ? o->idle_timeout : o->head_timeout);
	if (r < 0)
		return r;
	c->idle = true;
	n = c->server->closing ? 0 : receive_head(c);
	r = simul_timeout_close(&c->wait, n < 0 ? (int)n : 0);
	nothing = c->idle;
	c->idle = false;
	/* Nobody waits for an answer. */
	if (nothing && (r == -ETIMEDOUT || r == -ECANCELED))
		return 0;
	return r < 0 ? r : n;
}

/* The next head: its length, 0 if none comes, or an error. What is there
 * already needs no timer. */
static ptrdiff_t next_head(struct simul_http_request *c)
{
	const char *bytes;
	ptrdiff_t n = 0;

	c->parser = (struct smi_http_parser){
		.head_limit = (uint32_t)c->server->options.max_head,
		.field_limit = (uint32_t)c->server->options.max_fields
	};
	c->idle = false;
	if (simul_stream_buffered(c->stream) > 0) {
		n = simul_peek(c->stream, 1, &bytes);
		if (n > 0)
			n = smi_http_parse_request(&c->parser, bytes, (size_t)n,
						   &c->message);
	}
	return n != 0 ? n : await_head(c);
}

/* What to answer to one who sent no head; 0: nothing, it isn't his fault. */
static int refusal(const struct simul_http_request *c, ptrdiff_t error)
{
	switch (error) {
	case -SIMUL_EPROTOCOL:
		return 400;
	case -ETIMEDOUT:
		return 408;
	case -SIMUL_ETOOLONG:
		return c->parser.started ? 431 : 414;
	case -ENOMEM:
		return 503;
	case -SIMUL_EUNSUPPORTED:
		return 505;
	default:
		return 0;
	}
}

/* ---- Requests */

static void forget_request(struct simul_http_request *c)
{
	c->framing = (struct smi_http_framing){ 0 };
	c->body = (struct smi_http_body){ 0 };
	c->max_body = c->server->options.max_body;
	c->body_read = 0;
	c->body_error = 0;
	c->awaits_continue = false;
	c->is_head = false;
	c->stage = SMI_HTTP_SILENT;
	smi_buffer_consume(&c->fields, smi_buffer_length(&c->fields));
}

/* Say that this is no request, and nothing more on this connection. */
static int refuse(struct simul_http_request *c, int status,
		  enum ending *ret_ending)
{
	c->keep = false;
	*ret_ending = LINGER_ON;
	return smi_http_reply_status(c, status);
}

/* The answer is complete. May another request follow? 1 if so. */
static int finish_request(struct simul_http_request *c, enum ending *ret_ending)
{
	bool passed = false;

	if (c->keep || smi_http_body_is_done(&c->body))
		passed = smi_http_request_pass_over(c) >= 0;
	smi_http_request_end(c);
	if (!passed || simul_stream_buffered(c->stream) > 0)
		*ret_ending = LINGER_ON;
	return c->keep && passed;
}

static int call_handler(void *arg)
{
	struct simul_http_request *c = arg;

	return c->server->handler(c, c->server->arg);
}

static int answer(struct simul_http_request *c, size_t head_length,
		  enum ending *ret_ending)
{
	int r = smi_http_request_begin(c, head_length);

	if (r != 0)
		return refuse(c, r == -ENOMEM ? 503 : r, ret_ending);
	r = smi_call_apart(call_handler, c);
	r = smi_http_reply_finish(c, r);
	if (r >= 0)
		return finish_request(c, ret_ending);
	*ret_ending = c->kind == SMI_HTTP_UNTIL_CLOSE ? BREAK : LINGER_ON;
	return r;
}

/* Deal with one request. 1: another may follow. */
static int serve_next(struct simul_http_request *c, enum ending *ret_ending)
{
	ptrdiff_t head = next_head(c);
	int status;

	if (head == 0)
		return 0;
	c->heads++;
	forget_request(c);
	if (head > 0)
		return answer(c, (size_t)head, ret_ending);
	status = refusal(c, head);
	return status ? refuse(c, status, ret_ending) : (int)head;
}

static int serve_all(struct simul_http_request *c, enum ending *ret_ending)
{
	int r;

	do {
		r = serve_next(c, ret_ending);
		if (r > 0 && c->heads % BURST == 0)
			r = simul_sleep(0) < 0 ? -ECANCELED : 1;
	} while (r > 0);
	return r;
}

/* ---- The end */

static int end_stream(struct simul_http_request *c, enum ending ending)
{
	simul_timeout stall;
	int r;

	if (ending == LINGER_ON)
		smi_linger(c->stream, LINGER);
	r = simul_timeout_open(&stall, c->server->options.stall_timeout);
	if (r < 0) {
		simul_abort(c->stream);
		return r;
	}
	if (ending == BREAK) {
		/* Not without the answers before. */
		simul_flush(c->stream);
		simul_abort(c->stream);
	} else {
		r = simul_close(c->stream);
	}
	return simul_timeout_close(&stall, r);
}

static void free_buffers(struct simul_http_request *c)
{
	smi_http_message_done(&c->message);
	smi_buffer_done(&c->head);
	smi_buffer_done(&c->content);
	smi_buffer_done(&c->fields);
	smi_buffer_done(&c->out);
}

int smi_http_connection_run(struct simul_http_request *c)
{
	enum ending ending = CLOSE;
	int r, closed;

	simul_stream_set_limit(c->stream, c->server->options.max_head);
	simul_stream_set_high_water(c->stream, SMI_HTTP_HIGH_WATER);
	c->keep = true;
	r = serve_all(c, &ending);
	if (r < 0)
		smi_http_server_report(c->server, c->stream, r);
	closed = end_stream(c, ending);
	free_buffers(c);
	return r < 0 ? r : closed;
}
