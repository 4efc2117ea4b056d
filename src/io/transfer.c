/* SPDX-License-Identifier: MIT
 * io/transfer.c - from one stream into another.
 *
 * What has come is at any moment in the one stream or in the other, never in
 * between: so whatever ends the copy, nothing is lost. A block that goes over
 * whole is handed over, not copied.
 */
#include <errno.h>
#include <string.h>

#include "io/stream.h"

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

/* How many; 0 at the end; an error. */
static ptrdiff_t copy_some(simul_stream *from, simul_stream *to, uint64_t most)
{
	const char *bytes;
	ptrdiff_t n;
	int r = smi_stream_wait_for_room(to);

	if (r < 0)
		return r;
	to->users++;
	n = simul_peek(from, 1, &bytes);
	to->users--;
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

int simul_copy(simul_stream *from, simul_stream *to, uint64_t most,
	       uint64_t *copied)
{
	ptrdiff_t n = 1;

	if (from == to)
		return -EINVAL;
	while (n > 0 && most > 0) {
		n = copy_some(from, to, most);
		if (n <= 0)
			break;
		most -= (uint64_t)n;
		if (copied)
			*copied += (uint64_t)n;
	}
	return n < 0 ? (int)n : 0;
}
