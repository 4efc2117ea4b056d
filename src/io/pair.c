/* SPDX-License-Identifier: MIT
 * io/pair.c - two streams in memory, each the peer of the other.
 *
 * What one end writes is copied to the other, as far as that has room for it.
 * The rest stays where it is, in the writer's buffer, until the reader has
 * made room; it can be read there, too, so that lack of memory for the copy
 * loses nothing.
 */
#include <errno.h>
#include <string.h>

#include "io/stream.h"
#include "task/wait.h"

enum {
	CAPACITY = 65536,
	KEPT = 1024 /* a block that is kept while there is nothing in it */
};

struct end {
	simul_stream stream;
	struct end *peer;	   /* NULL: gone */
	struct smi_buffer arrived; /* from the peer */
	const char *stuck;	   /* our write that is under way */
	size_t stuck_length;
	bool ended; /* nothing more will arrive */
	int error;  /* why, if not because the peer has finished */
	struct simul_waiters readers;
};

static struct end *end_of(simul_stream *s)
{
	return (struct end *)s;
}

/* ---- Writing */

/* Copy to the peer what it has room for; 0 if there is none. */
static size_t pass(struct end *peer, const void *bytes, size_t n)
{
	size_t room = CAPACITY - smi_buffer_length(&peer->arrived);

	if (n > room)
		n = room;
	return smi_buffer_append(&peer->arrived, bytes, n) < 0 ? 0 : n;
}

static void tell_reader(struct end *e)
{
	smi_wake_all(&e->readers, 0);
	smi_stream_tell_watchers(&e->stream);
}

static ptrdiff_t write_end(simul_stream *s, const void *bytes, size_t length)
{
	struct end *e = end_of(s);
	size_t n;

	if (!e->peer)
		return e->error ? e->error : -EPIPE;
	n = pass(e->peer, bytes, length);
	if (n == 0) {
		e->stuck = bytes;
		e->stuck_length = length;
	}
	tell_reader(e->peer);
	return (ptrdiff_t)n;
}

/* The write that is under way has come so far. */
static void unstick(struct end *e, ptrdiff_t n)
{
	e->stuck = NULL;
	smi_stream_wrote(&e->stream, n);
}

static void cancel_write(simul_stream *s)
{
	unstick(end_of(s), -ECANCELED);
}

static int shutdown_write(simul_stream *s)
{
	struct end *peer = end_of(s)->peer;

	if (peer) {
		peer->ended = true;
		tell_reader(peer);
	}
	return 0;
}

/* ---- Reading */

static size_t take(void *to, const void *from, size_t n, size_t room)
{
	if (n > room)
		n = room;
	memcpy(to, from, n);
	return n;
}

static size_t take_arrived(struct end *e, void *bytes, size_t n)
{
	struct end *writer = e->peer;

	n = take(bytes, smi_buffer_bytes(&e->arrived),
		 smi_buffer_length(&e->arrived), n);
	smi_buffer_consume(&e->arrived, n);
	if (smi_buffer_length(&e->arrived) == 0 && e->arrived.room > KEPT)
		smi_buffer_done(&e->arrived);
	if (writer && writer->stuck) {
		size_t more = pass(e, writer->stuck, writer->stuck_length);

		if (more > 0)
			unstick(writer, (ptrdiff_t)more);
	}
	return n;
}

static size_t take_stuck(struct end *writer, void *bytes, size_t n)
{
	n = take(bytes, writer->stuck, writer->stuck_length, n);
	unstick(writer, (ptrdiff_t)n);
	return n;
}

static ptrdiff_t read_now(simul_stream *s, void *bytes, size_t n)
{
	struct end *e = end_of(s);

	if (smi_buffer_length(&e->arrived) > 0)
		return (ptrdiff_t)take_arrived(e, bytes, n);
	if (e->peer && e->peer->stuck)
		return (ptrdiff_t)take_stuck(e->peer, bytes, n);
	return e->ended ? e->error : -EAGAIN;
}

static ptrdiff_t read_end(simul_stream *s, void *bytes, size_t n)
{
	static const struct smi_wait waiting = { "bytes from a pair's end",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	ptrdiff_t r = smi_may_suspend();

	while (r >= 0) {
		r = read_now(s, bytes, n);
		if (r != -EAGAIN)
			return r;
		r = smi_wait_in(&end_of(s)->readers, &waiter, &waiting);
	}
	return r;
}

static bool is_quiet(simul_stream *s)
{
	const struct end *e = (const struct end *)s;

	return smi_buffer_length(&e->arrived) == 0 && !e->ended &&
	       !(e->peer && e->peer->stuck);
}

/* Who writes will tell. */
static int watch(simul_stream *s)
{
	return -EAGAIN;
}

/* ---- Life */

static int close_end(simul_stream *s, bool aborted)
{
	struct end *e = end_of(s), *peer = e->peer;

	smi_buffer_done(&e->arrived);
	if (!peer)
		return 0;
	peer->peer = NULL;
	peer->ended = true;
	peer->error = aborted ? -ECONNRESET : 0;
	tell_reader(peer);
	if (peer->stuck)
		unstick(peer, peer->error ? peer->error : -EPIPE);
	return 0;
}

static const struct smi_stream_ops ops = {
	.read = read_end,
	.read_now = read_now,
	.write = write_end,
	.cancel_write = cancel_write,
	.shutdown_write = shutdown_write,
	.close = close_end,
	.is_quiet = is_quiet,
	.watch = watch,
};

int simul_stream_pair(simul_stream **ret_a, simul_stream **ret_b)
{
	struct end *a, *b;

	if (!smi_current)
		return -EPERM;
	a = (struct end *)smi_stream_new(&ops, sizeof *a);
	b = (struct end *)smi_stream_new(&ops, sizeof *b);
	if (!a || !b) {
		if (a)
			smi_stream_free(&a->stream);
		if (b)
			smi_stream_free(&b->stream);
		return -ENOMEM;
	}
	a->peer = b;
	b->peer = a;
	*ret_a = &a->stream;
	*ret_b = &b->stream;
	return 0;
}
