/* SPDX-License-Identifier: MIT
 * tests/net/serving.h - a server on loopback, and who asks it. */
#ifndef SERVING_H
#define SERVING_H

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <simul/server.h>
#include <simul/task.h>

#include "net/loopback.h"

static simul_handler *handler;
static simul_serve_options options;
static int running, most, served;
static int last_result;

/* What all handlers here have in common. */
static inline int counted(simul_stream *s, void *arg)
{
	int r;

	running++;
	most = running > most ? running : most;
	r = handler(s, arg);
	running--;
	served++;
	last_result = r;
	return r;
}

static inline int echo(simul_stream *s, void *arg)
{
	char buffer[1000];
	ptrdiff_t n;
	int r = 0;

	while (r >= 0 && (n = simul_read(s, buffer, sizeof buffer)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
}

static inline int serve(void *arg)
{
	return simul_serve(listener, counted, NULL, &options);
}

static inline simul_task *begin(simul_handler *h)
{
	handler = h;
	listen_here();
	return simul_create_task(serve, NULL);
}

static inline void finish(simul_task *server)
{
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	CHECK_INT(running, ==, 0);
	simul_listener_close(listener);
}

static inline simul_stream *connect_here(void)
{
	simul_stream *s = NULL;

	CHECK_INT(simul_connect_address(&where, &s), ==, 0);
	return s;
}

static inline void check_echo(simul_stream *s)
{
	say(s, "hello");
	check_hears(s, "hello");
}

/* ---- A server with a hold on it */

static simul_server hold;

static inline simul_task *begin_held(simul_handler *h, double grace)
{
	options.server = &hold;
	options.grace = grace;
	return begin(h);
}

/* The server ends with 0 after so many seconds. */
static inline void check_stopped(simul_task *server, double begun,
				 double seconds)
{
	CHECK_INT(simul_await(server), ==, 0);
	CHECK_NEAR(simul_now() - begun, seconds, 0.5);
	CHECK_INT(running, ==, 0);
	CHECK_INT(simul_server_connections(&hold), ==, 0);
	simul_listener_close(listener);
}

/* ---- Shortage */

enum { DESCRIPTORS = 64 };

/* Before anything is asked of the system: it may remember the limit. */
static inline void limit_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* All but one, which is for our end of a connection. */
static inline void use_up_descriptors(int *fds, int *count)
{
	for (*count = 0; *count < DESCRIPTORS; (*count)++) {
		fds[*count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[*count] < 0)
			break;
	}
	CHECK_INT(*count, >, 0);
	close(fds[--*count]);
}

#endif /* SERVING_H */
