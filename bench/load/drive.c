/* SPDX-License-Identifier: MIT
 * bench/load/drive.c - who sends when.
 *
 * Closed loop: a connection sends its next request when it has an answer, so
 * the load is as fast as the server, and slows down with it.
 *
 * Open loop: requests have times at which they are due, as they come in from a
 * world that doesn't know how the server fares. Each is timed from when it was
 * due, not from when it could at last be sent: a server that halts for a
 * moment shows it in all requests that this has delayed. */
#include "load.h"

#include <errno.h>
#include <sys/epoll.h>

enum {
	EVENTS = 256,
	/* Nothing for so long, in ms, and the server has failed. */
	STALLED = 10000,
	/* Connections are opened so many at a time: less than any server's
	 * backlog. */
	TOGETHER = 32
};

#define SECOND 1000000000.0

uint64_t load_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int poll_events(struct load *load, struct epoll_event *events, int ms)
{
	int n;

	do {
		n = epoll_wait(load->epoll, events, EVENTS, ms);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		load_fail("epoll_wait: %s", strerror(errno));
	return n;
}

/* Wait for events: asleep, or awake so that no wake-up is in what we time. */
static int wait_for(struct load *load, struct epoll_event *events)
{
	uint64_t start = load->options.spin ? load_now() : 0;
	int n;

	do {
		n = poll_events(load, events, load->options.spin ? 0 : STALLED);
	} while (n == 0 && load->options.spin &&
		 load_now() - start < STALLED * 1000000ull);
	if (n == 0)
		load_fail("no answer for %d s", STALLED / 1000);
	return n;
}

/* The oldest requests of the connection are answered. */
static void settle(struct load *load, struct connection *c, long answers,
		   uint64_t now)
{
	for (long i = 0; i < answers; i++) {
		uint64_t since = c->since[c->first++ % WAITING];

		load->done += load->counting;
		/* What was due before is not the open loop's subject; in a
		 * closed one it is as good as any. */
		if (load->counting &&
		    (since >= load->began || load->options.rate <= 0))
			latency_add(&load->latency, now - since);
	}
}

static void ask(struct load *load, struct connection *c, long n, uint64_t now)
{
	for (long i = 0; i < n; i++)
		connection_ask(c, load, now);
	connection_send(load, c);
}

static long next_answers(struct load *load, const struct epoll_event *event,
			 uint64_t now)
{
	struct connection *c = event->data.ptr;
	long answers = 0;

	if (event->events & ~(uint32_t)EPOLLOUT)
		answers = connection_receive(load, c);
	settle(load, c, answers, now);
	return answers;
}

/* ---- Connecting */

static void await_answers(struct load *load, long answers)
{
	struct epoll_event events[EVENTS];

	while (answers > 0) {
		int n = wait_for(load, events);
		uint64_t now = load_now();

		for (int i = 0; i < n; i++) {
			answers -= next_answers(load, &events[i], now);
			connection_send(load, events[i].data.ptr);
		}
	}
}

void load_await_server(struct load *load)
{
	struct connection c = { 0 };

	connection_open(load, &c, 0);
	ask(load, &c, 1, load_now());
	await_answers(load, 1);
	connection_close(&c);
}

void load_connect(struct load *load)
{
	long count = load->options.connections;

	for (long i = 0; i < count;) {
		long first = i;

		for (; i < count && i < first + TOGETHER; i++) {
			connection_open(load, &load->connections[i], i);
			ask(load, &load->connections[i], 1, load_now());
		}
		await_answers(load, i - first);
	}
}

/* ---- Closed loop */

bool load_is_over(const struct load *load, uint64_t now)
{
	const struct options *options = &load->options;

	if (!load->counting)
		return false;
	if (options->requests > 0)
		return load->done >= (uint64_t)options->requests;
	return (double)(now - load->began) >= options->seconds * SECOND;
}

void load_closed(struct load *load)
{
	uint64_t start = load_now(), now = start;
	struct epoll_event events[EVENTS];

	for (long i = 0; i < load->options.connections; i++)
		ask(load, &load->connections[i], load->options.in_flight, now);
	while (!load_is_over(load, now)) {
		int n = wait_for(load, events);

		now = load_now();
		if (!load->counting &&
		    (double)(now - start) >= load->options.warm_up * SECOND)
			load_begin(load, now);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;
			long answers = next_answers(load, &events[i], now);

			ask(load, c, answers, load_now());
		}
	}
}

/* ---- Open loop */

/* Requests go round the connections, one every 1/rate seconds. */
struct schedule {
	uint64_t start;
	double every; /* ns */
	uint64_t sent, answered;
	uint64_t all; /* requests that there will be */
};

static uint64_t due(const struct schedule *schedule, uint64_t i)
{
	return schedule->start + (uint64_t)((double)i * schedule->every);
}

static void ask_what_is_due(struct load *load, struct schedule *schedule,
			    uint64_t now)
{
	while (schedule->sent < schedule->all &&
	       due(schedule, schedule->sent) <= now) {
		long i = (long)(schedule->sent %
				(uint64_t)load->options.connections);
		struct connection *c = &load->connections[i];

		if (!connection_ask(c, load, due(schedule, schedule->sent)))
			load_fail("the server can't keep up with %g a second",
				  load->options.rate);
		connection_send(load, c);
		schedule->sent++;
	}
}

/* Polls all the time: a generator that sleeps is late. */
static void turn(struct load *load, struct schedule *schedule)
{
	struct epoll_event events[EVENTS];
	uint64_t now = load_now();
	int n;

	ask_what_is_due(load, schedule, now);
	n = poll_events(load, events, 0);
	now = load_now();
	for (int i = 0; i < n; i++) {
		schedule->answered +=
			(uint64_t)next_answers(load, &events[i], now);
		connection_send(load, events[i].data.ptr);
	}
}

void load_open(struct load *load)
{
	const struct options *options = &load->options;
	double seconds = options->warm_up + options->seconds;
	struct schedule schedule = {
		.start = load_now(),
		.every = SECOND / options->rate,
		.all = (uint64_t)(seconds * options->rate),
	};
	uint64_t begin = schedule.start + (uint64_t)(options->warm_up * SECOND);
	uint64_t end = schedule.start +
		       (uint64_t)((seconds + STALLED / 1000.0) * SECOND);

	while (schedule.answered < schedule.all) {
		uint64_t now = load_now();

		if (!load->counting && now >= begin)
			load_begin(load, now);
		if (now > end)
			load_fail("the server can't keep up with %g a second",
				  options->rate);
		turn(load, &schedule);
	}
}
