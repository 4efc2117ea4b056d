/* SPDX-License-Identifier: MIT
 * http/server_reply.c - what is answered. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <simul/error.h>
#include <simul/task.h>

#include "http/server.h"
#include "http/writer.h"

/* ---- Sending */

/* Only what has to be waited for takes time. */
static int send_parts(struct simul_http_request *c, const struct iovec *parts,
		      int count)
{
	simul_timeout stall;
	int r;

	if (simul_stream_unsent(c->stream) <= SMI_HTTP_HIGH_WATER)
		return simul_writev(c->stream, parts, count);
	r = simul_timeout_open(&stall, c->server->options.stall_timeout);
	if (r < 0)
		return r;
	return simul_timeout_close(&stall,
				   simul_writev(c->stream, parts, count));
}

static struct iovec part(const void *bytes, size_t n)
{
	return (struct iovec){ (void *)(uintptr_t)bytes, n };
}

static struct iovec slice_part(struct smi_slice s)
{
	return part(s.at, s.length);
}

int smi_http_reply_continue(struct simul_http_request *c)
{
	struct iovec word = slice_part(smi_slice_of("HTTP/1.1 100 Continue"
						    "\r\n\r\n"));

	if (!c->awaits_continue || c->stage != SMI_HTTP_SILENT)
		return 0;
	c->awaits_continue = false;
	if (simul_stream_buffered(c->stream) > 0)
		return 0; /* it did not */
	return send_parts(c, &word, 1);
}

/* ---- The head */

static struct smi_slice date(struct smi_http_server *server)
{
	time_t now = time(NULL);

	if (now != server->date_second) {
		smi_http_date(now, server->date);
		server->date_second = now;
	}
	return smi_slice(server->date, SMI_HTTP_DATE_LENGTH);
}

static bool has_no_body(int status)
{
	return status == 204 || status == 304;
}

/* How the answer's body is framed; -1 is a length that isn't known. */
static enum smi_http_body_kind choose_kind(const struct simul_http_request *c,
					   int status, int64_t length)
{
	if (has_no_body(status))
		return SMI_HTTP_NO_BODY;
	if (length >= 0)
		return SMI_HTTP_LENGTH;
	return c->message.minor > 0 ? SMI_HTTP_CHUNKED : SMI_HTTP_UNTIL_CLOSE;
}

/* Will the body be dealt with, so that it is known where the next request
 * begins? One that waits for our word to come may come or not. */
static bool body_is_certain(const struct simul_http_request *c)
{
	if (c->body_error || c->awaits_continue)
		return false;
	return c->body.kind != SMI_HTTP_LENGTH ||
	       c->body.left <= SMI_HTTP_PASS_OVER;
}

static bool may_keep(const struct simul_http_request *c)
{
	size_t most = c->server->options.max_requests;

	return c->keep && c->framing.keep_alive && !c->server->closing &&
	       (most == 0 || c->heads < most) && body_is_certain(c);
}

static void write_framing(struct simul_http_request *c,
			  struct smi_http_writer *w, bool keep)
{
	if (c->kind == SMI_HTTP_LENGTH)
		smi_http_write_length(w, c->left);
	else if (c->kind == SMI_HTTP_CHUNKED)
		smi_http_write_own_field(w, smi_slice_of("Transfer-Encoding"),
					 smi_slice_of("chunked"));
	if (!keep)
		smi_http_write_own_field(w, smi_slice_of("Connection"),
					 smi_slice_of("close"));
	else if (c->message.minor == 0)
		smi_http_write_own_field(w, smi_slice_of("Connection"),
					 smi_slice_of("keep-alive"));
}

static int write_head(struct simul_http_request *c, int status,
		      const char *content_type, bool keep)
{
	struct smi_http_writer w;

	smi_buffer_consume(&c->out, smi_buffer_length(&c->out));
	w = smi_http_writer(&c->out);
	smi_http_write_status(&w, (unsigned)status, smi_slice_of(""));
	smi_http_write_own_field(&w, smi_slice_of("Date"), date(c->server));
	if (content_type)
		smi_http_write_field(&w, smi_slice_of("Content-Type"),
				     smi_slice_of(content_type));
	if (w.error == 0)
		w.error =
			smi_buffer_append(&c->out, smi_buffer_bytes(&c->fields),
					  smi_buffer_length(&c->fields));
	write_framing(c, &w, keep);
	return smi_http_write_end(&w);
}

/* Begin, with the first bytes of the body, which are announced. */
static int begin(struct simul_http_request *c, int status,
		 const char *content_type, int64_t length, struct iovec first)
{
	struct iovec parts[2];
	bool keep;
	int r;

	if (c->stage != SMI_HTTP_SILENT)
		return -EALREADY;
	if (status < 200 || status > 999 || length < -1 ||
	    (has_no_body(status) && length > 0))
		return -EINVAL;
	c->kind = choose_kind(c, status, length);
	c->left = length > 0 ? (uint64_t)length : 0;
	c->silent = c->is_head || has_no_body(status);
	keep = may_keep(c) && c->kind != SMI_HTTP_UNTIL_CLOSE;
	r = write_head(c, status, content_type, keep);
	if (r < 0)
		return r;
	parts[0] = part(smi_buffer_bytes(&c->out), smi_buffer_length(&c->out));
	parts[1] = first;
	r = send_parts(c, parts, first.iov_len && !c->silent ? 2 : 1);
	if (r < 0)
		return r;
	c->stage = SMI_HTTP_BEGUN;
	c->keep = keep;
	c->left -= first.iov_len;
	return 0;
}

/* ---- Header fields */

/* Those that say where the answer ends, how long the connection lives, and
 * when this was: there is one who answers for them. */
static bool is_ours(const char *name)
{
	static const char *const ours[] = { "Connection", "Content-Length",
					    "Date",	  "Keep-Alive",
					    "Trailer",	  "Transfer-Encoding",
					    "Upgrade" };

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (smi_slice_is_like(smi_slice_of(name),
				      smi_slice_of(ours[i])))
			return true;
	return false;
}

int simul_http_reply_header(simul_http_request *request, const char *name,
			    const char *value)
{
	struct smi_http_writer w = smi_http_writer(&request->fields);

	if (request->stage != SMI_HTTP_SILENT)
		return -EALREADY;
	if (is_ours(name))
		return -EINVAL;
	smi_http_write_field(&w, smi_slice_of(name), smi_slice_of(value));
	return w.error;
}

int simul_http_reply_close(simul_http_request *request)
{
	if (request->stage != SMI_HTTP_SILENT)
		return -EALREADY;
	request->keep = false;
	return 0;
}

/* ---- The body */

static int send_chunk(struct simul_http_request *c, struct iovec data)
{
	char head[SMI_HTTP_CHUNK_HEAD_ROOM];
	struct iovec parts[] = { part(head,
				      smi_http_chunk_head(head, data.iov_len)),
				 data, slice_part(smi_http_chunk_tail()) };

	return send_parts(c, parts, 3);
}

static int send_piece(struct simul_http_request *c, struct iovec data)
{
	int r = 0;

	if (!c->silent)
		r = c->kind == SMI_HTTP_CHUNKED ? send_chunk(c, data)
						: send_parts(c, &data, 1);
	if (r >= 0 && c->kind == SMI_HTTP_LENGTH)
		c->left -= data.iov_len;
	return r;
}

/* Long runs go in pieces, so that no more than two wait to leave. */
static int send_body(struct simul_http_request *c, const char *bytes, size_t n)
{
	int r = 0;

	while (n > 0 && r >= 0) {
		size_t some = n < SMI_HTTP_HIGH_WATER ? n : SMI_HTTP_HIGH_WATER;

		r = send_piece(c, part(bytes, some));
		bytes += some;
		n -= some;
	}
	return r;
}

int simul_http_reply_begin(simul_http_request *request, int status,
			   const char *content_type, int64_t length)
{
	return begin(request, status, content_type, length, part(NULL, 0));
}

int simul_http_reply_write(simul_http_request *request, const void *bytes,
			   size_t n)
{
	struct simul_http_request *c = request;

	if (c->stage == SMI_HTTP_SILENT)
		return -EINVAL;
	if (c->stage == SMI_HTTP_ENDED)
		return -EALREADY;
	if (n > 0 && (c->kind == SMI_HTTP_NO_BODY ||
		      (c->kind == SMI_HTTP_LENGTH && n > c->left)))
		return -EMSGSIZE;
	return send_body(c, bytes, n);
}

int simul_http_reply_end(simul_http_request *request)
{
	struct simul_http_request *c = request;
	struct iovec end = slice_part(smi_http_chunks_end());
	int r = 0;

	if (c->stage == SMI_HTTP_SILENT)
		return -EINVAL;
	if (c->stage == SMI_HTTP_ENDED)
		return -EALREADY;
	if (c->kind == SMI_HTTP_LENGTH && c->left > 0)
		return -EMSGSIZE;
	if (c->kind == SMI_HTTP_CHUNKED && !c->silent)
		r = send_parts(c, &end, 1);
	if (r >= 0)
		c->stage = SMI_HTTP_ENDED;
	return r;
}

int simul_http_reply(simul_http_request *request, int status,
		     const char *content_type, const void *body, size_t length)
{
	size_t first =
		length < SMI_HTTP_HIGH_WATER ? length : SMI_HTTP_HIGH_WATER;
	int r;

	if (length > INT64_MAX)
		return -EINVAL;
	r = begin(request, status, content_type, (int64_t)length,
		  part(body, first));
	if (r >= 0)
		r = send_body(request, (const char *)body + first,
			      length - first);
	if (r >= 0)
		r = simul_http_reply_end(request);
	return r;
}

/* ---- In the handler's place */

int smi_http_reply_status(struct simul_http_request *c, int status)
{
	struct smi_slice reason = smi_http_reason((unsigned)status);
	char text[64];
	int n = snprintf(text, sizeof text, "%d %.*s\n", status,
			 (int)reason.length, reason.at);

	smi_buffer_consume(&c->fields, smi_buffer_length(&c->fields));
	return simul_http_reply(c, status, "text/plain", text, (size_t)n);
}

/* The answer to a request whose handler did not give one. */
static int status_for(const struct simul_http_request *c, int result)
{
	if (result >= 0 || result != c->body_error)
		return 500;
	switch (result) {
	case -SIMUL_ETOOLONG:
		return 413;
	case -ETIMEDOUT:
		return 408;
	case -SIMUL_EPROTOCOL:
	case -SIMUL_EEOF:
		return 400;
	default:
		return 500;
	}
}

int smi_http_reply_finish(struct simul_http_request *c, int result)
{
	if (c->stage == SMI_HTTP_SILENT) {
		int r = simul_check_cancelled();

		return r < 0 ? r
			     : smi_http_reply_status(c, status_for(c, result));
	}
	if (c->stage == SMI_HTTP_BEGUN && result >= 0)
		result = simul_http_reply_end(c);
	if (c->stage == SMI_HTTP_BEGUN)
		return result;
	return 0;
}
