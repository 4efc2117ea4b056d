/* SPDX-License-Identifier: MIT
 * io/transfer.c - from one stream into another.
 *
 * What has come is at any moment in the one stream or in the other, never in
 * between: so whatever ends the copy, nothing is lost. A block that goes over
 * whole is handed over, not copied; and most of a large file goes to a socket
 * without coming here at all.
 */
#include <errno.h>
#include <string.h>

#include "io/stream.h"
#include "task/task.h"

/* Give the first n bytes that from holds to buffer, which waits to be
 * written. */
static int pass(struct smi_input *in, struct smi_buffer *buffer, size_t n)
{
	int r;

	if (n == smi_input_length(in) && smi_buffer_length(buffer) == 0) {
		smi_buffer_done(buffer);
		*buffer = smi_input_detach(in);
		return 0;
	}
	r = smi_buffer_append(buffer, smi_input_bytes(in), n);
	if (r < 0)
		return r;
	smi_input_take(in, n);
	smi_input_release(in);
	return 0;
}

void smi_copier_enter(struct smi_copier *c, simul_stream *to)
{
	c->next = to->copiers;
	to->copiers = c;
	to->users++;
	smi_scope_open(smi_current, &c->scope);
}

static void forget(simul_stream *to, const struct smi_copier *c)
{
	struct smi_copier **at = &to->copiers;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
}

ptrdiff_t smi_copier_leave(struct smi_copier *c, simul_stream *to, ptrdiff_t n)
{
	smi_scope_close(&c->scope);
	to->users--;
	forget(to, c);
	return n == -ECANCELED && to->write_error &&
			       !smi_current->scope->cancelled
		       ? to->write_error
		       : n;
}

/* As simul_peek, as long as it can be written: who copies to one who is gone
 * doesn't wait for one who is silent. */
static ptrdiff_t await_some(simul_stream *from, simul_stream *to,
			    const char **ret_bytes)
{
	struct smi_copier c = { 0 };

	smi_copier_enter(&c, to);
	return smi_copier_leave(&c, to, simul_peek(from, 1, ret_bytes));
}

/* How many; 0 at the end; an error. */
static ptrdiff_t copy_some(simul_stream *from, simul_stream *to, uint64_t most)
{
	const char *bytes;
	ptrdiff_t n;
	int r = smi_stream_wait_for_room(to);

	if (r < 0)
		return r;
	n = await_some(from, to, &bytes);
	if (n <= 0)
		return n;
	/* Much may have happened to it meanwhile. */
	r = smi_stream_get_ready(to);
	if (r < 0)
		return r;
	if ((uint64_t)n > most)
		n = (ptrdiff_t)most;
	r = pass(&from->in, &to->pending, (size_t)n);
	if (r < 0)
		return r;
	smi_stream_push_soon(to);
	return n;
}

/* ---- All
 *
 * What is large goes into a socket without us; but to take that way costs more
 * than to copy a little, and it waits until there is nothing else to send. So
 * there has to be much of it, and the last piece must not have been small. */

enum { MUCH = 131072, LARGE = 16384 };

struct copy {
	simul_stream *from;
	simul_stream *to;
	uint64_t most;
	uint64_t done;
	int way; /* past us, or -1 */
	bool flows;
};

static int way_past_us(const simul_stream *from, simul_stream *to)
{
	return from->ops->send_into && to->ops->take_files
		       ? to->ops->take_files(to)
		       : -1;
}

static ptrdiff_t copy_step(struct copy *c)
{
	ptrdiff_t n = 0;

	if (c->flows && c->done >= MUCH && c->most >= MUCH && c->way >= 0)
		n = c->from->ops->send_into(c->from, c->to, &c->way, c->most);
	return n ? n : copy_some(c->from, c->to, c->most);
}

int simul_copy(simul_stream *from, simul_stream *to, uint64_t most,
	       uint64_t *copied)
{
	struct copy c = { from, to, most, 0, -1, false };
	ptrdiff_t n = 1;

	if (from == to)
		return -EINVAL;
	c.way = way_past_us(from, to);
	from->users++; /* also while it is to that is waited for */
	while (c.most > 0) {
		n = copy_step(&c);
		if (n <= 0)
			break;
		c.most -= (uint64_t)n;
		c.done += (uint64_t)n;
		c.flows = n >= LARGE;
		if (copied)
			*copied += (uint64_t)n;
	}
	from->users--;
	return n < 0 ? (int)n : 0;
}
