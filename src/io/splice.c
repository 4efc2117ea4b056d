/* SPDX-License-Identifier: MIT
 * io/splice.c - from descriptor to descriptor, past our memory. */
#include "io/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/quiet.h"
#include "io/stream.h"
#include "io/way.h"
#include "loop/loop.h"
#include "task/wait.h"

/* Larger ones gain nothing, and a user's pipes may have so many pages only. */
enum { AT_ONCE = 262144 };

/* ---- The loop's pipe */

struct channel {
	struct smi_belonging belonging;
	int ends[2]; /* -1: none */
	/* Memory for all that is in it, which is there before anything is; it
	 * is touched only if there was no room for something. */
	struct smi_buffer rest;
};

static void close_ends(struct channel *c)
{
	if (c->ends[0] < 0)
		return;
	close(c->ends[0]);
	close(c->ends[1]);
	c->ends[0] = c->ends[1] = -1;
}

static void free_channel(struct smi_belonging *belonging)
{
	struct channel *c = (struct channel *)belonging;

	close_ends(c);
	smi_buffer_done(&c->rest);
	smi_free(c);
}

static struct channel *channel_of(struct smi_loop *loop)
{
	struct channel *c =
		(struct channel *)smi_loop_belonging(loop, free_channel);

	if (c)
		return c;
	c = smi_alloc_zero(sizeof *c);
	if (!c)
		return NULL;
	c->belonging.free = free_channel;
	smi_loop_keep(loop, &c->belonging);
	c->ends[0] = c->ends[1] = -1;
	return c;
}

/* A smaller one will do. */
static int open_ends(struct channel *c)
{
	if (c->ends[0] >= 0)
		return 0;
	if (pipe2(c->ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	fcntl(c->ends[1], F_SETPIPE_SZ, AT_ONCE);
	return 0;
}

/* One byte more, for the zero behind what was read. */
static int prepare(struct channel *c)
{
	int r = smi_buffer_reserve(&c->rest, AT_ONCE + 1);

	return r < 0 ? r : open_ends(c);
}

/* ---- One call */

/* For a socket, only the descriptor's own flag says that it doesn't wait. In a
 * loop whose sockets may wait (io_uring's) it is set for the time of the call.
 * Nobody else uses it meanwhile, for what is under way has begun. */
static int stop_waiting(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_NONBLOCK))
		return -1;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	return flags;
}

static void go_back(int fd, int flags)
{
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags);
}

static ssize_t splice_now(int from, int to, size_t n)
{
	ssize_t r;

	do
		r = splice(from, NULL, to, NULL, n, SPLICE_F_NONBLOCK);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

static ptrdiff_t splice_quietly(int from, int to, size_t n)
{
	struct smi_hush hush;
	ptrdiff_t r;

	smi_hush(&hush);
	r = splice_now(from, to, n);
	/* Where it failed after a part, only the signal tells. */
	smi_unhush(&hush, r < (ptrdiff_t)n);
	return r;
}

/* ---- In */

/* What can be written to has a third of its room free, by how the system
 * defines it (sk_stream_is_writeable). */
static size_t room_of(int fd)
{
	socklen_t size = sizeof(int);
	int room;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &size) < 0)
		return AT_ONCE;
	return room / 3 < AT_ONCE ? (size_t)room / 3 : AT_ONCE;
}

static ptrdiff_t bring_in(struct channel *c, int fd, int way, uint64_t most)
{
	size_t room = room_of(way);
	int r = prepare(c), flags;
	ptrdiff_t n;

	if (r < 0)
		return r;
	flags = stop_waiting(fd);
	n = splice_now(fd, c->ends[1], most < room ? (size_t)most : room);
	go_back(fd, flags);
	return n;
}

/* ---- Out */

/* How many bytes have left, or why none has. */
static ptrdiff_t send_out(struct channel *c, int way, size_t n)
{
	int flags = stop_waiting(way);
	size_t left = 0;
	ptrdiff_t r = 1;

	while (left < n && r > 0) {
		r = splice_quietly(c->ends[0], way, n - left);
		if (r > 0)
			left += (size_t)r;
	}
	go_back(way, flags);
	return left > 0 || r == -EAGAIN ? (ptrdiff_t)left : r;
}

/* Read what is left in the pipe. One that can't be emptied goes, as nobody else
 * may get what is in it. */
static int read_rest(struct channel *c, size_t n)
{
	while (n > 0) {
		ssize_t r = read(c->ends[0], smi_buffer_tail(&c->rest), n);

		if (r <= 0) {
			close_ends(c);
			smi_buffer_done(&c->rest);
			return -EIO;
		}
		smi_buffer_commit(&c->rest, (size_t)r);
		n -= (size_t)r;
	}
	return 0;
}

static void write_rest(struct channel *c, simul_stream *to)
{
	smi_buffer_done(&to->pending);
	to->pending = c->rest;
	c->rest = (struct smi_buffer){ 0 };
}

/* n bytes have not left. error: nor will they. */
static int keep_rest(struct channel *c, simul_stream *from, simul_stream *to,
		     size_t n, int error)
{
	int r = read_rest(c, n);

	if (r < 0)
		from->read_error = r; /* what is lost is not passed over */
	else if (error < 0)
		r = smi_input_append_buffer(&from->in, &c->rest);
	else
		write_rest(c, to);
	return r < 0 ? r : error;
}

static ptrdiff_t pass_on(struct channel *c, simul_stream *from,
			 simul_stream *to, int *way, size_t n)
{
	ptrdiff_t left = send_out(c, *way, n);
	int error = 0;

	if (left == (ptrdiff_t)n)
		return left;
	if (smi_way_is_broken(*way, (int)left))
		error = (int)left;
	if (left < 0) {
		*way = -1;
		left = 0;
	}
	error = keep_rest(c, from, to, n - (size_t)left, error);
	return error < 0 ? error : (ptrdiff_t)n;
}

/* ---- Both */

/* It can't be done here, which says nothing about a connection: one that has
 * hung up may still have something to be read. */
static bool is_refusal(ptrdiff_t n)
{
	return n == -EMFILE || n == -ENFILE || n == -ENOMEM || n == -EINVAL ||
	       n == -ENOSYS || n == -EPERM || n == -EOPNOTSUPP;
}

static ptrdiff_t tell(int fd, int *way, ptrdiff_t n)
{
	if (n >= 0 || n == -EAGAIN ||
	    (!is_refusal(n) && smi_way_is_broken(fd, (int)n)))
		return n;
	*way = -1;
	return 0;
}

/* For good: what encrypts (tls/kernel.h) takes files this way, and nothing that
 * may go in part, as it counts what it gets. */
static bool takes_pages(const simul_stream *to, int *way)
{
	if (to->ops->below)
		*way = -1;
	return !to->ops->below;
}

ptrdiff_t smi_splice_over(simul_stream *from, int fd, simul_stream *to,
			  int *way, uint64_t most)
{
	struct channel *c = channel_of(&smi_current_loop->loop);
	ptrdiff_t n, r = 0;

	if (!c || !takes_pages(to, way) || !smi_stream_seize(to))
		return 0;
	n = bring_in(c, fd, *way, most);
	if (n > 0)
		n = r = pass_on(c, from, to, way, (size_t)n);
	smi_stream_let_go(to, r < 0 ? (int)r : 0);
	return n > 0 || r < 0 ? n : tell(fd, way, n);
}

/* A pipe has no errors to tell when it is read. */
ptrdiff_t smi_splice(simul_stream *from, int fd, simul_stream *to, int *way,
		     uint64_t most)
{
	size_t n = most < AT_ONCE ? (size_t)most : AT_ONCE;
	int flags;
	ptrdiff_t r;

	if (!takes_pages(to, way) || !smi_stream_seize(to))
		return 0;
	flags = stop_waiting(*way);
	r = splice_quietly(fd, *way, n);
	go_back(*way, flags);
	smi_stream_let_go(to, smi_way_is_broken(*way, (int)r) ? (int)r : 0);
	if (r >= 0 || r == -EAGAIN || to->write_error)
		return r;
	*way = -1;
	return 0;
}
