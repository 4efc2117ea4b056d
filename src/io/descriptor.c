/* SPDX-License-Identifier: MIT
 * io/descriptor.c - streams over a descriptor. */
#include "io/descriptor.h"

#include <errno.h>
#include <poll.h>

#include "task/wait.h"

struct smi_descriptor *smi_descriptor_new(const struct smi_stream_ops *ops,
					  size_t size)
{
	struct smi_descriptor *d =
		(struct smi_descriptor *)smi_stream_new(ops, size);

	if (d)
		d->fd = -1;
	return d;
}

void smi_descriptor_discard(struct smi_descriptor *d)
{
	smi_stream_free(&d->stream);
}

/* A signal is heard only where nothing was found. */
bool smi_fd_is_quiet(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = poll(&p, 1, 0);

	return n == 0 || (n < 0 && errno == EINTR);
}

bool smi_descriptor_writes_again(struct smi_descriptor *d)
{
	if (d->op.result != -EINTR || d->stream.write_error)
		return false;
	d->stream.writing = false;
	smi_stream_push(&d->stream);
	return true;
}

static void wrote(struct smi_op *op)
{
	struct smi_descriptor *d = op->owner;

	if (smi_descriptor_writes_again(d))
		return;
	smi_stream_wrote(&d->stream, smi_stream_outcome(op->result));
}

ptrdiff_t smi_descriptor_write(struct smi_descriptor *d,
			       const struct smi_op *op, const void *bytes,
			       size_t n)
{
	int r;

	/* One by one: all of it would be three cache lines. */
	d->op.kind = op->kind;
	d->op.flags = op->flags;
	d->op.offset = op->offset;
	d->op.fd = d->fd;
	d->op.buffer = (void *)bytes;
	d->op.length = n;
	d->op.done = wrote;
	d->op.owner = d;
	r = smi_op_submit(&d->stream.loop->loop, &d->op);
	if (r == 0)
		return 0;
	return r < 0 ? r : smi_stream_outcome(d->op.result);
}

void smi_descriptor_cancel_write(simul_stream *s)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;

	smi_op_cancel(&s->loop->loop, &d->op);
}
