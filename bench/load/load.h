/* SPDX-License-Identifier: MIT
 * bench/load/load.h - a load generator: one thread, epoll, as little work for
 * each request as will do, and every byte of the answers looked at.
 *
 * What goes out on a connection is one short sequence of bytes again and
 * again: for http the request, for echo a pattern that no message length
 * divides. So nothing is ever put together or copied before it is sent, and an
 * echo is verified by comparing it with the same sequence: a byte that is lost,
 * doubled, out of order, or another connection's is found.
 */
#ifndef LOAD_H
#define LOAD_H

#include "../bench.h"

#include <stdbool.h>
#include <sys/types.h>

/* ---- What is asked for: options.c */

struct options {
	const struct protocol *protocol;
	int port;
	long connections;
	size_t size;	/* bytes of a message; echo only */
	long in_flight; /* requests on a connection at a time: closed loop */
	double rate;	/* requests a second on all of them: open loop, or 0 */
	double warm_up; /* seconds that don't count */
	double seconds; /* that do */
	long requests;	/* count these instead of seconds, or 0 */
	double idle;	/* only weigh connections, after so many seconds
			 * without a request, or 0 */
	bool resume;	/* handshakes: those sessions that can be */
	bool spin;	/* poll rather than sleep */
	pid_t server;	/* leader of its process group, or 0 */
	const char *path; /* http only */
	const char *body; /* that each answer must have; http only */
	const char *pem;  /* speak TLS with the owner of this certificate */
};

/* Read the command line; ends the program if it makes no sense. */
void options_read(int argc, char **argv, struct options *ret_options);

/* ---- The bytes that go out */

struct outgoing {
	char *bytes;	/* the sequence, repeated to at least AT_ONCE bytes */
	size_t period;	/* where it begins anew */
	size_t request; /* bytes of one request */
};

/* So many bytes are sent or received at once, and an answer that came in part
 * may be so long. */
enum { AT_ONCE = 65536, PART = 16384 };

/* The longest message, which comes and goes in pieces. */
enum { LONGEST = 1 << 20 };

/* The longest datagram. */
enum { DATAGRAM = 65507 };

/* ---- Connections: connection.c */

/* Requests that can wait for their answers on one connection. */
enum { WAITING = 1024 };

struct secure;

struct connection {
	int fd;
	struct secure *tls;  /* NULL: none */
	bool wants_to_write; /* epoll tells us when it can */
	size_t unsent;	     /* bytes that should have left */
	size_t sent;	     /* where the next byte is in the sequence */
	size_t received;     /* echo: the same for what comes back */
	size_t arrived;	     /* bytes of an answer that is not complete */
	char *part;	     /* http: those bytes */
	uint64_t *since;     /* for each request that waits, when it was to
			      * leave: a ring of WAITING */
	unsigned first, end; /* of the ring; both only grow */
};

struct load;

/* Connect to a port of this machine, and wait for somebody to listen there. */
int connection_connect(int port);

/* Connect number i, or end the program. */
void connection_open(struct load *load, struct connection *c, long i);

void connection_close(struct connection *c);

/* One more request, which should leave (or have left) at this time. False if
 * too many wait for their answers already. */
bool connection_ask(struct connection *c, const struct load *load,
		    uint64_t since);

/* Send what is to be sent, as far as the system takes it. */
void connection_send(struct load *load, struct connection *c);

/* Receive what has come. Returns how many answers are complete now. */
long connection_receive(struct load *load, struct connection *c);

/* ---- Protocols: echo.c, http.c, datagram.c, handshakes.c */

struct protocol {
	const char *name;
	void (*prepare)(struct load *load);
	/* Where connection i begins in the sequence. */
	size_t (*begin)(const struct load *load, long i);
	/* Look at bytes that came. Returns how many answers are complete, or
	 * -1 if they are not what was asked for. */
	long (*take)(struct load *load, struct connection *c, char *bytes,
		     size_t n);
	/* In place of begin and take: do all of it, until enough is counted. */
	void (*run)(struct load *load);
};

extern const struct protocol protocol_echo, protocol_http, protocol_udp,
	protocol_handshakes;

/* ---- How long it took: latency.c */

/* Counts by time: 64 steps to each doubling, so within 1.6 %. */
enum { STEP_BITS = 6, STEPS = 64 * (1 << STEP_BITS) };

struct latency {
	uint64_t counts[STEPS];
	uint64_t total;
};

void latency_add(struct latency *latency, uint64_t ns);

/* The time within which this share (0 to 1) was answered, in ns. */
double latency_at(const struct latency *latency, double share);

/* ---- What the server used: account.c */

struct account {
	pid_t group;
	struct member {
		clockid_t clock;
		pid_t pid;
	} members[64];
	int count;
};

/* The processes of the group as they are now. Ends the program if one can't be
 * looked into. */
void account_open(struct account *account, pid_t group);

/* CPU seconds of all their threads, those that have ended included. */
double account_cpu(const struct account *account);

/* MB (10^6 bytes) of memory: pages, and page tables for them. */
double account_memory(const struct account *account);

/* ---- All of it: drive.c */

struct load {
	struct options options;
	struct outgoing out;
	struct connection *connections;
	int epoll;
	bool counting;
	uint64_t done; /* since counting began */
	struct latency latency;
	struct account server;
	double cpu, own_cpu; /* used before counting began */
	uint64_t began;	     /* counting, ns */
	char *incoming;	     /* PART + AT_ONCE bytes, for all connections */
};

uint64_t load_now(void); /* ns */

/* Wait until the server answers a request. */
void load_await_server(struct load *load);

/* Open all connections, each of which gets an answer to one request. */
void load_connect(struct load *load);

/* Keep in_flight requests under way on each connection. */
void load_closed(struct load *load);

/* Send requests when they are due, whatever the server does meanwhile. */
void load_open(struct load *load);

/* From now on, answers count. */
void load_begin(struct load *load, uint64_t now);

/* Have enough answers been counted, or for long enough? */
bool load_is_over(const struct load *load, uint64_t now);

/* Print what was counted. */
void load_report(struct load *load);

/* End the program and say why. */
__attribute__((noreturn, format(printf, 1, 2))) void
load_fail(const char *format, ...);

#endif /* LOAD_H */
