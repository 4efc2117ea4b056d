/* SPDX-License-Identifier: MIT
 * net/listen.c - connections that others begin. */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/perform.h"
#include "net/socket.h"
#include "task/wait.h"

enum { DEFAULT_BACKLOG = 1024 };

struct simul_listener {
	int fd;
	size_t users; /* tasks that wait for a connection */
};

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno
								     : 0;
}

static int prepare(int fd, const simul_address *address,
		   const simul_listen_options *o)
{
	int family = address->storage.ss_family, r = 0;

	if (family != AF_UNIX)
		r = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r >= 0 && o->reuse_port)
		r = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r >= 0 && family == AF_INET6)
		r = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->ipv6_only);
	return r;
}

static int listen_at(int fd, const simul_address *address,
		     const simul_listen_options *o)
{
	int r = prepare(fd, address, o);

	if (r < 0)
		return r;
	if (bind(fd, (const struct sockaddr *)&address->storage,
		 address->length) < 0)
		return -errno;
	if (listen(fd, o->backlog > 0 ? o->backlog : DEFAULT_BACKLOG) < 0)
		return -errno;
	return 0;
}

int simul_listen(const simul_address *address,
		 const simul_listen_options *options,
		 simul_listener **ret_listener)
{
	static const simul_listen_options none;
	struct simul_listener *l;
	int r;

	if (!smi_current)
		return -EPERM;
	l = smi_alloc_zero(sizeof *l);
	if (!l)
		return -ENOMEM;
	l->fd = socket(address->storage.ss_family,
		       SOCK_STREAM | smi_socket_flags(), 0);
	if (l->fd < 0) {
		r = -errno;
	} else {
		r = listen_at(l->fd, address, options ? options : &none);
		if (r < 0)
			close(l->fd);
	}
	if (r < 0) {
		smi_free(l);
		return r;
	}
	*ret_listener = l;
	return 0;
}

int simul_listener_address(const simul_listener *listener,
			   simul_address *ret_address)
{
	simul_address a = { .length = sizeof a.storage };

	if (getsockname(listener->fd, (struct sockaddr *)&a.storage,
			&a.length) < 0)
		return -errno;
	*ret_address = a;
	return 0;
}

/* Did the connection fail, rather than the listener? See accept(2). */
static bool is_of_connection(int error)
{
	switch (error) {
	case -ECONNABORTED:
	case -EHOSTDOWN:
	case -EHOSTUNREACH:
	case -ENETDOWN:
	case -ENETUNREACH:
	case -ENONET:
	case -ENOPROTOOPT:
	case -EPERM:
	case -EPROTO:
	case -ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static int accept_one(struct simul_listener *l)
{
	struct smi_op op = { .kind = SMI_OP_ACCEPT,
			     .fd = l->fd,
			     .flags = smi_socket_flags() };
	int r;

	l->users++;
	r = smi_perform(&op);
	l->users--;
	return r;
}

int simul_accept(simul_listener *listener, simul_stream **ret_stream)
{
	struct smi_descriptor *d;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	d = smi_socket_new();
	if (!d)
		return -ENOMEM;
	do
		r = accept_one(listener);
	while (is_of_connection(r));
	if (r < 0) {
		smi_descriptor_discard(d);
		return r;
	}
	*ret_stream = smi_socket_use(d, r);
	return 0;
}

void simul_listener_close(simul_listener *listener)
{
	if (!listener || !smi_current)
		return;
	if (listener->users > 0)
		smi_bug("task '%s' closes a listener that others wait at",
			simul_task_name(smi_current));
	smi_close_fd(listener->fd);
	smi_free(listener);
}
