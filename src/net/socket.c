/* SPDX-License-Identifier: MIT
 * net/socket.c - connected sockets as streams. */
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <simul/socket.h>

#include "io/perform.h"
#include "net/receive.h"
#include "net/socket_options.h"
#include "task/wait.h"

int smi_socket_flags(void)
{
	return SOCK_CLOEXEC | smi_current_loop->loop.backend->socket_flags;
}

static ptrdiff_t write_socket(simul_stream *s, const void *bytes, size_t n)
{
	static const struct smi_op op = { .kind = SMI_OP_SEND,
					  .flags = MSG_NOSIGNAL };

	return smi_descriptor_write((struct smi_descriptor *)s, &op, bytes, n);
}

static ptrdiff_t write_now(simul_stream *s, const struct iovec *parts,
			   int count)
{
	const struct msghdr m = { .msg_iov = (struct iovec *)parts,
				  .msg_iovlen = (size_t)count };
	ssize_t n = sendmsg(((const struct smi_descriptor *)s)->fd, &m,
			    MSG_NOSIGNAL | MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static int shutdown_write(simul_stream *s)
{
	const struct smi_descriptor *d = (struct smi_descriptor *)s;

	if (shutdown(d->fd, SHUT_WR) == 0)
		return 0;
	/* It was connected once: the peer has reset it. */
	return errno == ENOTCONN ? -EPIPE : -errno;
}

/* What is in the system's buffers would still be sent and followed by a proper
 * end, as if it were all. */
static void arrange_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static int close_socket(simul_stream *s, bool aborted)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	int r;

	if (aborted)
		arrange_reset(socket->base.fd);
	/* Both go to the kernel together, and in this order: a socket that
	 * somebody still receives from would not be closed. */
	smi_socket_stop(socket);
	r = smi_close_fd(socket->base.fd);
	smi_socket_settle(socket);
	return r;
}

static int take_files(simul_stream *s)
{
	return ((const struct smi_descriptor *)s)->fd;
}

static bool is_quiet(simul_stream *s)
{
	const struct smi_descriptor *d = (const struct smi_descriptor *)s;

	return !d->broken && smi_fd_is_quiet(d->fd, POLLIN | POLLRDHUP);
}

static void leave_loop(simul_stream *s)
{
	smi_op_forget(&s->loop->loop, ((struct smi_descriptor *)s)->fd);
}

/* What one backend can't do another may. */
static int join_loop(simul_stream *s)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	int r = smi_socket_make_ours(socket->base.fd);

	if (r >= 0)
		socket->direct = socket->deaf = false;
	return r;
}

static const struct smi_stream_ops ops = {
	.read = smi_socket_read,
	.read_now = smi_socket_read_now,
	.await = smi_socket_await,
	.write = write_socket,
	.write_now = write_now,
	.cancel_write = smi_descriptor_cancel_write,
	.shutdown_write = shutdown_write,
	.close = close_socket,
	.is_quiet = is_quiet,
	.watch = smi_socket_watch,
	.unwatch = smi_socket_unwatch,
	.rest = smi_socket_rest,
	.leave = leave_loop,
	.join = join_loop,
	.send_into = smi_socket_send_into,
	.take_files = take_files,
};

struct smi_descriptor *smi_socket_new(void)
{
	return smi_descriptor_new(&ops, sizeof(struct smi_socket));
}

simul_stream *smi_socket_use(struct smi_descriptor *d, int fd)
{
	const int on = 1;

	d->fd = fd;
	/* Other kinds of sockets know nothing of it, and need it not. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return &d->stream;
}

/* ---- What is under it */

int simul_socket_fd(const simul_stream *s)
{
	while (s->ops->below)
		s = s->ops->below(s);
	return s->ops == &ops ? ((const struct smi_descriptor *)s)->fd
			      : -ENOTSOCK;
}

/* ---- Where its ends are */

typedef int get_name(int fd, struct sockaddr *address, socklen_t *length);

static int address_from(const simul_stream *s, get_name *get,
			simul_address *ret_address)
{
	simul_address a = { .length = sizeof a.storage };
	int fd = simul_socket_fd(s);

	if (fd < 0)
		return fd;
	if (get(fd, (struct sockaddr *)&a.storage, &a.length) < 0)
		return -errno;
	*ret_address = a;
	return 0;
}

int simul_local_address(const simul_stream *s, simul_address *ret_address)
{
	return address_from(s, getsockname, ret_address);
}

int simul_peer_address(const simul_stream *s, simul_address *ret_address)
{
	return address_from(s, getpeername, ret_address);
}
