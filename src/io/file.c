/* SPDX-License-Identifier: MIT
 * io/file.c - files as streams. */
#include <simul/file.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <simul/error.h>

#include "io/descriptor.h"
#include "io/perform.h"
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

static ptrdiff_t read_file(simul_stream *s, void *bytes, size_t n)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;
	struct smi_op op = { .kind = SMI_OP_READ,
			     .fd = d->fd,
			     .buffer = bytes,
			     .length = n,
			     .offset = SMI_OP_CURSOR };
	int r = wait_readable(d);

	return r < 0 ? r : smi_perform(&op);
}

static ptrdiff_t write_file(simul_stream *s, const void *bytes, size_t n)
{
	static const struct smi_op op = { .kind = SMI_OP_WRITE,
					  .offset = SMI_OP_CURSOR };

	return smi_descriptor_write((struct smi_descriptor *)s, &op, bytes, n);
}

static int close_file(simul_stream *s, bool aborted)
{
	return smi_close_fd(((struct smi_descriptor *)s)->fd);
}

static const struct smi_stream_ops ops = {
	.unit = UNIT,
	.read = read_file,
	.write = write_file,
	.cancel_write = smi_descriptor_cancel_write,
	.close = close_file,
};

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
	d->patient = lseek(d->fd, 0, SEEK_CUR) < 0 && errno == ESPIPE;
	*ret_stream = &d->stream;
	return 0;
}
