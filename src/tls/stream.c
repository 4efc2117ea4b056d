/* SPDX-License-Identifier: MIT
 * tls/stream.c - a stream of plain text over a stream of ciphertext. */
#include "tls/stream.h"

#include <errno.h>

#include <openssl/err.h>

#include <simul/error.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "io/perform.h"
#include "tls/kernel.h"

enum {
	HEADER = 5, /* of a record: its kind, version and length */
	MOST_IN_RECORD = 16384 + 2048,
	AT_ONCE = 65536, /* plain text that is encrypted at a time */
	OVERHEAD = 64,	 /* of a record, at most */
	/* What a peer may have us answer without reading it, until we read no
	 * more from it. */
	MOST_UNSENT = 2 * AT_ONCE,
	/* Records in a row that bring nothing to whoever reads. */
	MOST_WITHOUT_TEXT = 256
};

/* How long our goodbye may take to leave when the task was cancelled. It fits
 * into the system's buffers in all likelihood. */
static const double SHORTLY = 1; /* seconds */

static struct smi_tls_stream *of(const simul_stream *s)
{
	return (struct smi_tls_stream *)s;
}

/* ---- What OpenSSL says */

int smi_tls_break(struct smi_tls_stream *t, int error, const char *words)
{
	t->broken = error;
	return smi_tls_fail(&t->failure, error, "%s", words);
}

int smi_tls_judge(struct smi_tls_stream *t, int result)
{
	if (result > 0)
		return SMI_TLS_DONE;
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return SMI_TLS_WANTS;
	case SSL_ERROR_ZERO_RETURN:
		return SMI_TLS_ENDED;
	default:
		t->broken = smi_tls_explain(t);
		return t->broken;
	}
}

/* ---- Records from below */

/* RFC 8446, 5.1. What is none goes to OpenSSL as it is: it will have something
 * to say about it. */
static bool is_record(const unsigned char *header)
{
	return header[0] >= SSL3_RT_CHANGE_CIPHER_SPEC &&
	       header[0] <= SSL3_RT_APPLICATION_DATA && header[1] == 3 &&
	       header[3] * 256 + header[4] <= MOST_IN_RECORD;
}

/* How many bytes it takes to know more, or to have a record. */
static size_t length_of_record(const struct smi_input *in)
{
	const unsigned char *header = (unsigned char *)smi_input_bytes(in);

	if (smi_input_length(in) < HEADER)
		return HEADER;
	if (!is_record(header))
		return smi_input_length(in);
	return HEADER + (size_t)header[3] * 256 + header[4];
}

/* Have n bytes from below, unless we fall mute meanwhile. 1; 0: it ends before;
 * or an error. */
static int wait_for_bytes(struct smi_tls_stream *t, size_t n)
{
	struct smi_copier c = { 0 };
	const char *bytes;
	ptrdiff_t r;

	smi_copier_enter(&c, &t->stream);
	r = simul_peek(t->below, n, &bytes);
	smi_copier_leave(&c, &t->stream, 0);
	if (r == -ECANCELED && !smi_current->scope->cancelled)
		return 1;
	return r < 0 ? (int)r : (size_t)r >= n;
}

/* What has come is still heard, but nothing is waited for. */
static int take_bytes(struct smi_tls_stream *t)
{
	int r = smi_stream_fill_now(t->below);

	return r == -EAGAIN || r == -SIMUL_EUNSUPPORTED ? t->mute : r;
}

/* 1; 0: it ends before; or an error. */
static int wait_for_record(struct smi_tls_stream *t)
{
	const struct smi_input *in = &t->below->in;
	size_t length;
	int r = 1;

	while (r > 0 && (length = length_of_record(in)) > smi_input_length(in))
		r = t->mute ? take_bytes(t) : wait_for_bytes(t, length);
	return r;
}

static int find_record(simul_stream *below)
{
	int r = 1;

	while (r > 0 &&
	       length_of_record(&below->in) > smi_input_length(&below->in))
		r = smi_stream_fill_now(below);
	return r;
}

/* The rest of a message, for which a write waits, will not come: see
 * try_stalled. */
static void fail_stalled(struct smi_tls_stream *t, int error)
{
	if (error == -ECANCELED || error == -ENOMEM || !SSL_in_init(t->ssl))
		return;
	if (!t->broken)
		t->broken = error;
	if (!t->stalled)
		return;
	t->stalled = NULL;
	smi_stream_wrote(&t->stream, error);
}

/* A record was waited for. */
static int show_record(struct smi_tls_stream *t, int result)
{
	if (result > 0) {
		t->ready = length_of_record(&t->below->in);
		return 0;
	}
	if (result == 0)
		result =
			smi_tls_break(t, -SIMUL_ETRUNCATED,
				      "the connection ended without a goodbye");
	fail_stalled(t, result);
	return result;
}

int smi_tls_more(struct smi_tls_stream *t)
{
	ptrdiff_t r = 0;

	if (smi_tls_is_choked(t))
		r = smi_tls_kernel_send_all(t);
	if (r >= 0)
		r = wait_for_record(t);
	return show_record(t, (int)r);
}

int smi_tls_more_now(struct smi_tls_stream *t)
{
	int r;

	if (smi_tls_is_choked(t))
		return -EAGAIN;
	r = find_record(t->below);
	if (r != -EAGAIN && r != -SIMUL_EUNSUPPORTED)
		return show_record(t, r);
	return t->mute ? t->mute : r;
}

bool smi_tls_is_choked(const struct smi_tls_stream *t)
{
	return simul_stream_unsent(t->below) + smi_tls_kernel_unsent(t) >
	       MOST_UNSENT;
}

bool smi_tls_needs_more(const struct smi_tls_stream *t)
{
	return !t->broken && t->ready == 0 && !SSL_has_pending(t->ssl) &&
	       !(SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN);
}

/* ---- Writing */

static ptrdiff_t encrypt(struct smi_tls_stream *t, const char *bytes, size_t n)
{
	size_t done = 0, k;
	int r = SMI_TLS_DONE;

	/* That done, OpenSSL can't be refused memory in the middle. */
	if (smi_stream_reserve(t->below, n + (n / SSL3_RT_MAX_PLAIN_LENGTH +
					      1) * OVERHEAD) < 0)
		return -ENOMEM;
	while (done < n && r == SMI_TLS_DONE) {
		ERR_clear_error();
		r = smi_tls_judge(
			t, SSL_write_ex(t->ssl, bytes + done, n - done, &k));
		if (r == SMI_TLS_DONE)
			done += k;
	}
	return r < 0 ? r : (ptrdiff_t)done;
}

/* All has left, and below keeps a block for what comes next: but we keep one
 * already. */
static void release_block(simul_stream *below)
{
	if (simul_stream_unsent(below) == 0)
		smi_buffer_done(&below->pending);
}

/* Something has left below. */
static void below_has_written(struct simul_waiter *waiter, int result)
{
	struct smi_tls_stream *t = waiter->value;
	ptrdiff_t n = t->below->write_error;

	if (n == 0 && t->below->left < t->goal) {
		smi_waiters_add(&t->below->flushers, waiter);
		return;
	}
	release_block(t->below);
	smi_stream_wrote(&t->stream, n < 0 ? n : (ptrdiff_t)t->under_way);
}

/* n bytes were encrypted: are they gone, too? */
static ptrdiff_t see_off(struct smi_tls_stream *t, size_t n)
{
	simul_stream *below = t->below;
	size_t unsent = simul_stream_unsent(below);

	if (below->write_error)
		return below->write_error;
	if (unsent == 0) {
		release_block(below);
		return (ptrdiff_t)n;
	}
	t->under_way = n;
	t->goal = below->left + unsent;
	t->waiter.value = t;
	t->waiter.notify = below_has_written;
	smi_waiters_add(&below->flushers, &t->waiter);
	return 0;
}

/* The kernel encrypts. What does not go at once goes through below, which
 * waits for it to go. */
static ptrdiff_t write_plain(struct smi_tls_stream *t, const void *bytes,
			     size_t n)
{
	const struct iovec part = { (void *)bytes, n };
	ptrdiff_t went = smi_tls_kernel_send(t, &part, 1);

	t->has_written = true;
	if (went != -EAGAIN)
		return went;
	if (smi_stream_reserve(t->below, n) < 0)
		return -ENOMEM;
	smi_buffer_append(&t->below->pending, bytes, n);
	smi_stream_push(t->below);
	return see_off(t, n);
}

static ptrdiff_t write_some(struct smi_tls_stream *t, const void *bytes,
			    size_t n)
{
	ptrdiff_t r = t->broken;

	if (n > AT_ONCE)
		n = AT_ONCE;
	if (r == 0 && t->kernel)
		return write_plain(t, bytes, n);
	if (r == 0)
		r = encrypt(t, bytes, n);
	smi_stream_push(t->below);
	if (r < 0)
		return r;
	if (r == 0) {
		t->stalled = bytes;
		t->stalled_length = n;
		return 0;
	}
	t->has_written = true;
	return see_off(t, (size_t)r);
}

/* What fails below both sides get to know. But of what fails here the peer
 * knows nothing, and may wait for it while somebody waits for the answer. */
static ptrdiff_t write_tls(simul_stream *s, const void *bytes, size_t n)
{
	struct smi_tls_stream *t = of(s);
	ptrdiff_t r = write_some(t, bytes, n);

	if (r < 0 && !t->below->write_error) {
		t->mute = (int)r;
		smi_stream_tell_watchers(s);
	}
	return r;
}

static ptrdiff_t write_now(simul_stream *s, const struct iovec *parts,
			   int count)
{
	struct smi_tls_stream *t = of(s);

	if (!t->kernel || t->broken)
		return -EAGAIN;
	t->has_written = true;
	return smi_tls_kernel_send(t, parts, count);
}

/* Only the kernel encrypts what has not been here. */
static int take_files(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);

	return t->kernel ? t->below->ops->take_files(t->below)
			 : -SIMUL_EUNSUPPORTED;
}

/* A message of the peer's that comes in several records, of which the first has
 * been read, has to be answered before anything else is sent. So a write waits
 * for whoever reads. */
static void try_stalled(struct smi_tls_stream *t)
{
	const void *bytes = t->stalled;
	ptrdiff_t n;

	if (!bytes || (!t->broken && SSL_in_init(t->ssl)))
		return;
	t->stalled = NULL;
	n = write_tls(&t->stream, bytes, t->stalled_length);
	if (n != 0)
		smi_stream_wrote(&t->stream, n);
}

static void cancel_write(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);

	t->stalled = NULL;
	if (t->waiter.queue)
		smi_waiters_remove(&t->waiter);
	smi_stream_wrote(s, -ECANCELED);
}

/* What waits holds no room for records. OpenSSL sees to that most of the time,
 * but not behind tickets or a goodbye. */
static void release(struct smi_tls_stream *t)
{
	/* Before 3.0.14 OpenSSL would also free what has not been read to its
	 * end (CVE-2024-4741). */
	if (simul_stream_buffered(t->below) > 0 || SSL_has_pending(t->ssl))
		return;
	SSL_free_buffers(t->ssl);
	/* Somebody may be receiving into it. */
	if (!t->below->reader)
		smi_input_rest(&t->below->in);
}

static int shutdown_write(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);
	int r;

	if (t->broken)
		return t->broken;
	t->owes_goodbye = SSL_in_init(t->ssl); /* see try_stalled */
	if (t->owes_goodbye)
		return 0;
	ERR_clear_error();
	r = SSL_shutdown(t->ssl);
	if (r < 0)
		r = smi_tls_judge(t, r);
	smi_stream_push(t->below);
	release(t);
	return r < 0 ? r : 0;
}

/* ---- Reading */

/* Tickets, new keys and empty records take our time, a whole burst of them at
 * once, and a peer may send as many as it likes. Honest ones come one by one.
 * OpenSSL limits only the empty ones. */
static int see_that_text_comes(struct smi_tls_stream *t, int result)
{
	if (result != SMI_TLS_WANTS)
		t->without_text = 0;
	else if (++t->without_text > MOST_WITHOUT_TEXT)
		return smi_tls_break(t, -SIMUL_EPROTOCOL,
				     "too many records with nothing to read");
	return result;
}

int smi_tls_decrypt(struct smi_tls_stream *t, void *bytes, size_t n,
		    size_t *ret_n)
{
	int r = t->broken;

	if (r == 0) {
		ERR_clear_error();
		r = smi_tls_judge(t, SSL_read_ex(t->ssl, bytes, n, ret_n));
		r = see_that_text_comes(t, r);
		smi_tls_kernel_check_key(t);
	}
	/* It may have had something to answer, or to complain of. */
	smi_stream_push(t->below);
	try_stalled(t);
	if (t->owes_goodbye && !SSL_in_init(t->ssl))
		shutdown_write(&t->stream);
	if (r != SMI_TLS_WANTS)
		release(t);
	t->has_read |= r == SMI_TLS_DONE;
	return r;
}

static ptrdiff_t read_tls(simul_stream *s, void *bytes, size_t n)
{
	struct smi_tls_stream *t = of(s);
	size_t got = 0;
	int r = smi_may_suspend();

	while (r >= 0) {
		if (smi_tls_needs_more(t))
			r = smi_tls_more(t);
		if (r >= 0)
			r = smi_tls_decrypt(t, bytes, n, &got);
		if (r >= 0 && r != SMI_TLS_WANTS)
			return (ptrdiff_t)got;
		if (r == SMI_TLS_WANTS)
			smi_give_way();
	}
	return r;
}

/* Wait for a record, holding no memory for what is in it. */
static int await_tls(simul_stream *s)
{
	struct smi_tls_stream *t = of(s);
	int r = smi_may_suspend();

	return r >= 0 && smi_tls_needs_more(t) ? smi_tls_more(t) : r;
}

/* ---- The end */

/* A server of TLS 1.3 sends tickets after the handshake. Who writes, and closes
 * without having read them, makes the system reset the connection, and what was
 * written may be lost. */
static bool tickets_may_come(const struct smi_tls_stream *t)
{
	return !t->context->base.is_server && t->has_written && !t->has_read &&
	       !t->broken && SSL_version(t->ssl) == TLS1_3_VERSION;
}

static int leave(void *arg)
{
	struct smi_tls_stream *t = arg;
	ptrdiff_t r = smi_tls_kernel_flush(t);
	char waste[256];

	while (r >= 0 && tickets_may_come(t)) {
		r = read_tls(&t->stream, waste, sizeof waste);
		if (r <= 0)
			break;
	}
	return (int)r;
}

static int flush(void *t)
{
	return smi_tls_kernel_flush(t);
}

static int leave_shortly(void *t)
{
	return simul_wait_for(SHORTLY, flush, t);
}

/* 1; 0: something waits yet; or what is wrong below. */
static int has_left(const struct smi_tls_stream *t)
{
	if (t->below->write_error)
		return t->below->write_error;
	if (simul_stream_unsent(t->below) > 0 || smi_tls_kernel_unsent(t) > 0)
		return 0;
	return smi_tls_kernel_is_empty(t);
}

static int say_goodbye(struct smi_tls_stream *t)
{
	int r, left;

	if (!t->broken) {
		ERR_clear_error();
		SSL_shutdown(t->ssl);
		ERR_clear_error();
	}
	smi_stream_push(t->below);
	r = has_left(t);
	if (r < 0 || (r > 0 && !tickets_may_come(t)))
		return r;
	r = simul_wait_for(t->context->settings->options.shutdown_timeout,
			   leave, t);
	if (r == -ECANCELED)
		r = simul_shield(leave_shortly, t);
	left = has_left(t);
	return left != 0 ? left : r;
}

void smi_tls_stream_free(struct smi_tls_stream *t)
{
	smi_tls_kernel_end(t);
	SSL_free(t->ssl);
	smi_tls_material_release(t->material);
	smi_tls_context_release(t->context);
	smi_free(t->host);
	smi_free(t->protocol);
}

/* Our goodbye does not leave. All else has, but may still be with the system,
 * which would drop it if the connection were reset. */
static void drop_goodbye(simul_stream *below)
{
	int error = below->write_error;

	smi_stream_settle(below);
	smi_buffer_done(&below->leaving); /* half of it may have left */
	below->write_error = error;
}

/* Something is missing from what was written. */
static void abort_below(simul_stream *below, bool keep)
{
	if (keep)
		smi_stream_settle(below);
	else
		simul_abort(below);
}

/* All that was written has left, unless aborted: if our goodbye then does not,
 * the peer sees an end without one, but loses nothing else. But who knows what
 * the kernel would still have to send. */
static int close_tls(simul_stream *s, bool aborted)
{
	struct smi_tls_stream *t = of(s);
	simul_stream *below = t->below;
	bool keep = t->keep_below, in_kernel = t->kernel;
	int said = aborted ? 0 : say_goodbye(t), r;

	smi_tls_stream_free(t);
	if (aborted || (said < 0 && in_kernel)) {
		abort_below(below, keep);
		return said;
	}
	if (said < 0)
		drop_goodbye(below);
	r = keep ? 0 : simul_close(below);
	return said < 0 ? 0 : r;
}

static simul_stream *below(const simul_stream *s)
{
	return of(s)->below;
}

const struct smi_stream_ops smi_tls_ops = {
	.read = read_tls,
	.read_now = smi_tls_read_now,
	.await = await_tls,
	.write = write_tls,
	.write_now = write_now,
	.take_files = take_files,
	.cancel_write = cancel_write,
	.shutdown_write = shutdown_write,
	.close = close_tls,
	.is_quiet = smi_tls_is_quiet,
	.watch = smi_tls_watch,
	.unwatch = smi_tls_unwatch,
	.below = below,
};
