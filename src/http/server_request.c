/* SPDX-License-Identifier: MIT
 * http/server_request.c - what a handler asks: names, values, and the body. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>

#include "http/server.h"
#include "http/target.h"

enum { READ_ALL_STEP = 16 * 1024, CONTENT_KEPT = 64 * 1024 };

/* ---- The head */

/* Make a string of what the parser found: see http/server.h. The bytes are
 * const only to those who parse them. */
static const char *string_of(struct smi_slice s)
{
	if (s.at)
		((char *)(uintptr_t)s.at)[s.length] = 0;
	return s.at;
}

/* Give the head a place of its own. */
static int move_head(struct simul_http_request *c)
{
	int r;

	smi_buffer_consume(&c->head, smi_buffer_length(&c->head));
	r = smi_buffer_append(&c->head, c->message.bytes, c->head_length);
	if (r < 0)
		return r;
	c->message.bytes = smi_buffer_bytes(&c->head);
	simul_consume(c->stream, c->head_length);
	c->head_length = 0;
	return 0;
}

static int read_target(struct simul_http_request *c)
{
	struct smi_http_target target;

	if (smi_http_read_target(&c->message, &target) < 0)
		return 400;
	if (target.form == SMI_HTTP_AUTHORITY)
		return 501;
	c->query = string_of(target.query);
	if (target.form == SMI_HTTP_ASTERISK)
		c->path = "*";
	else if (smi_slice_is(target.path, smi_slice_of("/")))
		c->path = "/"; /* perhaps it isn't in the head */
	else
		c->path = string_of(target.path);
	return 0;
}

int smi_http_request_begin(struct simul_http_request *c, size_t head_length)
{
	struct smi_slice method = smi_http_method(&c->message);
	int r;

	c->head_length = head_length;
	c->is_head = smi_slice_is(method, smi_slice_of("HEAD"));
	r = smi_http_frame_request(&c->message, &c->framing);
	if (r < 0)
		return r == -SIMUL_EUNSUPPORTED ? 501 : 400;
	c->body = smi_http_body(&c->framing);
	c->awaits_continue =
		c->framing.expects_continue && !smi_http_body_is_done(&c->body);
	if (c->framing.kind != SMI_HTTP_NO_BODY) {
		r = move_head(c);
		if (r < 0)
			return r;
	}
	r = read_target(c);
	c->method = string_of(smi_http_method(&c->message));
	return r;
}

void smi_http_request_end(struct simul_http_request *c)
{
	simul_consume(c->stream, c->head_length);
	c->head_length = 0;
	if (c->content.room > CONTENT_KEPT)
		smi_buffer_done(&c->content);
	smi_buffer_consume(&c->content, smi_buffer_length(&c->content));
}

const char *simul_http_request_method(simul_http_request *request)
{
	return request->method;
}

const char *simul_http_request_path(simul_http_request *request)
{
	return request->path;
}

const char *simul_http_request_query(simul_http_request *request)
{
	return request->query;
}

int simul_http_request_minor(const simul_http_request *request)
{
	return (int)request->message.minor;
}

const char *simul_http_request_header(simul_http_request *request,
				      const char *name)
{
	struct smi_slice value;

	if (!smi_http_find(&request->message, smi_slice_of(name), &value))
		return NULL;
	return string_of(value);
}

bool simul_http_request_field(simul_http_request *request, size_t i,
			      const char **ret_name, const char **ret_value)
{
	const struct smi_http_message *m = &request->message;

	if (i >= m->count)
		return false;
	if (ret_name)
		*ret_name = string_of(smi_http_name(m, i));
	if (ret_value)
		*ret_value = string_of(smi_http_value(m, i));
	return true;
}

int simul_http_request_peer(const simul_http_request *request,
			    simul_address *ret_address)
{
	return simul_peer_address(request->stream, ret_address);
}

/* ---- The body */

void simul_http_request_allow(simul_http_request *request, uint64_t bytes)
{
	request->max_body = bytes;
}

bool simul_http_request_has_body(const simul_http_request *request)
{
	return !smi_http_body_is_done(&request->body);
}

/* Data is next: receive it where it is wanted. */
static ptrdiff_t read_data(struct simul_http_request *c, char *buffer, size_t n)
{
	uint64_t run = smi_http_body_run(&c->body);
	struct smi_slice data;
	ptrdiff_t r;

	if (n > run)
		n = (size_t)run;
	r = simul_read(c->stream, buffer, n);
	if (r > 0)
		smi_http_body_next(&c->body, buffer, (size_t)r, &data);
	return r == 0 ? -SIMUL_EEOF : r;
}

/* What is next is not data, but it may come: go on to it byte by byte, as no
 * more than that is known. */
static int skip_framing(struct simul_http_request *c)
{
	struct smi_slice data;
	const char *bytes;
	ptrdiff_t n = simul_peek(c->stream, 1, &bytes), r = 0, i;

	if (n <= 0)
		return n < 0 ? (int)n : -SIMUL_EEOF;
	for (i = 0; i < n && r >= 0 && smi_http_body_run(&c->body) == 0 &&
		    !smi_http_body_is_done(&c->body);
	     i++)
		r = smi_http_body_next(&c->body, bytes + i, 1, &data);
	simul_consume(c->stream, (size_t)i);
	return r < 0 ? (int)r : 0;
}

static ptrdiff_t read_some(struct simul_http_request *c, char *buffer, size_t n)
{
	ptrdiff_t r = 0;

	while (r == 0 && !smi_http_body_is_done(&c->body))
		r = smi_http_body_run(&c->body) > 0 ? read_data(c, buffer, n)
						    : skip_framing(c);
	return r;
}

/* Only what has to be waited for takes time. */
static ptrdiff_t read_in_time(struct simul_http_request *c, char *buffer,
			      size_t n)
{
	simul_timeout stall;
	ptrdiff_t got;
	int r;

	r = smi_http_reply_continue(c);
	if (r < 0)
		return r;
	if (simul_stream_buffered(c->stream) > 0 &&
	    smi_http_body_run(&c->body) > 0)
		return read_data(c, buffer, n);
	r = simul_timeout_open(&stall, c->server->options.stall_timeout);
	if (r < 0)
		return r;
	got = read_some(c, buffer, n);
	r = simul_timeout_close(&stall, got < 0 ? (int)got : 0);
	return r < 0 ? r : got;
}

/* Is this the end of the body, or will it pass? */
static bool is_final(int error)
{
	return error != -ECANCELED && error != -ENOMEM && error != -EBUSY &&
	       error != -EPERM;
}

static ptrdiff_t note(struct simul_http_request *c, ptrdiff_t r)
{
	if (r > 0)
		c->body_read += (uint64_t)r;
	if (c->body_read > c->max_body)
		r = -SIMUL_ETOOLONG;
	if (r < 0 && is_final((int)r))
		c->body_error = (int)r;
	return r;
}

ptrdiff_t simul_http_request_read(simul_http_request *request, void *buffer,
				  size_t n)
{
	struct simul_http_request *c = request;

	if (c->body_error)
		return c->body_error;
	if (n == 0 || smi_http_body_is_done(&c->body))
		return 0;
	if (c->framing.kind == SMI_HTTP_LENGTH &&
	    c->framing.length > c->max_body)
		return note(c, -SIMUL_ETOOLONG);
	return note(c, read_in_time(c, buffer, n));
}

int simul_http_request_read_all(simul_http_request *request, char **ret_bytes,
				size_t *ret_length)
{
	struct smi_buffer *b = &request->content;
	ptrdiff_t n;
	int r;

	do {
		/* What is announced is not believed before it comes. */
		r = smi_buffer_reserve(b, READ_ALL_STEP + 1);
		if (r < 0)
			return r;
		n = simul_http_request_read(request, smi_buffer_tail(b),
					    smi_buffer_space(b) - 1);
		if (n > 0)
			smi_buffer_commit(b, (size_t)n);
	} while (n > 0);
	if (n < 0)
		return (int)n;
	*smi_buffer_tail(b) = 0;
	*ret_bytes = smi_buffer_bytes(b);
	if (ret_length)
		*ret_length = smi_buffer_length(b);
	return 0;
}

int smi_http_request_pass_over(struct simul_http_request *c)
{
	uint64_t end = c->body_read + SMI_HTTP_PASS_OVER;
	char waste[1024];
	ptrdiff_t r = 1;

	simul_http_request_allow(c, end);
	while (r > 0)
		r = simul_http_request_read(c, waste, sizeof waste);
	return (int)r;
}
