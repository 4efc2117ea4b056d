/* SPDX-License-Identifier: MIT
 * echo_server.c - says to everybody what they have said.
 *
 *	async def echo(reader, writer):
 *	    while data := await reader.read(65536):
 *	        writer.write(data)
 *	        await writer.drain()
 *	    writer.close()
 *
 *	server = await asyncio.start_server(echo, '127.0.0.1', port)
 *	await server.serve_forever()
 *
 * Run it: echo_server [PORT], and talk to it: nc 127.0.0.1 PORT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <simul.h>

/* One connection, in a task of its own. What has come is written from where it
 * lies; a peer that doesn't read makes the write wait, and so is not read from
 * either. */
static int echo(simul_stream *s, void *arg)
{
	const char *bytes;
	ptrdiff_t n;

	(void)arg;
	while ((n = simul_peek(s, 1, &bytes)) > 0) {
		int r = simul_write(s, bytes, (size_t)n);

		if (r < 0)
			return r;
		simul_consume(s, (size_t)n);
	}
	return (int)n;
}

static void say_where(simul_listener *listener)
{
	char text[SIMUL_ADDRESS_TEXT] = "?";
	simul_address address;

	if (simul_listener_address(listener, &address) >= 0)
		simul_address_format(&address, text, sizeof text);
	printf("listening at %s\n", text);
	fflush(stdout);
}

static int amain(void *arg)
{
	const int *port = arg;
	simul_address address;
	simul_listener *listener;
	int r = simul_address_parse("127.0.0.1", *port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	say_where(listener);
	r = simul_serve(listener, echo, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : 7007;
	int r = simul_run(amain, &port);

	/* Ctrl-C is how it ends. */
	if (r == -ECANCELED)
		return 0;
	fprintf(stderr, "echo_server: %s\n", simul_strerror(r));
	return 1;
}
