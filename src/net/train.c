/* SPDX-License-Identifier: MIT
 * net/train.c - trains: datagrams that go through the system as one. */
#include "net/train.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#include "base/alloc.h"
#include "io/perform.h"
#include "net/envelope.h"
#include "net/socket_options.h"

/* ---- Sending */

/* After a train was refused: what one that was tried in vain costs is then
 * little beside the others. */
enum { APART = 64 };

/* A system that has no trains would send all of it as one datagram; and who has
 * set a length for all that is sent (socket options) is not to be disturbed. */
bool smi_train_may_join(simul_udp *u)
{
	socklen_t size = sizeof(int);
	int each = 0;

	if (!u->asked)
		u->no_trains = u->family == AF_UNIX ||
			       getsockopt(u->fd, IPPROTO_UDP, UDP_SEGMENT,
					  &each, &size) < 0 ||
			       each != 0;
	u->asked = true;
	if (u->no_trains)
		return false;
	if (u->apart == 0)
		return true;
	u->apart--;
	return false;
}

static bool is_same(const simul_address *a, const simul_address *b)
{
	return a->length == b->length &&
	       memcmp(&a->storage, &b->storage, a->length) == 0;
}

static bool goes_with(const simul_datagram *a, const simul_datagram *b)
{
	return is_same(&a->peer, &b->peer) && is_same(&a->local, &b->local) &&
	       a->traffic_class == b->traffic_class;
}

static size_t length_of_train(const simul_datagram *d, size_t count)
{
	const size_t each = smi_udp_length(d);
	size_t n = 1, total = each, length = each;

	/* One without bytes would be no part of it. */
	while (n < count && n < SMI_TRAIN_MOST && length == each) {
		length = smi_udp_length(&d[n]);
		total += length;
		if (length == 0 || length > each || total > SMI_TRAIN_LONGEST ||
		    !goes_with(d, &d[n]))
			break;
		n++;
	}
	return n;
}

size_t smi_train_join(const simul_datagram *datagrams, size_t count)
{
	return smi_udp_length(datagrams) > 0 ? length_of_train(datagrams, count)
					     : 1;
}

void smi_train_refused(simul_udp *u)
{
	u->apart = APART;
}

/* ---- Receiving */

enum { SLOTS = 8, SLOT = 65536 };

struct arrival {
	simul_datagram whole; /* all of it; room is not used */
	size_t each;	      /* 0: it is one */
	size_t at;	      /* so much of it was taken */
};

struct smi_trains {
	char *bytes; /* SLOT for each, of which only what is used is memory */
	unsigned first, end; /* those that are left */
	struct arrival arrivals[SLOTS];
};

int smi_trains_open(simul_udp *u)
{
	struct smi_trains *t;

	if (smi_socket_set(u->fd, IPPROTO_UDP, UDP_GRO, 1) < 0)
		return 0;
	t = smi_alloc_zero(sizeof *t);
	if (!t)
		return -ENOMEM;
	t->bytes = smi_alloc((size_t)SLOTS * SLOT);
	if (!t->bytes) {
		smi_free(t);
		return -ENOMEM;
	}
	u->trains = t;
	return 0;
}

void smi_trains_close(simul_udp *u)
{
	if (u->trains)
		smi_free(u->trains->bytes);
	smi_free(u->trains);
}

static void prepare(simul_udp *u, unsigned slot, struct msghdr *m,
		    struct iovec *part, struct smi_envelope *e)
{
	struct smi_trains *t = u->trains;

	*part = (struct iovec){ t->bytes + (size_t)slot * SLOT, SLOT };
	*m = (struct msghdr){ .msg_iov = part, .msg_iovlen = 1 };
	smi_envelope_await(u, m, e, &t->arrivals[slot].whole);
}

static void arrive(simul_udp *u, unsigned slot, struct msghdr *m, size_t length)
{
	struct smi_trains *t = u->trains;
	struct arrival *a = &t->arrivals[slot];

	a->whole.bytes = t->bytes + (size_t)slot * SLOT;
	a->each = smi_envelope_open(u, m, &a->whole, length);
	a->at = 0;
	t->end = slot + 1;
}

int smi_trains_look(simul_udp *u)
{
	struct mmsghdr m[SLOTS];
	struct iovec parts[SLOTS];
	struct smi_envelope e[SLOTS];
	int r;

	for (unsigned i = 0; i < SLOTS; i++)
		prepare(u, i, &m[i].msg_hdr, &parts[i], &e[i]);
	r = recvmmsg(u->fd, m, SLOTS, MSG_DONTWAIT, NULL);
	if (r < 0)
		return -errno;
	u->trains->first = 0;
	for (unsigned i = 0; i < (unsigned)r; i++)
		arrive(u, i, &m[i].msg_hdr, m[i].msg_len);
	return 0;
}

int smi_trains_await(simul_udp *u)
{
	struct iovec part;
	struct smi_envelope e;
	struct msghdr m;
	struct smi_op op = { .kind = SMI_OP_RECVMSG,
			     .fd = u->fd,
			     .buffer = &m };
	int r;

	prepare(u, 0, &m, &part, &e);
	r = smi_perform(&op);
	if (r < 0)
		return r;
	u->trains->first = 0;
	arrive(u, 0, &m, (size_t)r);
	return 0;
}

static size_t hand_over(const simul_udp *u, struct arrival *a,
			simul_datagram *d)
{
	size_t rest = a->whole.length - a->at;
	size_t length = a->each > 0 && a->each < rest ? a->each : rest;
	size_t part = length < d->room ? length : d->room;

	if (part > 0)
		memcpy(d->bytes, (char *)a->whole.bytes + a->at, part);
	d->length = length;
	d->peer = a->whole.peer;
	if (u->tells_local)
		d->local = a->whole.local;
	if (u->tells_class)
		d->traffic_class = a->whole.traffic_class;
	return length;
}

size_t smi_trains_take(simul_udp *u, simul_datagram *datagrams, size_t count)
{
	struct smi_trains *t = u->trains;
	size_t n = 0;

	for (; n < count && t->first < t->end; n++) {
		struct arrival *a = &t->arrivals[t->first];

		a->at += hand_over(u, a, &datagrams[n]);
		if (a->at == a->whole.length)
			t->first++;
	}
	return n;
}
