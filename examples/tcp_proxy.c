/* SPDX-License-Identifier: MIT
 * tcp_proxy.c - stands between clients and a server, and passes on what they
 * say.
 *
 * A connection has two tasks, one for each direction. If one side says that it
 * has said all, the other is told, and may go on talking: a half close. If one
 * breaks, the group cancels the other direction, and the other side sees a
 * reset, not an end: what it has got was not all.
 *
 * Run it: tcp_proxy PORT HOST PORT, the first being its own */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simul.h>

struct route {
	int port; /* its own */
	const char *host;
	int host_port;
};

struct pass_on {
	simul_stream *from;
	simul_stream *to;
};

/* One direction. When more than 64 KiB wait for the receiver, the copy waits,
 * and the sender is not read from: so each side is as fast as the slower. */
static int pass_on(void *arg)
{
	const struct pass_on *my = arg;
	int r = simul_copy(my->from, my->to, UINT64_MAX, NULL);

	return r < 0 ? r : simul_shutdown_write(my->to);
}

static int proxy(simul_stream *client, void *arg)
{
	const struct route *route = arg;
	simul_group both = { 0 };
	simul_stream *server;
	int r = simul_connect(route->host, route->host_port, &server);

	if (r < 0)
		return r;
	simul_group_go(&both, pass_on, client, server);
	simul_group_go(&both, pass_on, server, client);
	r = simul_group_wait(&both);
	simul_group_done(&both);
	if (r >= 0)
		return simul_close(server);
	simul_abort(server);
	return -ECONNABORTED; /* the server resets the client's side */
}

/* To stderr, and nowhere else: the library itself never prints. */
static void complain(simul_stream *s, int error, void *arg)
{
	char who[SIMUL_ADDRESS_TEXT] = "a client";
	simul_address peer;

	(void)arg;
	if (!s)
		strcpy(who, "accept");
	else if (simul_peer_address(s, &peer) >= 0)
		simul_address_format(&peer, who, sizeof who);
	fprintf(stderr, "tcp_proxy: %s: %s\n", who, simul_strerror(error));
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
	const simul_serve_options options = { .failed = complain };
	struct route *route = arg;
	simul_address address;
	simul_listener *listener;
	int r = simul_address_parse("127.0.0.1", route->port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	say_where(listener);
	r = simul_serve(listener, proxy, route, &options);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	struct route route;
	int r;

	if (argc != 4) {
		fputs("usage: tcp_proxy PORT HOST PORT\n", stderr);
		return 2;
	}
	route = (struct route){ atoi(argv[1]), argv[2], atoi(argv[3]) };
	r = simul_run(amain, &route);
	/* Ctrl-C is how it ends. */
	if (r == -ECANCELED)
		return 0;
	fprintf(stderr, "tcp_proxy: %s\n", simul_strerror(r));
	return 1;
}
