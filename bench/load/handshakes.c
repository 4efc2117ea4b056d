/* SPDX-License-Identifier: MIT
 * bench/load/handshakes.c - "handshakes": TLS connections that come and go, a
 * few at a time. On each a byte goes there and back; then we say goodbye, and
 * wait until the server has closed, so that all that it costs has been done
 * when the next begins. */
#include "load.h"

#include "secure.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STALLED = 10000, EVENTS = 64 };

enum state { SHAKING, ASKING, LEAVING };

struct place {
	struct connection c;
	enum state state;
	uint64_t since;
	void *session;
};

static void prepare(struct load *load)
{
	if (!load->options.pem)
		load_fail("handshakes need --tls");
}

static void begin(struct load *load, struct place *p)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

	p->since = load_now();
	p->state = SHAKING;
	p->c.fd = connection_connect(load->options.port);
	p->c.tls = secure_begin(p->c.fd,
				load->options.resume ? &p->session : NULL);
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, p->c.fd, &event))
		load_fail("epoll_ctl: %s", strerror(errno));
	secure_handshake(p->c.tls); /* Ours is the first word. */
}

static void end(struct place *p)
{
	secure_end(p->c.tls);
	close(p->c.fd);
}

static bool shake(struct load *load, struct place *p)
{
	bool had = p->session != NULL;

	if (!secure_handshake(p->c.tls))
		return false;
	if (load->options.resume && had && !secure_was_resumed(p->c.tls))
		load_fail("a session was not resumed");
	secure_send(p->c.tls, "?", 1);
	p->state = ASKING;
	return true;
}

static bool hear(struct load *load, struct place *p)
{
	char byte = 0;
	ssize_t n = secure_receive(p->c.tls, &byte, 1);

	if (n < 0)
		return false;
	if (n != 1 || byte != '?')
		load_fail("that is not what was asked for");
	load->done += load->counting;
	if (load->counting)
		latency_add(&load->latency, load_now() - p->since);
	secure_goodbye(p->c.tls);
	p->state = LEAVING;
	return true;
}

/* Has the server closed? If so, the next one. */
static void leave(struct load *load, struct place *p)
{
	char bytes[256];
	ssize_t n;

	while ((n = recv(p->c.fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		continue;
	if (n < 0 && errno == EAGAIN)
		return;
	end(p);
	begin(load, p);
}

static void go_on(struct load *load, struct place *p)
{
	if (p->state == SHAKING && !shake(load, p))
		return;
	if (p->state == ASKING && !hear(load, p))
		return;
	leave(load, p);
}

static void turn(struct load *load)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(load->epoll, events, EVENTS, STALLED);

	if (n == 0)
		load_fail("no handshake for %d s", STALLED / 1000);
	for (int i = 0; i < n; i++)
		go_on(load, events[i].data.ptr);
}

static void run(struct load *load)
{
	size_t count = (size_t)load->options.connections;
	struct place *places = bench_alloc(count * sizeof(*places));
	uint64_t start = load_now(), now = start;

	for (size_t i = 0; i < count; i++)
		begin(load, &places[i]);
	for (; !load_is_over(load, now); now = load_now()) {
		if (!load->counting &&
		    (double)(now - start) >= load->options.warm_up * 1e9)
			load_begin(load, now);
		turn(load);
	}
	for (size_t i = 0; i < count; i++) {
		end(&places[i]);
		secure_forget(places[i].session);
	}
	free(places);
}

const struct protocol protocol_handshakes = { .name = "handshakes",
					      .prepare = prepare,
					      .run = run };
