/* SPDX-License-Identifier: MIT
 * file/file.c - files as streams. */
#include "file/file.h"

#include <simul/file.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <simul/path.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "file/file_system.h"
#include "file/send_file.h"
#include "file/spool.h"
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

static uint64_t place_of(const struct smi_descriptor *d)
{
	return d->patient || d->shared ? SMI_OP_CURSOR : d->position;
}

int smi_file_read_flags(const struct smi_descriptor *file)
{
	return file->shared || file->slow ? SMI_OP_APART : 0;
}

/* Another process may have taken what we were told of. */
static ptrdiff_t read_file(simul_stream *s, void *bytes, size_t n)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;
	struct smi_op op = { .kind = SMI_OP_READ,
			     .fd = d->fd,
			     .buffer = bytes,
			     .length = n,
			     .offset = place_of(d),
			     .flags = smi_file_read_flags(d) };
	int r;

	do {
		r = wait_readable(d);
		if (r >= 0)
			r = smi_perform(&op);
	} while (r == -EAGAIN && d->patient);
	if (r > 0)
		d->position += (unsigned)r;
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
		tell(d, smi_stream_outcome(op->result));
}

/* What is lent may block; but there is room for so much when it is ready. */
enum { ROOM_WHEN_READY = PIPE_BUF };

static ptrdiff_t try_to_write(struct smi_descriptor *d)
{
	d->op.kind = SMI_OP_WRITE;
	if (d->lent && d->op.length > ROOM_WHEN_READY)
		d->op.length = ROOM_WHEN_READY;
	d->op.work = (struct smi_work){ .run = smi_op_block, .done = tried };
	return smi_work_submit(&d->stream.loop->loop, &d->op.work);
}

static void waited(struct smi_op *op)
{
	struct smi_descriptor *d = op->owner;

	/* It was given up, but what it waited for had come already. */
	if (d->stream.write_error)
		tell(d, d->stream.write_error);
	else if (op->result < 0 && op->result != -EINTR)
		tell(d, op->result);
	else
		tell(d, try_to_write(d));
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

/* A file that grows beyond a limit of the process is told by a signal, to the
 * thread that writes. So where there is a limit it is not ours: the others
 * have the signal blocked, and the error is all that comes of it. */
int smi_file_write_flags(const struct smi_descriptor *file)
{
	struct rlimit limit;

	if (file->shared || file->slow || getrlimit(RLIMIT_FSIZE, &limit) < 0 ||
	    limit.rlim_cur != RLIM_INFINITY)
		return SMI_OP_APART;
	return 0;
}

static void wrote(struct smi_op *op)
{
	struct smi_descriptor *d = op->owner;

	if (smi_descriptor_writes_again(d))
		return;
	if (op->result > 0)
		d->position += (unsigned)op->result;
	smi_stream_wrote(&d->stream, smi_stream_outcome(op->result));
}

/* What is too much for memory goes with all before it to a file, by the same
 * thread. */
static void move_and_write(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	struct smi_descriptor *d = op->owner;
	int r = smi_spool_move(d);

	d->spool->error = r;
	if (r < 0)
		op->result = r;
	else
		smi_op_block(work);
}

static void moved(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	struct smi_descriptor *d = op->owner;

	if (d->spool->error >= 0) {
		smi_free(d->spool);
		d->spool = NULL;
	}
	wrote(op);
}

static int unspool(struct smi_descriptor *d)
{
	d->op.work = (struct smi_work){ .run = move_and_write, .done = moved };
	return smi_work_submit(&d->stream.loop->loop, &d->op.work);
}

static ptrdiff_t write_file(simul_stream *s, const void *bytes, size_t n)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;

	d->op = (struct smi_op){ .kind = SMI_OP_WRITE,
				 .fd = d->fd,
				 .buffer = (void *)bytes,
				 .length = n,
				 .offset = place_of(d),
				 .done = d->patient ? waited : wrote,
				 .owner = d };
	if (d->patient)
		return wait_writable(d);
	if (d->spool && d->spool->busy)
		return -EBUSY;
	if (smi_spool_is_full(d, d->position + n))
		return unspool(d);
	d->op.flags = smi_file_write_flags(d);
	return smi_op_submit(&s->loop->loop, &d->op);
}

/* What a thread does for us ends soon. */
static void cancel_write(simul_stream *s)
{
	const struct smi_descriptor *d = (struct smi_descriptor *)s;
	bool by_us = d->patient ? d->op.kind == SMI_OP_WRITE
				: d->op.work.done == moved;

	if (!by_us)
		smi_descriptor_cancel_write(s);
}

/* ---- Both */

int smi_file_settle(struct smi_descriptor *file)
{
	simul_stream *s = &file->stream;
	int r = s->write_error;

	while (r >= 0 && simul_stream_unsent(s) > 0)
		r = simul_flush(s);
	return r;
}

/* This looks at no disk. */
int smi_file_take_back(struct smi_descriptor *file)
{
	struct smi_input *in = &file->stream.in;
	size_t ahead = smi_input_length(in);

	if (file->stream.reader)
		return -EBUSY;
	if (ahead == 0)
		return 0;
	if (file->shared && lseek(file->fd, -(off_t)ahead, SEEK_CUR) < 0)
		return -errno;
	file->position -= ahead;
	smi_input_take(in, ahead);
	return 0;
}

static int turn_to_write(simul_stream *s)
{
	return smi_file_take_back((struct smi_descriptor *)s);
}

static ptrdiff_t turn_to_read(simul_stream *s, void *bytes, size_t n)
{
	int r = smi_file_settle((struct smi_descriptor *)s);

	return r < 0 ? r : read_file(s, bytes, n);
}

/* ---- Life */

static int unlink_name(void *path)
{
	return simul_unlink(path);
}

/* That it is gone already is what was wanted. */
static int remove_name(struct smi_descriptor *d)
{
	int r = 0;

	if (d->name_to_remove)
		r = simul_shield(unlink_name, d->name_to_remove);
	smi_free(d->name_to_remove);
	return r == -ENOENT ? 0 : r;
}

/* What was lent goes back as if nobody had read ahead. */
static int close_file(simul_stream *s, bool aborted)
{
	struct smi_descriptor *d = (struct smi_descriptor *)s;
	int removed = remove_name(d), r = 0;

	smi_free(d->spool);
	if (d->lent)
		smi_file_take_back(d);
	else
		r = smi_close_fd(d->fd);
	return r < 0 ? r : removed;
}

/* What has a position never keeps a reader waiting for long. */
static bool is_quiet(simul_stream *s)
{
	const struct smi_descriptor *d = (const struct smi_descriptor *)s;

	return d->patient && smi_fd_is_quiet(d->fd, POLLIN);
}

static int watch(simul_stream *s)
{
	return ((const struct smi_descriptor *)s)->fd;
}

static const struct smi_stream_ops ops = {
	.unit = UNIT,
	.read = read_file,
	.write = write_file,
	.cancel_write = cancel_write,
	.close = close_file,
	.is_quiet = is_quiet,
	.watch = watch,
	.send_into = smi_send_file,
};

/* For what has one position for both. */
static const struct smi_stream_ops ops_for_both = {
	.unit = UNIT,
	.read = turn_to_read,
	.turn_to_write = turn_to_write,
	.write = write_file,
	.cancel_write = cancel_write,
	.close = close_file,
	.is_quiet = is_quiet,
	.watch = watch,
};

struct smi_descriptor *smi_file_of(simul_stream *s)
{
	return s->ops == &ops || s->ops == &ops_for_both
		       ? (struct smi_descriptor *)s
		       : NULL;
}

/* Has it no position? Then it never blocks who reads or writes, if it is ours
 * to say that. */
static bool make_patient(const struct smi_descriptor *d)
{
	if (lseek(d->fd, 0, SEEK_CUR) >= 0 || errno != ESPIPE)
		return false;
	if (!d->lent)
		fcntl(d->fd, F_SETFL, fcntl(d->fd, F_GETFL) | O_NONBLOCK);
	return true;
}

static void use(struct smi_descriptor *d, int fd, int flags, bool slow)
{
	d->fd = fd;
	d->patient = make_patient(d);
	d->shared = d->lent || (flags & O_APPEND);
	d->slow = !d->patient && (slow || (flags & O_NONBLOCK));
	if ((flags & O_ACCMODE) == O_RDWR && !d->patient)
		d->stream.ops = &ops_for_both;
}

int smi_file_adopt(int fd, int flags, bool lent, simul_stream **ret_stream)
{
	struct smi_descriptor *d = smi_descriptor_new(&ops, sizeof *d);

	if (!d)
		return -ENOMEM;
	d->lent = lent;
	use(d, fd, flags, !lent && smi_file_is_slow(fd));
	*ret_stream = &d->stream;
	return 0;
}

int simul_file_adopt(int fd, simul_stream **ret_stream)
{
	int r = smi_may_suspend();
	off_t position;

	if (r < 0)
		return r;
	position = lseek(fd, 0, SEEK_CUR);
	if (position < 0)
		return -errno;
	r = smi_file_adopt(fd, fcntl(fd, F_GETFL), false, ret_stream);
	if (r >= 0)
		smi_file_of(*ret_stream)->position = (uint64_t)position;
	return r;
}

int simul_open_at(int dir, const char *path, int flags, unsigned mode,
		  simul_stream **ret_stream)
{
	struct smi_op op = { .kind = SMI_OP_OPEN,
			     .fd = dir,
			     .buffer = (void *)path,
			     .flags = flags | O_CLOEXEC,
			     .mode = mode };
	struct smi_descriptor *d;
	int r = smi_may_suspend();
	bool slow;

	if (r < 0)
		return r;
	d = smi_descriptor_new(&ops, sizeof *d);
	if (!d)
		return -ENOMEM;
	r = smi_file_open(&op, &slow);
	if (r < 0) {
		smi_descriptor_discard(d);
		return r;
	}
	use(d, r, flags, slow);
	*ret_stream = &d->stream;
	return 0;
}

int simul_open(const char *path, int flags, unsigned mode,
	       simul_stream **ret_stream)
{
	return simul_open_at(AT_FDCWD, path, flags, mode, ret_stream);
}
