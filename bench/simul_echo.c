/* SPDX-License-Identifier: MIT
 * bench/simul_echo.c - "echo": a server that sends back what it receives.
 *
 *	simul_echo PORT		reads into a buffer of 4 KiB
 *	simul_echo PORT 65536	into one of 64 KiB
 *	simul_echo PORT peek	looks at what has come where it lies: a
 *				connection that idles has no buffer
 */
#include "bench.h"
#include "echo.h"

#include <simul/net.h>
#include <simul/run.h>
#include <simul/server.h>

static int echo_large(simul_stream *s, void *arg)
{
	char buffer[65536];

	(void)arg;
	return echo_by(s, buffer, sizeof(buffer));
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
