/* SPDX-License-Identifier: MIT
 * io/ready.c - streams among what simul_select waits for. */
#include <simul/select.h>

#include <errno.h>

#include <simul/error.h>

#include "io/stream.h"

static simul_stream *stream_of(struct smi_source *source)
{
	return (simul_stream *)((char *)source -
				offsetof(simul_stream, source));
}

/* Would a read return at once? */
static int look(struct smi_source *source)
{
	simul_stream *s = stream_of(source);

	if (s->reader)
		return -EBUSY;
	if (s->read_error || simul_stream_buffered(s) > 0)
		return 0;
	if (!s->ops->is_quiet)
		return -SIMUL_EUNSUPPORTED;
	return s->ops->is_quiet(s) ? -EAGAIN : 0;
}

static int watch(struct smi_source *source)
{
	simul_stream *s = stream_of(source);

	if (s->loop != smi_current_loop)
		smi_stream_astray(s);
	return s->ops->watch ? s->ops->watch(s) : -SIMUL_EUNSUPPORTED;
}

static void unwatch(struct smi_source *source)
{
	simul_stream *s = stream_of(source);

	if (s->ops->unwatch)
		s->ops->unwatch(s);
}

const struct smi_source_ops smi_stream_source = { look, watch, unwatch };

simul_case simul_case_stream(simul_stream *s)
{
	simul_case c = { SIMUL_CASE_STREAM, &s->source, NULL, NULL, 0, -1, 0 };

	return c;
}
