/* SPDX-License-Identifier: MIT
 * http/client.c - from a URL to its response, through redirects. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>
#include <simul/run.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "http/client.h"

/* ---- Redirects */

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

/* Where the answer sends us, if it does. */
static bool find_location(const simul_http_response *response,
			  struct smi_slice *ret_location)
{
	return is_redirect(response->head.status) &&
	       smi_http_find(&response->head, smi_slice_of("Location"),
			     ret_location);
}

/* Make the response empty, for the next one. */
static void reset(simul_http_response *response)
{
	smi_client_release(response);
	smi_buffer_done(&response->bytes);
}

static void tell_of_redirect(simul_http_response *response,
			     const struct smi_client_request *request)
{
	smi_client_fault_precede(
		&response->fault, "redirected to %.*s: ",
		smi_buffer_length(&request->location) < 200
			? (int)smi_buffer_length(&request->location)
			: 200,
		smi_buffer_bytes(&request->location));
}

/* Send the request, and go where the answers send us. */
static int follow(simul_http_response *response,
		  struct smi_client_request *request)
{
	size_t most = response->session->max_redirects;
	struct smi_slice location;

	for (size_t hops = 0;; hops++) {
		int r = smi_client_exchange(response, request);

		if (r < 0) {
			if (hops > 0)
				tell_of_redirect(response, request);
			return r;
		}
		if (most == 0 || !find_location(response, &location))
			return 0;
		if (hops == most)
			return smi_client_fail(&response->fault,
					       -SIMUL_EREDIRECTS,
					       "more than %zu redirects", most);
		r = smi_client_redirect(request, response->head.status,
					location, &response->fault);
		if (r < 0)
			return r;
		reset(response);
	}
}

/* Where it came from in the end, as a string. */
static int keep_url(simul_http_response *response,
		    const struct smi_client_request *request)
{
	int r = smi_url_write(&request->url, &response->url);

	if (r >= 0)
		r = smi_buffer_append(&response->url, "", 1);
	return r < 0 ? smi_client_fail(&response->fault, r, "no memory") : 0;
}

/* ---- Calls */

static int fetch(simul_http_response *response, const simul_http_call *call)
{
	struct smi_client_request request;
	int r = smi_client_request_init(&request, call, &response->fault);

	if (r < 0)
		return r;
	r = follow(response, &request);
	if (r >= 0)
		r = keep_url(response, &request);
	smi_client_request_done(&request);
	return r;
}

static int fetch_in_time(simul_http_response *response,
			 const simul_http_call *call)
{
	struct smi_client_fault *fault = &response->fault;
	simul_timeout limit;
	int r = simul_timeout_open_at(&limit, response->deadline);
	int inner;

	if (r < 0)
		return smi_client_fail(fault, r, "no memory");
	inner = fetch(response, call);
	r = simul_timeout_close(&limit, inner);
	if (inner == -ECANCELED && r == -ETIMEDOUT)
		smi_client_fault_precede(fault, "timed out after %g s ",
					 response->timeout);
	else if (r == -ECANCELED)
		smi_client_fault_precede(fault, "cancelled ");
	return r;
}

static simul_http_response *new_response(simul_http_session *session,
					 double timeout)
{
	simul_http_response *response = smi_alloc_zero(sizeof(*response));

	if (!response)
		return NULL;
	response->session = session;
	response->timeout = timeout;
	response->deadline = simul_now() + timeout;
	session->responses++;
	return response;
}

int simul_http_send(simul_http_session *session, const simul_http_call *call,
		    simul_http_response **ret_response)
{
	double timeout = call->timeout != 0 ? call->timeout : session->timeout;
	simul_http_response *response;
	int r;

	if (!(timeout > 0))
		return smi_client_fail(&session->fault, -EINVAL,
				       "a time limit of %g s", timeout);
	response = new_response(session, timeout);
	if (!response)
		return smi_client_fail(&session->fault, -ENOMEM, "no memory");
	r = fetch_in_time(response, call);
	if (r < 0) {
		struct smi_client_fault fault = response->fault;

		smi_client_abort(response);
		simul_http_response_close(response);
		/* Only now: others ran while we closed. */
		session->fault = fault;
		return r;
	}
	if (smi_http_body_is_done(&response->body))
		smi_client_release(response);
	*ret_response = response;
	return 0;
}

int simul_http_get(simul_http_session *session, const char *url,
		   simul_http_response **ret_response)
{
	return simul_http_send(session, &(simul_http_call){ .url = url },
			       ret_response);
}
