/* SPDX-License-Identifier: MIT
 * bench/floors/epoll_tls.c - floor of "tls": OpenSSL on sockets that don't
 * block, and epoll. What can't leave at once is tried again when it can; until
 * then nothing more is read. */
#include "tls.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { DESCRIPTORS = 65536, BUFFER = 4096 };

static struct connection {
	SSL *ssl;
	int kept; /* bytes that could not leave yet */
	char rest[BUFFER];
} * connections[DESCRIPTORS];

static SSL_CTX *context;

static void add(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct connection *c = bench_alloc(sizeof(*c));

		socket_hurry(fd);
		c->ssl = SSL_new(context);
		SSL_set_fd(c->ssl, fd);
		SSL_set_accept_state(c->ssl);
		connections[fd] = c;
		add(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET);
	}
}

static void give_up(int fd)
{
	struct connection *c = connections[fd];

	SSL_shutdown(c->ssl);
	ERR_clear_error();
	SSL_free(c->ssl);
	close(fd);
	free(c);
	connections[fd] = NULL;
}

static int is_only_late(struct connection *c, int r)
{
	int error = SSL_get_error(c->ssl, r);

	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* 1: all has left; 0: not yet; -1: an error. */
static int send_rest(struct connection *c)
{
	int r;

	if (c->kept == 0)
		return 1;
	r = SSL_write(c->ssl, c->rest, c->kept);
	if (r <= 0)
		return is_only_late(c, r) ? 0 : -1;
	c->kept = 0;
	return 1;
}

static void go_on(int fd)
{
	struct connection *c = connections[fd];
	int r;

	while ((r = send_rest(c)) > 0) {
		r = SSL_read(c->ssl, c->rest, BUFFER);
		if (r <= 0) {
			r = is_only_late(c, r) ? 0 : -1;
			break;
		}
		c->kept = r;
	}
	if (r < 0)
		give_up(fd);
}

int main(int argc, char **argv)
{
	int listener = socket_listen(bench_number(argc, argv, 1, 7000));
	struct epoll_event events[512];
	int epoll = epoll_create1(0);

	context = tls_context();
	add(epoll, listener, EPOLLIN);
	for (;;) {
		int n = epoll_wait(epoll, events, 512, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				go_on(events[i].data.fd);
		}
	}
}
