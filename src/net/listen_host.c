/* SPDX-License-Identifier: MIT
 * net/listen_host.c - listening at all addresses of a host. */
#include <simul/listen.h>

#include <errno.h>

#include <simul/resolve.h>

#include "task/wait.h"

/* More than any machine should be known by under one name. */
enum { MOST_ADDRESSES = 16 };

enum { MOST_TRIES = 16 };

static void close_all(simul_listener **listeners, size_t n)
{
	while (n > 0)
		simul_listener_close(listeners[--n]);
}

/* A port that the system has chosen for the first is the others', too. */
static void share_port(const simul_listener *first, simul_address *addresses,
		       size_t n)
{
	simul_address chosen;

	if (simul_listener_address(first, &chosen) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		simul_address_set_port(&addresses[i],
				       simul_address_port(&chosen));
}

static int listen_at_all(simul_address *addresses, size_t n,
			 const simul_listen_options *o,
			 simul_listener **ret_listeners)
{
	simul_listener *made[MOST_ADDRESSES];

	for (size_t i = 0; i < n; i++) {
		int r = simul_listen(&addresses[i], o, &made[i]);

		if (r < 0) {
			close_all(made, i);
			return r;
		}
		if (i == 0)
			share_port(made[0], addresses, n);
	}
	for (size_t i = 0; i < n; i++)
		ret_listeners[i] = made[i];
	return (int)n;
}

/* What is free at the first address may be taken at another: then it is for the
 * system to choose again. */
static int listen_at_any(simul_address *addresses, size_t n,
			 const simul_listen_options *o,
			 simul_listener **ret_listeners)
{
	int tries = MOST_TRIES, r;

	do {
		for (size_t i = 0; i < n; i++)
			simul_address_set_port(&addresses[i], 0);
		r = listen_at_all(addresses, n, o, ret_listeners);
	} while (r == -EADDRINUSE && n > 1 && --tries > 0);
	return r;
}

/* All that this machine has. Where there is no IPv6, IPv4 is all. */
static int listen_everywhere(int port, const simul_listen_options *o,
			     simul_listener **ret_listener)
{
	simul_address a;
	int r = simul_address_parse("::", port, &a);

	if (r >= 0)
		r = simul_listen(&a, o, ret_listener);
	if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL) {
		simul_address_parse("0.0.0.0", port, &a);
		r = simul_listen(&a, o, ret_listener);
	}
	return r < 0 ? r : 1;
}

int simul_listen_host(const char *host, int port,
		      const simul_listen_options *options,
		      simul_listener **ret_listeners, size_t room)
{
	simul_address addresses[MOST_ADDRESSES];
	int n = smi_may_suspend();

	if (n < 0)
		return n;
	if (room == 0)
		return -EINVAL;
	if (!host)
		return listen_everywhere(port, options, ret_listeners);
	n = simul_resolve(host, port, addresses,
			  room < MOST_ADDRESSES ? room : MOST_ADDRESSES);
	if (n < 0)
		return n;
	return (port ? listen_at_all : listen_at_any)(addresses, (size_t)n,
						      options, ret_listeners);
}
