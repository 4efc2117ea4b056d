/* SPDX-License-Identifier: MIT
 * bench/floors/epoll.h - a server on epoll, by hand: edge-triggered, and a
 * short read means that there is no more. It has one buffer for all
 * connections, so it can't wait in the middle of anything. */
#ifndef FLOOR_EPOLL_H
#define FLOOR_EPOLL_H

#include "socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Write all or give the connection up: it would have to be kept elsewhere. */
static inline int epoll_send(int fd, const char *bytes, size_t n)
{
	return send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : -1;
}

static inline void epoll_add(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline void epoll_accept_all(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		socket_hurry(fd);
		epoll_add(epoll, fd, EPOLLIN | EPOLLET | EPOLLRDHUP);
	}
}

/* Read until there is no more; answer sends what is to be said to that, or
 * returns -1. */
static inline __attribute__((always_inline)) void
epoll_read_all(int fd, int ends,
	       int (*answer)(int fd, const char *bytes, size_t n))
{
	static char buffer[65536];
	ssize_t n;

	do {
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || answer(fd, buffer, (size_t)n) < 0) {
			close(fd);
			return;
		}
	} while (ends || n == sizeof(buffer));
}

static inline __attribute__((always_inline)) void
epoll_serve(int listener, int (*answer)(int fd, const char *bytes, size_t n))
{
	struct epoll_event events[512];
	int epoll = epoll_create1(0);

	epoll_add(epoll, listener, EPOLLIN);
	for (;;) {
		int n = epoll_wait(epoll, events, 512, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				epoll_accept_all(epoll, listener);
			else
				epoll_read_all(events[i].data.fd,
					       events[i].events & EPOLLRDHUP,
					       answer);
		}
	}
}

#endif /* FLOOR_EPOLL_H */
