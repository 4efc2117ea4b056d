/* SPDX-License-Identifier: MIT
 * tls/watch.c - TLS streams among what simul_select waits for.
 *
 * Only who has decrypted a record knows whether a reader can use it: it may be
 * a ticket, or half of one. So what has come below is decrypted there and then,
 * also outside of any task, as far as that goes without waiting; and what is
 * found goes to stream.late, from where the next read takes it. */
#include <errno.h>

#include <simul/error.h>

#include "tls/stream.h"

static struct smi_tls_stream *of(simul_stream *s)
{
	return (struct smi_tls_stream *)s;
}

/* ---- Is there anything? */

/* One more than needed, for the zero behind a line. What is in a record is
 * less than the record. */
static int decrypt_aside(struct smi_tls_stream *t)
{
	struct smi_buffer *late = &t->stream.late;
	size_t n = t->ready, got = 0;
	int r = smi_buffer_reserve(late, n + 1);

	if (r >= 0)
		r = smi_tls_decrypt(t, smi_buffer_tail(late), n, &got);
	smi_buffer_commit(late, got);
	if (smi_buffer_length(late) == 0)
		smi_buffer_done(late);
	return r;
}

/* -EAGAIN: nothing that a read could use. Else there is, or the read will fail
 * in the same way. */
static int look_below(struct smi_tls_stream *t)
{
	int r = SMI_TLS_WANTS;

	/* A read that was cancelled may have had it shown. */
	if (!t->broken && t->ready > 0)
		r = decrypt_aside(t);
	while (r == SMI_TLS_WANTS && smi_tls_needs_more(t)) {
		r = smi_tls_more_now(t);
		if (r >= 0)
			r = decrypt_aside(t);
	}
	if (r == -SIMUL_EUNSUPPORTED && smi_stream_is_quiet(t->below))
		return -EAGAIN;
	return r;
}

/* To take from below may let more come there, of which we are told: whoever is
 * looking will see it, too. */
bool smi_tls_is_quiet(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);
	int r = -EAGAIN;

	if (t->looking)
		return true;
	t->looking = true;
	r = look_below(t);
	t->looking = false;
	if (r != -EAGAIN)
		smi_stream_tell_watchers(s);
	return r == -EAGAIN;
}

/* After a look, which has put all that needs a record into late. */
ptrdiff_t smi_tls_read_now(simul_stream *s, void *bytes, size_t n)
{
	struct smi_tls_stream *t = of(s);
	size_t got = 0;
	int r = smi_tls_needs_more(t) ? SMI_TLS_WANTS
				      : smi_tls_decrypt(t, bytes, n, &got);

	if (r == SMI_TLS_WANTS)
		return t->mute ? t->mute : -EAGAIN;
	return r < 0 ? r : (ptrdiff_t)got;
}

/* ---- Waiting for it */

static void below_has_news(struct simul_waiter *waiter, int result)
{
	struct smi_tls_stream *t = waiter->value;

	smi_stream_tell_watchers(&t->stream);
}

/* What we wait for may have changed. */
static void wait_in(struct smi_tls_stream *t, struct simul_waiters *queue)
{
	if (t->watcher.queue == queue)
		return;
	if (t->watcher.queue)
		smi_waiters_remove(&t->watcher);
	t->watcher.value = t;
	t->watcher.notify = below_has_news;
	smi_waiters_add(queue, &t->watcher);
}

static int watch_below(struct smi_tls_stream *t)
{
	simul_stream *below = t->below;
	int r = below->ops->read_now ? below->ops->watch(below)
				     : -SIMUL_EUNSUPPORTED;

	if (r != -EAGAIN)
		return r;
	t->watching_below++;
	wait_in(t, &below->source.watchers);
	return r;
}

int smi_tls_watch(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);
	int r = -EAGAIN;

	if (smi_tls_is_choked(t))
		wait_in(t, &t->below->flushers);
	else
		r = watch_below(t);
	t->watching += r == -EAGAIN;
	return r;
}

/* Who leaves may have watched what is written below, while others watch what
 * comes there. */
void smi_tls_unwatch(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);
	simul_stream *below = t->below;

	if (--t->watching == 0 && t->watcher.queue)
		smi_waiters_remove(&t->watcher);
	if (t->watching_below <= t->watching)
		return;
	t->watching_below--;
	if (below->ops->unwatch)
		below->ops->unwatch(below);
}
