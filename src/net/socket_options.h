/* SPDX-License-Identifier: MIT
 * net/socket_options.h - what can be set on a socket. */
#ifndef SMI_NET_SOCKET_OPTIONS_H
#define SMI_NET_SOCKET_OPTIONS_H

#include <simul/socket.h>

/* setsockopt for a number. 0 or a negative error. */
int smi_socket_set(int fd, int level, int name, int value);

/* See simul_socket_set_keep_alive. */
int smi_socket_keep_alive(int fd, const simul_keep_alive *k);

/* Give a descriptor of somebody else's the flags that ours have. */
int smi_socket_make_ours(int fd);

/* Is it of this type (SOCK_STREAM, ...)? 0, -EPROTOTYPE, or a negative error;
 * -ENOTSOCK and -EBADF among them. */
int smi_socket_check_type(int fd, int type);

#endif /* SMI_NET_SOCKET_OPTIONS_H */
