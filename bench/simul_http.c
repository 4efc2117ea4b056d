/* SPDX-License-Identifier: MIT
 * bench/simul_http.c - "http": a server that says hello, as simul/http_server.h
 * shows it: with a Date, time limits, and limits on all that a peer sends. */
#include "bench.h"

#include <simul/http_server.h>
#include <simul/run.h>

static int hello(simul_http_request *request, void *arg)
{
	(void)arg;
	return simul_http_reply(request, 200, "text/plain", "Hello, World!",
				13);
}

static int serve(void *arg)
{
	simul_listener *listener;
	simul_address address;
	int r = simul_address_parse("127.0.0.1", *(int *)arg, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_http_serve(listener, hello, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	int port = (int)bench_number(argc, argv, 1, 7000);

	return bench_exit(simul_run(serve, &port));
}
