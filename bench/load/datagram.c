/* SPDX-License-Identifier: MIT
 * bench/load/datagram.c - "udp": datagrams that come back, on sockets of one
 * port each.
 *
 * A socket has so many datagrams in flight; each has a number, and behind it
 * bytes that follow from the number. One that isn't back in time is lost, and
 * the next takes its place: how many that were is reported. */
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PERIOD = 4099,
	BATCH = 64,
	/* Longer than a datagram stays away, unless it is lost: in ms. */
	GIVEN_UP = 200,
	PATIENCE = 20000
};

struct batch {
	struct mmsghdr headers[BATCH];
	struct iovec parts[BATCH];
	char *bytes;
};

struct datagrams {
	struct load *load;
	struct batch out, in;
	uint64_t lost, looked; /* so many; when we last looked for such, ns */
};

/* ---- Bytes */

static void prepare(struct load *load)
{
	size_t length = PERIOD + DATAGRAM;

	if (load->options.size < sizeof(uint64_t) ||
	    load->options.size > DATAGRAM)
		load_fail("a datagram has %zu to %d bytes", sizeof(uint64_t),
			  DATAGRAM);
	load->out.bytes = bench_alloc(length);
	for (size_t i = 0; i < length; i++)
		load->out.bytes[i] = i < PERIOD ? (char)bench_random()
						: load->out.bytes[i - PERIOD];
}

static size_t rest_of(const struct load *load)
{
	return load->options.size - sizeof(uint64_t);
}

static const char *bytes_of(const struct load *load, uint64_t number)
{
	return load->out.bytes + number * 1009 % PERIOD;
}

static void batch_open(struct batch *b, size_t size)
{
	b->bytes = bench_alloc(BATCH * size);
	for (size_t i = 0; i < BATCH; i++) {
		b->parts[i] = (struct iovec){ b->bytes + i * size, size };
		b->headers[i].msg_hdr.msg_iov = &b->parts[i];
		b->headers[i].msg_hdr.msg_iovlen = 1;
	}
}

static void fill(const struct load *load, struct batch *b, size_t i,
		 uint64_t number)
{
	char *bytes = b->parts[i].iov_base;

	memcpy(bytes, &number, sizeof(number));
	memcpy(bytes + sizeof(number), bytes_of(load, number), rest_of(load));
}

/* The number of a datagram that came. */
static uint64_t check(const struct load *load, const struct batch *b, size_t i)
{
	const char *bytes = b->parts[i].iov_base;
	uint64_t number;

	memcpy(&number, bytes, sizeof(number));
	if (b->headers[i].msg_len != load->options.size ||
	    memcmp(bytes + sizeof(number), bytes_of(load, number),
		   rest_of(load)) != 0)
		load_fail("that is not what was sent");
	return number;
}

/* ---- A socket: its numbers are i, i + connections, ... */

static int connect_to(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		load_fail("connect: %s", strerror(errno));
	return fd;
}

static uint64_t number_of(const struct load *load, const struct connection *c,
			  unsigned k)
{
	long i = c - load->connections;

	return (uint64_t)k * (uint64_t)load->options.connections + (uint64_t)i;
}

static void send_some(struct datagrams *d, struct connection *c, size_t n,
		      uint64_t now)
{
	for (size_t i = 0; i < n; i++) {
		fill(d->load, &d->out, i, number_of(d->load, c, c->end));
		c->since[c->end++ % WAITING] = now;
	}
	/* What doesn't leave is lost. */
	if (sendmmsg(c->fd, d->out.headers, (unsigned)n, MSG_DONTWAIT) < 0 &&
	    errno != EAGAIN && errno != ECONNREFUSED)
		load_fail("send: %s", strerror(errno));
}

static void send_all(struct datagrams *d, struct connection *c, size_t n,
		     uint64_t now)
{
	for (size_t k; n > 0; n -= k) {
		k = n < BATCH ? n : BATCH;
		send_some(d, c, k, now);
	}
}

/* Was it under way? */
static bool settle(struct load *load, struct connection *c, uint64_t number,
		   uint64_t now)
{
	uint64_t count = (uint64_t)load->options.connections;
	unsigned k = (unsigned)(number / count);
	uint64_t *since = &c->since[k % WAITING];

	if (number % count != (uint64_t)(c - load->connections) ||
	    c->end - k - 1 >= WAITING)
		load_fail("that was not sent here");
	if (!*since)
		return false;
	load->done += load->counting;
	if (load->counting)
		latency_add(&load->latency, now - *since);
	*since = 0;
	return true;
}

static size_t receive(struct datagrams *d, struct connection *c, uint64_t now)
{
	int n = recvmmsg(c->fd, d->in.headers, BATCH, MSG_DONTWAIT, NULL);
	size_t answers = 0;

	if (n < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		load_fail("receive: %s", strerror(errno));
	for (int i = 0; i < n; i++)
		answers += settle(d->load, c, check(d->load, &d->in, (size_t)i),
				  now);
	return answers;
}

/* How many are lost that were under way. */
static size_t give_up(struct connection *c, uint64_t now)
{
	size_t lost = 0;

	for (unsigned i = 0; i < WAITING; i++)
		if (c->since[i] && c->since[i] + GIVEN_UP * 1000000ull < now) {
			c->since[i] = 0;
			lost++;
		}
	return lost;
}

/* ---- All of them */

static void replace_lost(struct datagrams *d, uint64_t now)
{
	struct load *load = d->load;

	if (now - d->looked < GIVEN_UP * 1000000ull / 4)
		return;
	d->looked = now;
	for (long i = 0; i < load->options.connections; i++) {
		struct connection *c = &load->connections[i];
		size_t lost = give_up(c, now);

		d->lost += load->counting ? lost : 0;
		send_all(d, c, lost, now);
	}
}

static void turn(struct datagrams *d)
{
	struct epoll_event events[256];
	int n = epoll_wait(d->load->epoll, events, 256, GIVEN_UP);
	uint64_t now = load_now();

	if (n < 0 && errno != EINTR)
		load_fail("epoll_wait: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;
		size_t answers = receive(d, c, now);

		send_all(d, c, answers, load_now());
	}
	replace_lost(d, now);
}

static void open_sockets(struct load *load)
{
	for (long i = 0; i < load->options.connections; i++) {
		struct connection *c = &load->connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

		c->fd = connect_to(load->options.port);
		c->since = bench_alloc(WAITING * sizeof(*c->since));
		if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event))
			load_fail("epoll_ctl: %s", strerror(errno));
	}
}

/* Ask until there is an answer. */
static void await_server(struct load *load)
{
	uint64_t start = load_now();
	int fd = connect_to(load->options.port);
	char byte = 0;

	while (send(fd, &byte, 1, 0), recv(fd, &byte, 1, MSG_DONTWAIT) != 1) {
		if (load_now() - start > PATIENCE * 1000000ull)
			load_fail("nobody answers at port %d",
				  load->options.port);
		usleep(5000);
	}
	close(fd);
}

static void run(struct load *load)
{
	struct datagrams d = { .load = load, .looked = load_now() };
	uint64_t start, now;

	batch_open(&d.out, load->options.size);
	batch_open(&d.in, load->options.size);
	await_server(load);
	open_sockets(load);
	start = now = load_now();
	for (long i = 0; i < load->options.connections; i++)
		send_all(&d, &load->connections[i],
			 (size_t)load->options.in_flight, now);
	for (; !load_is_over(load, now); now = load_now()) {
		if (!load->counting &&
		    (double)(now - start) >= load->options.warm_up * 1e9)
			load_begin(load, now);
		turn(&d);
	}
	bench_report("lost", 100.0 * (double)d.lost / (double)load->done, "%",
		     (long)load->done);
	free(d.out.bytes);
	free(d.in.bytes);
}

const struct protocol protocol_udp = { .name = "udp",
				       .prepare = prepare,
				       .run = run };
