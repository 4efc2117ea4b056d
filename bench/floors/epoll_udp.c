/* SPDX-License-Identifier: MIT
 * bench/floors/epoll_udp.c - floor of "udp" on epoll.
 *
 *	epoll_udp PORT		one datagram to a system call
 *	epoll_udp PORT many	recvmmsg and sendmmsg
 */
#include "datagram.h"

#include <sys/epoll.h>

static void echo_one_by_one(int fd)
{
	static char buffer[DATAGRAM_ROOM];
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, buffer, sizeof(buffer), 0,
			     (struct sockaddr *)&from, &length)) >= 0)
		sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&from,
		       length);
}

static void echo_many(int fd)
{
	static struct datagram_batch batch;
	int n;

	do {
		n = datagram_receive(fd, &batch);
		if (n > 0)
			sendmmsg(fd, batch.headers, (unsigned)n, 0);
	} while (n == DATAGRAM_BATCH);
}

int main(int argc, char **argv)
{
	int fd = datagram_socket(bench_number(argc, argv, 1, 7000));
	int many = bench_word(argc, argv, 2, "many");
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	for (;;) {
		epoll_wait(epoll, &event, 1, -1);
		if (many)
			echo_many(fd);
		else
			echo_one_by_one(fd);
	}
}
