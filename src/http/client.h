/* SPDX-License-Identifier: MIT
 * http/client.h - a request on its way, and the response to it.
 *
 *	client.c            follows redirects
 *	  client_request.c  what is sent
 *	  client_exchange.c one request, and its answer's head
 *	client_response.c   looks at the answer, and its end
 *	  client_body.c     reads its body
 *	session.c, pool.c   what many of them share
 */
#ifndef SMI_HTTP_CLIENT_H
#define SMI_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/http_client.h>

#include "base/buffer.h"
#include "http/body.h"
#include "http/framing.h"
#include "http/message.h"
#include "http/session.h"
#include "http/url.h"

/* ---- Requests: a call, and what redirects make of it */

struct smi_client_request {
	const simul_http_call *call;
	struct smi_slice method;
	struct smi_url url; /* in the call's text, or in location */
	struct smi_buffer location;
	bool without_body; /* it became a GET */
	bool astray;	   /* to another origin than the call's */
	/* Written by smi_client_write_request: */
	struct smi_buffer authority;
	struct smi_buffer head;
	bool has_body;
};

/* May this be sent at all? -EINVAL if not, -SIMUL_EURL; else request is the
 * call's. */
int smi_client_request_init(struct smi_client_request *request,
			    const simul_http_call *call,
			    struct smi_client_fault *fault);
void smi_client_request_done(struct smi_client_request *request);

/* Write authority and head. */
int smi_client_write_request(struct smi_client_request *request,
			     const char *user_agent,
			     struct smi_client_fault *fault);

/* It was answered with this status, which is a redirect, and location. */
int smi_client_redirect(struct smi_client_request *request, unsigned status,
			struct smi_slice location,
			struct smi_client_fault *fault);

/* ---- Responses */

struct simul_http_response {
	simul_http_session *session;
	struct smi_client_connection *connection; /* NULL: given back */
	bool begun; /* bytes of the answer have come */
	struct smi_buffer url;
	struct smi_buffer bytes; /* of the head */
	struct smi_http_message head;
	struct smi_http_framing framing;
	struct smi_http_body body;
	uint64_t received;	/* bytes of the body */
	struct smi_buffer data; /* those that read_all has read */
	double timeout;
	double deadline;
	int error; /* that ended reading for good */
	struct smi_client_fault fault;
};

/* Give the connection back, if it was not yet: to be used again if it is at the
 * message's end. What has come of the body is passed over. */
void smi_client_release(simul_http_response *response);

/* Break the connection off, if it was not given back. */
void smi_client_abort(simul_http_response *response);

/* Send request and receive the head of the answer, on a connection that the
 * response then has, unless there is no body to come. */
int smi_client_exchange(simul_http_response *response,
			struct smi_client_request *request);

#endif /* SMI_HTTP_CLIENT_H */
