/* SPDX-License-Identifier: MIT
 * file/send_file.c - from a file into a socket, past our memory.
 *
 * By sendfile(2), which needs no copy, in a thread, as the file may be on a
 * disk. The thread doesn't wait until there is room in the socket: that is done
 * by the loop. Meanwhile others may write, and the file is nobody's.
 */
#include "file/send_file.h"

#include <errno.h>
#include <poll.h>

#include "file/file.h"
#include "io/perform.h"

/* A thread is busy with so much; then others have their turn. */
enum { AT_ONCE = 1 << 20 };

/* What was read ahead comes first. */
static bool is_drained(const simul_stream *from)
{
	return simul_stream_buffered(from) == 0 && !from->read_error;
}

static int wait_for_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 ? 0 : simul_wait_fd(fd, POLLOUT);
}

/* 0: to is idle and has room. */
static int make_way(simul_stream *to, int fd)
{
	int r = smi_stream_wait_for_room(to);

	if (r < 0)
		return r;
	to->users++;
	if (simul_stream_unsent(to) > 0)
		r = simul_flush(to);
	if (r >= 0)
		r = wait_for_room(fd);
	to->users--;
	return r < 0 ? r : smi_stream_get_ready(to);
}

/* Is it the connection that has failed? Of most errors only that can tell, as
 * the file may be at the other end of another one. */
static bool is_of_connection(int fd, int error)
{
	struct pollfd p = { .fd = fd };

	if (error >= 0 || error == -EAGAIN || error == -ECANCELED)
		return false;
	return error == -EPIPE || poll(&p, 1, 0) > 0;
}

static int perform(struct smi_descriptor *file, int fd, size_t n)
{
	struct smi_op op = { .kind = SMI_OP_SENDFILE,
			     .fd = fd,
			     .other_fd = file->fd,
			     .offset = file->shared ? SMI_OP_CURSOR
						    : file->position,
			     .length = n };
	int r = smi_perform(&op);

	if (r > 0)
		file->position += (unsigned)r;
	return r;
}

/* Both are ours meanwhile. */
static int send_some(simul_stream *from, simul_stream *to, int fd, size_t n)
{
	int r;

	from->reader = smi_current;
	to->users++;
	r = smi_file_settle(smi_file_of(from));
	if (r >= 0 && smi_stream_seize(to)) {
		r = perform(smi_file_of(from), fd, n);
		smi_stream_let_go(to, is_of_connection(fd, r) ? r : 0);
	}
	to->users--;
	from->reader = NULL;
	return r;
}

ptrdiff_t smi_send_file(simul_stream *from, simul_stream *to, int *way,
			uint64_t most)
{
	size_t n = most < AT_ONCE ? (size_t)most : AT_ONCE;
	int r;

	if (smi_file_of(from)->patient) {
		*way = -1;
		return 0;
	}
	do {
		r = make_way(to, *way);
		if (r < 0)
			return r;
		if (from->reader)
			return -EBUSY;
		if (!is_drained(from) || simul_stream_unsent(to) > 0)
			return 0;
		r = send_some(from, to, *way, n);
	} while (r == -EAGAIN);
	if (r >= 0 || r == -ECANCELED || is_of_connection(*way, r))
		return r;
	*way = -1;
	return 0;
}
