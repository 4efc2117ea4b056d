/* SPDX-License-Identifier: MIT
 * bench/simul_udp.c - "udp": a server that sends datagrams back.
 *
 *	simul_udp PORT		one at a time
 *	simul_udp PORT many	as many as have come
 */
#include "bench.h"

#include <simul/run.h>
#include <simul/udp.h>

enum { ROOM = 2048, BATCH = 64 };

static int serve_one_by_one(simul_udp *u)
{
	char buffer[ROOM];
	simul_address from;
	ptrdiff_t n;

	while ((n = simul_udp_receive_from(u, buffer, ROOM, &from)) >= 0) {
		int r = simul_udp_send_to(u, buffer, (size_t)n, &from);

		if (r < 0)
			return r;
	}
	return (int)n;
}

static int serve_many(simul_udp *u)
{
	static char buffers[BATCH][ROOM];
	static simul_datagram datagrams[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++)
		datagrams[i] =
			(simul_datagram){ .bytes = buffers[i], .room = ROOM };
	while ((n = simul_udp_receive_many(u, datagrams, BATCH)) >= 0) {
		int r = simul_udp_send_many(u, datagrams, (size_t)n);

		if (r < 0)
			return r;
	}
	return n;
}

struct server {
	int port;
	int (*serve)(simul_udp *u);
};

static int serve(void *arg)
{
	struct server *server = arg;
	simul_address address;
	simul_udp *u;
	int r = simul_address_parse("127.0.0.1", server->port, &address);

	if (r >= 0)
		r = simul_udp_bind(&address, NULL, &u);
	if (r < 0)
		return r;
	r = server->serve(u);
	simul_udp_close(u);
	return r;
}

int main(int argc, char **argv)
{
	struct server server = {
		.port = (int)bench_number(argc, argv, 1, 7000),
		.serve = bench_word(argc, argv, 2, "many") ? serve_many
							   : serve_one_by_one,
	};

	return bench_exit(simul_run(serve, &server));
}
