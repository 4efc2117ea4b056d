/* SPDX-License-Identifier: MIT
 * net/envelope.h - a datagram as the system sees it: what goes with its bytes.
 */
#ifndef SMI_NET_ENVELOPE_H
#define SMI_NET_ENVELOPE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "net/udp.h"

/* In its frame, as long as the message is in use: control messages. */
struct smi_envelope {
	union {
		struct cmsghdr aligned;
		/* What comes with an IPv4 datagram to an IPv6 socket. */
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
			   CMSG_SPACE(sizeof(struct in_pktinfo)) +
			   2 * CMSG_SPACE(sizeof(int))];
	} control;
};

/* Let m, whose bytes the caller sets, receive into e and into d's addresses. */
void smi_envelope_await(const simul_udp *u, struct msghdr *m,
			struct smi_envelope *e, simul_datagram *d);

/* A datagram of this length has come: who sent it, to whom, and how.
 * Returns the length of each, if it is a train (train.h), or 0. */
size_t smi_envelope_open(const simul_udp *u, struct msghdr *m,
			 simul_datagram *d, size_t length);

/* Let m, whose bytes the caller sets, go to d's peer, from its address of ours,
 * with its traffic class: as a train of datagrams of this length, or as one
 * (0).
 */
void smi_envelope_write(const simul_udp *u, struct msghdr *m,
			struct smi_envelope *e, const simul_datagram *d,
			size_t each);

/* Add a control message. */
void smi_envelope_put(struct msghdr *m, struct smi_envelope *e, int level,
		      int type, const void *data, size_t size);

#endif /* SMI_NET_ENVELOPE_H */
