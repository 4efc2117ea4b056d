/* SPDX-License-Identifier: MIT
 * net/resolve.c - from names to addresses.
 *
 * A look-up may take as long as the slowest name server and can't be stopped.
 * So it has a copy of what it needs, on the heap, and a task that is cancelled
 * leaves it behind: it frees itself when it ends, at the latest with the loop,
 * which waits for its threads.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include <simul/error.h>
#include <simul/net.h>

#include "base/alloc.h"
#include "task/wait.h"

/* The longest that the domain name system knows, and a dot. */
enum { LONGEST_NAME = 254 };

struct lookup {
	struct smi_work work;
	struct simul_task *task; /* NULL: it was left behind */
	struct addrinfo *found;
	int result;
	char host[LONGEST_NAME + 1];
};

static void free_lookup(struct lookup *l)
{
	if (l->found)
		freeaddrinfo(l->found);
	smi_free(l);
}

/* ---- In a thread */

static int in_our_words(int error, int system_error)
{
	switch (error) {
	case 0:
		return 0;
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return -SIMUL_ENONAME;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return system_error ? -system_error : -SIMUL_ERESOLVE;
	default:
		return -SIMUL_ERESOLVE;
	}
}

static void look_up(struct smi_work *work)
{
	struct lookup *l = (struct lookup *)work;
	const struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG,
					.ai_socktype = SOCK_STREAM };
	int error = getaddrinfo(l->host, NULL, &hints, &l->found);

	l->result = in_our_words(error, errno);
}

/* ---- In the loop */

static void looked_up(struct smi_work *work)
{
	struct lookup *l = (struct lookup *)work;

	if (l->task)
		smi_resume(l->task, l->result);
	else
		free_lookup(l);
}

/* on is where the task keeps its look-up. */
static void interrupt(struct simul_task *task, void *on)
{
	struct lookup **kept = on;

	if (!smi_work_cancel(&task->loop->loop, &(*kept)->work)) {
		(*kept)->task = NULL;
		*kept = NULL;
	}
	smi_resume(task, -ECANCELED);
}

static void set_port(simul_address *a, int port)
{
	void *storage = &a->storage;

	if (a->storage.ss_family == AF_INET)
		((struct sockaddr_in *)storage)->sin_port =
			htons((uint16_t)port);
	else
		((struct sockaddr_in6 *)storage)->sin6_port =
			htons((uint16_t)port);
}

static int store(const struct addrinfo *found, int port,
		 simul_address *addresses, size_t room)
{
	size_t n = 0;

	for (; found && n < room; found = found->ai_next) {
		simul_address *a = &addresses[n];

		if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
			continue;
		*a = (simul_address){ .length = found->ai_addrlen };
		memcpy(&a->storage, found->ai_addr, found->ai_addrlen);
		set_port(a, port);
		n++;
	}
	return n > 0 ? (int)n : -SIMUL_ENONAME;
}

static int resolve_name(const char *host, int port, simul_address *addresses,
			size_t room)
{
	static const struct smi_wait waiting = { "a host name to be looked up",
						 interrupt };
	struct lookup *l = smi_alloc_zero(sizeof *l);
	int r;

	if (!l)
		return -ENOMEM;
	strcpy(l->host, host);
	l->task = smi_current;
	l->work.run = look_up;
	l->work.done = looked_up;
	r = smi_work_submit(&l->task->loop->loop, &l->work);
	if (r >= 0)
		r = smi_suspend(&waiting, &l);
	if (r >= 0)
		r = store(l->found, port, addresses, room);
	if (l)
		free_lookup(l);
	return r;
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
	if (host[0] == 0 || strlen(host) > LONGEST_NAME)
		return -SIMUL_ENONAME;
	return resolve_name(host, port, addresses, room);
}
