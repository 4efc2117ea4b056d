/* SPDX-License-Identifier: MIT
 * net/udp.h - what a socket for datagrams is made of. */
#ifndef SMI_NET_UDP_H
#define SMI_NET_UDP_H

#include <simul/udp.h>

#include "net/unix_path.h"

struct simul_udp {
	int fd;
	int family;
	bool connected;
	bool tells_local;
	int port;	/* ours, in network order: what comes tells no port */
	bool receiving; /* a task is at it */
	size_t users;	/* tasks in a call */
	size_t senders; /* of these, tasks that wait for room, but to Unix */
	int error;	/* for the next call */

	/* Is it worth a look, before a receive waits? See datagram.c. */
	bool waited;	 /* the last one did */
	bool in_vain;	 /* the last look after a wait was */
	unsigned passed; /* receives that have not looked since */
	simul_address address;
	struct smi_unix_file file;
};

#endif /* SMI_NET_UDP_H */
