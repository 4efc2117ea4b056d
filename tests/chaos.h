/* SPDX-License-Identifier: MIT
 * tests/chaos.h - a bad network: it stands between a client and a server and
 * passes on what they say, late, in pieces, or not at all. */
#ifndef CHAOS_H
#define CHAOS_H

#include <stddef.h>
#include <stdint.h>

#include <simul/net.h>
#include <simul/stream.h>

/* What happens when so many bytes have passed in one direction. */
enum chaos_fault {
	CHAOS_NONE,
	CHAOS_RESET,	  /* both connections are reset */
	CHAOS_CLOSE,	  /* both are closed, as if that were all */
	CHAOS_HALF_CLOSE, /* the receiver is told that this was all */
	CHAOS_DROP,	  /* nothing more arrives, and nobody is told */
	CHAOS_FAULTS
};

enum chaos_way { CHAOS_TO_SERVER, CHAOS_TO_CLIENT };

struct chaos {
	enum chaos_fault fault;
	enum chaos_way way; /* in which it happens */
	size_t at;	    /* bytes that pass before */
	size_t slice;	    /* bytes that are passed on at a time, at most; 0:
			      * as they come */
	double latency;	    /* seconds, before each slice */
	double bandwidth;   /* bytes in a second; 0: no limit */
	double close_delay; /* seconds, before an end is passed on */
	uint64_t seed;	    /* if not 0: slices and latencies are drawn, up to
			      * the above */
};

/* Pass on between two streams until both have ended, and close them. Returns 0,
 * or the error that it ended with. */
int chaos_relay(const struct chaos *chaos, simul_stream *client,
		simul_stream *server);

/* The same as a task: of simul_go(chaos_line, ...). */
struct chaos_line {
	const struct chaos *chaos;
	simul_stream *client; /* the network's end of the client's */
	simul_stream *server;
};

int chaos_line(void *line);

/* Accept connections at a listener and relay each to an address, until
 * cancelled: as a task. */
struct chaos_proxy {
	const struct chaos *chaos;
	simul_listener *listener;
	simul_address to;
};

int chaos_proxy(void *proxy);

#endif /* CHAOS_H */
