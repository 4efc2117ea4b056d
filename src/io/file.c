/* SPDX-License-Identifier: MIT
 * io/file.c - files as streams. */
#include <simul/file.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <simul/error.h>

#include "io/descriptor.h"
#include "io/perform.h"
#include "loop/blocking.h"
#include "task/wait.h"

/* A read of a file may be a journey to another thread: worth a large load. */
enum { UNIT = 65536 };

/* What has no position (a pipe, a terminal) is only read when it is readable:
 * to be stuck in a read there would mean that it can't be cancelled. */
static int wait_readable(const struct smi_descriptor *d)
{
	int r = d->patient ? simul_wait_fd(d->fd, POLLIN) : 0;

	return r == -EPERM ? 0 : r; /* it is never waited for */
}

/* Another process may have taken what we were told of. */
static ptrdiff_t read_file(simul_stream *s, void *bytes, size_t n)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;
	struct smi_op op = { .kind = SMI_OP_READ,
			     .fd = d->fd,
			     .buffer = bytes,
			     .length = n,
			     .offset = SMI_OP_CURSOR };
	int r;

	do {
		r = wait_readable(d);
		if (r >= 0)
			r = smi_perform(&op);
	} while (r == -EAGAIN && d->patient);
	return r;
}

/* ---- Writing to what has no position
 *
 * Only what has room is written to, for the same reason. And that is done by a
 * thread in any case: it has the signals blocked, or a FIFO whose reader has
 * gone would end the program by a SIGPIPE. */

static ptrdiff_t wait_writable(struct smi_descriptor *d);

static void tell(struct smi_descriptor *d, ptrdiff_t r)
{
	if (r != 0)
		smi_stream_wrote(&d->stream, r);
}

static void tried(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	struct smi_descriptor *d = op->owner;

	if (op->result == -EAGAIN && !d->stream.write_error)
		tell(d, wait_writable(d));
	else
		tell(d, op->result);
}

static ptrdiff_t try_to_write(struct smi_descriptor *d)
{
	d->op.kind = SMI_OP_WRITE;
	d->op.work = (struct smi_work){ .run = smi_op_block, .done = tried };
	return smi_work_submit(&d->stream.loop->loop, &d->op.work);
}

static void waited(struct smi_op *op)
{
	struct smi_descriptor *d = op->owner;

	tell(d, op->result < 0 ? op->result : try_to_write(d));
}

/* 0: under way; or an error. */
static ptrdiff_t wait_writable(struct smi_descriptor *d)
{
	int r;

	d->op.kind = SMI_OP_POLL;
	d->op.flags = POLLOUT;
	r = smi_op_submit(&d->stream.loop->loop, &d->op);
	/* It is ready, or of a kind that always is. */
	return r > 0 || r == -EPERM ? try_to_write(d) : r;
}

/* ---- Writing */

static ptrdiff_t write_file(simul_stream *s, const void *bytes, size_t n)
{
	static const struct smi_op op = { .kind = SMI_OP_WRITE,
					  .offset = SMI_OP_CURSOR };
	struct smi_descriptor *d = (struct smi_descriptor *)s;

	if (!d->patient)
		return smi_descriptor_write(d, &op, bytes, n);
	d->op = op;
	d->op.fd = d->fd;
	d->op.buffer = (void *)bytes;
	d->op.length = n;
	d->op.done = waited;
	d->op.owner = d;
	return wait_writable(d);
}

/* What a thread tries it doesn't wait for. */
static void cancel_write(simul_stream *s)
{
	const struct smi_descriptor *d = (struct smi_descriptor *)s;

	if (!d->patient || d->op.kind == SMI_OP_POLL)
		smi_descriptor_cancel_write(s);
}

/* ---- Life */

static int close_file(simul_stream *s, bool aborted)
{
	return smi_close_fd(((struct smi_descriptor *)s)->fd);
}

static const struct smi_stream_ops ops = {
	.unit = UNIT,
	.read = read_file,
	.write = write_file,
	.cancel_write = cancel_write,
	.close = close_file,
};

/* Has fd no position? Then it never blocks who reads or writes. */
static bool make_patient(int fd)
{
	if (lseek(fd, 0, SEEK_CUR) >= 0 || errno != ESPIPE)
		return false;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return true;
}

int simul_open(const char *path, int flags, unsigned mode,
	       simul_stream **ret_stream)
{
	struct smi_op op = { .kind = SMI_OP_OPEN,
			     .fd = AT_FDCWD,
			     .buffer = (void *)path,
			     .flags = flags | O_CLOEXEC,
			     .mode = mode };
	struct smi_descriptor *d;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if ((flags & O_ACCMODE) == O_RDWR)
		return -SIMUL_EUNSUPPORTED;
	d = smi_descriptor_new(&ops);
	if (!d)
		return -ENOMEM;
	r = smi_perform(&op);
	if (r < 0) {
		smi_descriptor_discard(d);
		return r;
	}
	d->fd = r;
	d->patient = make_patient(d->fd);
	*ret_stream = &d->stream;
	return 0;
}
