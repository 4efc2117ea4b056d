/* SPDX-License-Identifier: MIT
 * simul/udp.h - datagrams.
 *
 * A server that says everything again:
 *
 *	simul_address_parse("::", 7, &address);
 *	r = simul_udp_bind(&address, NULL, &u);
 *	while (r >= 0 && (n = simul_udp_receive_from(u, buffer, sizeof buffer,
 *						     &from)) >= 0)
 *		if ((size_t)n <= sizeof buffer)	// else it was cut off
 *			r = simul_udp_send_to(u, buffer, (size_t)n, &from);
 *	simul_udp_close(u);
 *
 * A datagram arrives whole or not at all, perhaps twice, and in any order. One
 * that arrives while nobody receives waits in the system's buffer; when that is
 * full, it is dropped.
 *
 * Any number of tasks may send; one receives at a time, and another one that
 * tries gets -EBUSY. Nobody may be using a socket that is closed: that is a bug
 * that aborts.
 *
 * Errors: of a socket that is connected, the peer's system may say that nobody
 * listens there (-ECONNREFUSED), or one on the way that there is none
 * (-EHOSTUNREACH): that is the result of the next call, whichever it is, and
 * then forgotten; if that would have sent something, it has not. A socket that
 * is not connected is never told. -EMSGSIZE: the datagram is too long to be
 * sent (65,507 bytes at most by IPv4).
 *
 * With the address of a Unix socket these are datagrams between processes,
 * which are neither lost nor reordered: to send to one whose queue is full
 * waits.
 */
#ifndef SIMUL_UDP_H
#define SIMUL_UDP_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/address.h>
#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_udp simul_udp;

/* ---- Opening */

/* How a socket is to be; all zero is a good choice. */
typedef struct simul_udp_options {
	const simul_address *local; /* for simul_udp_connect: from here */
	bool reuse_address; /* others that say so may have the same address and
			     * port: each gets what is sent to a group */
	bool reuse_port;    /* the same, and datagrams are shared out by sender:
			     * for one socket in each of several loops */
	bool ipv6_only;	    /* "::" without IPv4 */
	bool broadcast;	    /* sending to broadcast addresses is no mistake */
	bool tell_local;    /* with each datagram, which address of ours it came
			     * to: see simul_datagram */
	bool tell_traffic_class; /* and its traffic class */
	bool bulk; /* for who receives much: see "Many at a time". The socket
		    * holds up to 512 KiB for it, as far as it is used */
	int receive_buffer; /* bytes that the system holds; 0: its choice */
	int send_buffer;
	int hops; /* routers that a datagram may pass (TTL); 0: the system's
		   * choice, mostly 64 */
	int traffic_class; /* of all that is sent: see simul_datagram */

	/* Sending to groups. */
	const char *multicast_interface; /* "eth0"; NULL: the system's choice */
	int multicast_hops;		 /* 0: 1, which is this network only */
	bool no_multicast_loop; /* what we send doesn't come to this machine */
} simul_udp_options;

/* Receive at address: a server. With port 0 the system chooses one, which
 * simul_udp_address tells. options may be NULL. -EADDRINUSE, -EADDRNOTAVAIL,
 * -EACCES, ...; -ENODEV: there is no such interface. (A Unix socket's file is
 * made and removed as by simul_listen.)
 * Suspends: never. */
SIMUL_API int simul_udp_bind(const simul_address *address,
			     const simul_udp_options *options,
			     simul_udp **ret_socket);

/* Exchange datagrams with one peer only: a client. Nothing is sent by this.
 * options may be NULL.
 * Suspends: never. */
SIMUL_API int simul_udp_connect(const simul_address *peer,
				const simul_udp_options *options,
				simul_udp **ret_socket);

/* Use a socket of type SOCK_DGRAM that somebody else has made. It is ours from
 * then on; if this fails it is still yours. -ENOTSOCK, -EPROTOTYPE, -EBADF.
 * Suspends: never. */
SIMUL_API int simul_udp_adopt(int fd, simul_udp **ret_socket);

/* Close it; what waited to be received is lost. NULL does nothing.
 * Suspends: until the system has let go of it, which a cancellation can't cut
 * short. */
SIMUL_API void simul_udp_close(simul_udp *u);

/* Where it receives.
 * Suspends: never. */
SIMUL_API int simul_udp_address(const simul_udp *u, simul_address *ret_address);

/* Its descriptor, for setsockopt and the like. It stays the socket's.
 * Suspends: never. */
SIMUL_API int simul_udp_fd(const simul_udp *u);

/* ---- One at a time */

/* Send n bytes to the peer that it is connected to. -EDESTADDRREQ: it is not.
 * Suspends: if the system has no room for it. Cancelled: it was not sent. */
SIMUL_API int simul_udp_send(simul_udp *u, const void *bytes, size_t n);

/* Send n bytes to an address.
 * Suspends: if the system has no room for it. Cancelled: it was not sent. */
SIMUL_API int simul_udp_send_to(simul_udp *u, const void *bytes, size_t n,
				const simul_address *to);

/* Receive a datagram. Returns its length (which may be 0). If that is more than
 * n, only the first n bytes of it are in buffer, and the others are lost.
 * Suspends: if none has come yet. Cancelled: none was taken. */
SIMUL_API ptrdiff_t simul_udp_receive(simul_udp *u, void *buffer, size_t n);

/* The same, and who has sent it. ret_from may be NULL.
 * Suspends: if none has come yet. Cancelled: none was taken. */
SIMUL_API ptrdiff_t simul_udp_receive_from(simul_udp *u, void *buffer, size_t n,
					   simul_address *ret_from);

/* ---- Many at a time, for what a system call each is too much
 *
 * Datagrams of one length, one behind the other and to the same peer, of which
 * the last may be shorter, cost a fraction of others: the system takes up to 64
 * of them as one, and makes packets of them in the end (UDP_SEGMENT, udp(7)).
 * Nobody notices: they arrive each on its own, and results are as if they had
 * been sent so. If that can't be done, they are.
 *
 * A receiver that sets .bulk has it the other way round: what comes fast from
 * one sender is handed over as one by the system, as far as the network or the
 * sender has left it so (UDP_GRO), and taken apart by the socket. The functions
 * here do the same as without, each of them; but a datagram may be at the
 * socket then and no more at its descriptor. Where the system can't do that,
 * .bulk changes nothing.
 */

typedef struct simul_datagram {
	void *bytes;
	size_t room;   /* receiving: so much fits there; sending: no more than
			* that leaves, unless 0 */
	size_t length; /* of the datagram. Received: if it is more than room, it
			* was cut off */
	simul_address peer;  /* who has sent it, or to whom it goes; sending:
			      * all zero is the peer that is connected */
	simul_address local; /* with .tell_local: the address of ours that it
			      * came to; sending: the one that it comes from,
			      * unless all zero */
	int traffic_class;   /* with .tell_traffic_class: 0 to 255. The lowest
			      * two bits are ECN, by which routers say that
			      * there is too much (RFC 3168), the others which
			      * treatment it asks for (RFC 2474). Sending: the
			      * one that it gets; 0: the socket's */
} simul_datagram;

/* Receive up to count datagrams into those whose bytes and room you have set:
 * as many as there are, but at least one. Returns how many. What was received
 * can be sent back as it is: of one that was cut off, what is left. -EINVAL if
 * count is 0.
 * Suspends: if none has come yet. Cancelled: none was taken. */
SIMUL_API int simul_udp_receive_many(simul_udp *u, simul_datagram *datagrams,
				     size_t count);

/* Send count datagrams, in order. Returns how many were sent: fewer if one
 * failed, and the error if that was the first.
 * Suspends: if the system has no room for one. Cancelled: as many as it says
 * were sent; -ECANCELED if none was. */
SIMUL_API int simul_udp_send_many(simul_udp *u, const simul_datagram *datagrams,
				  size_t count);

/* ---- Groups (multicast) */

/* Receive what is sent to a group, too: by all senders, through the interface
 * of this name, or of the system's choice (NULL). -EADDRINUSE: it does already;
 * -EINVAL: it is no group; -ENODEV: there is no such interface. Bind to the
 * group's port, and to "0.0.0.0", "::" or the group itself.
 * Suspends: never. */
SIMUL_API int simul_udp_join(simul_udp *u, const simul_address *group,
			     const char *interface_name);

/* Don't any more. -EADDRNOTAVAIL: it did not.
 * Suspends: never. */
SIMUL_API int simul_udp_leave(simul_udp *u, const simul_address *group,
			      const char *interface_name);

/* ---- Descriptors, from process to process
 *
 * By Unix sockets only: see unix(7). What arrives is a duplicate, as dup(2)
 * makes them. One that comes with a datagram that is received in another way is
 * closed. */

/* Make two sockets for datagrams that are connected to each other, one of which
 * is for another process.
 * Suspends: never. */
SIMUL_API int simul_udp_pair(simul_udp **ret_a, simul_udp **ret_b);

/* Send n bytes to the peer, and a duplicate of fd, which stays yours. -EBADF;
 * -EOPNOTSUPP: it is no Unix socket; -ETOOMANYREFS: too many are on their way.
 * Suspends: if the system has no room for it. Cancelled: it was not sent. */
SIMUL_API int simul_udp_send_fd(simul_udp *u, const void *bytes, size_t n,
				int fd);

/* Receive a datagram as simul_udp_receive does, and the descriptor that came
 * with it, which is yours to close, and is not inherited by programs that are
 * executed; *ret_fd is -1 if none came, or if this process may have no more of
 * them: then it is closed. Of several the first is yours and the others are
 * closed.
 * Suspends: if none has come yet. Cancelled: none was taken. */
SIMUL_API ptrdiff_t simul_udp_receive_fd(simul_udp *u, void *buffer, size_t n,
					 int *ret_fd);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_UDP_H */
