/* SPDX-License-Identifier: MIT
 * simul/http_server.h - answer HTTP requests.
 *
 *	static int hello(simul_http_request *request, void *arg)
 *	{
 *		return simul_http_reply(request, 200, "text/plain",
 *					"hello\n", 6);
 *	}
 *
 *	simul_address_parse("127.0.0.1", 8080, &address);
 *	r = simul_listen(&address, NULL, &listener);
 *	r = simul_http_serve(listener, hello, NULL, NULL);
 *
 * A handler answers one request, in the task of the connection that it came
 * in on. It may wait for whatever it likes: others are served meanwhile. It
 * answers with one call as above, or piece by piece:
 *
 *	simul_http_reply_begin(request, 200, "text/csv", -1);
 *	while (next_row(&row))
 *		simul_http_reply_write(request, row.text, row.length);
 *	return simul_http_reply_end(request);
 *
 * HTTP/1.1 and 1.0, with connections that are kept for further requests, which
 * may come before the first is answered: they are handled one after the other,
 * and answers that are small leave together. Everything that a peer can make
 * large or slow has a limit. What is not beyond doubt as to where it ends is
 * refused.
 */
#ifndef SIMUL_HTTP_SERVER_H
#define SIMUL_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/export.h>
#include <simul/net.h>
#include <simul/server.h>
#include <simul/stream.h>
#include <simul/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Serving */

/* A request, and the place where its answer goes. It is the handler's until
 * that returns, and so are all strings that belong to it. */
typedef struct simul_http_request simul_http_request;

/* Answers a request. A negative result says that it could not: if nothing was
 * sent yet, the answer is then 500 (Internal Server Error), or what fits the
 * error that reading the body ended with; else the connection is broken off,
 * so that the client doesn't take a part for the whole. To return without
 * having answered is 500, too.
 *
 * The task is the connection's and handles all its requests one after the
 * other, but each call is like a task of its own: when the handler returns,
 * children that it left are cancelled and waited for, what it deferred is run,
 * and what it set in a simul_local is forgotten. */
typedef int simul_http_handler(simul_http_request *request, void *arg);

/* How to serve; all zero is a good choice. Times are in seconds, and INFINITY
 * is no limit. */
typedef struct simul_http_server_options {
	simul_server *server;	/* to stop it by; NULL: by cancelling only */
	size_t max_connections; /* at a time; more wait to be accepted.
				 * 0: 10,000 */
	size_t max_requests;	/* on one connection; 0: no limit */
	size_t max_head;	/* bytes of a request line and its header
				 * fields. 0: 32 KiB */
	size_t max_fields;	/* header fields; 0: 128 */
	uint64_t max_body;	/* bytes of a body; 0: 1 MiB. A handler may
				 * allow more: simul_http_request_allow */
	double head_timeout;	/* for a head to come, from the connection or
				 * its first byte on; 0: 30 */
	double idle_timeout;	/* until the next request; 0: 75 */
	double stall_timeout;	/* while a body does not go on, to us or, by
				 * 64 KiB, from us; 0: 60 */
	double grace;		/* to finish what has begun, when the server
				 * is to end; 0: 10; less: none */
	simul_tls *tls;		/* for https: a server's context, which has to
				 * outlive the server; NULL: http */
	simul_serve_failed *failed; /* is told of connections that broke off
				     * or were not secured, and when none can
				     * be accepted; see simul/server.h. What a
				     * handler returns is an answer, and not
				     * told. NULL: nobody is */
	size_t stack_size;	    /* of the tasks; 0: the loop's */
} simul_http_server_options;

/* Accept connections and let handler(request, arg) answer what they ask, each
 * connection in a task of its own, until stopped or cancelled; see
 * simul/server.h. Then nothing more is accepted, connections on which no
 * request is being answered are closed, and the others have a time of grace to
 * finish; after that they are cancelled. Returns when all handlers have ended:
 * 0 if it was stopped, or an error of the listener's, which stays open; -EINVAL
 * for options that make no sense, -EBUSY if options->server runs already.
 * options may be NULL; arg, and what it points to, is yours.
 * Suspends: always. Cancelled: all connections were closed. */
SIMUL_API int simul_http_serve(simul_listener *listener,
			       simul_http_handler *handler, void *arg,
			       const simul_http_server_options *options);

/* Serve one connection that is there already, in the current task, until it
 * ends; the stream is closed then. Returns 0 if the peer or we ended it in due
 * form, or what broke it off. options may be NULL; those about several
 * connections, their tasks and their end don't count, and nor does .tls: the
 * stream is what it is. -EINVAL for options that make no sense: then the stream
 * is as it was.
 * Suspends: always. Cancelled: the stream was closed. */
SIMUL_API int simul_http_serve_stream(simul_stream *stream,
				      simul_http_handler *handler, void *arg,
				      const simul_http_server_options *options);

/* ---- What is asked for
 *
 * Names and values are as they came, percent-encoding and all, without white
 * space around them. There are no control characters in them. */

/* "GET", "POST", ...: the case counts.
 * Suspends: never. */
SIMUL_API const char *simul_http_request_method(simul_http_request *request);

/* The path: "/", "/a%20b"; "*" where the whole server is meant (OPTIONS).
 * Suspends: never. */
SIMUL_API const char *simul_http_request_path(simul_http_request *request);

/* What is behind the question mark; NULL if there is none.
 * Suspends: never. */
SIMUL_API const char *simul_http_request_query(simul_http_request *request);

/* The value of the first header field of this name, in whatever case, or
 * NULL.
 * Suspends: never. */
SIMUL_API const char *simul_http_request_header(simul_http_request *request,
						const char *name);

/* Header field number i, from 0, in the order in which they came. False if
 * there are not so many. Both outputs may be NULL.
 * Suspends: never. */
SIMUL_API bool simul_http_request_field(simul_http_request *request, size_t i,
					const char **ret_name,
					const char **ret_value);

/* The minor version of the request: 0 for HTTP/1.0, 1 for HTTP/1.1.
 * Suspends: never. */
SIMUL_API int simul_http_request_minor(const simul_http_request *request);

/* Who asks. Errors as for simul_peer_address.
 * Suspends: never. */
SIMUL_API int simul_http_request_peer(const simul_http_request *request,
				      simul_address *ret_address);

/* ---- The body
 *
 * A body that is not read, or not to its end, is passed over behind the
 * answer, or the connection is closed if that is too much.
 *
 * What can be wrong with it: -SIMUL_ETOOLONG, more than is allowed;
 * -SIMUL_EEOF, the peer closed the connection before its end; -SIMUL_EPROTOCOL,
 * chunks that are none; -ETIMEDOUT, it did not go on. A handler may return
 * these: they become the answer. */

/* Allow the body so many bytes, in place of the server's max_body.
 * Suspends: never. */
SIMUL_API void simul_http_request_allow(simul_http_request *request,
					uint64_t bytes);

/* Is there a body, as far as one can tell: are bytes of it announced that were
 * not read yet?
 * Suspends: never. */
SIMUL_API bool simul_http_request_has_body(const simul_http_request *request);

/* Read up to n bytes of the body, at least one. Returns how many; 0 at its end
 * (or if n is 0).
 * Suspends: if nothing has come yet. Cancelled: nothing was taken. */
SIMUL_API ptrdiff_t simul_http_request_read(simul_http_request *request,
					    void *buffer, size_t n);

/* Read what is left of the body. *ret_bytes has a zero behind its end and is
 * the request's. ret_length may be NULL. Also -ENOMEM.
 * Suspends: if it has not all come yet. Cancelled: some of it was taken, and
 * calling this again goes on. */
SIMUL_API int simul_http_request_read_all(simul_http_request *request,
					  char **ret_bytes, size_t *ret_length);

/* ---- The answer
 *
 * What describes the message itself is written by the server: Date,
 * Content-Length, Transfer-Encoding, Connection. HEAD is answered like GET:
 * the body is left out on the way.
 *
 * All of these fail with -EALREADY where the answer has gone beyond them, with
 * -EINVAL for what can't stand in a head (a line break above all) or can't be
 * a final status, and with what the stream says (-EPIPE, -ECONNRESET,
 * -ENOMEM, ...; -ETIMEDOUT if the peer does not take it). */

/* Add a header field to the answer, before it begins. -EINVAL also for the
 * fields that are the server's business.
 * Suspends: never. */
SIMUL_API int simul_http_reply_header(simul_http_request *request,
				      const char *name, const char *value);

/* Close the connection after this answer, which will say so. To be called
 * before it begins.
 * Suspends: never. */
SIMUL_API int simul_http_reply_close(simul_http_request *request);

/* Answer with status and this body. content_type may be NULL. Statuses that
 * have no body (204, 304) take none: -EINVAL.
 * Suspends: if much waits to leave. Cancelled: the answer may have begun. */
SIMUL_API int simul_http_reply(simul_http_request *request, int status,
			       const char *content_type, const void *body,
			       size_t length);

/* Begin an answer whose body is length bytes long, or ends where
 * simul_http_reply_end is called if length is -1.
 * Suspends: if much waits to leave. Cancelled: nothing was sent. */
SIMUL_API int simul_http_reply_begin(simul_http_request *request, int status,
				     const char *content_type, int64_t length);

/* Send so many bytes of the body. More than announced are -EMSGSIZE, and none
 * of them is sent.
 * Suspends: if much waits to leave. Cancelled: some may have been sent. */
SIMUL_API int simul_http_reply_write(simul_http_request *request,
				     const void *bytes, size_t n);

/* The body is complete. -EMSGSIZE if it isn't as long as announced: then the
 * connection will be broken off. A handler that returns 0 or more without this
 * has called it.
 * Suspends: if much waits to leave. Cancelled: the end was not sent. */
SIMUL_API int simul_http_reply_end(simul_http_request *request);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_HTTP_SERVER_H */
