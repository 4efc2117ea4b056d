/* SPDX-License-Identifier: MIT
 * scan.c - which ports of a host are open?
 *
 * Two hundred tasks take port after port and try to connect: what answers is
 * open, what refuses is closed, and what is silent for a second is given up.
 * One after the other, silence alone would take hours.
 *
 *	async def scan(host, ports):
 *	    for port in ports:
 *	        try:
 *	            async with asyncio.timeout(1):
 *	                _, writer = await asyncio.open_connection(host, port)
 *	        except OSError:
 *	            continue
 *	        found.append(port)
 *	        writer.close()
 *
 *	ports = iter(range(first, last + 1))
 *	await asyncio.gather(*(scan(host, ports) for _ in range(200)))
 *
 * Scan only what is yours. Run it: scan [HOST [FIRST [LAST]]]
 * (without arguments: ports 1 to 1024 of this machine) */
#include <errno.h>
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 200, LAST_PORT = 65535 };

static const double PATIENCE = 1; /* seconds */

struct scan {
	simul_address address;
	int next, last;
	bool open[LAST_PORT + 1];
};

static int connect_once(void *arg)
{
	simul_stream *s;
	int r = simul_connect_address(arg, &s);

	if (r >= 0)
		simul_abort(s);
	return r;
}

/* Is this what a port may say? Anything else is a reason to stop. */
static bool is_answer(int r)
{
	return r == -ECONNREFUSED || r == -ETIMEDOUT || r == -ECONNRESET ||
	       r == -EHOSTUNREACH || r == -EACCES;
}

static int take_ports(void *arg)
{
	struct scan *scan = arg;
	simul_address a = scan->address;
	int port, r = 0;

	while ((r >= 0 || is_answer(r)) && scan->next <= scan->last) {
		port = scan->next++;
		simul_address_set_port(&a, port);
		r = simul_wait_for(PATIENCE, connect_once, &a);
		scan->open[port] = r >= 0;
	}
	return is_answer(r) ? 0 : r;
}

static void report(const struct scan *scan, int first)
{
	int n = 0;

	for (int port = first; port <= scan->last; port++) {
		if (!scan->open[port])
			continue;
		printf("%d is open\n", port);
		n++;
	}
	printf("%d of %d ports are open\n", n, scan->last - first + 1);
}

struct options {
	const char *host;
	int first, last;
};

static int amain(void *arg)
{
	static struct scan scan; /* too large for a stack */
	const struct options *my = arg;
	simul_task *t[AT_ONCE];
	int r = simul_resolve(my->host, 0, &scan.address, 1);

	if (r < 0)
		return r;
	scan.next = my->first;
	scan.last = my->last;
	for (int i = 0; i < AT_ONCE; i++)
		t[i] = simul_create_task(take_ports, &scan);
	r = simul_gather(t, AT_ONCE, NULL);
	if (r >= 0)
		report(&scan, my->first);
	return r;
}

static int parse_port(const char *text)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (end == text || *end || port < 1 || port > LAST_PORT) {
		fprintf(stderr, "scan: not a port: '%s'\n", text);
		exit(2);
	}
	return (int)port;
}

int main(int argc, char **argv)
{
	struct options my = { "127.0.0.1", 1, 1024 };
	int r;

	if (argc > 1)
		my.host = argv[1];
	if (argc > 2)
		my.first = my.last = parse_port(argv[2]);
	if (argc > 3)
		my.last = parse_port(argv[3]);
	r = simul_run(amain, &my);
	if (r < 0)
		fprintf(stderr, "scan: %s: %s\n", my.host, simul_strerror(r));
	return r < 0;
}
