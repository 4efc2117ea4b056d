/* SPDX-License-Identifier: MIT
 * bench/load/connection.c - one connection: bytes out, bytes in. */
#include "load.h"

#include "secure.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* So long a server may take until it listens. */
#define PATIENCE 20.0

static int try_to_connect(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		load_fail("socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (errno != ECONNREFUSED)
		load_fail("connect: %s", strerror(errno));
	close(fd);
	return -1;
}

int connection_connect(int port)
{
	struct linger reset = { .l_onoff = 1 };
	double start = bench_now();
	int fd, on = 1;

	while ((fd = try_to_connect(port)) < 0) {
		if (bench_now() - start > PATIENCE)
			load_fail("nobody listens on port %d", port);
		usleep(5000);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* No port of ours waits for a minute when we have ended. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return fd;
}

static void watch(struct load *load, struct connection *c, int operation,
		  uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	if (epoll_ctl(load->epoll, operation, c->fd, &event))
		load_fail("epoll_ctl: %s", strerror(errno));
}

static void shake_hands(struct connection *c)
{
	struct pollfd readable;

	c->tls = secure_begin(c->fd, NULL);
	readable = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	while (!secure_handshake(c->tls))
		if (poll(&readable, 1, (int)(PATIENCE * 1000)) <= 0)
			load_fail("no handshake in %g s", PATIENCE);
}

void connection_open(struct load *load, struct connection *c, long i)
{
	c->fd = connection_connect(load->options.port);
	c->sent = c->received = load->options.protocol->begin(load, i);
	c->since = bench_alloc(WAITING * sizeof(*c->since));
	if (load->options.pem)
		shake_hands(c);
	watch(load, c, EPOLL_CTL_ADD, EPOLLIN);
}

void connection_close(struct connection *c)
{
	secure_end(c->tls);
	close(c->fd);
	free(c->since);
	free(c->part);
}

bool connection_ask(struct connection *c, const struct load *load,
		    uint64_t since)
{
	if (c->end - c->first == WAITING)
		return false;
	c->since[c->end++ % WAITING] = since;
	c->unsent += load->out.request;
	return true;
}

static void want_to_write(struct load *load, struct connection *c, bool want)
{
	if (want == c->wants_to_write)
		return;
	c->wants_to_write = want;
	watch(load, c, EPOLL_CTL_MOD, want ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static ssize_t send_some(struct connection *c, const char *bytes, size_t n)
{
	return c->tls ? secure_send(c->tls, bytes, n)
		      : send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void connection_send(struct load *load, struct connection *c)
{
	while (c->unsent > 0) {
		size_t n = c->unsent < AT_ONCE ? c->unsent : AT_ONCE;
		ssize_t r = send_some(c, load->out.bytes + c->sent, n);

		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0)
			load_fail("send: %s", strerror(errno));
		c->unsent -= (size_t)r;
		c->sent = (c->sent + (size_t)r) % load->out.period;
	}
	want_to_write(load, c, c->unsent > 0);
}

static ssize_t receive_some(struct connection *c, char *bytes, size_t n)
{
	return c->tls ? secure_receive(c->tls, bytes, n)
		      : recv(c->fd, bytes, n, MSG_DONTWAIT);
}

static long receive_once(struct load *load, struct connection *c)
{
	size_t kept = c->part ? c->arrived : 0;
	ssize_t n = receive_some(c, load->incoming + kept, AT_ONCE);
	long answers;

	if (n < 0 && errno == EAGAIN)
		return -1;
	if (n < 0)
		load_fail("receive: %s", strerror(errno));
	if (n == 0)
		load_fail("the server has closed a connection");
	if (kept > 0)
		memcpy(load->incoming, c->part, kept);
	answers = load->options.protocol->take(load, c, load->incoming,
					       (size_t)n);
	if (answers < 0)
		load_fail("that is not what was asked for");
	if ((unsigned long)answers > c->end - c->first)
		load_fail("an answer that nobody has asked for");
	return answers;
}

long connection_receive(struct load *load, struct connection *c)
{
	long answers = receive_once(load, c), all = 0;

	/* More may lie within OpenSSL, of which epoll knows nothing. */
	for (; answers >= 0 && c->tls; answers = receive_once(load, c))
		all += answers;
	return answers < 0 ? all : answers;
}
