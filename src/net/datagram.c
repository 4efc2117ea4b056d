/* SPDX-License-Identifier: MIT
 * net/datagram.c - sending and receiving datagrams.
 *
 * The first of many is an operation, which waits; those behind it are there
 * already, or there is room for them, so that they take one system call that
 * does not.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include <simul/stream.h>

#include "io/perform.h"
#include "net/udp.h"
#include "task/wait.h"

/* In one system call. */
enum { BATCH = 32, LOOKS = 16 };

/* A datagram as the system sees it. */
struct envelope {
	struct iovec part;
	union {
		struct cmsghdr aligned;
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
			   CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
};

/* ---- Where ours came to, and comes from */

/* What came to a group, or to all in a network, came to ours, too: answers must
 * come from there. */
static void tell_ipv4(const struct cmsghdr *c, int port, simul_address *a)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&a->storage;
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof info);
	in->sin_family = AF_INET;
	in->sin_port = (in_port_t)port;
	in->sin_addr = info.ipi_spec_dst;
	a->length = sizeof *in;
}

/* An IPv6 socket is told of IPv4 in both ways: the same, as its peers are
 * written. */
static void tell_mapped(const struct cmsghdr *c, int port, simul_address *a)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->storage;
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof info);
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_port = (in_port_t)port };
	in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(&in6->sin6_addr.s6_addr[12], &info.ipi_spec_dst,
	       sizeof info.ipi_spec_dst);
	a->length = sizeof *in6;
}

static void tell_ipv6(const struct cmsghdr *c, int port, simul_address *a)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->storage;
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof info);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = (in_port_t)port;
	in6->sin6_addr = info.ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ||
	    IN6_IS_ADDR_MC_LINKLOCAL(&info.ipi6_addr))
		in6->sin6_scope_id = info.ipi6_ifindex;
	a->length = sizeof *in6;
}

static void tell_local(const simul_udp *u, struct msghdr *m, simul_address *a)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	bool ipv6 = u->family == AF_INET6;

	*a = (simul_address){ 0 };
	for (; c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			(ipv6 ? tell_mapped : tell_ipv4)(c, u->port, a);
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO && a->length == 0)
			tell_ipv6(c, u->port, a);
	}
}

static void put_control(struct msghdr *m, int level, int type, const void *data,
			size_t size)
{
	struct cmsghdr *c = m->msg_control;

	m->msg_controllen = CMSG_SPACE(size);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), data, size);
}

/* A group is where something came to, but nothing comes from there. */
static void ask_local(struct msghdr *m, struct envelope *e,
		      const simul_address *a)
{
	const void *storage = &a->storage;
	const struct sockaddr_in6 *in6 = storage;
	struct in_pktinfo four = { 0 };
	struct in6_pktinfo six = { 0 };

	memset(&e->control, 0, sizeof e->control);
	m->msg_control = &e->control;
	if (a->storage.ss_family == AF_INET) {
		four.ipi_spec_dst =
			((const struct sockaddr_in *)storage)->sin_addr;
		put_control(m, IPPROTO_IP, IP_PKTINFO, &four, sizeof four);
	} else if (a->storage.ss_family == AF_INET6 &&
		   !IN6_IS_ADDR_MULTICAST(&in6->sin6_addr)) {
		six.ipi6_addr = in6->sin6_addr;
		six.ipi6_ifindex = in6->sin6_scope_id;
		put_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof six);
	} else {
		m->msg_control = NULL;
	}
}

/* What was told to a call that had something better to return. */
static int take_error(simul_udp *u)
{
	int error = u->error;

	u->error = 0;
	return error;
}

/* ---- Receiving */

static void prepare_receive(const simul_udp *u, struct msghdr *m,
			    struct envelope *e, simul_datagram *d)
{
	e->part = (struct iovec){ d->bytes, d->room };
	*m = (struct msghdr){ .msg_name = &d->peer.storage,
			      .msg_namelen = sizeof d->peer.storage,
			      .msg_iov = &e->part,
			      .msg_iovlen = 1 };
	if (u->tells_local) {
		m->msg_control = &e->control;
		m->msg_controllen = sizeof e->control;
	}
}

static void finish_receive(const simul_udp *u, struct msghdr *m,
			   simul_datagram *d, size_t length)
{
	d->length = length;
	/* What is not used of it is zero. */
	memset((char *)&d->peer.storage + m->msg_namelen, 0,
	       sizeof d->peer.storage - m->msg_namelen);
	d->peer.length = m->msg_namelen;
	if (u->tells_local)
		tell_local(u, m, &d->local);
}

static int perform(const simul_udp *u, enum smi_op_kind kind, struct msghdr *m,
		   int flags)
{
	struct smi_op op = {
		.kind = kind, .fd = u->fd, .buffer = m, .flags = flags
	};

	return smi_perform(&op);
}

/* An operation ends with the turn, so where several datagrams come in a turn it
 * is a detour for all but the first. Whether they do, a look after a wait tells.
 * Where it is in vain, most of them are spared. */
static bool is_worth_a_look(simul_udp *u)
{
	return !u->in_vain || ++u->passed % LOOKS == 0;
}

static int look(simul_udp *u, struct msghdr *m)
{
	int r = (int)recvmsg(u->fd, m, MSG_TRUNC | MSG_DONTWAIT);

	if (r < 0)
		r = -errno;
	if (u->waited)
		u->in_vain = r == -EAGAIN;
	u->waited = false;
	return r;
}

static int receive_message(simul_udp *u, struct msghdr *m)
{
	int r = is_worth_a_look(u) ? look(u, m) : -EAGAIN;

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	u->waited = true;
	return perform(u, SMI_OP_RECVMSG, m, MSG_TRUNC);
}

static int receive_first(simul_udp *u, simul_datagram *d)
{
	struct envelope e;
	struct msghdr m;
	int r;

	prepare_receive(u, &m, &e, d);
	r = receive_message(u, &m);
	if (r >= 0)
		finish_receive(u, &m, d, (size_t)r);
	return r;
}

/* How many are there already. */
static int receive_others(simul_udp *u, simul_datagram *datagrams, size_t count)
{
	unsigned n = count < BATCH ? (unsigned)count : BATCH;
	struct envelope e[BATCH];
	struct mmsghdr m[BATCH];
	int r;

	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		prepare_receive(u, &m[i].msg_hdr, &e[i], &datagrams[i]);
	r = recvmmsg(u->fd, m, n, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (r < 0) {
		/* What is told once is told to who comes next. */
		if (errno != EAGAIN && errno != EINTR)
			u->error = -errno;
		return 0;
	}
	for (int i = 0; i < r; i++)
		finish_receive(u, &m[i].msg_hdr, &datagrams[i], m[i].msg_len);
	return r;
}

static int begin_receive(simul_udp *u)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (u->receiving)
		return -EBUSY;
	r = take_error(u);
	if (r < 0)
		return r;
	u->receiving = true;
	u->users++;
	return 0;
}

static void end_receive(simul_udp *u)
{
	u->receiving = false;
	u->users--;
}

int simul_udp_receive_many(simul_udp *u, simul_datagram *datagrams,
			   size_t count)
{
	int r;

	if (count == 0)
		return -EINVAL;
	r = begin_receive(u);
	if (r < 0)
		return r;
	r = receive_first(u, &datagrams[0]);
	end_receive(u);
	if (r < 0)
		return r;
	return 1 + receive_others(u, datagrams + 1, count - 1);
}

ptrdiff_t simul_udp_receive_from(simul_udp *u, void *buffer, size_t n,
				 simul_address *ret_from)
{
	simul_datagram d = { .bytes = buffer, .room = n };
	int r = begin_receive(u);

	if (r < 0)
		return r;
	r = receive_first(u, &d);
	end_receive(u);
	if (r < 0)
		return r;
	if (ret_from)
		*ret_from = d.peer;
	return r;
}

ptrdiff_t simul_udp_receive(simul_udp *u, void *buffer, size_t n)
{
	return simul_udp_receive_from(u, buffer, n, NULL);
}

/* ---- Sending */

static void prepare_send(struct msghdr *m, struct envelope *e,
			 const simul_datagram *d)
{
	/* Of one that was cut off there is no more than that: what lies behind
	 * it is no business of the peer's. */
	bool cut = d->room > 0 && d->length > d->room;

	e->part = (struct iovec){ d->bytes, cut ? d->room : d->length };
	*m = (struct msghdr){ .msg_iov = &e->part, .msg_iovlen = 1 };
	if (d->peer.length > 0) {
		m->msg_name = (void *)&d->peer.storage;
		m->msg_namelen = d->peer.length;
	}
	if (d->local.length > 0)
		ask_local(m, e, &d->local);
}

static const double FIRST_PAUSE = 0.001, LONGEST_PAUSE = 0.064; /* seconds */

static int try_send(const simul_udp *u, const struct msghdr *m)
{
	return sendmsg(u->fd, m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* To a Unix socket, whose queue may be full. We wait, not the kernel: io_uring
 * would try again with a message that it has used up, and send an empty one.
 * Only who is connected hears that there is room: see unix_dgram_poll in the
 * kernel. */
static int send_by_trying(const simul_udp *u, const struct msghdr *m)
{
	double pause = FIRST_PAUSE;
	int r;

	while ((r = try_send(u, m)) == -EAGAIN) {
		r = m->msg_name ? simul_sleep(pause)
				: simul_wait_fd(u->fd, POLLOUT);
		if (r < 0)
			return r;
		if (pause < LONGEST_PAUSE)
			pause *= 2;
	}
	smi_give_way();
	return r;
}

/* There is nearly always room, so that an operation, which ends with the turn,
 * would be a detour; but nobody overtakes those who wait. */
static int send_in_turn(simul_udp *u, struct msghdr *m)
{
	int r = u->senders > 0 ? -EAGAIN : try_send(u, m);

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	u->senders++;
	r = perform(u, SMI_OP_SENDMSG, m, MSG_NOSIGNAL);
	u->senders--;
	return r;
}

static int send_message(simul_udp *u, struct msghdr *m)
{
	int r = take_error(u);

	if (r < 0)
		return r;
	u->users++;
	r = u->family == AF_UNIX ? send_by_trying(u, m) : send_in_turn(u, m);
	u->users--;
	return r < 0 ? r : 0;
}

static int send_first(simul_udp *u, const simul_datagram *d)
{
	struct envelope e;
	struct msghdr m;

	prepare_send(&m, &e, d);
	return send_message(u, &m);
}

/* Is it what the peer's system has said, perhaps to an earlier datagram? Then
 * it is told once. Others are met again by the datagram that they are of. */
static bool is_news(const simul_udp *u, int error)
{
	return u->connected && (error == ECONNREFUSED ||
				error == EHOSTUNREACH || error == ENETUNREACH);
}

/* How many there was room for. */
static int send_others(simul_udp *u, const simul_datagram *datagrams,
		       size_t count)
{
	unsigned n = count < BATCH ? (unsigned)count : BATCH;
	struct envelope e[BATCH];
	struct mmsghdr m[BATCH];
	int r;

	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		prepare_send(&m[i].msg_hdr, &e[i], &datagrams[i]);
	r = sendmmsg(u->fd, m, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r < 0 && is_news(u, errno))
		u->error = -errno;
	return r < 0 ? 0 : r;
}

int simul_udp_send_many(simul_udp *u, const simul_datagram *datagrams,
			size_t count)
{
	size_t sent = 0;
	int r = smi_may_suspend();

	while (r >= 0 && sent < count && !(sent > 0 && u->error)) {
		r = send_first(u, &datagrams[sent]);
		if (r < 0)
			break;
		sent++;
		sent += (size_t)send_others(u, datagrams + sent, count - sent);
	}
	return sent > 0 ? (int)sent : r;
}

int simul_udp_send_to(simul_udp *u, const void *bytes, size_t n,
		      const simul_address *to)
{
	const simul_datagram d = { .bytes = (void *)bytes,
				   .length = n,
				   .peer = *to };
	int r = smi_may_suspend();

	return r < 0 ? r : send_first(u, &d);
}

int simul_udp_send(simul_udp *u, const void *bytes, size_t n)
{
	const simul_datagram d = { .bytes = (void *)bytes, .length = n };
	int r = smi_may_suspend();

	return r < 0 ? r : send_first(u, &d);
}

/* ---- Descriptors */

/* Room for one, and not for what alignment leaves room for. */
static void one_descriptor(struct msghdr *m, struct envelope *e)
{
	memset(&e->control, 0, sizeof e->control);
	m->msg_control = &e->control;
	m->msg_controllen = CMSG_LEN(sizeof(int));
}

int simul_udp_send_fd(simul_udp *u, const void *bytes, size_t n, int fd)
{
	const simul_datagram d = { .bytes = (void *)bytes, .length = n };
	struct envelope e;
	struct msghdr m;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (u->family != AF_UNIX)
		return -EOPNOTSUPP;
	prepare_send(&m, &e, &d);
	one_descriptor(&m, &e);
	put_control(&m, SOL_SOCKET, SCM_RIGHTS, &fd, sizeof fd);
	return send_message(u, &m);
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

ptrdiff_t simul_udp_receive_fd(simul_udp *u, void *buffer, size_t n,
			       int *ret_fd)
{
	simul_datagram d = { .bytes = buffer, .room = n };
	struct envelope e;
	struct msghdr m;
	int r = begin_receive(u);

	if (r < 0)
		return r;
	prepare_receive(u, &m, &e, &d);
	if (u->family == AF_UNIX)
		one_descriptor(&m, &e);
	r = perform(u, SMI_OP_RECVMSG, &m, MSG_TRUNC | MSG_CMSG_CLOEXEC);
	end_receive(u);
	if (r >= 0)
		*ret_fd = descriptor_in(&m);
	return r;
}
