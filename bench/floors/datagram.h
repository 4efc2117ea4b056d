/* SPDX-License-Identifier: MIT
 * bench/floors/datagram.h - a socket for datagrams, and many at a time. */
#ifndef FLOOR_DATAGRAM_H
#define FLOOR_DATAGRAM_H

#include "../bench.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { DATAGRAM_ROOM = 2048, DATAGRAM_BATCH = 64 };

static inline int datagram_socket(long port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("bind");
		exit(1);
	}
	return fd;
}

struct datagram_batch {
	struct mmsghdr headers[DATAGRAM_BATCH];
	struct iovec parts[DATAGRAM_BATCH];
	struct sockaddr_in peers[DATAGRAM_BATCH];
	char buffers[DATAGRAM_BATCH][DATAGRAM_ROOM];
};

/* Receive what has come; what was received can be sent back as it is. Returns
 * how many, or -1. */
static inline int datagram_receive(int fd, struct datagram_batch *b)
{
	int n;

	for (int i = 0; i < DATAGRAM_BATCH; i++) {
		b->parts[i] = (struct iovec){ b->buffers[i], DATAGRAM_ROOM };
		b->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &b->peers[i],
			.msg_namelen = sizeof(b->peers[i]),
			.msg_iov = &b->parts[i],
			.msg_iovlen = 1,
		};
	}
	n = recvmmsg(fd, b->headers, DATAGRAM_BATCH, 0, NULL);
	for (int i = 0; i < n; i++)
		b->parts[i].iov_len = b->headers[i].msg_len;
	return n;
}

#endif /* FLOOR_DATAGRAM_H */
