/* SPDX-License-Identifier: MIT
 * io/pipe.c - pipes and terminals as streams.
 *
 * A descriptor of ours is non-blocking, so reads and writes are tried in the
 * loop's thread and wait, when there is nothing or no room, for the descriptor
 * to be ready. One that is shared with others, and may block, is only touched
 * when it is ready, and by threads.
 */
#include <simul/pipe.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/descriptor.h"
#include "io/perform.h"
#include "io/pipe.h"
#include "io/quiet.h"
#include "io/reopen.h"
#include "io/splice.h"
#include "io/stream.h"
#include "io/way.h"
#include "loop/blocking.h"
#include "task/wait.h"

enum {
	UNIT = 65536,
	/* A peer that always has more to say would let nobody else have its
	 * turn. */
	MOST_AT_ONCE = 8
};

struct pipe_end {
	simul_stream stream;
	int fd;
	bool shared; /* with others: it may block */
	bool terminal;
	bool only_writes;
	unsigned at_once; /* reads that did not wait, one after the other */
	const void *bytes;
	size_t length;
	struct smi_op op; /* the wait, or the work, of the write under way */
};

static struct pipe_end *end_of(simul_stream *s)
{
	return (struct pipe_end *)s;
}

/* ---- Reading */

static int wait_readable(struct pipe_end *p)
{
	int r = simul_wait_fd(p->fd, POLLIN);

	p->at_once = 0;
	return r == -EPERM ? 0 : r; /* it is never waited for */
}

static void give_way(struct pipe_end *p)
{
	if (++p->at_once < MOST_AT_ONCE)
		return;
	p->at_once = 0;
	p->stream.loop->loop.fast_turns = 0;
	smi_yield();
}

static ptrdiff_t try_to_read(struct pipe_end *p, void *bytes, size_t n)
{
	ssize_t r;

	do
		r = read(p->fd, bytes, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

static ptrdiff_t read_own(struct pipe_end *p, void *bytes, size_t n)
{
	ptrdiff_t r;

	while ((r = try_to_read(p, bytes, n)) == -EAGAIN) {
		r = wait_readable(p);
		if (r < 0)
			return r;
	}
	give_way(p);
	return r;
}

static ptrdiff_t read_shared(struct pipe_end *p, void *bytes, size_t n)
{
	struct smi_op op = { .kind = SMI_OP_READ,
			     .fd = p->fd,
			     .buffer = bytes,
			     .length = n,
			     .offset = SMI_OP_CURSOR };
	int r;

	do {
		r = wait_readable(p);
		if (r >= 0)
			r = smi_perform(&op);
	} while (r == -EAGAIN);
	return r;
}

static ptrdiff_t read_pipe(simul_stream *s, void *bytes, size_t n)
{
	struct pipe_end *p = end_of(s);
	ptrdiff_t r = smi_may_suspend();

	if (r < 0)
		return r;
	if (p->fd < 0)
		return -EBADF;
	r = p->shared ? read_shared(p, bytes, n) : read_own(p, bytes, n);
	/* The other side of a terminal is gone: that is its end. */
	return r == -EIO && p->terminal ? 0 : r;
}

/* ---- Writing */

static ptrdiff_t wait_writable(struct pipe_end *p);

/* The write under way has come to this; 0: it goes on. */
static void tell(struct pipe_end *p, ptrdiff_t r)
{
	if (r != 0)
		smi_stream_wrote(&p->stream, r);
}

static ptrdiff_t write_own(struct pipe_end *p)
{
	ssize_t r;

	do
		r = smi_write_quietly(p->fd, p->bytes, p->length);
	while (r == -EINTR);
	return r == -EAGAIN ? wait_writable(p) : smi_stream_outcome(r);
}

static void worked(struct smi_work *work)
{
	struct smi_op *op =
		(struct smi_op *)((char *)work - offsetof(struct smi_op, work));
	struct pipe_end *p = op->owner;

	if (op->result == -EAGAIN && !p->stream.write_error)
		tell(p, wait_writable(p));
	else
		tell(p, smi_stream_outcome(op->result));
}

/* What is ready has room for so much, so that no thread is stuck. Threads have
 * the signals blocked. */
static ptrdiff_t write_shared(struct pipe_end *p)
{
	p->op.kind = SMI_OP_WRITE;
	p->op.buffer = (void *)p->bytes;
	p->op.length = p->length < PIPE_BUF ? p->length : PIPE_BUF;
	p->op.offset = SMI_OP_CURSOR;
	p->op.work = (struct smi_work){ .run = smi_op_block, .done = worked };
	return smi_work_submit(&p->stream.loop->loop, &p->op.work);
}

static ptrdiff_t write_when_ready(struct pipe_end *p)
{
	return p->shared ? write_shared(p) : write_own(p);
}

static void waited(struct smi_op *op)
{
	struct pipe_end *p = op->owner;

	/* It was given up, but what it waited for had come already. */
	if (p->stream.write_error)
		tell(p, p->stream.write_error);
	else if (op->result < 0 && op->result != -EINTR)
		tell(p, op->result);
	else
		tell(p, write_when_ready(p));
}

/* 0: under way; or what the write has come to. */
static ptrdiff_t wait_writable(struct pipe_end *p)
{
	int r;

	p->op.kind = SMI_OP_POLL;
	p->op.flags = POLLOUT;
	r = smi_op_submit(&p->stream.loop->loop, &p->op);
	/* It is ready, or of a kind that always is. */
	return r > 0 || r == -EPERM ? write_when_ready(p) : r;
}

static ptrdiff_t write_pipe(simul_stream *s, const void *bytes, size_t n)
{
	struct pipe_end *p = end_of(s);

	if (p->fd < 0)
		return -EBADF;
	p->bytes = bytes;
	p->length = n;
	p->op = (struct smi_op){ .fd = p->fd, .done = waited, .owner = p };
	return p->shared ? wait_writable(p) : write_own(p);
}

/* What a thread tries it doesn't wait for. */
static void cancel_write(simul_stream *s)
{
	struct pipe_end *p = end_of(s);

	if (p->op.kind == SMI_OP_POLL)
		smi_op_cancel(&s->loop->loop, &p->op);
}

/* ---- Life */

/* Only terminals may take their time to be closed. */
static int close_pipe(simul_stream *s, bool aborted)
{
	struct pipe_end *p = end_of(s);

	(void)aborted;
	if (p->fd < 0)
		return 0;
	if (p->terminal)
		return smi_close_fd(p->fd);
	close(p->fd);
	return 0;
}

/* What goes in one direction is not needed when nothing more will be written.
 * Where both directions are one, as in a terminal, nobody can be told. */
static int shutdown_write(simul_stream *s)
{
	struct pipe_end *p = end_of(s);

	if (p->only_writes && p->fd >= 0) {
		close_pipe(s, false);
		p->fd = -1;
	}
	return 0;
}

/* What was shut down, or is only written to, has an error to tell. */
static bool is_quiet(simul_stream *s)
{
	const struct pipe_end *p = (const struct pipe_end *)s;

	return p->fd >= 0 && !p->only_writes && smi_fd_is_quiet(p->fd, POLLIN);
}

static int watch(simul_stream *s)
{
	return end_of(s)->fd;
}

static ptrdiff_t send_now(struct pipe_end *p, simul_stream *to, int *way,
			  uint64_t most)
{
	ptrdiff_t n = smi_way_clear(&p->stream, to, *way);

	if (n <= 0)
		return n;
	n = smi_splice(&p->stream, p->fd, to, way, most);
	if (n > 0)
		give_way(p);
	return n;
}

static ptrdiff_t send_into(simul_stream *s, simul_stream *to, int *way,
			   uint64_t most)
{
	struct pipe_end *p = end_of(s);
	bool awaited = false;
	ptrdiff_t n = 0;

	if (p->shared || p->fd < 0)
		*way = -1;
	while (n >= 0 && *way >= 0) {
		n = send_now(p, to, way, most);
		if (n != -EAGAIN)
			return n;
		/* There is room, too, but the system has no memory. */
		if (awaited)
			return 0;
		n = smi_way_await(s, p->fd, to);
		awaited = true;
	}
	return n < 0 ? n : 0;
}

static const struct smi_stream_ops ops = {
	.unit = UNIT,
	.read = read_pipe,
	.write = write_pipe,
	.cancel_write = cancel_write,
	.shutdown_write = shutdown_write,
	.close = close_pipe,
	.is_quiet = is_quiet,
	.watch = watch,
	.send_into = send_into,
};

simul_stream *smi_pipe_new(void)
{
	struct pipe_end *p = (struct pipe_end *)smi_stream_new(&ops, sizeof *p);

	if (!p)
		return NULL;
	p->fd = -1;
	return &p->stream;
}

void smi_pipe_set(simul_stream *s, int fd)
{
	struct pipe_end *p = end_of(s);

	p->fd = fd;
	p->terminal = isatty(fd);
	p->only_writes = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
}

void smi_pipe_discard(simul_stream *s)
{
	if (s)
		smi_stream_free(s);
}

int smi_pipe_fd(const simul_stream *s)
{
	return ((const struct pipe_end *)s)->fd;
}

int simul_pipe(simul_stream **ret_from, simul_stream **ret_to)
{
	simul_stream *from, *to;
	int ends[2];

	if (!smi_current)
		return -EPERM;
	from = smi_pipe_new();
	to = smi_pipe_new();
	if (!from || !to || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		int r = from && to ? -errno : -ENOMEM;

		smi_pipe_discard(from);
		smi_pipe_discard(to);
		return r;
	}
	smi_pipe_set(from, ends[0]);
	smi_pipe_set(to, ends[1]);
	*ret_from = from;
	*ret_to = to;
	return 0;
}

/* ---- Descriptors of others */

/* The type of a file is known without asking those who keep it. */
static bool is_adoptable(int fd)
{
	struct statx x;

	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE,
		     &x) == 0 &&
	       (S_ISFIFO(x.stx_mode) || S_ISCHR(x.stx_mode));
}

int simul_pipe_adopt(int fd, simul_stream **ret_stream)
{
	int flags, own = fd;
	simul_stream *s;

	if (!smi_current)
		return -EPERM;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	if (!is_adoptable(fd))
		return -EINVAL;
	s = smi_pipe_new();
	if (!s)
		return -ENOMEM;
	if (!(flags & O_NONBLOCK))
		own = smi_reopen(fd, flags);
	end_of(s)->shared = own < 0;
	if (own >= 0 && own != fd)
		close(fd);
	smi_pipe_set(s, own < 0 ? fd : own);
	*ret_stream = s;
	return 0;
}
