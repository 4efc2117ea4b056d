/* SPDX-License-Identifier: MIT
 * net/resolve.c - from names to addresses, and back. */
#include <simul/resolve.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <simul/error.h>

#include "base/alloc.h"
#include "net/lookup.h"
#include "net/names.h"
#include "task/wait.h"

/* ---- This machine */

/* "localhost" or a name below it (RFC 6761, section 6.3), perhaps with the dot
 * of the root behind it. */
static bool is_localhost(const char *host, size_t length)
{
	static const char name[] = "localhost";
	const size_t n = sizeof name - 1;

	if (length > 0 && host[length - 1] == '.')
		length--;
	return length >= n && strncasecmp(host + length - n, name, n) == 0 &&
	       (length == n || host[length - n - 1] == '.');
}

/* Does this machine have the address? Only IPv6 may be turned off. */
static bool is_here(const simul_address *a)
{
	int fd = socket(a->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno != EAFNOSUPPORT;
	if (bind(fd, (const struct sockaddr *)&a->storage, a->length) < 0)
		error = errno;
	close(fd);
	return error != EADDRNOTAVAIL;
}

static int localhost(simul_address *addresses, size_t room)
{
	simul_address six, four;
	size_t n = 0;

	simul_address_parse("::1", 0, &six);
	simul_address_parse("127.0.0.1", 0, &four);
	if (is_here(&six))
		addresses[n++] = six;
	if (n < room)
		addresses[n++] = four;
	return (int)n;
}

/* ---- Names */

static int find(const char *host, simul_address *addresses, size_t room)
{
	size_t length = strlen(host);

	if (length == 0 || length > SMI_LONGEST_NAME)
		return -SIMUL_ENONAME;
	if (is_localhost(host, length))
		return localhost(addresses, room);
	return smi_names_find(host, addresses, room);
}

int simul_resolve(const char *host, int port, simul_address *addresses,
		  size_t room)
{
	simul_address a;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (port < 0 || port > UINT16_MAX || room == 0)
		return -EINVAL;
	if (simul_address_parse(host, port, &a) == 0) {
		addresses[0] = a;
		return 1;
	}
	r = find(host, addresses, room);
	for (int i = 0; i < r; i++)
		simul_address_set_port(&addresses[i], port);
	return r;
}

/* ---- The other way round
 *
 * As with names (net/names.c), who is cancelled leaves the look-up behind. */

struct reverse {
	struct smi_work work;
	struct simul_task *task; /* NULL: it was left behind */
	simul_address address;
	int result;
	char host[SIMUL_HOST_TEXT];
};

static void look_up(struct smi_work *work)
{
	struct reverse *v = (struct reverse *)work;

	v->result = smi_look_up_name(&v->address, v->host, sizeof v->host);
}

static void looked_up(struct smi_work *work)
{
	struct reverse *v = (struct reverse *)work;

	if (v->task)
		smi_resume(v->task, v->result);
	else
		smi_free(v);
}

/* on is where the task keeps its look-up. */
static void interrupt(struct simul_task *task, void *on)
{
	struct reverse **kept = on;

	if (!smi_work_cancel(&task->loop->loop, &(*kept)->work)) {
		(*kept)->task = NULL;
		*kept = NULL;
	}
	smi_resume(task, -ECANCELED);
}

static int store(const struct reverse *v, char *host, size_t room)
{
	size_t size = strlen(v->host) + 1;

	if (size > room)
		return -ENOBUFS;
	memcpy(host, v->host, size);
	return 0;
}

int simul_resolve_reverse(const simul_address *address, char *host, size_t room)
{
	static const struct smi_wait waiting = { "an address to be looked up",
						 interrupt };
	int family = address->storage.ss_family, r = smi_may_suspend();
	struct smi_workers *workers;
	struct reverse *v;

	if (r < 0)
		return r;
	if (family != AF_INET && family != AF_INET6)
		return -EINVAL;
	workers = smi_names_workers();
	v = workers ? smi_alloc_zero(sizeof *v) : NULL;
	if (!v)
		return -ENOMEM;
	v->task = smi_current;
	v->address = *address;
	v->work.run = look_up;
	v->work.done = looked_up;
	r = smi_workers_submit(workers, &v->work);
	if (r >= 0)
		r = smi_suspend(&waiting, &v);
	if (r >= 0)
		r = store(v, host, room);
	smi_free(v);
	return r;
}
