/* SPDX-License-Identifier: MIT
 * bench/floors/epoll.h - a server on epoll, by hand: edge-triggered, and a
 * short read means that there is no more. It has one buffer for all
 * connections: what the kernel has no room for is kept elsewhere, and nothing
 * is read from there until it has left. */
#ifndef FLOOR_EPOLL_H
#define FLOOR_EPOLL_H

#include "socket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EPOLL_DESCRIPTORS = 65536 };

/* What a connection could not send yet. */
static struct epoll_rest {
	char *bytes;
	size_t length, sent;
} epoll_rests[EPOLL_DESCRIPTORS];

/* Returns how many bytes were sent, or -1. */
static inline ssize_t epoll_try_to_send(int fd, const char *bytes, size_t n)
{
	ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

	return sent < 0 && errno == EAGAIN ? 0 : sent;
}

/* Send what can be sent, and keep the rest. Returns 0, or -1. */
static inline int epoll_send(int fd, const char *bytes, size_t n)
{
	ssize_t sent = epoll_try_to_send(fd, bytes, n);

	if (sent < 0)
		return -1;
	if ((size_t)sent < n) {
		size_t length = n - (size_t)sent;
		struct epoll_rest *rest = &epoll_rests[fd];

		rest->bytes = bench_alloc(length);
		rest->length = length;
		memcpy(rest->bytes, bytes + sent, length);
	}
	return 0;
}

static inline void epoll_forget(int fd)
{
	free(epoll_rests[fd].bytes);
	epoll_rests[fd] = (struct epoll_rest){ 0 };
}

static inline void epoll_close(int fd)
{
	epoll_forget(fd);
	close(fd);
}

/* Returns 1 if all that was kept has left, 0 if not, -1 on an error. */
static inline int epoll_send_rest(int fd)
{
	struct epoll_rest *rest = &epoll_rests[fd];
	ssize_t sent = epoll_try_to_send(fd, rest->bytes + rest->sent,
					 rest->length - rest->sent);

	if (sent < 0)
		return -1;
	rest->sent += (size_t)sent;
	if (rest->sent < rest->length)
		return 0;
	epoll_forget(fd);
	return 1;
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
		epoll_add(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP);
	}
}

/* Read until there is no more, or an answer can't leave; answer sends what is
 * to be said to that, or returns -1. */
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
			epoll_close(fd);
			return;
		}
	} while ((ends || n == sizeof(buffer)) && !epoll_rests[fd].bytes);
}

static inline __attribute__((always_inline)) void
epoll_go_on(const struct epoll_event *event,
	    int (*answer)(int fd, const char *bytes, size_t n))
{
	int fd = event->data.fd, kept = epoll_rests[fd].bytes != NULL;
	int r = kept ? epoll_send_rest(fd) : event->events != EPOLLOUT;

	if (r < 0)
		epoll_close(fd);
	else if (r > 0)
		/* What was left unread may have been the end. */
		epoll_read_all(fd, kept || event->events & EPOLLRDHUP, answer);
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
				epoll_go_on(&events[i], answer);
		}
	}
}

#endif /* FLOOR_EPOLL_H */
