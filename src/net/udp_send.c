/* SPDX-License-Identifier: MIT
 * net/udp_send.c - sending datagrams.
 *
 * There is nearly always room, so that a system call for many of them, which
 * doesn't wait, comes first. Only the first that finds none waits.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <simul/stream.h>

#include "io/perform.h"
#include "net/envelope.h"
#include "net/train.h"
#include "task/wait.h"

/* In one system call. */
enum { DATAGRAMS = 128, MESSAGES = 32 };

/* ---- One, which may wait */

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

/* An operation, which ends with the turn, would be a detour; but nobody
 * overtakes those who wait. */
static int send_in_turn(simul_udp *u, struct msghdr *m)
{
	struct smi_op op = { .kind = SMI_OP_SENDMSG,
			     .fd = u->fd,
			     .buffer = m,
			     .flags = MSG_NOSIGNAL };
	int r = u->senders > 0 ? -EAGAIN : try_send(u, m);

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	u->senders++;
	r = smi_perform(&op);
	u->senders--;
	return r;
}

int smi_udp_send_message(simul_udp *u, struct msghdr *m)
{
	int r = smi_udp_take_error(u);

	if (r < 0)
		return r;
	u->users++;
	r = u->family == AF_UNIX ? send_by_trying(u, m) : send_in_turn(u, m);
	u->users--;
	return r < 0 ? r : 0;
}

static int send_one(simul_udp *u, const simul_datagram *d)
{
	struct iovec part = { d->bytes, smi_udp_length(d) };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	struct smi_envelope e;

	smi_envelope_write(u, &m, &e, d, 0);
	return smi_udp_send_message(u, &m);
}

/* ---- Many, for which there is room */

struct batch {
	size_t datagrams;
	unsigned messages;
	struct mmsghdr m[MESSAGES];
	struct smi_envelope e[MESSAGES];
	struct iovec parts[DATAGRAMS];
};

/* The next message: the first n of these. */
static void load(const simul_udp *u, struct batch *b, const simul_datagram *d,
		 size_t n)
{
	struct iovec *parts = &b->parts[b->datagrams];
	struct msghdr *m = &b->m[b->messages].msg_hdr;

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct iovec){ d[i].bytes, smi_udp_length(&d[i]) };
	*m = (struct msghdr){ .msg_iov = parts, .msg_iovlen = n };
	smi_envelope_write(u, m, &b->e[b->messages], d,
			   n > 1 ? parts->iov_len : 0);
	b->messages++;
	b->datagrams += n;
}

/* As many as fit. A train that would fit only in part leaves with the next. */
static void load_all(simul_udp *u, struct batch *b, const simul_datagram *d,
		     size_t count)
{
	bool joins = smi_train_may_join(u);

	b->datagrams = b->messages = 0;
	while (b->datagrams < count && b->messages < MESSAGES) {
		size_t at = b->datagrams, n = 1;

		if (joins)
			n = smi_train_join(d + at, count - at);
		if (at + n > DATAGRAMS)
			return;
		load(u, b, d + at, n);
	}
}

/* Is it what the peer's system has said, perhaps to an earlier datagram? Then
 * it is told once. Others are met again by the datagram that they are of. */
static bool is_news(const simul_udp *u, int r)
{
	return u->connected &&
	       (r == -ECONNREFUSED || r == -EHOSTUNREACH || r == -ENETUNREACH);
}

/* How many there was room for. -EAGAIN: the first is to go alone. */
static int send_batch(simul_udp *u, const simul_datagram *datagrams,
		      size_t count)
{
	struct batch b;
	int r, sent = 0;

	load_all(u, &b, datagrams, count);
	r = sendmmsg(u->fd, b.m, b.messages, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r < 0)
		r = -errno;
	for (int i = 0; i < r; i++)
		sent += (int)b.m[i].msg_hdr.msg_iovlen;
	if (r >= 0 || r == -EAGAIN || is_news(u, r) ||
	    b.m[0].msg_hdr.msg_iovlen == 1)
		return r < 0 ? r : sent;
	smi_train_refused(u);
	return -EAGAIN;
}

static int send_some(simul_udp *u, const simul_datagram *datagrams,
		     size_t count)
{
	bool waits = count == 1 || u->senders > 0;
	int r = waits ? -EAGAIN : send_batch(u, datagrams, count);

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	r = send_one(u, &datagrams[0]);
	return r < 0 ? r : 1;
}

/* ---- The calls */

/* Those that were sent are counted. Others have their turn in between, so that
 * the socket is in use all the time. */
static int send_all(simul_udp *u, const simul_datagram *datagrams, size_t count,
		    size_t *sent)
{
	int r = 0;

	u->users++;
	while (r >= 0 && *sent < count) {
		r = send_some(u, datagrams + *sent, count - *sent);
		*sent += r > 0 ? (size_t)r : 0;
	}
	u->users--;
	return r;
}

int simul_udp_send_many(simul_udp *u, const simul_datagram *datagrams,
			size_t count)
{
	size_t sent = 0;
	int r = smi_may_suspend();

	if (r >= 0)
		r = smi_udp_take_error(u);
	if (r >= 0)
		r = send_all(u, datagrams, count, &sent);
	if (sent == 0)
		return r;
	if (is_news(u, r))
		u->error = r;
	return (int)sent;
}

int simul_udp_send_to(simul_udp *u, const void *bytes, size_t n,
		      const simul_address *to)
{
	const simul_datagram d = { .bytes = (void *)bytes,
				   .length = n,
				   .peer = *to };
	int r = smi_may_suspend();

	return r < 0 ? r : send_one(u, &d);
}

int simul_udp_send(simul_udp *u, const void *bytes, size_t n)
{
	const simul_datagram d = { .bytes = (void *)bytes, .length = n };
	int r = smi_may_suspend();

	return r < 0 ? r : send_one(u, &d);
}
