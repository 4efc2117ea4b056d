/* SPDX-License-Identifier: MIT
 * net/udp.c - sockets for datagrams: their life and their options. */
#include "net/udp.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/perform.h"
#include "net/socket.h"
#include "net/socket_options.h"
#include "net/train.h"
#include "task/wait.h"

/* ---- Options */

/* An option that IPv4 and IPv6 have under different names. */
static int set_ip(const simul_udp *u, int name4, int name6, int value)
{
	return u->family == AF_INET6
		       ? smi_socket_set(u->fd, IPPROTO_IPV6, name6, value)
		       : smi_socket_set(u->fd, IPPROTO_IP, name4, value);
}

/* 0 for NULL, which is the system's choice. */
static int find_interface(const char *name, unsigned *ret_index)
{
	unsigned index = name ? if_nametoindex(name) : 0;

	if (name && index == 0)
		return -ENODEV;
	*ret_index = index;
	return 0;
}

static int set_interface(const simul_udp *u, const char *name)
{
	struct ip_mreqn four = { 0 };
	unsigned index = 0;
	int r = find_interface(name, &index);

	if (r < 0)
		return r;
	if (u->family == AF_INET6)
		return smi_socket_set(u->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
				      (int)index);
	four.imr_ifindex = (int)index;
	return setsockopt(u->fd, IPPROTO_IP, IP_MULTICAST_IF, &four,
			  sizeof four) < 0
		       ? -errno
		       : 0;
}

static int set_multicast(const simul_udp *u, const simul_udp_options *o)
{
	int r = 0;

	if (o->multicast_interface)
		r = set_interface(u, o->multicast_interface);
	if (r >= 0 && o->multicast_hops)
		r = set_ip(u, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS,
			   o->multicast_hops);
	if (r >= 0 && o->no_multicast_loop)
		r = set_ip(u, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, 0);
	return r;
}

/* IPv4 that comes to an IPv6 socket, or leaves by it, has names of its own. */
static int set_both(const simul_udp *u, int name4, int name6, int value)
{
	int r = 0;

	if (u->family == AF_INET6)
		r = smi_socket_set(u->fd, IPPROTO_IPV6, name6, value);
	return r < 0 ? r : smi_socket_set(u->fd, IPPROTO_IP, name4, value);
}

static int set_class(simul_udp *u, const simul_udp_options *o)
{
	int r = 0;

	/* The system would take its lowest byte. */
	if (o->traffic_class < 0 || o->traffic_class > 255)
		return -EINVAL;
	if (o->traffic_class)
		r = set_both(u, IP_TOS, IPV6_TCLASS, o->traffic_class);
	if (r >= 0 && o->tell_traffic_class)
		r = set_both(u, IP_RECVTOS, IPV6_RECVTCLASS, 1);
	u->tells_class = o->tell_traffic_class;
	return r;
}

static int set_internet(simul_udp *u, const simul_udp_options *o)
{
	int r = 0;

	if (u->family == AF_INET6)
		r = smi_socket_set(u->fd, IPPROTO_IPV6, IPV6_V6ONLY,
				   o->ipv6_only);
	if (r >= 0 && o->hops)
		r = set_both(u, IP_TTL, IPV6_UNICAST_HOPS, o->hops);
	if (r >= 0)
		r = set_class(u, o);
	/* Of IPv4 that comes to an IPv6 socket, IPv6 tells only to whom it was
	 * sent, which may be a group. */
	if (r >= 0 && o->tell_local)
		r = set_both(u, IP_PKTINFO, IPV6_RECVPKTINFO, 1);
	u->tells_local = o->tell_local;
	if (r >= 0 && o->bulk)
		r = smi_trains_open(u);
	return r < 0 ? r : set_multicast(u, o);
}

static int set_socket(const simul_udp *u, int name, int value)
{
	return value ? smi_socket_set(u->fd, SOL_SOCKET, name, value) : 0;
}

static int set_options(simul_udp *u, const simul_udp_options *o)
{
	int r = set_socket(u, SO_REUSEADDR, o->reuse_address);

	if (r >= 0)
		r = set_socket(u, SO_REUSEPORT, o->reuse_port);
	if (r >= 0)
		r = set_socket(u, SO_BROADCAST, o->broadcast);
	if (r >= 0)
		r = set_socket(u, SO_RCVBUF, o->receive_buffer);
	if (r >= 0)
		r = set_socket(u, SO_SNDBUF, o->send_buffer);
	if (r >= 0 && u->family != AF_UNIX)
		r = set_internet(u, o);
	return r;
}

/* ---- Life */

static int bind_to(simul_udp *u, const simul_address *address)
{
	if (smi_unix_has_path(address))
		return smi_unix_bind(u->fd, address, 0, &u->file);
	return bind(u->fd, (const struct sockaddr *)&address->storage,
		    address->length) < 0
		       ? -errno
		       : 0;
}

static int connect_to(const simul_udp *u, const simul_address *peer)
{
	return connect(u->fd, (const struct sockaddr *)&peer->storage,
		       peer->length) < 0
		       ? -errno
		       : 0;
}

static int set_up(simul_udp *u, const simul_udp_options *o,
		  const simul_address *local, const simul_address *peer)
{
	int r = set_options(u, o);

	if (r >= 0 && local)
		r = bind_to(u, local);
	if (r < 0)
		return r;
	if (local)
		u->address = *local;
	if (peer)
		r = connect_to(u, peer);
	u->connected = peer != NULL;
	if (r < 0)
		smi_unix_remove(&u->address, &u->file);
	return r;
}

static int note_port(simul_udp *u)
{
	simul_address a;
	int r = simul_udp_address(u, &a);

	if (r >= 0)
		u->port = htons((uint16_t)simul_address_port(&a));
	return r;
}

static int open_socket(int family, const simul_udp_options *options,
		       const simul_address *local, const simul_address *peer,
		       simul_udp **ret_socket)
{
	static const simul_udp_options none;
	struct simul_udp *u;
	int r;

	if (!smi_current)
		return -EPERM;
	u = smi_alloc_zero(sizeof *u);
	if (!u)
		return -ENOMEM;
	u->family = family;
	u->fd = socket(family, SOCK_DGRAM | smi_socket_flags(), 0);
	r = u->fd < 0 ? -errno
		      : set_up(u, options ? options : &none, local, peer);
	if (r >= 0)
		r = note_port(u);
	if (r < 0) {
		if (u->fd >= 0)
			close(u->fd);
		smi_trains_close(u);
		smi_free(u);
		return r;
	}
	*ret_socket = u;
	return 0;
}

int simul_udp_bind(const simul_address *address,
		   const simul_udp_options *options, simul_udp **ret_socket)
{
	return open_socket(address->storage.ss_family, options, address, NULL,
			   ret_socket);
}

int simul_udp_connect(const simul_address *peer,
		      const simul_udp_options *options, simul_udp **ret_socket)
{
	return open_socket(peer->storage.ss_family, options,
			   options ? options->local : NULL, peer, ret_socket);
}

int simul_udp_adopt(int fd, simul_udp **ret_socket)
{
	struct simul_udp *u;
	simul_address a = { 0 };
	int r;

	if (!smi_current)
		return -EPERM;
	r = smi_socket_check_type(fd, SOCK_DGRAM);
	if (r >= 0)
		r = smi_socket_make_ours(fd);
	if (r < 0)
		return r;
	u = smi_alloc_zero(sizeof *u);
	if (!u)
		return -ENOMEM;
	u->fd = fd;
	r = simul_udp_address(u, &a);
	if (r < 0) {
		smi_free(u);
		return r;
	}
	u->family = a.storage.ss_family;
	u->connected =
		getpeername(fd, (struct sockaddr *)&a.storage, &a.length) == 0;
	*ret_socket = u;
	return 0;
}

static simul_udp *half(int fd)
{
	struct simul_udp *u = smi_alloc_zero(sizeof *u);

	if (u)
		*u = (struct simul_udp){ .fd = fd,
					 .family = AF_UNIX,
					 .connected = true };
	return u;
}

int simul_udp_pair(simul_udp **ret_a, simul_udp **ret_b)
{
	struct simul_udp *a, *b;
	int ends[2];

	if (!smi_current)
		return -EPERM;
	if (socketpair(AF_UNIX, SOCK_DGRAM | smi_socket_flags(), 0, ends) < 0)
		return -errno;
	a = half(ends[0]);
	b = half(ends[1]);
	if (!a || !b) {
		close(ends[0]);
		close(ends[1]);
		smi_free(a);
		smi_free(b);
		return -ENOMEM;
	}
	*ret_a = a;
	*ret_b = b;
	return 0;
}

void simul_udp_close(simul_udp *u)
{
	if (!u || !smi_current)
		return;
	if (u->users > 0)
		smi_bug("task '%s' closes a socket for datagrams that others "
			"use",
			simul_task_name(smi_current));
	smi_unix_remove(&u->address, &u->file);
	smi_close_fd(u->fd);
	smi_trains_close(u);
	smi_free(u);
}

int simul_udp_address(const simul_udp *u, simul_address *ret_address)
{
	simul_address a = { .length = sizeof a.storage };

	if (getsockname(u->fd, (struct sockaddr *)&a.storage, &a.length) < 0)
		return -errno;
	*ret_address = a;
	return 0;
}

int simul_udp_fd(const simul_udp *u)
{
	return u->fd;
}

/* ---- Groups */

static int membership(const simul_udp *u, int what, const simul_address *group,
		      const char *interface_name)
{
	int level = group->storage.ss_family == AF_INET6 ? IPPROTO_IPV6
							 : IPPROTO_IP;
	struct group_req request = { .gr_group = group->storage };
	unsigned index = 0;
	int r = find_interface(interface_name, &index);

	if (r < 0)
		return r;
	request.gr_interface = index;
	return setsockopt(u->fd, level, what, &request, sizeof request) < 0
		       ? -errno
		       : 0;
}

int simul_udp_join(simul_udp *u, const simul_address *group,
		   const char *interface_name)
{
	return membership(u, MCAST_JOIN_GROUP, group, interface_name);
}

int simul_udp_leave(simul_udp *u, const simul_address *group,
		    const char *interface_name)
{
	return membership(u, MCAST_LEAVE_GROUP, group, interface_name);
}
