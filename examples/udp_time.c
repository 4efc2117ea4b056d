/* SPDX-License-Identifier: MIT
 * udp_time.c - what time is it over there? The Time Protocol (RFC 868) by UDP.
 *
 * Who sends any datagram to the server gets four bytes: the seconds since 1900.
 * A datagram may be lost, so the client asks up to three times, a second apart.
 *
 *	transport, _ = await loop.create_datagram_endpoint(
 *		TimeServer, local_addr=('127.0.0.1', port))
 *
 * Run it: udp_time                 server and client, in two tasks
 *         udp_time serve PORT      the server, until it is interrupted
 *         udp_time ask HOST PORT   the client */
#include <errno.h>
#include <simul.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 3, USAGE = 2 };

static const double PATIENCE = 1; /* seconds */

static const double SINCE_1900 = 2208988800; /* until 1970 */

/* ---- The server */

static int serve(void *arg)
{
	simul_udp *u = arg;
	simul_address from;
	ptrdiff_t r = 0;
	char question;

	while (r >= 0) {
		uint32_t now;
		unsigned char answer[4];

		r = simul_udp_receive_from(u, &question, 1, &from);
		if (r < 0)
			break;
		now = (uint32_t)(int64_t)(simul_time() + SINCE_1900);
		for (int i = 0; i < 4; i++)
			answer[i] = (unsigned char)(now >> (24 - 8 * i));
		/* One that can't be answered is no reason to end. */
		r = simul_udp_send_to(u, answer, sizeof answer, &from);
		if (r != -ECANCELED)
			r = 0;
	}
	return (int)r;
}

static int open_server(int port, simul_udp **ret_socket)
{
	simul_address here;
	int r = simul_address_parse("127.0.0.1", port, &here);

	return r < 0 ? r : simul_udp_bind(&here, NULL, ret_socket);
}

/* ---- The client */

struct ask {
	simul_udp *u;
	double answer; /* seconds since 1970 */
};

static int ask_once(void *arg)
{
	struct ask *my = arg;
	unsigned char answer[4];
	uint32_t then = 0;
	ptrdiff_t n = simul_udp_send(my->u, "", 0);

	if (n >= 0)
		n = simul_udp_receive(my->u, answer, sizeof answer);
	if (n < 0)
		return (int)n;
	if (n != sizeof answer)
		return -SIMUL_EPROTOCOL;
	for (int i = 0; i < 4; i++)
		then = then << 8 | answer[i];
	my->answer = (double)then - SINCE_1900;
	return 0;
}

static int ask(const simul_address *server)
{
	struct ask ask = { 0 };
	int r = simul_udp_connect(server, NULL, &ask.u);

	if (r < 0)
		return r;
	r = -ETIMEDOUT;
	for (int i = 0; i < TRIES && r == -ETIMEDOUT; i++)
		r = simul_wait_for(PATIENCE, ask_once, &ask);
	simul_udp_close(ask.u);
	if (r >= 0)
		printf("The clock there is %.0f seconds ahead of ours.\n",
		       ask.answer - (double)(int64_t)simul_time());
	return r;
}

/* ---- What is to be done */

struct options {
	const char *host;
	int port;
};

static int serve_alone(void *arg)
{
	const struct options *my = arg;
	simul_udp *u;
	int r = open_server(my->port, &u);

	if (r < 0)
		return r;
	printf("The time is served at port %d.\n", my->port);
	fflush(stdout);
	r = serve(u);
	simul_udp_close(u);
	return r;
}

static int ask_there(void *arg)
{
	const struct options *my = arg;
	simul_address server;
	int r = simul_resolve(my->host, my->port, &server, 1);

	return r < 0 ? r : ask(&server);
}

static int do_both(void *arg)
{
	simul_address where;
	simul_task *server;
	simul_udp *u;
	int r = open_server(0, &u);

	if (r < 0)
		return r;
	server = simul_create_task(serve, u);
	r = simul_udp_address(u, &where);
	if (r >= 0)
		r = ask(&where);
	simul_cancel(server);
	simul_await(server);
	simul_udp_close(u);
	return r;
}

static int parse_port(const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (end == text || *end || port < 1 || port > 65535) {
		fprintf(stderr, "udp_time: not a port: '%s'\n", text);
		exit(USAGE);
	}
	return (int)port;
}

int main(int argc, char **argv)
{
	struct options my = { 0 };
	simul_fn *fn = do_both;
	int r;

	if (argc == 3 && strcmp(argv[1], "serve") == 0) {
		my.port = parse_port(argv[2]);
		fn = serve_alone;
	} else if (argc == 4 && strcmp(argv[1], "ask") == 0) {
		my.host = argv[2];
		my.port = parse_port(argv[3]);
		fn = ask_there;
	} else if (argc != 1) {
		fputs("usage: udp_time [serve PORT | ask HOST PORT]\n", stderr);
		return USAGE;
	}
	r = simul_run(fn, &my);
	if (r < 0)
		fprintf(stderr, "udp_time: %s\n", simul_strerror(r));
	return r < 0;
}
