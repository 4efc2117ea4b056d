/* SPDX-License-Identifier: MIT
 * io/write.c - the verbs that write. */
#include <errno.h>
#include <string.h>

#include "io/perform.h"
#include "io/stream.h"
#include "task/task.h"
#include "task/wait.h"

enum {
	DEFAULT_HIGH = 65536,
	KEPT = 4096 /* a block that is kept while there is nothing in it */
};

static size_t high_of(const simul_stream *s)
{
	return s->high ? s->high : DEFAULT_HIGH;
}

size_t simul_stream_unsent(const simul_stream *s)
{
	return smi_buffer_length(&s->pending) + smi_buffer_length(&s->leaving);
}

void simul_stream_set_high_water(simul_stream *s, size_t high)
{
	s->high = high;
}

/* ---- The writers' turns
 *
 * A writer that finds too much waiting, or others, waits behind them. One at a
 * time is let in, when little enough waits; it lets in the next. */

/* Let the next writer in, if no more than mark bytes wait. */
static void let_in(simul_stream *s, size_t mark)
{
	if (!s->writers.first || s->handed || simul_stream_unsent(s) > mark)
		return;
	s->handed = smi_wake_first(&s->writers, 0);
}

static int refusal(const simul_stream *s)
{
	if (s->write_error)
		return s->write_error;
	return s->shut ? -EPIPE : 0;
}

static bool must_wait(const simul_stream *s)
{
	return s->handed || s->writers.first ||
	       simul_stream_unsent(s) > high_of(s);
}

static int wait_for_turn(simul_stream *s)
{
	static const struct smi_wait waiting = { "room in a stream",
						 smi_interrupt_waiter };
	struct simul_waiter waiter;
	int r;

	s->users++;
	r = smi_wait_in(&s->writers, &waiter, &waiting);
	s->users--;
	if (r < 0)
		return r;
	s->handed = false;
	return refusal(s);
}

int smi_stream_get_ready(simul_stream *s)
{
	int r = refusal(s);

	if (r >= 0 && s->ops->turn_to_write)
		r = s->ops->turn_to_write(s);
	return r;
}

static int begin(simul_stream *s)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	smi_stream_check_here(s);
	r = refusal(s);
	if (r >= 0 && must_wait(s))
		r = wait_for_turn(s);
	return r < 0 ? r : smi_stream_get_ready(s);
}

/* ---- Out, under the writers */

static void drop(simul_stream *s)
{
	smi_buffer_done(&s->pending);
	smi_buffer_done(&s->leaving);
}

static void fail(simul_stream *s, int error)
{
	if (!s->write_error)
		s->write_error = error;
	drop(s);
	smi_wake_all(&s->writers, s->write_error);
	for (struct smi_copier *c = s->copiers; c; c = c->next)
		smi_scope_cancel(&c->scope);
}

static inline struct smi_spares *spares_of(simul_stream *s)
{
	return &s->loop->loop.spares;
}

/* What is written is mostly little: a block that others have had will do. And
 * one is there for what is much. */
static inline void take_spare(simul_stream *s, size_t n)
{
	struct smi_buffer *b = &s->pending;

	if (b->data)
		return;
	if (n <= SMI_SPARE_SIZE) {
		b->data = smi_spare_take(spares_of(s));
		b->room = b->data ? SMI_SPARE_SIZE : 0;
	} else if (n > KEPT) {
		b->data = smi_spare_take_large(spares_of(s), &b->room);
	}
}

int smi_stream_reserve(simul_stream *s, size_t n)
{
	take_spare(s, n);
	return smi_buffer_reserve(&s->pending, n);
}

/* There is nothing in it: the block is for whoever writes next. */
static inline void release(simul_stream *s)
{
	struct smi_buffer *b = &s->pending;

	if (b->room > KEPT)
		smi_spare_give_large(spares_of(s), b->data, b->room);
	else if (b->room == SMI_SPARE_SIZE)
		smi_spare_give(spares_of(s), b->data);
	else
		return;
	*b = (struct smi_buffer){ 0 };
}

/* Who waited for this has nothing to write yet, perhaps not for long. */
int smi_stream_wait_for_room(simul_stream *s)
{
	int r = begin(s);

	if (smi_buffer_length(&s->pending) == 0)
		release(s);
	let_in(s, high_of(s));
	return r;
}

/* What has left leaves its block to what comes next, or who writes a little now
 * and then would have one allocated each time. A large one it leaves only to
 * those who are about to fill it. */
static void recycle(simul_stream *s)
{
	if (smi_buffer_length(&s->leaving) > 0 ||
	    smi_buffer_length(&s->pending) > 0)
		return;
	if (!s->pending.data) {
		s->pending = s->leaving;
		s->leaving = (struct smi_buffer){ 0 };
	} else {
		smi_buffer_done(&s->leaving);
	}
	if (!s->handed && !s->writers.first)
		release(s);
}

static inline void tell_flushers(simul_stream *s)
{
	if (s->flushers.first)
		smi_wake_all(&s->flushers, 0);
}

/* One write under us has ended. */
static void account(simul_stream *s, ptrdiff_t n)
{
	s->writing = false;
	if (n < 0) {
		fail(s, (int)n);
	} else {
		smi_buffer_consume(&s->leaving, (size_t)n);
		s->left += (uint64_t)n;
		recycle(s);
		let_in(s, high_of(s) / 4);
	}
	tell_flushers(s);
}

static void fetch_pending(simul_stream *s)
{
	struct smi_buffer empty = s->leaving;

	s->leaving = s->pending;
	s->pending = empty;
}

void smi_stream_push(simul_stream *s)
{
	while (!s->writing && !s->write_error) {
		ptrdiff_t n;

		if (smi_buffer_length(&s->leaving) == 0) {
			if (smi_buffer_length(&s->pending) == 0)
				return;
			fetch_pending(s);
		}
		s->writing = true;
		n = s->ops->write(s, smi_buffer_bytes(&s->leaving),
				  smi_buffer_length(&s->leaving));
		if (n == 0)
			return;
		account(s, n);
	}
}

void smi_stream_wrote(simul_stream *s, ptrdiff_t n)
{
	account(s, n);
	smi_stream_push(s);
}

bool smi_stream_seize(simul_stream *s)
{
	if (s->writing || s->write_error || s->shut ||
	    simul_stream_unsent(s) > 0)
		return false;
	s->writing = s->seized = true;
	return true;
}

void smi_stream_let_go(simul_stream *s, int result)
{
	s->writing = s->seized = false;
	if (result < 0)
		fail(s, result);
	else
		s->past += (unsigned)result;
	smi_stream_push(s);
	tell_flushers(s);
}

/* The job: the tasks have had their turn. */
static void run_job(struct smi_job *job)
{
	simul_stream *s =
		(simul_stream *)((char *)job - offsetof(simul_stream, job));

	s->queued = false;
	smi_stream_push(s);
	tell_flushers(s);
}

void smi_stream_push_soon(simul_stream *s)
{
	if (s->queued || s->writing)
		return;
	s->queued = true;
	s->job.run = run_job;
	smi_loop_ready(&s->loop->loop, &s->job);
}

/* ---- Large writes
 *
 * To copy much costs more than a system call. So as much of it as there is room
 * for goes to the system at once, from where it is, behind what is pending;
 * only the rest is copied. Smaller ones are cheaper when they are gathered. */

enum { LARGE = 16384, MOST_PARTS = 8 };

/* Has it nothing to say about the stream? */
static bool is_trifle(ptrdiff_t n)
{
	return n == -EAGAIN || n == -EINTR || n == -ENOBUFS || n == -ENOMEM;
}

/* How many of the caller's bytes went; or an error, which is the stream's. */
static ptrdiff_t write_now(simul_stream *s, const struct iovec *parts,
			   int count)
{
	struct iovec all[1 + MOST_PARTS];
	size_t ahead = smi_buffer_length(&s->pending);
	ptrdiff_t n;

	all[0] = (struct iovec){ smi_buffer_bytes(&s->pending), ahead };
	memcpy(all + 1, parts, (size_t)count * sizeof *parts);
	n = s->ops->write_now(s, all, 1 + count);
	if (is_trifle(n))
		return 0;
	if (n < 0) {
		fail(s, (int)n);
		return n;
	}
	if ((size_t)n < ahead)
		ahead = (size_t)n;
	smi_buffer_consume(&s->pending, ahead);
	s->left += ahead;
	return n - (ptrdiff_t)ahead;
}

bool smi_stream_push_now(simul_stream *s)
{
	const struct iovec nothing = { 0 };

	if (!s->writing && smi_buffer_length(&s->leaving) == 0 &&
	    smi_buffer_length(&s->pending) > 0 && s->ops->write_now)
		write_now(s, &nothing, 1);
	if (smi_buffer_length(&s->pending) == 0)
		release(s);
	return !s->writing && !s->write_error && simul_stream_unsent(s) == 0;
}

static bool goes_now(const simul_stream *s, int count, size_t total)
{
	return total >= LARGE && count <= MOST_PARTS && s->ops->write_now &&
	       !s->writing && smi_buffer_length(&s->leaving) == 0;
}

/* ---- Writing */

/* All but the first bytes of them, for which there is room. */
static int append(struct smi_buffer *b, const struct iovec *parts, int count,
		  size_t first)
{
	int r = 0;

	for (int i = 0; i < count && r >= 0; i++) {
		size_t n = parts[i].iov_len, skip = first < n ? first : n;

		first -= skip;
		r = smi_buffer_append(b, (char *)parts[i].iov_base + skip,
				      n - skip);
	}
	return r;
}

/* 1: some went at once. */
static int write_all(simul_stream *s, const struct iovec *parts, int count,
		     size_t total)
{
	ptrdiff_t went = 0;
	int r;

	if (goes_now(s, count, total))
		went = write_now(s, parts, count);
	if (went < 0)
		return (int)went;
	if ((size_t)went == total)
		return went > 0;
	r = smi_stream_reserve(s, total - (size_t)went);
	if (r >= 0)
		r = append(&s->pending, parts, count, (size_t)went);
	else if (went > 0)
		fail(s, r); /* half of it would be nonsense */
	return r < 0 ? r : went > 0;
}

static int sum(const struct iovec *parts, int count, size_t *ret_total)
{
	size_t total = 0;

	for (int i = 0; i < count; i++) {
		if (parts[i].iov_len > SIZE_MAX - total)
			return -ENOMEM;
		total += parts[i].iov_len;
	}
	*ret_total = total;
	return 0;
}

/* Our turn is over, also if it was one and we may not. */
static int end(simul_stream *s, int r)
{
	if (smi_buffer_length(&s->pending) == 0)
		release(s);
	else if (r >= 0)
		smi_stream_push_soon(s);
	let_in(s, high_of(s));
	/* Where nothing waits, nothing slows down who writes more and more. */
	if (r > 0)
		smi_give_way();
	return r < 0 ? r : 0;
}

int simul_writev(simul_stream *s, const struct iovec *parts, int count)
{
	size_t total = 0;
	int r = begin(s);

	if (r >= 0)
		r = sum(parts, count, &total);
	if (r >= 0)
		r = write_all(s, parts, count, total);
	return end(s, r);
}

int simul_write(simul_stream *s, const void *bytes, size_t n)
{
	const struct iovec part = { (void *)bytes, n };
	int r = begin(s);

	if (r >= 0 && n >= LARGE) {
		r = write_all(s, &part, 1, n);
	} else if (r >= 0) {
		take_spare(s, n);
		r = smi_buffer_append(&s->pending, bytes, n);
	}
	return end(s, r);
}

/* ---- Waiting for what was written */

static int flush(simul_stream *s)
{
	static const struct smi_wait waiting = { "bytes to leave a stream",
						 smi_interrupt_waiter };
	uint64_t goal = s->left + simul_stream_unsent(s);
	struct simul_waiter waiter;
	int r = 0;

	smi_stream_push(s);
	s->users++;
	while (r >= 0 && !s->write_error &&
	       (s->left < goal || (s->shut && s->seized))) {
		/* Woken for less, we may have been cancelled before we ran. */
		r = smi_may_suspend();
		if (r >= 0)
			r = smi_wait_in(&s->flushers, &waiter, &waiting);
	}
	s->users--;
	return r < 0 ? r : s->write_error;
}

int simul_flush(simul_stream *s)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	smi_stream_check_here(s);
	return flush(s);
}

int simul_shutdown_write(simul_stream *s)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	smi_stream_check_here(s);
	if (s->shut)
		return s->write_error;
	s->shut = true;
	smi_wake_all(&s->writers, -EPIPE);
	r = flush(s);
	if (r < 0)
		s->shut = false;
	else if (s->ops->shutdown_write)
		r = s->ops->shutdown_write(s);
	return r;
}

void smi_stream_settle(simul_stream *s)
{
	static const struct smi_wait waiting = { "the end of a write", NULL };
	struct simul_waiter waiter;

	if (!s->write_error)
		s->write_error = -ECANCELED;
	smi_buffer_done(&s->pending);
	if (s->writing)
		s->ops->cancel_write(s);
	while (s->writing || s->queued)
		smi_wait_in(&s->flushers, &waiter, &waiting);
}
