/* SPDX-License-Identifier: MIT
 * bench/simul_echo.c - "echo": a server that sends back what it receives. */
#include "bench.h"

#include <simul/net.h>
#include <simul/run.h>
#include <simul/server.h>

static int echo(simul_stream *s, void *arg)
{
	char buffer[4096];
	ptrdiff_t n;
	int r = 0;

	(void)arg;
	while (r >= 0 && (n = simul_read(s, buffer, sizeof(buffer))) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
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
	r = simul_serve(listener, echo, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	int port = (int)bench_number(argc, argv, 1, 7000);

	return bench_exit(simul_run(serve, &port));
}
