/* SPDX-License-Identifier: MIT
 * net/udp_receive.c - receiving datagrams.
 *
 * The first of many is an operation, which waits; those behind it are there
 * already, so that they take one system call that does not.
 */
#include <errno.h>
#include <string.h>

#include "io/perform.h"
#include "net/envelope.h"
#include "net/train.h"
#include "task/wait.h"

/* In one system call. */
enum { BATCH = 32, LOOKS = 16 };

int smi_udp_begin_receive(simul_udp *u)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (u->receiving)
		return -EBUSY;
	r = smi_udp_take_error(u);
	if (r < 0)
		return r;
	u->receiving = true;
	u->users++;
	return 0;
}

void smi_udp_end_receive(simul_udp *u)
{
	u->receiving = false;
	u->users--;
}

/* ---- Looking before waiting */

/* An operation ends with the turn, so where several datagrams come in a turn it
 * is a detour for all but the first. Whether they do, a look after a wait
 * tells. Where it is in vain, most of them are spared. */
static bool is_worth_a_look(simul_udp *u)
{
	return !u->in_vain || ++u->passed % LOOKS == 0;
}

static int learn(simul_udp *u, int seen)
{
	if (u->waited)
		u->in_vain = seen == -EAGAIN;
	u->waited = false;
	return seen;
}

/* ---- To where they are to be */

static void prepare(const simul_udp *u, struct msghdr *m, struct iovec *part,
		    struct smi_envelope *e, simul_datagram *d)
{
	*part = (struct iovec){ d->bytes, d->room };
	*m = (struct msghdr){ .msg_iov = part, .msg_iovlen = 1 };
	smi_envelope_await(u, m, e, d);
}

static int look(simul_udp *u, struct msghdr *m)
{
	int r = (int)recvmsg(u->fd, m, MSG_TRUNC | MSG_DONTWAIT);

	return r < 0 ? -errno : r;
}

static int receive_message(simul_udp *u, struct msghdr *m)
{
	struct smi_op op = { .kind = SMI_OP_RECVMSG,
			     .fd = u->fd,
			     .buffer = m,
			     .flags = MSG_TRUNC };
	int r = is_worth_a_look(u) ? learn(u, look(u, m)) : -EAGAIN;

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	u->waited = true;
	return smi_perform(&op);
}

static int receive_first(simul_udp *u, simul_datagram *d)
{
	struct smi_envelope e;
	struct iovec part;
	struct msghdr m;
	int r;

	prepare(u, &m, &part, &e, d);
	r = receive_message(u, &m);
	if (r >= 0)
		smi_envelope_open(u, &m, d, (size_t)r);
	return r < 0 ? r : 1;
}

/* How many are there already. */
static int receive_others(simul_udp *u, simul_datagram *datagrams, size_t count)
{
	unsigned n = count < BATCH ? (unsigned)count : BATCH;
	struct smi_envelope e[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr m[BATCH];
	int r;

	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		prepare(u, &m[i].msg_hdr, &parts[i], &e[i], &datagrams[i]);
	r = recvmmsg(u->fd, m, n, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (r < 0) {
		/* What is told once is told to who comes next. */
		if (errno != EAGAIN && errno != EINTR)
			u->error = -errno;
		return 0;
	}
	for (int i = 0; i < r; i++)
		smi_envelope_open(u, &m[i].msg_hdr, &datagrams[i],
				  m[i].msg_len);
	return r;
}

static int receive_directly(simul_udp *u, simul_datagram *datagrams,
			    size_t count)
{
	int r = receive_first(u, &datagrams[0]);

	return r < 0 ? r : 1 + receive_others(u, datagrams + 1, count - 1);
}

/* ---- By trains */

static int fetch(simul_udp *u)
{
	int r = is_worth_a_look(u) ? learn(u, smi_trains_look(u)) : -EAGAIN;

	if (r != -EAGAIN) {
		smi_give_way();
		return r;
	}
	u->waited = true;
	return smi_trains_await(u);
}

static size_t take_others(simul_udp *u, simul_datagram *datagrams, size_t count)
{
	int r = count > 0 ? smi_trains_look(u) : -EAGAIN;

	if (r < 0 && r != -EAGAIN && r != -EINTR)
		u->error = r;
	return r < 0 ? 0 : smi_trains_take(u, datagrams, count);
}

static int receive_in_bulk(simul_udp *u, simul_datagram *datagrams,
			   size_t count)
{
	size_t n = smi_trains_take(u, datagrams, count);
	int r = n > 0 ? 0 : fetch(u);

	if (r < 0)
		return r;
	n += smi_trains_take(u, datagrams + n, count - n);
	return (int)(n + take_others(u, datagrams + n, count - n));
}

/* ---- The calls */

int simul_udp_receive_many(simul_udp *u, simul_datagram *datagrams,
			   size_t count)
{
	int r;

	if (count == 0)
		return -EINVAL;
	r = smi_udp_begin_receive(u);
	if (r < 0)
		return r;
	r = (u->trains ? receive_in_bulk : receive_directly)(u, datagrams,
							     count);
	smi_udp_end_receive(u);
	return r;
}

ptrdiff_t simul_udp_receive_from(simul_udp *u, void *buffer, size_t n,
				 simul_address *ret_from)
{
	simul_datagram d = { .bytes = buffer, .room = n };
	int r = simul_udp_receive_many(u, &d, 1);

	if (r < 0)
		return r;
	if (ret_from)
		*ret_from = d.peer;
	return (ptrdiff_t)d.length;
}

ptrdiff_t simul_udp_receive(simul_udp *u, void *buffer, size_t n)
{
	return simul_udp_receive_from(u, buffer, n, NULL);
}
