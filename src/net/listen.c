/* SPDX-License-Identifier: MIT
 * net/listen.c - connections that others begin. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include <simul/listen.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/perform.h"
#include "net/socket.h"
#include "net/socket_options.h"
#include "net/unix_path.h"
#include "task/wait.h"

enum { DEFAULT_BACKLOG = 1024 };

/* See sd_listen_fds(3). */
enum { FIRST_INHERITED = 3 };

struct simul_listener {
	int fd;
	size_t users; /* tasks that wait for a connection */
	simul_address address;
	struct smi_unix_file file;
};

static int prepare(int fd, const simul_address *address,
		   const simul_listen_options *o)
{
	int family = address->storage.ss_family, r = 0;

	if (family != AF_UNIX)
		r = smi_socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r >= 0 && o->reuse_port)
		r = smi_socket_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r >= 0 && family == AF_INET6)
		r = smi_socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->ipv6_only);
	return r;
}

static int bind_to(struct simul_listener *l, const simul_address *address,
		   const simul_listen_options *o)
{
	if (smi_unix_has_path(address))
		return smi_unix_bind(l->fd, address, o->mode, &l->file);
	if (bind(l->fd, (const struct sockaddr *)&address->storage,
		 address->length) < 0)
		return -errno;
	return 0;
}

static int listen_at(struct simul_listener *l, const simul_address *address,
		     const simul_listen_options *o)
{
	int r = prepare(l->fd, address, o);

	if (r >= 0)
		r = bind_to(l, address, o);
	if (r < 0)
		return r;
	if (listen(l->fd, o->backlog > 0 ? o->backlog : DEFAULT_BACKLOG) < 0) {
		r = -errno;
		smi_unix_remove(address, &l->file);
		return r;
	}
	l->address = *address;
	if (o->keep_path)
		l->file.exists = false;
	return 0;
}

static int open_at(struct simul_listener *l, const simul_address *address,
		   const simul_listen_options *o)
{
	int r;

	l->fd = socket(address->storage.ss_family,
		       SOCK_STREAM | smi_socket_flags(), 0);
	if (l->fd < 0)
		return -errno;
	r = listen_at(l, address, o);
	if (r < 0)
		close(l->fd);
	return r;
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
	r = open_at(l, address, options ? options : &none);
	if (r < 0) {
		smi_free(l);
		return r;
	}
	*ret_listener = l;
	return 0;
}

/* ---- Sockets from elsewhere */

static int check_listens(int fd)
{
	int r = smi_socket_check_type(fd, SOCK_STREAM), listens = 0;
	socklen_t size = sizeof listens;

	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0)
		return -errno;
	return listens ? 0 : -EINVAL;
}

int simul_listener_adopt(int fd, simul_listener **ret_listener)
{
	struct simul_listener *l;
	int r;

	if (!smi_current)
		return -EPERM;
	r = check_listens(fd);
	if (r >= 0)
		r = smi_socket_make_ours(fd);
	if (r < 0)
		return r;
	l = smi_alloc_zero(sizeof *l);
	if (!l)
		return -ENOMEM;
	l->fd = fd;
	*ret_listener = l;
	return 0;
}

/* What a variable of the environment says; 0 if it is none. */
static long number(const char *name)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 10) : 0;
}

int simul_listener_inherit(int index, simul_listener **ret_listener)
{
	int flags;

	if (number("LISTEN_PID") != getpid() || index < 0 ||
	    index >= number("LISTEN_FDS"))
		return -ENOENT;
	/* What has come through an exec has not this flag. All that is ours
	 * has, be it what was adopted or what has got its number since. */
	flags = fcntl(FIRST_INHERITED + index, F_GETFD);
	if (flags < 0 || (flags & FD_CLOEXEC))
		return -ENOENT;
	return simul_listener_adopt(FIRST_INHERITED + index, ret_listener);
}

/* ---- Using it */

int simul_listener_fd(const simul_listener *listener)
{
	return listener->fd;
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
	/* First, so that nobody finds a file where nobody listens. */
	smi_unix_remove(&listener->address, &listener->file);
	smi_close_fd(listener->fd);
	smi_free(listener);
}
