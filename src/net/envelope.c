/* SPDX-License-Identifier: MIT
 * net/envelope.c - a datagram as the system sees it: what goes with its bytes.
 */
#include "net/envelope.h"

#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>

/* ---- Receiving */

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

static bool is(const struct cmsghdr *c, int level, int type)
{
	return c->cmsg_level == level && c->cmsg_type == type;
}

static void tell_local(const simul_udp *u, const struct cmsghdr *c,
		       simul_address *a)
{
	bool ipv6 = u->family == AF_INET6;

	if (is(c, IPPROTO_IP, IP_PKTINFO))
		(ipv6 ? tell_mapped : tell_ipv4)(c, u->port, a);
	else if (is(c, IPPROTO_IPV6, IPV6_PKTINFO) && a->length == 0)
		tell_ipv6(c, u->port, a);
}

/* IPv4 tells it in a byte, IPv6 in an int. */
static void tell_class(const struct cmsghdr *c, int *ret_class)
{
	if (is(c, IPPROTO_IP, IP_TOS))
		*ret_class = *CMSG_DATA(c);
	else if (is(c, IPPROTO_IPV6, IPV6_TCLASS))
		memcpy(ret_class, CMSG_DATA(c), sizeof *ret_class);
}

/* Returns the length of each of a train, or 0. */
static size_t read_control(const simul_udp *u, struct msghdr *m,
			   simul_datagram *d)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int each = 0;

	if (u->tells_local)
		d->local = (simul_address){ 0 };
	if (u->tells_class)
		d->traffic_class = 0;
	for (; c; c = CMSG_NXTHDR(m, c)) {
		if (u->tells_local)
			tell_local(u, c, &d->local);
		if (u->tells_class)
			tell_class(c, &d->traffic_class);
		if (is(c, IPPROTO_UDP, UDP_GRO))
			memcpy(&each, CMSG_DATA(c), sizeof each);
	}
	return each > 0 ? (size_t)each : 0;
}

static bool reads_control(const simul_udp *u)
{
	return u->tells_local || u->tells_class || u->trains;
}

void smi_envelope_await(const simul_udp *u, struct msghdr *m,
			struct smi_envelope *e, simul_datagram *d)
{
	m->msg_name = &d->peer.storage;
	m->msg_namelen = sizeof d->peer.storage;
	if (reads_control(u)) {
		m->msg_control = &e->control;
		m->msg_controllen = sizeof e->control;
	}
}

size_t smi_envelope_open(const simul_udp *u, struct msghdr *m,
			 simul_datagram *d, size_t length)
{
	d->length = length;
	/* What is not used of it is zero. */
	memset((char *)&d->peer.storage + m->msg_namelen, 0,
	       sizeof d->peer.storage - m->msg_namelen);
	d->peer.length = m->msg_namelen;
	return reads_control(u) ? read_control(u, m, d) : 0;
}

/* ---- Sending */

void smi_envelope_put(struct msghdr *m, struct smi_envelope *e, int level,
		      int type, const void *data, size_t size)
{
	struct cmsghdr *c = (void *)(e->control.bytes + m->msg_controllen);

	memset(c, 0, CMSG_SPACE(size));
	m->msg_control = &e->control;
	m->msg_controllen += CMSG_SPACE(size);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), data, size);
}

/* A group is where something came to, but nothing comes from there. */
static void ask_local(struct msghdr *m, struct smi_envelope *e,
		      const simul_address *a)
{
	const void *storage = &a->storage;
	const struct sockaddr_in6 *in6 = storage;
	struct in_pktinfo four = { 0 };
	struct in6_pktinfo six = { 0 };

	if (a->storage.ss_family == AF_INET) {
		four.ipi_spec_dst =
			((const struct sockaddr_in *)storage)->sin_addr;
		smi_envelope_put(m, e, IPPROTO_IP, IP_PKTINFO, &four,
				 sizeof four);
	} else if (a->storage.ss_family == AF_INET6 &&
		   !IN6_IS_ADDR_MULTICAST(&in6->sin6_addr)) {
		six.ipi6_addr = in6->sin6_addr;
		six.ipi6_ifindex = in6->sin6_scope_id;
		smi_envelope_put(m, e, IPPROTO_IPV6, IPV6_PKTINFO, &six,
				 sizeof six);
	}
}

/* Whether it leaves an IPv6 socket as IPv4 is not for us to say. Each reads its
 * own. */
static void put_class(const simul_udp *u, struct msghdr *m,
		      struct smi_envelope *e, int traffic_class)
{
	smi_envelope_put(m, e, IPPROTO_IP, IP_TOS, &traffic_class,
			 sizeof traffic_class);
	if (u->family == AF_INET6)
		smi_envelope_put(m, e, IPPROTO_IPV6, IPV6_TCLASS,
				 &traffic_class, sizeof traffic_class);
}

void smi_envelope_write(const simul_udp *u, struct msghdr *m,
			struct smi_envelope *e, const simul_datagram *d,
			size_t each)
{
	const uint16_t size = (uint16_t)each;

	if (d->peer.length > 0) {
		m->msg_name = (void *)&d->peer.storage;
		m->msg_namelen = d->peer.length;
	}
	if (d->local.length > 0)
		ask_local(m, e, &d->local);
	if (d->traffic_class)
		put_class(u, m, e, d->traffic_class);
	if (each > 0)
		smi_envelope_put(m, e, IPPROTO_UDP, UDP_SEGMENT, &size,
				 sizeof size);
}
