/* SPDX-License-Identifier: MIT
 * http/server.h - a connection of the server's, and the request on it.
 *
 *	server.c	    the options, and all connections together
 *	server_connection.c the life of one: heads, handlers, refusals, its end
 *	server_request.c    what the handler asks: names, values, the body
 *	server_reply.c	    what it answers
 *
 * One struct serves a connection for all its life and is what handlers know as
 * simul_http_request; so are its buffers, and in the long run a request
 * allocates nothing.
 *
 * Where a head lies. Its strings are handed out where they were received: the
 * byte behind each is a delimiter that nobody needs any more, and is made a
 * zero. They stay there, taken by nobody, until the request has been answered.
 * Only if a body follows, and the stream will be read from while the handler
 * has these strings, the head is moved to a buffer of its own first.
 */
#ifndef SMI_HTTP_SERVER_H
#define SMI_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <simul/http_server.h>
#include <simul/scope.h>
#include <simul/sync.h>

#include "base/buffer.h"
#include "http/body.h"
#include "http/date.h"
#include "http/framing.h"
#include "http/message.h"
#include "http/parser.h"
#include "net/server.h"

enum {
	/* So much may wait to leave before a writer waits, and long bodies are
	 * handed on in pieces of this size. */
	SMI_HTTP_HIGH_WATER = 64 * 1024,
	/* So much of a body that nobody wanted is read to keep a connection. */
	SMI_HTTP_PASS_OVER = 64 * 1024
};

struct smi_http_server {
	simul_http_handler *handler;
	void *arg;
	simul_http_server_options options; /* with the defaults filled in */
	bool closing;			   /* no connection is to be kept */

	time_t date_second; /* that date is the text for */
	char date[SMI_HTTP_DATE_LENGTH];

	/* If it listens. */
	struct smi_server connections;
	struct simul_http_request *first; /* connection */
};

enum smi_http_reply_stage {
	SMI_HTTP_SILENT,
	SMI_HTTP_BEGUN, /* the head was sent */
	SMI_HTTP_ENDED
};

struct simul_http_request {
	struct smi_http_server *server;
	simul_stream *stream;

	/* The connection. */
	struct simul_http_request *next; /* of the server's */
	struct simul_http_request *prev;
	simul_timeout wait; /* for a head */
	bool idle;	    /* it waits, and nothing of a head has come */
	bool keep;	    /* another request may follow this one */
	size_t heads;	    /* that have come so far */

	/* The request. */
	struct smi_http_parser parser;
	struct smi_http_message message;
	struct smi_http_framing framing;
	size_t head_length;	/* of a head that still lies in the stream */
	struct smi_buffer head; /* one that had to be moved */
	const char *method;
	const char *path;
	const char *query;
	bool is_head;

	/* Its body. */
	struct smi_http_body body;
	uint64_t max_body;
	uint64_t body_read;
	int body_error;
	bool awaits_continue;	   /* the client awaits our word to send it */
	struct smi_buffer content; /* what simul_http_request_read_all read */

	/* The answer. */
	enum smi_http_reply_stage stage;
	enum smi_http_body_kind kind;
	uint64_t left;		  /* bytes of its body to come, if their
				   * number is known */
	bool silent;		  /* they are not sent: HEAD */
	struct smi_buffer fields; /* lines for the head */
	struct smi_buffer out;	  /* the head as it is sent */
};

/* ---- server.c */

/* What options say, without a zero that stands for something. -EINVAL if it
 * makes no sense. */
int smi_http_server_set(struct smi_http_server *server,
			const simul_http_server_options *options);

/* Tell of an error whoever wants to know; not that the server is ending. */
void smi_http_server_report(const struct smi_http_server *server,
			    simul_stream *s, int error);

/* ---- server_connection.c */

/* Serve a connection to its end, and close it. 0, or what broke it off. */
int smi_http_connection_run(struct simul_http_request *c);

/* ---- server_request.c */

/* A head of so many bytes lies at the front of the stream, and c->message says
 * what is where: get ready to hand it out. 0, or the status to refuse it
 * with; or -ENOMEM. */
int smi_http_request_begin(struct simul_http_request *c, size_t head_length);

/* The request has been answered: forget it. */
void smi_http_request_end(struct simul_http_request *c);

/* Read what is left of the body, and drop it. 0; -SIMUL_ETOOLONG if that is
 * more than a connection is worth, or an error. */
int smi_http_request_pass_over(struct simul_http_request *c);

/* ---- server_reply.c */

/* Answer with this status in place of the handler, and drop what it had
 * prepared. */
int smi_http_reply_status(struct simul_http_request *c, int status);

/* The handler has returned result: see to it that there is an answer, and that
 * it is complete. Negative if that can't be: the connection is to be broken
 * off. */
int smi_http_reply_finish(struct simul_http_request *c, int result);

/* Tell the client to send the body, if it waits for that. */
int smi_http_reply_continue(struct simul_http_request *c);

#endif /* SMI_HTTP_SERVER_H */
