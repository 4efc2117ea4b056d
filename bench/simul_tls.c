/* SPDX-License-Identifier: MIT
 * bench/simul_tls.c - "tls": a server that sends back what it receives, by TLS.
 *
 *	simul_tls PORT		reads into a buffer of 4 KiB
 *	simul_tls PORT peek	looks at what has come where it lies: a
 *				connection that idles has no buffer
 *
 * SIMUL_BENCH_PEM names a file with its certificate and key.
 */
#include "bench.h"
#include "echo.h"

#include <simul/run.h>
#include <simul/tls.h>

struct server {
	int port;
	simul_handler *handler;
};

static int listen_and_serve(const struct server *server, simul_tls *tls)
{
	simul_listener *listener;
	simul_address address;
	int r = simul_address_parse("127.0.0.1", server->port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_serve_tls(listener, tls, server->handler, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

static int serve(void *arg)
{
	simul_tls_options options = {
		.identity = { .certificate_file = getenv("SIMUL_BENCH_PEM") },
	};
	simul_tls *tls;
	int r = simul_tls_new_server(&options, &tls);

	if (r < 0)
		return r;
	r = listen_and_serve(arg, tls);
	simul_tls_free(tls);
	return r;
}

int main(int argc, char **argv)
{
	struct server server = {
		.port = (int)bench_number(argc, argv, 1, 7000),
		.handler = bench_word(argc, argv, 2, "peek") ? echo_peek : echo,
	};

	return bench_exit(simul_run(serve, &server));
}
