/* SPDX-License-Identifier: MIT
 * simul/http_client.h - get things from HTTP servers.
 *
 *	simul_http_session *session;
 *	simul_http_response *response;
 *	char *page;
 *	int r = simul_http_session_open(NULL, &session);
 *
 *	if (r < 0)
 *		return r;
 *	r = simul_http_get(session, "http://example.org/", &response);
 *	if (r < 0) {
 *		puts(simul_http_session_error(session));
 *	} else {
 *		r = simul_http_response_read_all(response, &page, NULL);
 *		puts(r < 0 ? simul_http_response_error(response) : page);
 *		simul_http_response_close(response);
 *	}
 *	simul_http_session_close(session);
 *
 * A session is what aiohttp calls a ClientSession: it keeps connections, so
 * that the next request to the same server need not open one. Make one for
 * your program, not one for each request; any number of tasks may use it at
 * once. Those that find no connection free wait for one, first come first
 * served.
 *
 * A connection is used again only if the answer was read to its end, which is
 * known for certain, and the server has sent nothing behind it; else it is
 * closed. If a kept connection turns out to have been closed by the server
 * before it answered, the request is sent once more on a new one, provided
 * that its method allows that (GET, HEAD, PUT, DELETE, OPTIONS, TRACE).
 *
 * Redirects are followed. What the server sends is limited in size: 32 KiB for
 * the head of an answer, 128 fields in it, and .max_body.
 *
 * For https, give the session a context of simul/tls.h. A name and password in
 * a URL are not sent.
 */
#ifndef SIMUL_HTTP_CLIENT_H
#define SIMUL_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/export.h>
#include <simul/run.h>
#include <simul/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sessions */

typedef struct simul_http_session simul_http_session;

/* How a session behaves. All zero is aiohttp's default, more or less. */
typedef struct simul_http_session_options {
	size_t max_connections;		 /* open at a time; 0: 100 */
	size_t max_connections_per_host; /* 0: no limit but that one */

	/* Seconds for a whole exchange: the wait for a free connection, all
	 * redirects, and the body to its end. 0: 300; INFINITY: no limit. */
	double timeout;

	/* Seconds for making one connection, looking up the name included.
	 * 0: 30; INFINITY: no limit. */
	double connect_timeout;

	/* Seconds that a connection is kept without being used. 0: 15;
	 * negative: it is not kept. */
	double keep_alive;

	/* Redirects in a row that are followed. 0: 10; negative: none, they
	 * are answers like others. */
	int max_redirects;

	/* Bytes that simul_http_response_read_all will store. 0: 64 MiB. */
	size_t max_body;

	/* For https: a client's context, which has to outlive the session.
	 * NULL: https is -SIMUL_EUNSUPPORTED. */
	simul_tls *tls;

	/* What the client says it is; copied. NULL: "Simul/" and the
	 * version. */
	const char *user_agent;
} simul_http_session_options;

/* Open a session. options may be NULL. -EINVAL for a time that is NaN or
 * negative (but for .keep_alive), a user agent that can't be sent or a server's
 * .tls; -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_http_session_open(const simul_http_session_options *options,
				      simul_http_session **ret_session);

/* Close all connections and free the session. Its responses must have been
 * closed, and nobody may be using it. NULL does nothing.
 * Suspends: if connections are open, until they are closed, which a
 * cancellation can't cut short. */
SIMUL_API void simul_http_session_close(simul_http_session *session);

/* What was wrong when simul_http_get or simul_http_send last failed, in words
 * that go behind the URL and a colon: "connect to 127.0.0.1:81: Connection
 * refused". As other tasks may fail, too, look before you suspend.
 * Suspends: never. */
SIMUL_API const char *
simul_http_session_error(const simul_http_session *session);

/* ---- Requests */

typedef struct simul_http_response simul_http_response;

/* GET url, and wait for the answer's head. An answer that says 404 is an
 * answer: look at its status. Errors:
 *   -SIMUL_EURL          url, or one that it was redirected to, is none
 *   -SIMUL_EUNSUPPORTED  it is https, and the session has no .tls; or the
 *                        answer is of a kind (another version, a transfer
 *                        coding) not understood here
 *   -SIMUL_EREDIRECTS    too many redirects
 *   -SIMUL_EPROTOCOL     what came is not HTTP
 *   -SIMUL_ETOOLONG      the answer's head is over a limit
 *   -SIMUL_EEOF          the connection was closed before the answer was there
 *   -ETIMEDOUT           one of the session's limits has passed
 *   and those of simul_connect (-ECONNREFUSED, -SIMUL_ENONAME, ...), of TLS
 *   (-SIMUL_ECERTIFICATE, ...) and of streams (-ECONNRESET, ...), and -ENOMEM.
 * Suspends: always. Cancelled: there is no response; the connection that was
 * used is closed. */
SIMUL_API int simul_http_get(simul_http_session *session, const char *url,
			     simul_http_response **ret_response);

typedef struct simul_http_field {
	const char *name;
	const char *value;
} simul_http_field;

/* A request in all detail. What is zero is the default; everything is only
 * read during the call. */
typedef struct simul_http_call {
	const char *url;
	const char *method; /* as it is sent, "POST"; NULL: "GET" */

	/* Header fields to send. Host, User-Agent and Accept replace the
	 * session's. */
	const simul_http_field *fields;
	size_t field_count;

	const void *body; /* sent if the method is other than GET and HEAD, or
			   * if there is one */
	size_t body_length;

	double timeout; /* as the session's; 0: the session's */
} simul_http_call;

/* Send a request and wait for the answer's head. As simul_http_get, and:
 * after a redirect, a POST that was answered 301 or 302, and any method but
 * HEAD that was answered 303, becomes a GET without a body; the fields
 * Authorization, Cookie and Proxy-Authorization don't go to another scheme,
 * host or port. -EINVAL for what can't be sent: a method that is no token or
 * is CONNECT, a field with a line break in it, or one that the library itself
 * answers for (Connection, Content-Length, Expect, Keep-Alive, TE, Trailer,
 * Transfer-Encoding, Upgrade).
 * Suspends: always. Cancelled: as simul_http_get; the server may or may not
 * have got the request. */
SIMUL_API int simul_http_send(simul_http_session *session,
			      const simul_http_call *call,
			      simul_http_response **ret_response);

/* ---- Responses: the head. Strings are good until the response is closed. */

/* 200, 404, ...
 * Suspends: never. */
SIMUL_API int simul_http_response_status(const simul_http_response *response);

/* What the server says the status means; if it doesn't, the standard's words;
 * or "".
 * Suspends: never. */
SIMUL_API const char *
simul_http_response_reason(const simul_http_response *response);

/* Where the answer came from in the end, after all redirects.
 * Suspends: never. */
SIMUL_API const char *
simul_http_response_url(const simul_http_response *response);

/* The value of the first header field of this name, in whatever case, or
 * NULL.
 * Suspends: never. */
SIMUL_API const char *
simul_http_response_header(const simul_http_response *response,
			   const char *name);

/* Header field number i, from 0, in the order in which they came. False if
 * there are not so many. Both outputs may be NULL.
 * Suspends: never. */
SIMUL_API bool simul_http_response_field(const simul_http_response *response,
					 size_t i, const char **ret_name,
					 const char **ret_value);

/* ---- Responses: the body. Read it in pieces or all at once, not both. */

/* Read up to n bytes of the body, at least one, into buffer. Returns how many;
 * 0 at its end, where the connection is free for the next request (or if n is
 * 0). -SIMUL_EEOF if the connection ends before the body, -SIMUL_EPROTOCOL or
 * -SIMUL_ETOOLONG if it breaks the rules, -ETIMEDOUT if the time for the whole
 * exchange is over; what reading from a stream fails with. After any of these
 * the connection is closed, and every read fails the same way.
 * Suspends: if nothing has come yet, and where the connection is closed.
 * Cancelled: nothing was taken, reading may go on. */
SIMUL_API ptrdiff_t simul_http_response_read(simul_http_response *response,
					     void *buffer, size_t n);

/* Read the whole body. It lies in the response, with a zero behind it, is yours
 * to change, and good until the response is closed. ret_length, unless NULL,
 * gets its length, which tells more than strlen if there are zero bytes in it.
 * Returns 0. Errors as above, and -SIMUL_ETOOLONG beyond .max_body; -ENOMEM may
 * be tried again.
 * Suspends: if not all has come yet, and where the connection is closed.
 * Cancelled: nothing is lost, it may be called again. */
SIMUL_API int simul_http_response_read_all(simul_http_response *response,
					   char **ret_bytes,
					   size_t *ret_length);

/* What was wrong when reading last failed, in words.
 * Suspends: never. */
SIMUL_API const char *
simul_http_response_error(const simul_http_response *response);

/* Free the response. Its connection is kept for the next request if the body
 * has come to its end, read or not, and closed otherwise. NULL does nothing.
 * Suspends: if a connection is closed, until it is, which a cancellation can't
 * cut short. */
SIMUL_API void simul_http_response_close(simul_http_response *response);

/* ---- URLs */

/* Could this be fetched, as far as one can tell from looking at it: is it an
 * absolute http or https URL? 0, or -SIMUL_EURL and the reason in *ret_why, in
 * words that go behind a colon ("it has no host"), if that is not NULL.
 * Suspends: never. */
SIMUL_API int simul_url_check(const char *url, const char **ret_why);

/* Write to text the URL that a reference ("../a.html", "//host/b", "?c") means
 * in the document at base, with a zero behind it: what Python calls urljoin.
 * Cut off if room is too small; returns the length that it has or would have
 * had. It may be one of another scheme: "mailto:me" stands for itself.
 * -SIMUL_EURL if base is no URL or the reference can't be one, -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_url_join(const char *base, const char *reference,
			     char *text, size_t room);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_HTTP_CLIENT_H */
