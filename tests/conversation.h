/* SPDX-License-Identifier: MIT
 * tests/conversation.h - a game for storms: whatever is cancelled, what is read
 * from a stream is what was written to its peer, each byte of it.
 *
 *	a --> b		two ways at once, or
 *	a --> b ==> c --> d	one way, with simul_copy from b to c
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/select.h>
#include <simul/stream.h>

#include "storm.h"
#include "test.h"

enum { MOST_AT_ONCE = 100000 };

/* From one end to the other. */
struct way {
	simul_stream *from;
	simul_stream *to;
	struct dice dice;
	uint64_t key;
	uint64_t goal; /* bytes to be written, if nobody stops us */
	uint64_t sent; /* that were, or are just now */
	uint64_t got;
	bool ended; /* the reader has seen the end */
};

static inline struct way make_way(struct dice *d, simul_stream *from,
				  simul_stream *to)
{
	return (struct way){ .from = from,
			     .to = to,
			     .dice = more_dice(d),
			     .key = roll(d, 1000000),
			     .goal = roll(d, roll(d, 4) ? 20000 : 500000) };
}

static inline unsigned char byte_at(const struct way *w, uint64_t at)
{
	uint64_t z = w->key + at * 0x9e3779b1;

	return (unsigned char)(z ^ (z >> 7) ^ (z >> 13));
}

static inline void check_got(struct way *w, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_INT(((const unsigned char *)bytes)[i], ==,
			  byte_at(w, w->got + i));
	w->got += n;
	CHECK_INT(w->got, <=, w->sent);
}

/* Mostly little. */
static inline size_t some_length(struct dice *d)
{
	static const unsigned most[] = { 300, 300, 300, 9000, MOST_AT_ONCE };

	return 1 + roll(d, most[roll(d, 5)]);
}

/* ---- Writing */

static inline int write_some(struct way *w, struct dice *d,
			     unsigned char *buffer, size_t n)
{
	struct iovec halves[] = { { buffer, n / 2 },
				  { buffer + n / 2, n - n / 2 } };
	int r;

	for (size_t i = 0; i < n; i++)
		buffer[i] = byte_at(w, w->sent + i);
	w->sent += n; /* it may be read before the call returns */
	if (roll(d, 3))
		PERHAPS(d, r, simul_write(w->from, buffer, n));
	else
		PERHAPS(d, r, simul_writev(w->from, halves, 2));
	if (r < 0)
		w->sent -= n;
	CHECK_INT(w->got, <=, w->sent);
	memset(buffer, '?', n);
	return r;
}

static inline int pause_writing(struct way *w, struct dice *d)
{
	int r = 0;

	switch (roll(d, 20)) {
	case 0:
		PERHAPS(d, r, simul_flush(w->from));
		break;
	case 1:
		r = simul_sleep(moment(d));
		break;
	case 2:
		simul_stream_set_high_water(w->from, roll(d, 100000));
		break;
	default:
		break;
	}
	return r;
}

static inline int writes_on(void *arg)
{
	struct way *w = arg;
	struct dice d = more_dice(&w->dice);
	unsigned char *buffer = malloc(MOST_AT_ONCE);
	int r = 0;

	while (!is_the_end(r) && w->sent < w->goal) {
		r = write_some(w, &d, buffer, some_length(&d));
		if (!is_the_end(r))
			r = pause_writing(w, &d);
	}
	free(buffer);
	CHECK(!is_the_end(r) || r == -ECANCELED);
	return 0;
}

/* ---- Reading: each returns 0 at the end of the stream. */

typedef ptrdiff_t read_way(struct way *w, struct dice *d, unsigned char *buffer,
			   size_t n);

static inline ptrdiff_t reads_some(struct way *w, struct dice *d,
				   unsigned char *buffer, size_t n)
{
	ptrdiff_t r;

	PERHAPS(d, r, simul_read(w->to, buffer, n));
	if (r > 0)
		check_got(w, buffer, (size_t)r);
	return r;
}

static inline ptrdiff_t reads_exactly(struct way *w, struct dice *d,
				      unsigned char *buffer, size_t n)
{
	int r;

	PERHAPS(d, r, simul_read_exactly(w->to, buffer, n));
	if (r == 1)
		check_got(w, buffer, n);
	return r == -SIMUL_EEOF ? 1 : r;
}

static inline ptrdiff_t looks(struct way *w, struct dice *d,
			      unsigned char *buffer, size_t n)
{
	const char *bytes;
	ptrdiff_t r;

	(void)buffer;
	PERHAPS(d, r, simul_peek(w->to, n % 500, &bytes));
	if (r > 0) {
		n = 1 + roll(d, (unsigned)r);
		check_got(w, bytes, n);
		simul_consume(w->to, n);
	}
	return r;
}

static inline ptrdiff_t reads_until(struct way *w, struct dice *d,
				    unsigned char *buffer, size_t n)
{
	unsigned char delimiter = byte_at(w, w->got + n % 1000);
	size_t length;
	char *bytes;
	int r;

	(void)buffer;
	PERHAPS(d, r, simul_read_until(w->to, &delimiter, 1, &bytes, &length));
	if (r == 1) {
		check_got(w, bytes, length);
		check_got(w, &delimiter, 1);
	}
	return r == -SIMUL_EEOF ? 1 : r;
}

static inline ptrdiff_t selects(struct way *w, struct dice *d,
				unsigned char *buffer, size_t n)
{
	simul_case cases[] = { simul_case_stream(w->to),
			       simul_case_sleep(moment(d)) };
	int r;

	(void)buffer;
	(void)n;
	PERHAPS(d, r, simul_select(cases, 2));
	return r < 0 ? r : 1;
}

static inline ptrdiff_t goes_away_and_back(struct way *w, struct dice *d,
					   unsigned char *buffer, size_t n)
{
	int r;

	(void)buffer;
	(void)n;
	PERHAPS(d, r, simul_stream_detach(w->to));
	if (r == -ECANCELED || r == -ETIMEDOUT)
		return r;
	if (r >= 0)
		CHECK_INT(simul_stream_attach(w->to), ==, 0);
	return 1;
}

static inline int reads_on(void *arg)
{
	static read_way *const ways[] = { reads_some, reads_some,
					  reads_some, reads_exactly,
					  looks,      reads_until,
					  selects,    goes_away_and_back };
	struct way *w = arg;
	struct dice d = more_dice(&w->dice);
	unsigned char *buffer = malloc(MOST_AT_ONCE);
	ptrdiff_t r = 1;

	while (!is_the_end(r) && r != 0 && w->got < w->goal)
		r = ways[roll(&d, 8)](w, &d, buffer, some_length(&d));
	free(buffer);
	CHECK(!is_the_end(r) || r == -ECANCELED);
	w->ended = r == 0;
	return 0;
}

/* ---- The end, out of reach */

static inline int reads_the_rest(void *arg)
{
	unsigned char buffer[4096];
	struct way *w = arg;
	ptrdiff_t n;

	while ((n = simul_read(w->to, buffer, sizeof buffer)) > 0)
		check_got(w, buffer, (size_t)n);
	CHECK_INT(n, ==, 0);
	CHECK_INT(w->got, ==, w->sent);
	return 0;
}

static inline int says_the_end(void *arg)
{
	struct way *w = arg;

	return simul_shutdown_write(w->from);
}

/* a and b are each other's peers; they are closed. */
static inline void converse(struct dice *d, simul_stream *a, simul_stream *b)
{
	struct way there = make_way(d, a, b), back = make_way(d, b, a);
	simul_task *t[] = { start_target(writes_on, &there),
			    start_target(reads_on, &there),
			    start_target(writes_on, &back),
			    start_target(reads_on, &back) };
	simul_task *last[4];

	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	last[0] = simul_create_task(reads_the_rest, &there);
	last[1] = simul_create_task(reads_the_rest, &back);
	last[2] = simul_create_task(says_the_end, &there);
	last[3] = simul_create_task(says_the_end, &back);
	CHECK_INT(simul_gather(last, 4, NULL), ==, 0);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}

/* ---- By way of a copier */

struct copying {
	simul_stream *from;
	simul_stream *to;
	struct dice dice;
};

static inline int copies_on(void *arg)
{
	struct copying *c = arg;
	struct dice d = more_dice(&c->dice);
	int r = 0;

	while (!is_the_end(r) && roll(&d, 200)) {
		uint64_t most = roll(&d, 3) ? UINT64_MAX : roll(&d, 5000);

		PERHAPS(&d, r, simul_copy(c->from, c->to, most, NULL));
	}
	CHECK(!is_the_end(r) || r == -ECANCELED);
	return 0;
}

static inline int copies_the_rest(void *arg)
{
	struct copying *c = arg;

	CHECK_INT(simul_copy(c->from, c->to, UINT64_MAX, NULL), ==, 0);
	return simul_shutdown_write(c->to);
}

/* From a to d, over b and c; all are closed. */
static inline void send_through(struct dice *dice, simul_stream *const ends[4])
{
	struct way w = make_way(dice, ends[0], ends[3]);
	struct copying c = { ends[1], ends[2], more_dice(dice) };
	simul_task *t[] = { start_target(writes_on, &w),
			    start_target(copies_on, &c),
			    start_target(reads_on, &w) };
	simul_task *last[3];

	/* The reader may wait for what the copier doesn't bring any more. */
	CHECK_INT(simul_wait(t, 1, SIMUL_ALL_COMPLETED), ==, 1);
	simul_cancel(t[1]);
	simul_cancel(t[2]);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	last[0] = simul_create_task(says_the_end, &w);
	last[1] = simul_create_task(copies_the_rest, &c);
	last[2] = simul_create_task(reads_the_rest, &w);
	CHECK_INT(simul_gather(last, 3, NULL), ==, 0);
	/* A client of TLS that has only written waits for its server. */
	for (int i = 3; i >= 0; i--)
		CHECK_INT(simul_close(ends[i]), ==, 0);
}

#endif /* CONVERSATION_H */
