/* SPDX-License-Identifier: MIT
 * all_cores.c - a server that uses every core.
 *
 * A loop uses one core. Here as many loops as there are cores listen at the
 * same port, and the system deals the connections out among them; they share
 * nothing but the address. A hundred clients, in a loop of their own, say
 * hello. */
#include <stdio.h>
#include <string.h>

#include <simul.h>

enum { CLIENTS = 100 };

/* ---- In each of the server's loops */

static int greet(simul_stream *s, void *arg)
{
	char *name;
	int r = simul_read_line(s, &name, NULL);

	(void)arg;
	if (r <= 0)
		return r;
	simul_write(s, "hello ", 6);
	simul_write(s, name, strlen(name));
	return simul_write(s, "\n", 1);
}

static const simul_listen_options shared = { .reuse_port = true };

/* What each loop has of its own is its thread's. */
static _Thread_local simul_listener *listener;

static int listen_here(void *address)
{
	return simul_listen(address, &shared, &listener);
}

static int serve(void *arg)
{
	int r = simul_serve(listener, greet, NULL, NULL);

	(void)arg;
	simul_listener_close(listener);
	return r;
}

/* ---- Clients */

struct say_hello {
	const simul_address *address;
	int *greeted;
};

static int say_hello(void *arg)
{
	const struct say_hello *my = arg;
	simul_stream *s;
	char *answer;
	int r = simul_connect_address(my->address, &s);

	if (r < 0)
		return r;
	simul_write(s, "client\n", 7);
	r = simul_read_line(s, &answer, NULL);
	*my->greeted += r > 0 && strcmp(answer, "hello client") == 0;
	simul_close(s);
	return r;
}

static int all_say_hello(const simul_address *address)
{
	simul_task *t[CLIENTS];
	int greeted = 0, r;

	for (int i = 0; i < CLIENTS; i++)
		t[i] = simul_go(say_hello, address, &greeted);
	r = simul_gather(t, CLIENTS, NULL);
	printf("%d clients were greeted\n", greeted);
	return r;
}

/* ---- Both */

static int serve_in_all(void *loops)
{
	return simul_loops_call(loops, serve, NULL);
}

static int serve_and_greet(simul_loops *loops, simul_address *address)
{
	simul_task *server;
	int r = simul_loops_call(loops, listen_here, address);

	if (r < 0)
		return r;
	server = simul_create_task(serve_in_all, loops);
	r = all_say_hello(address);
	simul_cancel(server);
	simul_await(server);
	return r;
}

/* Whoever listens first has the port, and the others join in. This one only
 * finds a port that is free. */
static int find_port(simul_address *ret_address)
{
	simul_listener *first;
	int r;

	simul_address_parse("127.0.0.1", 0, ret_address);
	r = simul_listen(ret_address, &shared, &first);
	if (r < 0)
		return r;
	r = simul_listener_address(first, ret_address);
	simul_listener_close(first);
	return r;
}

static int amain(void *arg)
{
	simul_loops *loops;
	simul_address address;
	int r = find_port(&address);

	(void)arg;
	if (r >= 0)
		r = simul_loops_open(NULL, &loops);
	if (r < 0)
		return r;
	r = serve_and_greet(loops, &address);
	simul_loops_close(loops);
	return r;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "all_cores: %s\n", simul_strerror(r));
	return r < 0;
}
