/* SPDX-License-Identifier: MIT
 * net/udp.h - what a socket for datagrams is made of. */
#ifndef SMI_NET_UDP_H
#define SMI_NET_UDP_H

#include <simul/udp.h>

#include "net/unix_path.h"

struct smi_trains;

struct simul_udp {
	int fd;
	int family;
	bool connected;
	bool tells_local;
	bool tells_class;
	int port;	/* ours, in network order: what comes tells no port */
	bool receiving; /* a task is at it */
	size_t users;	/* tasks in a call */
	size_t senders; /* of these, tasks that wait for room, but to Unix */
	int error;	/* for the next call */

	/* Is it worth a look, before a receive waits? See udp_receive.c. */
	bool waited;	 /* the last one did */
	bool in_vain;	 /* the last look after a wait was */
	unsigned passed; /* receives that have not looked since */

	/* Can datagrams be sent as a train? See train.h. */
	bool asked;	/* if the system can do so at all */
	bool no_trains; /* it can't */
	unsigned apart; /* so many times not, as it has refused to */

	struct smi_trains *trains; /* what has come so; NULL: not .bulk */
	simul_address address;
	struct smi_unix_file file;
};

/* What was told to a call that had something better to return. */
static inline int smi_udp_take_error(simul_udp *u)
{
	int error = u->error;

	u->error = 0;
	return error;
}

/* A receive begins: one at a time. */
int smi_udp_begin_receive(simul_udp *u);
void smi_udp_end_receive(simul_udp *u);

/* Send the message, when there is room for it. */
struct msghdr;
int smi_udp_send_message(simul_udp *u, struct msghdr *m);

#endif /* SMI_NET_UDP_H */
