/* SPDX-License-Identifier: MIT
 * tests/tls/offload.h - what the kernel says of TLS. */
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* Would it encrypt for a connection? Ask it, with one. */
static inline bool kernel_has_tls(void)
{
	struct sockaddr_in where = { .sin_family = AF_INET };
	socklen_t size = sizeof where;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_INT(bind(listener, (struct sockaddr *)&where, size), ==, 0);
	CHECK_INT(listen(listener, 1), ==, 0);
	CHECK_INT(getsockname(listener, (struct sockaddr *)&where, &size), ==,
		  0);
	CHECK_INT(connect(s, (struct sockaddr *)&where, size), ==, 0);
	r = setsockopt(s, IPPROTO_TCP, TCP_ULP, "tls", sizeof "tls");
	CHECK(r == 0 || errno == ENOENT);
	close(s);
	close(listener);
	return r == 0;
}

/* How many connections it has begun to encrypt so far, by itself or by a
 * network card. 0 where it knows nothing of TLS. */
static inline long kernel_count(void)
{
	FILE *f = fopen("/proc/net/tls_stat", "re");
	char name[64];
	long n, sum = 0;

	while (f && fscanf(f, "%63s %ld", name, &n) == 2)
		if (strcmp(name, "TlsTxSw") == 0 ||
		    strcmp(name, "TlsTxDevice") == 0)
			sum += n;
	if (f)
		fclose(f);
	return sum;
}

#endif /* OFFLOAD_H */
