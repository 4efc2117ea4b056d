/* SPDX-License-Identifier: MIT
 * io/detach.c - streams go from loop to loop. */
#include <errno.h>

#include <simul/error.h>
#include <simul/task.h>

#include "io/stream.h"
#include "task/wait.h"

static bool is_used(const simul_stream *s)
{
	return s->reader || s->users > 0 || s->source.watchers.first ||
	       s->copiers;
}

/* With the last byte the stream's job may still be to run. */
static int let_all_leave(simul_stream *s)
{
	int r = s->write_error;

	while (r >= 0 &&
	       (simul_stream_unsent(s) > 0 || s->queued || s->writing))
		r = simul_stream_unsent(s) > 0 ? simul_flush(s)
					       : simul_sleep(0);
	return r;
}

/* Nobody else begins to read meanwhile; who begins to write has to have
 * ended. */
static int get_ready(simul_stream *s)
{
	int r;

	s->reader = smi_current;
	s->ops->rest(s);
	r = let_all_leave(s);
	s->reader = NULL;
	return r >= 0 && is_used(s) ? -EBUSY : r;
}

int simul_stream_detach(simul_stream *s)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!s->ops->rest)
		return -SIMUL_EUNSUPPORTED;
	if (!s->loop)
		return -EBUSY;
	smi_stream_check_here(s);
	if (is_used(s))
		return -EBUSY;
	r = get_ready(s);
	if (r < 0)
		return r;
	s->ops->leave(s);
	smi_loop_unreserve(&s->loop->loop);
	s->loop->open--;
	s->loop = NULL;
	return 0;
}

int simul_stream_attach(simul_stream *s)
{
	struct simul_loop *here = smi_current_loop;
	int r;

	if (!smi_current)
		return -EPERM;
	if (s->loop)
		return -EBUSY;
	r = smi_loop_reserve(&here->loop);
	if (r < 0)
		return r;
	r = s->ops->join(s);
	if (r < 0) {
		smi_loop_unreserve(&here->loop);
		return r;
	}
	s->loop = here;
	here->open++;
	s->in.spares = &here->loop.spares;
	return 0;
}
