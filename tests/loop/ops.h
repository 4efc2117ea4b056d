/* SPDX-License-Identifier: MIT
 * tests/loop/ops.h - operations to be tested. */
#ifndef TEST_LOOP_OPS_H
#define TEST_LOOP_OPS_H

#include "loops.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static inline void make_pair(int type, int fds[2])
{
	CHECK_INT(socketpair(AF_UNIX,
			     type | SOCK_CLOEXEC | loop.backend->socket_flags,
			     0, fds),
		  ==, 0);
}

static inline struct smi_op recv_op(int fd, void *buffer, size_t length)
{
	return (struct smi_op){ .kind = SMI_OP_RECV,
				.fd = fd,
				.buffer = buffer,
				.length = length };
}

static inline struct smi_op send_op(int fd, const void *buffer, size_t length)
{
	return (struct smi_op){ .kind = SMI_OP_SEND,
				.fd = fd,
				.buffer = (void *)(uintptr_t)buffer,
				.length = length,
				.flags = MSG_NOSIGNAL };
}

static inline struct smi_op poll_op(int fd, int events)
{
	return (struct smi_op){ .kind = SMI_OP_POLL,
				.fd = fd,
				.flags = events };
}

static inline void close_both(const int fds[2])
{
	close_by_op(fds[0]);
	close_by_op(fds[1]);
}

/* From outside, past the backend. */
static inline void put(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), 0), ==, strlen(text));
}

static inline int listen_on_loopback(struct sockaddr_in *address, int backlog)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC | loop.backend->socket_flags,
			0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_INT(bind(fd, (struct sockaddr *)address, sizeof *address), ==, 0);
	CHECK_INT(listen(fd, backlog), ==, 0);
	getsockname(fd, (struct sockaddr *)address, &size);
	return fd;
}

static inline struct smi_op accept_op(int fd)
{
	return (struct smi_op){ .kind = SMI_OP_ACCEPT,
				.fd = fd,
				.flags = SOCK_CLOEXEC };
}

#endif /* TEST_LOOP_OPS_H */
