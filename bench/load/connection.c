/* SPDX-License-Identifier: MIT
 * bench/load/connection.c - one connection: bytes out, bytes in. */
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

static int connect_patiently(int port)
{
	double start = bench_now();
	int fd;

	while ((fd = try_to_connect(port)) < 0) {
		if (bench_now() - start > PATIENCE)
			load_fail("nobody listens on port %d", port);
		usleep(5000);
	}
	return fd;
}

static void watch(struct load *load, struct connection *c, int operation,
		  uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	if (epoll_ctl(load->epoll, operation, c->fd, &event))
		load_fail("epoll_ctl: %s", strerror(errno));
}

void connection_open(struct load *load, struct connection *c, long i)
{
	struct linger reset = { .l_onoff = 1 };
	int on = 1;

	c->fd = connect_patiently(load->options.port);
	c->sent = c->received = load->options.protocol->begin(load, i);
	c->since = bench_alloc(WAITING * sizeof(*c->since));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* No port of ours waits for a minute when we have ended. */
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	watch(load, c, EPOLL_CTL_ADD, EPOLLIN);
}

void connection_close(struct connection *c)
{
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

void connection_send(struct load *load, struct connection *c)
{
	while (c->unsent > 0) {
		size_t n = c->unsent < AT_ONCE ? c->unsent : AT_ONCE;
		ssize_t r = send(c->fd, load->out.bytes + c->sent, n,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0)
			load_fail("send: %s", strerror(errno));
		c->unsent -= (size_t)r;
		c->sent = (c->sent + (size_t)r) % load->out.period;
	}
	want_to_write(load, c, c->unsent > 0);
}

long connection_receive(struct load *load, struct connection *c)
{
	size_t kept = c->part ? c->arrived : 0;
	ssize_t n = recv(c->fd, load->incoming + kept, AT_ONCE, MSG_DONTWAIT);
	long answers;

	if (n < 0 && errno == EAGAIN)
		return 0;
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
