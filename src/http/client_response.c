/* SPDX-License-Identifier: MIT
 * http/client_response.c - what an answer says, and how a response ends. */
#include <simul/stream.h>

#include "base/alloc.h"
#include "http/client.h"
#include "http/writer.h"

/* ---- The head */

int simul_http_response_status(const simul_http_response *response)
{
	return (int)response->head.status;
}

const char *simul_http_response_reason(const simul_http_response *response)
{
	const struct smi_http_message *head = &response->head;

	if (head->reason.length > 0)
		return head->bytes + head->reason.at;
	return smi_http_reason(head->status).at;
}

const char *simul_http_response_url(const simul_http_response *response)
{
	return smi_buffer_bytes(&response->url);
}

const char *simul_http_response_header(const simul_http_response *response,
				       const char *name)
{
	struct smi_slice value;

	if (!smi_http_find(&response->head, smi_slice_of(name), &value))
		return NULL;
	return value.at;
}

bool simul_http_response_field(const simul_http_response *response, size_t i,
			       const char **ret_name, const char **ret_value)
{
	const struct smi_http_message *head = &response->head;

	if (i >= head->count)
		return false;
	if (ret_name)
		*ret_name = smi_http_name(head, i).at;
	if (ret_value)
		*ret_value = smi_http_value(head, i).at;
	return true;
}

const char *simul_http_response_error(const simul_http_response *response)
{
	return response->fault.text;
}

/* ---- The end */

static void give(simul_http_response *response, enum smi_client_fate fate)
{
	struct smi_client_connection *connection = response->connection;

	response->connection = NULL;
	if (connection)
		smi_client_give(&response->session->pool, connection, fate);
}

/* Pass over so much of the body as has come; false if that is no body. */
static bool pass_over(simul_http_response *response)
{
	simul_stream *stream = response->connection->stream;

	while (!smi_http_body_is_done(&response->body) &&
	       simul_stream_buffered(stream) > 0) {
		struct smi_slice data;
		const char *bytes;
		ptrdiff_t n = simul_peek(stream, 1, &bytes);

		if (n > 0)
			n = smi_http_body_next(&response->body, bytes,
					       (size_t)n, &data);
		if (n < 0)
			return false;
		simul_consume(stream, (size_t)n);
	}
	return smi_http_body_is_done(&response->body);
}

void smi_client_release(simul_http_response *response)
{
	if (!response->connection)
		return;
	if (!pass_over(response))
		give(response, SMI_CLIENT_ABORT);
	else if (response->framing.keep_alive)
		give(response, SMI_CLIENT_KEEP);
	else
		give(response, SMI_CLIENT_CLOSE);
}

void smi_client_abort(simul_http_response *response)
{
	give(response, SMI_CLIENT_ABORT);
}

void simul_http_response_close(simul_http_response *response)
{
	if (!response)
		return;
	smi_client_release(response);
	response->session->responses--;
	smi_buffer_done(&response->url);
	smi_buffer_done(&response->bytes);
	smi_buffer_done(&response->data);
	smi_http_message_done(&response->head);
	smi_free(response);
}
