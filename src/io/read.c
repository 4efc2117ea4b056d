/* SPDX-License-Identifier: MIT
 * io/read.c - the verbs that read. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <simul/error.h>

#include "base/bug.h"
#include "io/perform.h"
#include "io/stream.h"
#include "task/wait.h"

enum { DEFAULT_LIMIT = 65536 };

static size_t smaller_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int begin(simul_stream *s)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	smi_stream_check_here(s);
	if (s->reader)
		return -EBUSY;
	s->reader = smi_current;
	return 0;
}

static void end(simul_stream *s)
{
	s->reader = NULL;
}

static size_t limit_of(const simul_stream *s)
{
	return s->limit ? s->limit : DEFAULT_LIMIT;
}

/* ---- Receiving */

static ptrdiff_t take_late(simul_stream *s, void *bytes, size_t n)
{
	n = smaller_of(n, smi_buffer_length(&s->late));
	memcpy(bytes, smi_buffer_bytes(&s->late), n);
	smi_buffer_consume(&s->late, n);
	if (smi_buffer_length(&s->late) == 0)
		smi_buffer_done(&s->late);
	smi_give_way();
	return (ptrdiff_t)n;
}

/* A stream that could not be written is not one that has simply ended: a
 * system tells of a broken connection once, and the writer may have been the
 * one who was told. */
static ptrdiff_t receive(simul_stream *s, void *bytes, size_t n)
{
	ptrdiff_t r = s->read_error;

	assert(n > 0); /* or the answer would look like the end */
	/* What was lost must not be passed over. */
	if (r == 0 && smi_buffer_length(&s->late) > 0)
		return take_late(s, bytes, n);
	if (r == 0)
		r = s->ops->read(s, bytes, n);
	s->ended |= r == 0;
	return r == 0 ? s->write_error : r;
}

/* Nothing is there: wait for something, without memory for it if that can be
 * done. */
static int await_some(simul_stream *s)
{
	if (!s->ops->await || s->read_error)
		return 0;
	smi_input_rest(&s->in);
	return s->ops->await(s);
}

/* Receive some more behind what is there. 1; 0 at the end; an error. */
static int fill(simul_stream *s)
{
	struct smi_input *in = &s->in;
	ptrdiff_t n;

	if (simul_stream_buffered(s) == 0) {
		n = await_some(s);
		if (n < 0)
			return (int)n;
		if (smi_input_length(in) > 0)
			return 1;
	}
	if (!s->read_error && smi_buffer_length(&s->late) > 0) {
		n = smi_input_append_buffer(in, &s->late);
		return n < 0 ? (int)n : 1;
	}
	n = smi_input_prepare(in);
	if (n < 0)
		return (int)n;
	n = receive(s, smi_input_tail(in), smi_input_space(in));
	if (n <= 0)
		return (int)n;
	smi_input_commit(in, (size_t)n);
	return 1;
}

/* Receive until there are n bytes. 1; 0: the stream ended before; an error. */
static int fill_up_to(simul_stream *s, size_t n)
{
	int r = 1;

	while (r > 0 && smi_input_length(&s->in) < n)
		r = fill(s);
	return r;
}

static void take(simul_stream *s, void *buffer, size_t n)
{
	if (n > 0)
		memcpy(buffer, smi_input_bytes(&s->in), n);
	smi_input_take(&s->in, n);
	smi_input_release(&s->in);
}

/* ---- Some */

/* What is asked for in large pieces goes where it is wanted at once. */
static ptrdiff_t read_some(simul_stream *s, void *buffer, size_t n)
{
	int r;

	if (n == 0)
		return 0;
	if (smi_input_length(&s->in) == 0) {
		if (n >= SMI_INPUT_SMALL) {
			smi_input_rest(&s->in);
			return receive(s, buffer, n);
		}
		r = fill(s);
		if (r <= 0)
			return r;
	}
	n = smaller_of(n, smi_input_length(&s->in));
	take(s, buffer, n);
	return (ptrdiff_t)n;
}

ptrdiff_t simul_read(simul_stream *s, void *buffer, size_t n)
{
	ptrdiff_t r = begin(s);

	if (r < 0)
		return r;
	r = read_some(s, buffer, n);
	end(s);
	return r;
}

/* ---- Exactly so many */

static int ended_at(const simul_stream *s)
{
	return smi_input_length(&s->in) > 0 ? -SIMUL_EEOF : 0;
}

static int read_few(simul_stream *s, void *buffer, size_t n)
{
	int r = fill_up_to(s, n);

	if (r == 0)
		return ended_at(s);
	if (r > 0)
		take(s, buffer, n);
	return r;
}

/* Keep n bytes that were received for somebody who doesn't get them now. */
static void keep(simul_stream *s, const void *bytes, size_t n)
{
	int r = smi_input_append(&s->in, bytes, n);

	/* They are lost, so what comes after them must not be read. */
	if (r < 0)
		s->read_error = r;
}

static int read_many(simul_stream *s, char *buffer, size_t n)
{
	size_t had = smaller_of(smi_input_length(&s->in), n), got = had;
	ptrdiff_t r = 1;

	if (had == 0)
		smi_input_rest(&s->in);
	memcpy(buffer, smi_input_bytes(&s->in), had);
	while (got < n) {
		r = receive(s, buffer + got, n - got);
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	if (got < n) {
		keep(s, buffer + had, got - had);
		/* What is lost must not look like a clean end. */
		if (r == 0 && s->read_error)
			return s->read_error;
		return r == 0 ? ended_at(s) : (int)r;
	}
	smi_input_take(&s->in, had);
	smi_input_release(&s->in);
	return 1;
}

int simul_read_exactly(simul_stream *s, void *buffer, size_t n)
{
	int r = begin(s);

	if (r < 0)
		return r;
	r = n <= SMI_INPUT_SMALL ? read_few(s, buffer, n)
				 : read_many(s, buffer, n);
	end(s);
	return r;
}

/* ---- All */

/* Take length bytes as a string, and with them so many more. There is always
 * place for a zero behind what was received. */
static void take_string(simul_stream *s, size_t length, size_t more,
			char **ret_bytes, size_t *ret_length)
{
	char *bytes = smi_input_bytes(&s->in);

	bytes[length] = 0;
	smi_input_take(&s->in, length + more);
	*ret_bytes = bytes;
	if (ret_length)
		*ret_length = length;
}

/* 0 at the end; an error. */
static int fill_to_end(simul_stream *s, size_t limit)
{
	int r;

	do {
		if (smi_input_length(&s->in) > limit)
			return -SIMUL_ETOOLONG;
		r = fill(s);
	} while (r > 0);
	return r;
}

int simul_read_all(simul_stream *s, size_t limit, char **ret_bytes,
		   size_t *ret_length)
{
	int r = begin(s);

	if (r < 0)
		return r;
	r = fill_to_end(s, limit);
	if (r >= 0)
		take_string(s, smi_input_length(&s->in), 0, ret_bytes,
			    ret_length);
	end(s);
	return r;
}

/* ---- Up to a delimiter */

struct delimiter {
	const void *bytes;
	size_t length;
	size_t limit; /* where it may begin at the latest */
};

/* Receive until the delimiter is there. 1, and where it begins; 0: the stream
 * ended before; an error. */
static int find(simul_stream *s, const struct delimiter *d, size_t *ret_at)
{
	size_t seen = 0;
	int r;

	do {
		const char *bytes = smi_input_bytes(&s->in), *hit;
		size_t n = smi_input_length(&s->in);

		hit = memmem(bytes + seen, n - seen, d->bytes, d->length);
		if (hit) {
			*ret_at = (size_t)(hit - bytes);
			return *ret_at > d->limit ? -SIMUL_ETOOLONG : 1;
		}
		if (n >= d->length) {
			/* It may have begun in the last bytes. */
			seen = n - d->length + 1;
			if (seen > d->limit)
				return -SIMUL_ETOOLONG;
		}
		r = fill(s);
	} while (r > 0);
	return r;
}

int simul_read_until(simul_stream *s, const void *delimiter, size_t length,
		     char **ret_bytes, size_t *ret_length)
{
	struct delimiter d = { delimiter, length, limit_of(s) };
	size_t at;
	int r;

	if (length == 0)
		return -EINVAL;
	r = begin(s);
	if (r < 0)
		return r;
	r = find(s, &d, &at);
	if (r > 0)
		take_string(s, at, length, ret_bytes, ret_length);
	else if (r == 0)
		r = ended_at(s);
	end(s);
	return r;
}

static int read_line(simul_stream *s, char **ret_line, size_t *ret_length)
{
	size_t limit = limit_of(s), length, more = 1;
	/* One more than the limit, for a "\r". */
	struct delimiter d = { "\n", 1, limit < SIZE_MAX ? limit + 1 : limit };
	int r = find(s, &d, &length);

	if (r < 0)
		return r;
	if (r == 0) {
		length = smi_input_length(&s->in);
		more = 0;
		if (length == 0)
			return 0;
	} else if (length > 0 && smi_input_bytes(&s->in)[length - 1] == '\r') {
		length--;
		more++;
	}
	if (length > limit)
		return -SIMUL_ETOOLONG;
	take_string(s, length, more, ret_line, ret_length);
	return 1;
}

int simul_read_line(simul_stream *s, char **ret_line, size_t *ret_length)
{
	int r = begin(s);

	if (r < 0)
		return r;
	r = read_line(s, ret_line, ret_length);
	end(s);
	return r;
}

/* ---- Without taking */

ptrdiff_t simul_peek(simul_stream *s, size_t least, const char **ret_bytes)
{
	int r;

	if (least > limit_of(s))
		return -SIMUL_ETOOLONG;
	r = begin(s);
	if (r < 0)
		return r;
	r = fill_up_to(s, least ? least : 1);
	end(s);
	if (r < 0)
		return r;
	*ret_bytes = smi_input_bytes(&s->in);
	return (ptrdiff_t)smi_input_length(&s->in);
}

void simul_consume(simul_stream *s, size_t n)
{
	/* Where bytes are received just now must not be freed or moved. */
	if (s->reader)
		smi_bug("task '%s' takes bytes from a stream that task '%s' "
			"reads from",
			simul_task_name(smi_current),
			simul_task_name(s->reader));
	smi_input_take(&s->in, smaller_of(n, smi_input_length(&s->in)));
	smi_input_release(&s->in);
}

void simul_stream_set_limit(simul_stream *s, size_t limit)
{
	s->limit = limit;
}

/* ---- What has come */

size_t simul_stream_buffered(const simul_stream *s)
{
	return smi_input_length(&s->in) + smi_buffer_length(&s->late);
}

bool smi_stream_is_quiet(simul_stream *s)
{
	return simul_stream_buffered(s) == 0 && s->ops->is_quiet &&
	       s->ops->is_quiet(s);
}

/* Nothing is in late. */
static ptrdiff_t receive_now(simul_stream *s)
{
	ptrdiff_t n = smi_input_prepare(&s->in);

	if (n >= 0)
		n = s->ops->read_now(s, smi_input_tail(&s->in),
				     smi_input_space(&s->in));
	if (n > 0)
		smi_input_commit(&s->in, (size_t)n);
	else
		smi_input_rest(&s->in);
	s->ended |= n == 0;
	return n == 0 ? s->write_error : n;
}

static int take_in_late(simul_stream *s)
{
	int r = smi_input_append_buffer(&s->in, &s->late);

	return r < 0 ? r : 1;
}

int smi_stream_fill_now(simul_stream *s)
{
	ptrdiff_t n;

	if (!s->ops->read_now)
		return -SIMUL_EUNSUPPORTED;
	/* What was lost must not be passed over. */
	if (s->read_error)
		return s->read_error;
	if (smi_buffer_length(&s->late) == 0 && s->ops->is_quiet(s)) {
		smi_input_rest(&s->in);
		return -EAGAIN;
	}
	/* To ask may have brought it there. */
	if (smi_buffer_length(&s->late) > 0)
		return take_in_late(s);
	n = receive_now(s);
	return n > 0 ? 1 : (int)n;
}
