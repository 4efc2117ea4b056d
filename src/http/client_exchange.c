/* SPDX-License-Identifier: MIT
 * http/client_exchange.c - one request, and the head of its answer. */
#include <errno.h>

#include <simul/error.h>
#include <simul/stream.h>

#include "http/client.h"
#include "http/parser.h"

/* A server may send interim answers (100 Continue, 103 Early Hints) before the
 * final one; one that sends nothing else is not going to. */
enum { MOST_INTERIM = 16 };

static int send_request(const simul_http_response *response,
			const struct smi_client_request *request)
{
	const struct iovec parts[] = {
		{ smi_buffer_bytes(&request->head),
		  smi_buffer_length(&request->head) },
		{ (void *)request->call->body, request->call->body_length },
	};

	/* Nothing waits to leave, so this doesn't wait either, however large
	 * the body: it leaves while we read. A server that answers at once and
	 * reads later can't bring us both to a standstill. */
	return simul_writev(response->connection->stream, parts,
			    request->has_body ? 2 : 1);
}

/* ---- Receiving */

/* Receive a head. Returns its length; its bytes are in the stream. */
static ptrdiff_t receive_head(simul_http_response *response, char **ret_bytes)
{
	simul_stream *stream = response->connection->stream;
	struct smi_http_parser parser = { 0 };
	size_t have = 0;
	ptrdiff_t n = 0;

	while (n == 0) {
		const char *bytes;

		n = simul_peek(stream, have + 1, &bytes);
		if (n < 0)
			return n;
		response->begun |= n > 0;
		if ((size_t)n <= have)
			return -SIMUL_EEOF;
		have = (size_t)n;
		/* They are the stream's, and as good as ours: the parser may
		 * have to unfold lines in them. */
		*ret_bytes = (char *)bytes;
		n = smi_http_parse_response(&parser, *ret_bytes, have,
					    &response->head);
	}
	return n;
}

/* Move the head from the stream to the response. */
static int take_head(simul_http_response *response, const char *bytes, size_t n)
{
	int r = smi_buffer_append(&response->bytes, bytes, n);

	if (r < 0)
		return r;
	response->head.bytes = smi_buffer_bytes(&response->bytes);
	simul_consume(response->connection->stream, n);
	return 0;
}

static bool is_interim(const simul_http_response *response)
{
	return response->head.status < 200 && response->head.status != 101;
}

static int receive_final_head(simul_http_response *response)
{
	for (int interim = 0; interim <= MOST_INTERIM; interim++) {
		char *bytes;
		ptrdiff_t n = receive_head(response, &bytes);

		if (n < 0)
			return (int)n;
		if (!is_interim(response))
			return take_head(response, bytes, (size_t)n);
		simul_consume(response->connection->stream, (size_t)n);
	}
	return -SIMUL_EPROTOCOL;
}

/* Put a zero behind each name and value, to make strings of them. There is
 * always a byte: a colon, a space, or the end of the line. */
static void make_strings(simul_http_response *response)
{
	const struct smi_http_message *head = &response->head;
	char *bytes = smi_buffer_bytes(&response->bytes);

	bytes[head->reason.at + head->reason.length] = '\0';
	for (size_t i = 0; i < head->count; i++) {
		const struct smi_http_field *f = &head->fields[i];

		bytes[f->name.at + f->name.length] = '\0';
		bytes[f->value.at + f->value.length] = '\0';
	}
}

static int receive(simul_http_response *response,
		   const struct smi_client_request *request)
{
	int r = receive_final_head(response);

	if (r >= 0 && response->head.status == 101)
		r = -SIMUL_EPROTOCOL; /* nobody has asked for an upgrade */
	if (r >= 0)
		r = smi_http_frame_response(&response->head, request->method,
					    &response->framing);
	if (r < 0)
		return r;
	make_strings(response);
	response->body = smi_http_body(&response->framing);
	return 0;
}

/* ---- Once more */

static bool is_idempotent(struct smi_slice method)
{
	static const char *const names[] = { "GET",    "HEAD",	  "PUT",
					     "DELETE", "OPTIONS", "TRACE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (smi_slice_is(method, smi_slice_of(names[i])))
			return true;
	return false;
}

/* Did it fail because the server had closed a connection that was idle? It may
 * do so at any time, even while our request is on its way. */
static bool was_closed(const simul_http_response *response, int error)
{
	return response->connection->used && !response->begun &&
	       (error == -SIMUL_EEOF || error == -SIMUL_ETRUNCATED ||
		error == -ECONNRESET || error == -EPIPE);
}

static int attempt(simul_http_response *response,
		   const struct smi_client_request *request)
{
	int r = send_request(response, request);

	return r < 0 ? r : receive(response, request);
}

/* ---- Words */

static int explain_end(struct smi_client_fault *fault, const char *whom,
		       bool begun)
{
	return smi_client_fail(
		fault, -SIMUL_EEOF,
		begun ? "%s closed the connection in the middle of the head"
		      : "%s closed the connection without an answer",
		whom);
}

static int explain(simul_http_response *response, int error)
{
	struct smi_client_fault *fault = &response->fault;
	const char *whom = response->connection->host->authority;

	switch (error) {
	case -ECANCELED:
		return smi_client_fail(fault, error,
				       "while waiting for %s to answer", whom);
	case -SIMUL_EEOF:
		return explain_end(fault, whom, response->begun);
	case -SIMUL_EPROTOCOL:
		return smi_client_fail(fault, error,
				       "what %s answers is not proper HTTP",
				       whom);
	case -SIMUL_ETOOLONG:
		return smi_client_fail(fault, error,
				       "the head of the answer is over %d "
				       "bytes or %d fields",
				       SMI_HTTP_HEAD_LIMIT,
				       SMI_HTTP_FIELD_LIMIT);
	case -SIMUL_EUNSUPPORTED:
		return smi_client_fail(fault, error,
				       "%s answers in a version or coding of "
				       "HTTP that is not supported",
				       whom);
	default:
		return smi_client_fail_at(fault, error, "talk to", whom);
	}
}

int smi_client_exchange(simul_http_response *response,
			struct smi_client_request *request)
{
	simul_http_session *session = response->session;
	struct smi_client_fault *fault = &response->fault;
	int r = smi_client_write_request(request, session->user_agent, fault);

	if (r < 0)
		return r;
	if (request->url.secure && !session->pool.tls)
		return smi_client_fail(fault, -SIMUL_EUNSUPPORTED,
				       "https needs .tls among the options "
				       "of the session");
	response->begun = false;
	r = smi_client_take(&session->pool, &request->url,
			    smi_slice(smi_buffer_bytes(&request->authority),
				      smi_buffer_length(&request->authority)),
			    fault, &response->connection);
	if (r < 0)
		return r;
	r = attempt(response, request);
	if (r < 0 && was_closed(response, r) &&
	    is_idempotent(request->method)) {
		r = smi_client_renew(&session->pool, response->connection,
				     fault);
		if (r < 0)
			return r;
		r = attempt(response, request);
	}
	return r < 0 ? explain(response, r) : 0;
}
