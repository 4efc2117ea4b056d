/* SPDX-License-Identifier: MIT
 * net/connect.c - connections that we begin. */
#include <simul/connect.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>

#include <simul/error.h>
#include <simul/resolve.h>

#include "base/alloc.h"
#include "io/perform.h"
#include "net/race.h"
#include "net/socket.h"
#include "task/wait.h"

/* All that simul_resolve ever knows: among the first few there may be only one
 * family. */
enum { MOST_KNOWN = 64 };

/* ---- Unix sockets */

static const double FIRST_PAUSE = 0.001, LONGEST_PAUSE = 0.064; /* seconds */

/* Such a connection is made or refused at once; but if too many wait to be
 * accepted it is neither, and nobody tells when there is room. */
static int try_unix(int fd, const simul_address *address)
{
	double pause = FIRST_PAUSE;
	int r;

	for (;;) {
		if (connect(fd, (const struct sockaddr *)&address->storage,
			    address->length) == 0)
			return 0;
		if (errno != EAGAIN)
			return -errno;
		r = simul_sleep(pause);
		if (r < 0)
			return r;
		if (pause < LONGEST_PAUSE)
			pause *= 2;
	}
}

static int connect_unix(const simul_address *address)
{
	int flags = smi_socket_flags();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | flags, 0), r;

	if (fd < 0)
		return -errno;
	r = try_unix(fd, address);
	if (r >= 0 && !(flags & SOCK_NONBLOCK) && fcntl(fd, F_SETFL, 0) < 0)
		r = -errno;
	if (r < 0) {
		smi_close_fd(fd);
		return r;
	}
	smi_yield();
	return fd;
}

/* A race of one. */
static int race_unix(const simul_connect_options *o,
		     const simul_address *address)
{
	const struct smi_loop *loop = &smi_current_loop->loop;
	uint64_t began = smi_loop_now(loop);
	int r = o->local ? -EAFNOSUPPORT : connect_unix(address);

	if (!o->report)
		return r;
	o->report->count = 1;
	o->report->attempts[0] = (simul_attempt){
		.address = *address,
		.result = r < 0 ? r : 0,
		.seconds = (double)(smi_loop_now(loop) - began) * 1e-9,
	};
	return r;
}

/* ---- Addresses */

static int check(const simul_connect_options *o, size_t n)
{
	const simul_keep_alive *k = &o->keep_alive;

	if (isnan(o->attempt_delay) || n == 0 || k->idle < 0 ||
	    k->interval < 0 || k->count < 0)
		return -EINVAL;
	return smi_may_suspend();
}

int simul_connect_any(const simul_connect_options *options,
		      const simul_address *addresses, size_t n,
		      simul_stream **ret_stream)
{
	static const simul_connect_options none;
	const simul_connect_options *o = options ? options : &none;
	struct smi_descriptor *d;
	int r = check(o, n);

	if (r < 0)
		return r;
	/* First, so that no connection is lost for want of memory. */
	d = smi_socket_new();
	if (!d)
		return -ENOMEM;
	if (n > SIMUL_MOST_ATTEMPTS)
		n = SIMUL_MOST_ATTEMPTS;
	if (n == 1 && addresses[0].storage.ss_family == AF_UNIX)
		r = race_unix(o, &addresses[0]);
	else
		r = smi_race(o, addresses, n);
	if (r < 0) {
		smi_descriptor_discard(d);
		/* Who tries again and again leaves room for others. */
		smi_yield();
		return r;
	}
	*ret_stream = smi_socket_use(d, r);
	if (o->gather_small)
		simul_socket_set_no_delay(*ret_stream, false);
	return 0;
}

int simul_connect_address(const simul_address *address,
			  simul_stream **ret_stream)
{
	return simul_connect_any(NULL, address, 1, ret_stream);
}

/* ---- Names */

static size_t keep_family(simul_address *addresses, size_t n, int family)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (family == 0 || addresses[i].storage.ss_family == family)
			addresses[kept++] = addresses[i];
	return kept;
}

/* One of each family in turn, beginning with that of the first, as one of them
 * may lead nowhere (RFC 8305, section 4). */
static void interleave(simul_address *addresses, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int before = addresses[i - 1].storage.ss_family;
		simul_address next;
		size_t at = i;

		while (at < n && addresses[at].storage.ss_family == before)
			at++;
		if (at == n)
			return;
		next = addresses[at];
		memmove(&addresses[i + 1], &addresses[i],
			(at - i) * sizeof next);
		addresses[i] = next;
	}
}

static int connect_to_name(const simul_connect_options *o, const char *host,
			   int port, simul_address *addresses,
			   simul_stream **ret_stream)
{
	int r = simul_resolve(host, port, addresses, MOST_KNOWN);
	size_t n;

	if (r < 0)
		return r;
	n = keep_family(addresses, (size_t)r, o->family);
	if (n == 0)
		return -SIMUL_ENONAME;
	interleave(addresses, n);
	return simul_connect_any(o, addresses, n, ret_stream);
}

int simul_connect_with(const simul_connect_options *options, const char *host,
		       int port, simul_stream **ret_stream)
{
	static const simul_connect_options none;
	const simul_connect_options *o = options ? options : &none;
	simul_address *addresses;
	int r = check(o, 1);

	if (r < 0)
		return r;
	/* Too many for a small stack. */
	addresses = smi_alloc(MOST_KNOWN * sizeof *addresses);
	if (!addresses)
		return -ENOMEM;
	r = connect_to_name(o, host, port, addresses, ret_stream);
	smi_free(addresses);
	return r;
}

int simul_connect(const char *host, int port, simul_stream **ret_stream)
{
	return simul_connect_with(NULL, host, port, ret_stream);
}
