/* SPDX-License-Identifier: MIT
 * io/way.c - the way into a stream that leads past our memory. */
#include "io/way.h"

#include <errno.h>
#include <poll.h>

#include "io/stream.h"
#include "task/wait.h"

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

int smi_way_clear(simul_stream *from, simul_stream *to, int fd)
{
	int r = make_way(to, fd);

	if (r < 0)
		return r;
	smi_stream_check_here(from);
	if (from->reader)
		return -EBUSY;
	return is_drained(from) && simul_stream_unsent(to) == 0;
}

ptrdiff_t smi_way_await(simul_stream *from, int fd, simul_stream *to)
{
	struct smi_copier c = { 0 };
	int r;

	from->reader = smi_current;
	smi_copier_enter(&c, to);
	r = simul_wait_fd(fd, POLLIN | POLLRDHUP);
	from->reader = NULL;
	return smi_copier_leave(&c, to, r);
}

bool smi_way_is_broken(int fd, int error)
{
	struct pollfd p = { .fd = fd };

	if (error >= 0 || error == -EAGAIN || error == -ECANCELED)
		return false;
	return error == -EPIPE || poll(&p, 1, 0) > 0;
}
