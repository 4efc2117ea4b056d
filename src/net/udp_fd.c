/* SPDX-License-Identifier: MIT
 * net/udp_fd.c - descriptors that go with datagrams. */
#include <errno.h>
#include <string.h>

#include "io/perform.h"
#include "net/envelope.h"
#include "task/wait.h"

int simul_udp_send_fd(simul_udp *u, const void *bytes, size_t n, int fd)
{
	struct iovec part = { (void *)bytes, n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	struct smi_envelope e;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (u->family != AF_UNIX)
		return -EOPNOTSUPP;
	smi_envelope_put(&m, &e, SOL_SOCKET, SCM_RIGHTS, &fd, sizeof fd);
	return smi_udp_send_message(u, &m);
}

static int descriptor_in(struct msghdr *m)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len >= CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

static ptrdiff_t receive_without(simul_udp *u, void *buffer, size_t n,
				 int *ret_fd)
{
	ptrdiff_t r = simul_udp_receive(u, buffer, n);

	if (r >= 0)
		*ret_fd = -1;
	return r;
}

/* Room for one descriptor, and not for what alignment leaves room for. */
ptrdiff_t simul_udp_receive_fd(simul_udp *u, void *buffer, size_t n,
			       int *ret_fd)
{
	struct smi_envelope e = { 0 };
	struct iovec part = { buffer, n };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &e.control,
			    .msg_controllen = CMSG_LEN(sizeof(int)) };
	struct smi_op op = { .kind = SMI_OP_RECVMSG,
			     .fd = u->fd,
			     .buffer = &m,
			     .flags = MSG_TRUNC | MSG_CMSG_CLOEXEC };
	ptrdiff_t r;

	if (u->family != AF_UNIX)
		return receive_without(u, buffer, n, ret_fd);
	r = smi_udp_begin_receive(u);
	if (r < 0)
		return r;
	r = smi_perform(&op);
	smi_udp_end_receive(u);
	if (r >= 0)
		*ret_fd = descriptor_in(&m);
	return r;
}
