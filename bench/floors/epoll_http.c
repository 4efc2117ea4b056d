/* SPDX-License-Identifier: MIT
 * bench/floors/epoll_http.c - floor of "http": the same bytes for whatever ends
 * in an empty line. No parser, no Date, no limits, and a request that comes in
 * two parts is beyond it. */
#include "epoll.h"

static const char reply[] = "HTTP/1.1 200 OK\r\n"
			    "Content-Type: text/plain\r\n"
			    "Content-Length: 13\r\n"
			    "\r\n"
			    "Hello, World!";

enum { LENGTH = sizeof(reply) - 1, AT_ONCE = 512 };

static int answer(int fd, const char *bytes, size_t n)
{
	static char replies[AT_ONCE * LENGTH];
	const char *at = bytes, *end = bytes + n;
	size_t length = 0;

	while ((at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4)) &&
	       length < sizeof(replies)) {
		memcpy(replies + length, reply, LENGTH);
		length += LENGTH;
		at += 4;
	}
	return epoll_send(fd, replies, length);
}

int main(int argc, char **argv)
{
	epoll_serve(socket_listen(bench_number(argc, argv, 1, 7000)), answer);
	return 0;
}
