/* SPDX-License-Identifier: MIT
 * net/socket_options.c - what can be set on a socket, and sockets that come
 * from elsewhere. */
#include "net/socket_options.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "io/perform.h"
#include "net/socket.h"
#include "task/wait.h"

int smi_socket_set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno
								     : 0;
}

/* What other kinds of sockets say to it. */
static int set_tcp(int fd, int name, int value)
{
	int r = smi_socket_set(fd, IPPROTO_TCP, name, value);

	return r == -ENOPROTOOPT ? -EOPNOTSUPP : r;
}

int smi_socket_keep_alive(int fd, const simul_keep_alive *k)
{
	int r = 0;

	if (k->idle < 0 || k->interval < 0 || k->count < 0)
		return -EINVAL;
	if (k->idle > 0)
		r = set_tcp(fd, TCP_KEEPIDLE, k->idle);
	if (r >= 0 && k->interval > 0)
		r = set_tcp(fd, TCP_KEEPINTVL, k->interval);
	if (r >= 0 && k->count > 0)
		r = set_tcp(fd, TCP_KEEPCNT, k->count);
	if (r >= 0)
		r = smi_socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, k->idle > 0);
	return r;
}

int simul_socket_set_keep_alive(const simul_stream *s,
				const simul_keep_alive *keep_alive)
{
	int fd = simul_socket_fd(s);

	return fd < 0 ? fd : smi_socket_keep_alive(fd, keep_alive);
}

int simul_socket_set_no_delay(const simul_stream *s, bool no_delay)
{
	int fd = simul_socket_fd(s);

	return fd < 0 ? fd : set_tcp(fd, TCP_NODELAY, no_delay);
}

/* ---- Sockets from elsewhere */

int smi_socket_check_type(int fd, int type)
{
	int is = 0;
	socklen_t size = sizeof is;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &is, &size) < 0)
		return -errno;
	return is == type ? 0 : -EPROTOTYPE;
}

int smi_socket_make_ours(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	if ((smi_socket_flags() & SOCK_NONBLOCK) && !(flags & O_NONBLOCK) &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

static int check_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof peer;

	return getpeername(fd, (struct sockaddr *)&peer, &size) < 0 ? -errno
								    : 0;
}

int simul_socket_adopt(int fd, simul_stream **ret_stream)
{
	struct smi_descriptor *d;
	int r;

	if (!smi_current)
		return -EPERM;
	r = smi_socket_check_type(fd, SOCK_STREAM);
	if (r >= 0)
		r = check_connected(fd);
	if (r >= 0)
		r = smi_socket_make_ours(fd);
	if (r < 0)
		return r;
	d = smi_socket_new();
	if (!d)
		return -ENOMEM;
	*ret_stream = smi_socket_use(d, fd);
	return 0;
}

static int make_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | smi_socket_flags(), 0, ends) <
			       0
		       ? -errno
		       : 0;
}

int simul_socket_pair(simul_stream **ret_a, simul_stream **ret_b)
{
	struct smi_descriptor *a, *b;
	int ends[2], r = -ENOMEM;

	if (!smi_current)
		return -EPERM;
	a = smi_socket_new();
	b = a ? smi_socket_new() : NULL;
	if (b)
		r = make_pair(ends);
	if (r < 0) {
		if (b)
			smi_descriptor_discard(b);
		if (a)
			smi_descriptor_discard(a);
		return r;
	}
	*ret_a = smi_socket_use(a, ends[0]);
	*ret_b = smi_socket_use(b, ends[1]);
	return 0;
}
