/* SPDX-License-Identifier: MIT
 * bench/floors/socket.h - a listening socket, for servers by hand. */
#ifndef FLOOR_SOCKET_H
#define FLOOR_SOCKET_H

#include "../bench.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static inline int socket_listen(long port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1024)) {
		perror("listen");
		exit(1);
	}
	return fd;
}

static inline void socket_hurry(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

#endif /* FLOOR_SOCKET_H */
