/* SPDX-License-Identifier: MIT
 * tests/http/played.h - a server that plays a part, byte by byte.
 *
 *	static const struct part parts[] = {
 *		{ { "HTTP/1.1 200 OK\r\n" ... } },
 *	};
 *	struct server s = { .parts = parts, .count = 1 };
 *
 *	server_start(&s);
 *	...
 *	CHECK_STR(s.requests[0], "GET / HTTP/1.1\r\n" ...);
 *	server_stop(&s);
 */
#ifndef PLAYED_H
#define PLAYED_H

#include <errno.h>
#include <string.h>

#include <simul.h>

#include "test.h"

/* What it does on one connection. */
struct part {
	const char *answers[8]; /* each after another request; NULL: none */
	bool stay;		/* wait for the client to close, in the end */
	bool reset;		/* or break off */
	const char *stray;	/* say this unasked, after a second */
	const char *before;	/* say this at once, before any request */
	size_t piece;		/* send so many bytes at a time */
	double pause;		/* seconds after each */
	double delay;		/* seconds before each answer */
	bool tilde_is_zero;	/* send a zero byte for each ~ */
	size_t body;		/* bytes behind each request's head */
};

enum { MOST_REQUESTS = 32 };

struct server {
	const struct part *parts; /* of the first connection, the second ... */
	size_t count;		  /* beyond these, the last is repeated */
	/* What it has seen: */
	char requests[MOST_REQUESTS][1000]; /* heads */
	size_t request_count;
	size_t connections;
	size_t open; /* just now */
	size_t most_open;
	size_t ended; /* by the client */
	double last_end;
	/* Its own: */
	int port;
	simul_listener *listener;
	simul_task *task;
	char url[64]; /* "http://127.0.0.1:1234" */
};

static inline int play_write(simul_stream *s, const struct part *part,
			     const char *text, size_t n)
{
	char bytes[100000];

	CHECK(n <= sizeof(bytes));
	memcpy(bytes, text, n);
	for (size_t i = 0; i < n && part->tilde_is_zero; i++)
		if (bytes[i] == '~')
			bytes[i] = '\0';
	return simul_write(s, bytes, n) < 0 ? -1 : simul_flush(s);
}

/* Send all, unless the client is gone. */
static inline void play_send(simul_stream *s, const struct part *part,
			     const char *text)
{
	size_t length = strlen(text);
	size_t piece = part->piece ? part->piece : length;

	for (size_t at = 0; at < length; at += piece) {
		size_t n = length - at < piece ? length - at : piece;

		if (play_write(s, part, text + at, n) < 0)
			return;
		if (part->pause > 0)
			simul_sleep(part->pause);
		else if (n < length)
			simul_sleep(0);
	}
}

static inline bool play_receive(struct server *server, simul_stream *s,
				const struct part *part)
{
	char *head, body[1000];

	if (simul_read_until(s, "\r\n\r\n", 4, &head, NULL) <= 0)
		return false;
	CHECK(server->request_count < MOST_REQUESTS);
	snprintf(server->requests[server->request_count++], 1000, "%s", head);
	CHECK(part->body <= sizeof(body));
	return part->body == 0 || simul_read_exactly(s, body, part->body) > 0;
}

static inline void note_end(struct server *server)
{
	server->ended++;
	server->last_end = simul_now();
}

static inline void play(struct server *server, simul_stream *s,
			const struct part *part)
{
	const char *bytes;

	if (part->before)
		play_send(s, part, part->before);
	for (int i = 0; i < 8 && part->answers[i]; i++) {
		if (!play_receive(server, s, part)) {
			note_end(server);
			return;
		}
		if (part->delay > 0)
			simul_sleep(part->delay);
		play_send(s, part, part->answers[i]);
	}
	if (part->stray) {
		simul_sleep(1);
		play_send(s, part, part->stray);
	}
	if (part->stay) {
		simul_peek(s, simul_stream_buffered(s) + 1, &bytes);
		note_end(server);
	}
}

struct play_connection {
	struct server *server;
	simul_stream *s;
	const struct part *part;
};

static inline int play_connection(void *arg)
{
	const struct play_connection *my = arg;

	if (++my->server->open > my->server->most_open)
		my->server->most_open = my->server->open;
	play(my->server, my->s, my->part);
	my->server->open--;
	if (my->part->reset)
		simul_abort(my->s);
	else
		simul_close(my->s);
	return 0;
}

static inline int play_server(void *arg)
{
	struct server *server = arg;
	simul_group group = { 0 };
	simul_stream *s;

	while (simul_accept(server->listener, &s) >= 0) {
		size_t i = server->connections++;

		if (i >= server->count)
			i = server->count - 1;
		if (simul_group_go(&group, play_connection, .server = server,
				   .s = s, .part = &server->parts[i]) < 0)
			simul_close(s);
	}
	return simul_group_wait(&group);
}

static inline int server_try_start(struct server *server)
{
	simul_address address;
	int r;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &address), ==, 0);
	r = simul_listen(&address, NULL, &server->listener);
	if (r < 0)
		return r;
	CHECK_INT(simul_listener_address(server->listener, &address), ==, 0);
	server->port = simul_address_port(&address);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d",
		 server->port);
	server->task = simul_create_task(play_server, server);
	if (!server->task)
		simul_listener_close(server->listener);
	return server->task ? 0 : -ENOMEM;
}

static inline void server_start(struct server *server)
{
	CHECK_INT(server_try_start(server), ==, 0);
}

static inline void server_stop(struct server *server)
{
	simul_cancel(server->task);
	simul_await(server->task);
	simul_listener_close(server->listener);
}

/* "http://127.0.0.1:1234/path"; good until the next call. */
static inline const char *url_on(const struct server *server, const char *path)
{
	static char url[256];

	snprintf(url, sizeof(url), "%s%s", server->url, path);
	return url;
}

/* ---- Clients */

static inline simul_http_session *
new_session(const simul_http_session_options *options)
{
	simul_http_session *session;

	CHECK_INT(simul_http_session_open(options, &session), ==, 0);
	return session;
}

/* Get a URL that has an answer with this body. */
static inline void check_get(simul_http_session *session, const char *url,
			     int status, const char *body)
{
	simul_http_response *response;
	size_t length;
	char *bytes;

	if (simul_http_get(session, url, &response) < 0)
		test_fail(url, 0, "%s", simul_http_session_error(session));
	CHECK_INT(simul_http_response_status(response), ==, status);
	if (simul_http_response_read_all(response, &bytes, &length) < 0)
		test_fail(url, 0, "%s", simul_http_response_error(response));
	CHECK_STR(bytes, body);
	CHECK_INT(length, ==, strlen(body));
	simul_http_response_close(response);
}

/* Get a URL that can't be got. */
static inline void check_failure(simul_http_session *session, const char *url,
				 int error, const char *words)
{
	simul_http_response *response;

	CHECK_INT(simul_http_get(session, url, &response), ==, error);
	if (!strstr(simul_http_session_error(session), words))
		CHECK_STR(simul_http_session_error(session), words);
}

/* Get a URL whose body can't be read. */
static inline void check_bad_body(simul_http_session *session, const char *url,
				  int error, const char *words)
{
	simul_http_response *response;
	char *bytes;

	CHECK_INT(simul_http_get(session, url, &response), ==, 0);
	CHECK_INT(simul_http_response_read_all(response, &bytes, NULL), ==,
		  error);
	if (!strstr(simul_http_response_error(response), words))
		CHECK_STR(simul_http_response_error(response), words);
	/* And it stays so. */
	CHECK_INT(simul_http_response_read_all(response, &bytes, NULL), ==,
		  error);
	simul_http_response_close(response);
}

#endif /* PLAYED_H */
