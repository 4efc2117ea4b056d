/* SPDX-License-Identifier: MIT
 * tests/http/talk.h - talk to a server by hand, byte by byte if need be. */
#ifndef TALK_H
#define TALK_H

#include <stdlib.h>
#include <string.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/http_server.h>
#include <simul/task.h>

#include "test.h"

/* A connection: a pair in memory, one end of which is served. */
struct talk {
	simul_stream *client;
	simul_task *server;
	char *seen; /* what the client has received */
	size_t length;
	size_t room;
};

struct talk_serve {
	simul_stream *stream;
	simul_http_handler *handler;
	void *arg;
	const simul_http_server_options *options;
};

static inline int talk_serve(void *arg)
{
	const struct talk_serve *my = arg;

	return simul_http_serve_stream(my->stream, my->handler, my->arg,
				       my->options);
}

static inline void talk_begin(struct talk *t, simul_http_handler *handler,
			      void *arg,
			      const simul_http_server_options *options)
{
	simul_stream *served;

	*t = (struct talk){ 0 };
	CHECK_INT(simul_stream_pair(&t->client, &served), ==, 0);
	t->server = simul_go(talk_serve, .stream = served, .handler = handler,
			     .arg = arg, .options = options);
	CHECK(t->server);
}

static inline void talk_say(struct talk *t, const char *text)
{
	CHECK_INT(simul_write(t->client, text, strlen(text)), ==, 0);
}

/* Receive some more. 1; 0 at the end; or an error. */
static inline int talk_hear(struct talk *t)
{
	ptrdiff_t n;

	if (t->length + 1 >= t->room) {
		t->room = t->room ? 2 * t->room : 4096;
		t->seen = realloc(t->seen, t->room);
		CHECK(t->seen);
	}
	n = simul_read(t->client, t->seen + t->length, t->room - t->length - 1);
	if (n > 0)
		t->length += (size_t)n;
	t->seen[t->length] = 0;
	return n > 0 ? 1 : (int)n;
}

/* Receive until this is there, and take it and all before it away. */
static inline void talk_expect(struct talk *t, const char *text)
{
	char *at;

	while (!(at = t->seen ? strstr(t->seen, text) : NULL))
		if (talk_hear(t) <= 0)
			test_fail(__FILE__, __LINE__,
				  "\"%s\" did not come, but \"%s\"", text,
				  t->seen);
	at += strlen(text);
	t->length -= (size_t)(at - t->seen);
	memmove(t->seen, at, t->length + 1);
}

/* Receive all that comes until the end; returns the result of the last
 * reading. */
static inline int talk_hear_all(struct talk *t)
{
	int r;

	do
		r = talk_hear(t);
	while (r > 0);
	return r;
}

/* Close the client's end and return what the server's is. */
static inline int talk_end(struct talk *t)
{
	int r;

	simul_close(t->client);
	r = simul_await(t->server);
	free(t->seen);
	return r;
}

/* Take a field away, wherever it is. */
static inline void talk_drop_lines(char *text, const char *name)
{
	size_t n = strlen(name);

	for (char *line = text; line; line = strstr(line, "\r\n")) {
		char *next;

		line += line == text ? 0 : 2;
		while (strncmp(line, name, n) == 0) {
			next = strstr(line, "\r\n") + 2;
			memmove(line, next, strlen(next) + 1);
		}
	}
}

/* What comes of these bytes, followed by the end, without its Date fields; to
 * be freed. */
static inline char *talk_about(simul_http_handler *handler, void *arg,
			       const simul_http_server_options *options,
			       const char *text)
{
	struct talk t;
	char *seen;

	talk_begin(&t, handler, arg, options);
	talk_say(&t, text);
	simul_shutdown_write(t.client);
	talk_hear_all(&t);
	seen = t.seen;
	t.seen = NULL;
	talk_end(&t);
	talk_drop_lines(seen, "Date: ");
	return seen;
}

/* A text that is the same but for its Date fields comes of these bytes. */
static inline void check_talk(simul_http_handler *handler, const char *text,
			      const char *expected)
{
	char *seen = talk_about(handler, NULL, NULL, text);

	CHECK_STR(seen, expected);
	free(seen);
}

static inline size_t talk_count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text += strlen(what);
	}
	return n;
}

/* ---- Handlers */

/* "hello". */
static inline int talk_hello(simul_http_request *request, void *arg)
{
	size_t *calls = arg;

	if (calls)
		(*calls)++;
	return simul_http_reply(request, 200, "text/plain", "hello\n", 6);
}

/* The request itself: its line, its fields, its body. */
static inline int talk_echo(simul_http_request *request, void *arg)
{
	const char *query = simul_http_request_query(request);
	const char *name, *value;
	char head[2000], *body;
	size_t length;
	int n, r;

	r = simul_http_request_read_all(request, &body, &length);
	if (r < 0)
		return r;
	n = snprintf(head, sizeof head, "%s %s %s\n",
		     simul_http_request_method(request),
		     simul_http_request_path(request), query ? query : "-");
	for (size_t i = 0; simul_http_request_field(request, i, &name, &value);
	     i++)
		n += snprintf(head + n, sizeof head - (size_t)n, "%s=%s\n",
			      name, value);
	r = simul_http_reply_begin(request, 200, NULL, n + (int64_t)length);
	if (r >= 0)
		r = simul_http_reply_write(request, head, (size_t)n);
	if (r >= 0)
		r = simul_http_reply_write(request, body, length);
	return r < 0 ? r : simul_http_reply_end(request);
}

#endif /* TALK_H */
