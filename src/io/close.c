/* SPDX-License-Identifier: MIT
 * io/close.c - the life of a stream. */
#include <errno.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/stream.h"
#include "task/wait.h"

simul_stream *smi_stream_new(const struct smi_stream_ops *ops, size_t size)
{
	struct simul_loop *loop = smi_current_loop;
	simul_stream *s = smi_alloc_zero(size);

	if (!s)
		return NULL;
	if (smi_loop_reserve(&loop->loop) < 0) {
		smi_free(s);
		return NULL;
	}
	s->ops = ops;
	s->source.ops = &smi_stream_source;
	s->loop = loop;
	loop->open++;
	smi_input_init(&s->in, ops->unit, &loop->loop.spares);
	return s;
}

void smi_stream_free(simul_stream *s)
{
	if (s->loop) {
		s->loop->open--;
		smi_loop_unreserve(&s->loop->loop);
	}
	smi_input_done(&s->in);
	smi_buffer_done(&s->late);
	smi_buffer_done(&s->pending);
	smi_buffer_done(&s->leaving);
	smi_free(s);
}

void smi_stream_astray(const simul_stream *s)
{
	smi_bug("task '%s' uses a stream that is %s: see simul_stream_detach",
		simul_task_name(smi_current),
		s->loop ? "of another loop" : "detached");
}

static void check_unused(const simul_stream *s)
{
	if (s->loop)
		smi_stream_check_here(s);
	if (s->reader)
		smi_bug("task '%s' closes a stream that task '%s' reads from",
			simul_task_name(smi_current),
			simul_task_name(s->reader));
	if (s->users > 0 || s->source.watchers.first)
		smi_bug("task '%s' closes a stream that others write to or "
			"wait for",
			simul_task_name(smi_current));
}

static int let_go(simul_stream *s, bool aborted)
{
	int r;

	/* It may have been on its way here. */
	s->in.spares = &smi_current_loop->loop.spares;
	smi_stream_settle(s);
	r = s->ops->close(s, aborted);
	smi_stream_free(s);
	return r;
}

/* Nothing that waits: nothing to be cancelled. */
static int flush(simul_stream *s)
{
	return s->write_error || simul_stream_unsent(s) == 0 ? s->write_error
							     : simul_flush(s);
}

int simul_close(simul_stream *s)
{
	int r, closed;

	if (!s)
		return 0;
	if (!smi_current)
		return -EPERM;
	check_unused(s);
	r = flush(s);
	closed = let_go(s, r < 0);
	return r < 0 ? r : closed;
}

void simul_abort(simul_stream *s)
{
	if (!s || !smi_current)
		return;
	check_unused(s);
	let_go(s, true);
}
