/* SPDX-License-Identifier: MIT
 * net/connect.c - connections that we begin. */
#include <errno.h>

#include "io/perform.h"
#include "net/socket.h"
#include "task/wait.h"

enum { MOST_ADDRESSES = 16 };

static int connect_socket(const simul_address *address, int fd)
{
	struct smi_op op = { .kind = SMI_OP_CONNECT,
			     .fd = fd,
			     .buffer = (void *)&address->storage,
			     .length = address->length };

	return smi_perform(&op);
}

int simul_connect_address(const simul_address *address,
			  simul_stream **ret_stream)
{
	struct smi_descriptor *d;
	int fd, r = smi_may_suspend();

	if (r < 0)
		return r;
	d = smi_socket_new();
	if (!d)
		return -ENOMEM;
	fd = socket(address->storage.ss_family,
		    SOCK_STREAM | smi_socket_flags(), 0);
	r = fd < 0 ? -errno : connect_socket(address, fd);
	if (r < 0) {
		if (fd >= 0)
			smi_close_fd(fd);
		smi_descriptor_discard(d);
		return r;
	}
	*ret_stream = smi_socket_use(d, fd);
	return 0;
}

/* One after the other; to start the next before the last has failed (RFC 8305)
 * belongs here. */
static int connect_any(const simul_address *addresses, int n,
		       simul_stream **ret_stream)
{
	int r = -EINVAL;

	for (int i = 0; i < n; i++) {
		r = simul_connect_address(&addresses[i], ret_stream);
		if (r >= 0 || r == -ECANCELED)
			break;
	}
	return r;
}

int simul_connect(const char *host, int port, simul_stream **ret_stream)
{
	simul_address addresses[MOST_ADDRESSES];
	int n = simul_resolve(host, port, addresses, MOST_ADDRESSES);

	return n < 0 ? n : connect_any(addresses, n, ret_stream);
}
