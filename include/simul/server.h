/* SPDX-License-Identifier: MIT
 * simul/server.h - serve connections, each in a task of its own.
 *
 *	static int echo(simul_stream *s, void *arg)
 *	{
 *		char buffer[4096];
 *		ptrdiff_t n;
 *		int r = 0;
 *
 *		while (r >= 0 && (n = simul_read(s, buffer, sizeof buffer)))
 *			r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
 *		return r;
 *	}
 *
 *	simul_address_parse("127.0.0.1", 8080, &address);
 *	r = simul_listen(&address, NULL, &listener);
 *	r = simul_serve(listener, echo, NULL, NULL);
 *
 * That serves until it is cancelled. To stop a server from somewhere else, and
 * to see how many connections it has, give it a simul_server:
 *
 *	simul_server server = {0};
 *	simul_serve_options options = { .server = &server, .grace = 5 };
 *
 *	r = simul_serve(listener, echo, NULL, &options);
 *
 * and in another task, or in a handler:
 *
 *	simul_server_stop(&server);
 *
 * The end of a server, in order:
 *   1. nothing more is accepted;
 *   2. connections may end by themselves within the time of grace, if it gives
 *      any;
 *   3. those that are left are cancelled;
 *   4. when all have ended, the call that serves returns.
 *
 * A server never gives up for want of descriptors or memory: it goes on with
 * the connections that it has and rests until one of them ends, or for 0.1 s,
 * before it tries to accept again. Those that come meanwhile wait in the
 * listener's backlog.
 */
#ifndef SIMUL_SERVER_H
#define SIMUL_SERVER_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/net.h>
#include <simul/scope.h>
#include <simul/stream.h>
#include <simul/sync.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- A server that runs */

/* A hold on a server. It is good for one run: all zero before, and there until
 * the call that serves has returned. The other members are the library's. */
typedef struct simul_server {
	simul_event stopping; /* is set as soon as it is to end: a handler may
			       * look at it, or wait for it */
	size_t connections;
	struct smi_server *server;
} simul_server;

/* End the server in due form, as above; the call that serves then returns 0.
 * One that has not begun ends as soon as it begins. Doing it twice does
 * nothing.
 * Suspends: never. */
SIMUL_API void simul_server_stop(simul_server *server);

/* End the server without grace, or cut that short: all connections are
 * cancelled now.
 * Suspends: never. */
SIMUL_API void simul_server_cancel(simul_server *server);

/* How many connections are being served.
 * Suspends: never. */
SIMUL_API size_t simul_server_connections(const simul_server *server);

/* ---- Serving */

/* Serves one connection, in a task of its own. The stream is lent: when the
 * handler has returned, children that it left are cancelled and waited for,
 * what it has deferred runs, what it has written leaves, and the stream is
 * closed. The result says how it went and costs nothing but this connection.
 * -ECONNABORTED resets it instead, so that the peer doesn't take what it has
 * got for all. */
typedef int simul_handler(simul_stream *s, void *arg);

/* Is told of an error; arg is the handler's. With a stream: its handler has
 * returned this error, or what it has written could not leave. The stream may
 * be asked for its addresses, and is closed afterwards. Without one (NULL): no
 * connection can be accepted just now; this is said once, not with every try.
 * That connections are cancelled when the server ends is no error. */
typedef void simul_serve_failed(simul_stream *s, int error, void *arg);

/* How to serve; all zero is a good choice. Times are in seconds, and INFINITY
 * is no limit. */
typedef struct simul_serve_options {
	simul_server *server;	/* to stop it by; NULL: by cancelling only */
	size_t max_connections; /* at a time; more wait to be accepted.
				 * 0: 10,000 */
	double grace;		/* for connections to end by themselves, when
				 * the server is to end. 0: none */
	double close_timeout;	/* for what a handler has written to leave
				 * after it has returned; then the connection
				 * is aborted. 0: 30 */
	double linger;		/* after that, for the peer to close, too: what
				 * it still sends is dropped. To close while it
				 * sends would be a reset, and the last answer
				 * lost. 0: 2; less: none */
	simul_serve_failed *failed; /* is told of errors; NULL: nobody is */
	size_t stack_size;	    /* of the tasks; 0: the loop's */
	const char *name;	    /* of the tasks; NULL: "connection" */
} simul_serve_options;

/* Accept connections and call handler(stream, arg) for each, in a task of its
 * own, until stopped or cancelled. Returns when all connections have ended: 0
 * if it was stopped, or an error of the listener's; that stays open. options
 * may be NULL. -EINVAL for options that make no sense, -EBUSY if
 * options->server runs already, -ENOMEM.
 * Suspends: always. Cancelled: all connections have ended, as when it is
 * stopped. */
SIMUL_API int simul_serve(simul_listener *listener, simul_handler *handler,
			  void *arg, const simul_serve_options *options);

/* The same with count listeners, at least one; limits are for all of them
 * together. If one fails, the server ends.
 * Suspends: always. Cancelled: all connections have ended, as when it is
 * stopped. */
SIMUL_API int simul_serve_listeners(simul_listener *const *listeners,
				    size_t count, simul_handler *handler,
				    void *arg,
				    const simul_serve_options *options);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SERVER_H */
