/* SPDX-License-Identifier: MIT
 * net/train.h - trains: datagrams of one length, one behind the other, that go
 * through the system as one, for about a tenth of the cost; the last may be
 * shorter. On the network each is a packet of its own. (UDP_SEGMENT and
 * UDP_GRO, udp(7).)
 *
 * Who sends many has them joined where they can be (smi_train_join). If the
 * system refuses a train, as on its way they would not fit into packets, or the
 * device can't do it, they go one by one for a while.
 *
 * Trains come only to those who ask for them (.bulk), into memory of the
 * socket's, from which each datagram is copied to where it is to be.
 */
#ifndef SMI_NET_TRAIN_H
#define SMI_NET_TRAIN_H

#include "net/udp.h"

/* ---- Sending */

enum {
	/* What every Linux takes that has trains at all (UDP_MAX_SEGMENTS);
	 * the longest that IPv6 and IPv4 can do. */
	SMI_TRAIN_MOST = 64,
	SMI_TRAIN_LONGEST = 65535 - 40 - 8
};

/* May u send trains, just now? */
bool smi_train_may_join(simul_udp *u);

/* How many of those at the front can go as one: at least 1. */
size_t smi_train_join(const simul_datagram *datagrams, size_t count);

/* A train was refused. */
void smi_train_refused(simul_udp *u);

/* So much of a datagram is to be sent. Of one that was cut off there is no more
 * than its room: what lies behind it is no business of the peer's. */
static inline size_t smi_udp_length(const simul_datagram *d)
{
	return d->room > 0 && d->length > d->room ? d->room : d->length;
}

/* ---- Receiving */

/* Let trains come to u, if the system can do that. -ENOMEM. */
int smi_trains_open(simul_udp *u);
void smi_trains_close(simul_udp *u);

/* Take up to count datagrams that have come into those; 0 if none is left. */
size_t smi_trains_take(simul_udp *u, simul_datagram *datagrams, size_t count);

/* When none is left: look if some have come by now. -EAGAIN, or what the
 * system has to say. */
int smi_trains_look(simul_udp *u);

/* Or wait for them. */
int smi_trains_await(simul_udp *u);

#endif /* SMI_NET_TRAIN_H */
