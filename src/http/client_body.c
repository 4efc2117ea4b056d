/* SPDX-License-Identifier: MIT
 * http/client_body.c - reads the body of a response. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>
#include <simul/scope.h>
#include <simul/stream.h>
#include <simul/task.h>

#include "http/client.h"

static size_t smaller_of(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* ---- One piece. Each returns how many bytes of data it has stored, perhaps
 * none; or an error. */

/* The connection has ended: so has the body, or it is cut off. */
static ptrdiff_t meet_end(simul_http_response *response)
{
	return smi_http_body_close(&response->body);
}

/* What comes next is data for certain: it goes where it is wanted at once. */
static ptrdiff_t read_data(simul_http_response *response, char *buffer,
			   size_t n)
{
	struct smi_slice data;
	ptrdiff_t got =
		simul_read(response->connection->stream, buffer,
			   smaller_of(smi_http_body_run(&response->body), n));

	if (got <= 0)
		return got == 0 ? meet_end(response) : got;
	return smi_http_body_next(&response->body, buffer, (size_t)got, &data);
}

/* The sizes of chunks and what else is between data. At most n bytes are looked
 * at, so there is room for what data is among them. */
static ptrdiff_t read_framing(simul_http_response *response, char *buffer,
			      size_t n)
{
	simul_stream *stream = response->connection->stream;
	struct smi_slice data;
	const char *bytes;
	ptrdiff_t got = simul_peek(stream, 1, &bytes);

	if (got <= 0)
		return got == 0 ? meet_end(response) : got;
	got = smi_http_body_next(&response->body, bytes,
				 smaller_of((size_t)got, n), &data);
	if (got < 0)
		return got;
	if (data.length > 0)
		memcpy(buffer, data.at, data.length);
	simul_consume(stream, (size_t)got);
	return (ptrdiff_t)data.length;
}

/* Some data, at least one byte; 0 at the end of the body. */
static ptrdiff_t read_some(simul_http_response *response, char *buffer,
			   size_t n)
{
	ptrdiff_t got = 0;

	while (got == 0 && !smi_http_body_is_done(&response->body))
		got = smi_http_body_run(&response->body) > 0
			      ? read_data(response, buffer, n)
			      : read_framing(response, buffer, n);
	if (got > 0)
		response->received += (uint64_t)got;
	return got;
}

/* ---- Everything, behind what was read before */

/* Ask for so much at once. A length that the server has announced is believed
 * up to a point only: it costs nothing to announce. */
static size_t next_piece(const simul_http_response *response)
{
	enum { SMALL = 8 * 1024, LARGE = 256 * 1024 };
	uint64_t run = smi_http_body_run(&response->body);

	if (response->framing.kind == SMI_HTTP_LENGTH)
		return smaller_of(run, LARGE);
	return SMALL;
}

static int read_everything(simul_http_response *response)
{
	struct smi_buffer *data = &response->data;
	size_t most = response->session->max_body;
	ptrdiff_t n = 1;

	while (n > 0) {
		/* One byte is for the zero, and one more than fits tells that
		 * it doesn't. */
		int r = smi_buffer_reserve(data, next_piece(response) + 1);
		size_t left = most - smi_buffer_length(data);

		if (r < 0)
			return r;
		n = read_some(response, smi_buffer_tail(data),
			      smaller_of((uint64_t)left + 1,
					 smi_buffer_space(data) - 1));
		if (n > 0)
			smi_buffer_commit(data, (size_t)n);
		if (smi_buffer_length(data) > most)
			return -SIMUL_ETOOLONG;
	}
	return (int)n;
}

/* ---- Words */

static int explain_end(simul_http_response *response)
{
	unsigned long long got = response->received;

	if (response->framing.kind == SMI_HTTP_LENGTH)
		return smi_client_fail(
			&response->fault, -SIMUL_EEOF,
			"the connection was closed after %llu of %llu bytes",
			got, (unsigned long long)response->framing.length);
	return smi_client_fail(&response->fault, -SIMUL_EEOF,
			       "the connection was closed after %llu bytes, "
			       "before the body's end",
			       got);
}

static int explain_excess(simul_http_response *response)
{
	size_t most = response->session->max_body;

	if (response->framing.length > most ||
	    smi_buffer_length(&response->data) > most)
		return smi_client_fail(&response->fault, -SIMUL_ETOOLONG,
				       "the body is over %zu bytes", most);
	return smi_client_fail(&response->fault, -SIMUL_ETOOLONG,
			       "too much beside the data of chunks");
}

static int explain(simul_http_response *response, int error)
{
	struct smi_client_fault *fault = &response->fault;

	switch (error) {
	case -SIMUL_EEOF:
		return explain_end(response);
	case -SIMUL_EPROTOCOL:
		return smi_client_fail(fault, error,
				       "the body is not in proper chunks");
	case -SIMUL_ETOOLONG:
		return explain_excess(response);
	case -ETIMEDOUT:
		return smi_client_fail(fault, error,
				       "timed out after %g s while reading "
				       "the body",
				       response->timeout);
	default:
		return smi_client_fail(fault, error, "reading the body: %s",
				       simul_strerror(error));
	}
}

/* ---- In time, and to the end */

/* After these, reading may go on. */
static bool is_passing(int error)
{
	return error == -ECANCELED || error == -ENOMEM;
}

/* Reading has come to this, for now or for good. */
static int conclude(simul_http_response *response, simul_timeout *limit, int r)
{
	r = simul_timeout_close(limit, r);
	if (r < 0)
		explain(response, r);
	if (r < 0 && !is_passing(r)) {
		response->error = r;
		smi_client_abort(response);
	} else if (smi_http_body_is_done(&response->body)) {
		smi_client_release(response);
	}
	return r;
}

/* May reading begin, and within which time? */
static int begin(simul_http_response *response, simul_timeout *limit)
{
	int r = simul_check_cancelled();

	if (r >= 0)
		r = response->error;
	return r < 0 ? r : simul_timeout_open_at(limit, response->deadline);
}

ptrdiff_t simul_http_response_read(simul_http_response *response, void *buffer,
				   size_t n)
{
	simul_timeout limit;
	ptrdiff_t got = begin(response, &limit);
	int r;

	if (got < 0)
		return got;
	if (n > 0)
		got = read_some(response, buffer, n);
	r = conclude(response, &limit, got < 0 ? (int)got : 0);
	return r < 0 ? r : got;
}

int simul_http_response_read_all(simul_http_response *response,
				 char **ret_bytes, size_t *ret_length)
{
	struct smi_buffer *data = &response->data;
	simul_timeout limit;
	int r = begin(response, &limit);

	if (r < 0)
		return r;
	if (response->framing.length > response->session->max_body)
		r = -SIMUL_ETOOLONG;
	else
		r = read_everything(response);
	r = conclude(response, &limit, r);
	if (r < 0)
		return r;
	*smi_buffer_tail(data) = '\0';
	*ret_bytes = smi_buffer_bytes(data);
	if (ret_length)
		*ret_length = smi_buffer_length(data);
	return 0;
}
