/* SPDX-License-Identifier: MIT
 * net/socket.h - connected sockets as streams. */
#ifndef SMI_NET_SOCKET_H
#define SMI_NET_SOCKET_H

#include <simul/stream.h>

#include "io/descriptor.h"

/* Flags for socket(2) and accept4(2) in the current loop. */
int smi_socket_flags(void);

/* A stream for a connection that is yet to be made, or NULL; see
 * smi_descriptor_new. */
struct smi_descriptor *smi_socket_new(void);

/* fd is connected: d is its stream from here on. */
simul_stream *smi_socket_use(struct smi_descriptor *d, int fd);

#endif /* SMI_NET_SOCKET_H */
