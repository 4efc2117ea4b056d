/* SPDX-License-Identifier: MIT
 * bench/simul_echo.c - "echo": a server that sends back what it receives.
 *
 *	simul_echo PORT		reads into a buffer of 4 KiB
 *	simul_echo PORT 65536	into one of 64 KiB
 *	simul_echo PORT peek	looks at what has come where it lies: a connection
 *				that idles has no buffer
 */
#include "bench.h"

#include <simul/net.h>
#include <simul/run.h>
#include <simul/server.h>

static int echo_by(simul_stream *s, char *buffer, size_t size)
{
	ptrdiff_t n;
	int r = 0;

	while (r >= 0 && (n = simul_read(s, buffer, size)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
}

static int echo(simul_stream *s, void *arg)
{
	char buffer[4096];

	(void)arg;
	return echo_by(s, buffer, sizeof(buffer));
}

static int echo_large(simul_stream *s, void *arg)
{
	char buffer[65536];

	(void)arg;
	return echo_by(s, buffer, sizeof(buffer));
}

static int echo_peek(simul_stream *s, void *arg)
{
	const char *bytes;
	ptrdiff_t n;
	int r = 0;

	(void)arg;
	while (r >= 0 && (n = simul_peek(s, 1, &bytes)) != 0) {
		r = n < 0 ? (int)n : simul_write(s, bytes, (size_t)n);
		if (r >= 0)
			simul_consume(s, (size_t)n);
	}
	return r;
}

struct server {
	int port;
	simul_handler *handler;
};

static int serve(void *arg)
{
	struct server *server = arg;
	simul_listener *listener;
	simul_address address;
	int r = simul_address_parse("127.0.0.1", server->port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_serve(listener, server->handler, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	struct server server = {
		.port = (int)bench_number(argc, argv, 1, 7000),
		.handler = bench_word(argc, argv, 2, "peek")	? echo_peek
			   : bench_word(argc, argv, 2, "65536") ? echo_large
								: echo,
	};

	return bench_exit(simul_run(serve, &server));
}
