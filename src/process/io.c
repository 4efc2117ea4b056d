/* SPDX-License-Identifier: MIT
 * process/io.c - the descriptors that a program gets.
 *
 * Streams belong to the loop, so they are made there, without descriptors. The
 * descriptors are opened in the thread that starts the program. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/pipe.h"
#include "process/process.h"

enum { ROWS = 24, COLUMNS = 80, MASTER_TO_SLAVE = 0x5441 /* Linux 4.13 */ };

static const struct simul_child_io *io_of(const struct smi_child_io *io, int i)
{
	const simul_process_options *o = io->options;

	return i == 0 ? &o->in : i == 1 ? &o->out : &o->err;
}

/* ---- In the loop's thread */

static bool makes_sense(const struct smi_child_io *io, int i)
{
	enum simul_redirection to = io_of(io, i)->to;

	if (to == SIMUL_TO_FILE && !io_of(io, i)->path)
		return false;
	return to == SIMUL_TO_STDOUT
		       ? i == 2
		       : to >= SIMUL_INHERIT && to <= SIMUL_TO_NOTHING;
}

/* Put number n of the child's where it belongs among those before it. */
static int add_number(struct smi_child_fd *fds, size_t n, int number, int ours)
{
	size_t at = n;

	if (number < 3 || ours < 0)
		return -EINVAL;
	for (; at > 0 && fds[at - 1].to >= number; at--) {
		if (fds[at - 1].to == number)
			return -EINVAL;
		fds[at] = fds[at - 1];
	}
	fds[at] = (struct smi_child_fd){ .from = ours, .to = number };
	return 0;
}

static int make_others(struct smi_child_io *io)
{
	const simul_process_options *o = io->options;
	int r = 0;

	io->fds = smi_alloc((3 + o->other_count) * sizeof *io->fds);
	if (!io->fds)
		return -ENOMEM;
	for (size_t i = 0; i < o->other_count && r >= 0; i++)
		r = add_number(io->fds + 3, i, o->others[i].child,
			       o->others[i].ours);
	return r;
}

int smi_child_io_make(struct smi_child_io *io,
		      const simul_process_options *options)
{
	*io = (struct smi_child_io){ .options = options,
				     .master = -1,
				     .slave = -1 };
	for (int i = 0; i < 3; i++)
		io->pipes[i] = io->ours[i] = -1;
	for (int i = 0; i < 3; i++) {
		if (!makes_sense(io, i))
			return -EINVAL;
		if (io_of(io, i)->to != SIMUL_TO_PIPE)
			continue;
		io->streams[i] = smi_pipe_new();
		if (!io->streams[i])
			return -ENOMEM;
	}
	if (options->terminal) {
		io->terminal = smi_pipe_new();
		if (!io->terminal)
			return -ENOMEM;
	}
	return make_others(io);
}

/* ---- In a thread */

static int own(struct smi_child_io *io, int i, int fd)
{
	if (fd < 0)
		return -errno;
	io->ours[i] = fd;
	io->owned[i] = true;
	return 1;
}

static int open_pipe(struct smi_child_io *io, int i)
{
	int ends[2], mine = i == 0 ? 1 : 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	/* Each end has flags of its own: the child's stays as it is. */
	fcntl(ends[mine], F_SETFL, O_NONBLOCK);
	io->pipes[i] = ends[mine];
	return own(io, i, ends[1 - mine]);
}

static int open_file(struct smi_child_io *io, int i)
{
	const struct simul_child_io *f = io_of(io, i);
	int flags = f->flags, r;
	unsigned mode = f->mode;

	if (flags == 0 && i > 0) {
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		mode = 0666;
	}
	r = smi_child_file_open(f->path, flags, mode, &io->ours[i]);
	io->owned[i] = io->ours[i] >= 0;
	return r;
}

static int inherit(struct smi_child_io *io, int i, const struct smi_child *c)
{
	int fd = c->set_terminal ? c->terminal : i;
	int flags = fcntl(fd, F_GETFD);

	/* It need not be open. One that exec closes is something else that was
	 * given the number of a standard one. */
	if (flags >= 0 && (c->set_terminal || !(flags & FD_CLOEXEC)))
		io->ours[i] = fd;
	return 1;
}

/* 1; 0 if it is to be asked again. */
static int open_one(struct smi_child_io *io, int i, const struct smi_child *c)
{
	switch (io_of(io, i)->to) {
	case SIMUL_TO_PIPE:
		return open_pipe(io, i);
	case SIMUL_TO_NULL:
		return own(io, i, open("/dev/null", O_RDWR | O_CLOEXEC));
	case SIMUL_TO_FD:
		io->ours[i] = io_of(io, i)->fd;
		return io->ours[i] < 0 ? -EBADF : 1;
	case SIMUL_TO_FILE:
		return open_file(io, i);
	case SIMUL_TO_STDOUT:
		io->ours[i] = io->ours[1];
		return 1;
	case SIMUL_TO_NOTHING:
		return 1;
	default:
		return inherit(io, i, c);
	}
}

/* Both sides of a new terminal; see pty(7). */
static int open_terminal(struct smi_child_io *io, struct smi_child *c)
{
	const simul_process_options *o = io->options;
	struct winsize size = { .ws_row = o->rows ? o->rows : ROWS,
				.ws_col = o->columns ? o->columns : COLUMNS };
	int slave;

	io->master =
		open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (io->master < 0 || unlockpt(io->master) < 0 ||
	    ioctl(io->master, TIOCSWINSZ, &size) < 0)
		return -errno;
	slave = ioctl(io->master, MASTER_TO_SLAVE,
		      O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	c->set_terminal = true;
	c->terminal = io->slave = slave;
	return 1;
}

static void list_descriptors(struct smi_child_io *io, struct smi_child *c)
{
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		if (io->ours[i] >= 0)
			io->fds[n++] = (struct smi_child_fd){ io->ours[i], i };
	for (size_t i = 0; i < io->options->other_count; i++)
		io->fds[n++] = io->fds[3 + i];
	c->fds = io->fds;
	c->fd_count = n;
}

int smi_child_io_open(struct smi_child_io *io, struct smi_child *c)
{
	int r = io->terminal && io->slave < 0 ? open_terminal(io, c) : 1;

	while (r > 0 && io->opened < 3) {
		r = open_one(io, io->opened, c);
		io->opened += r > 0;
	}
	if (r > 0)
		list_descriptors(io, c);
	return r;
}

/* ---- Back in the loop's thread */

static void finish(simul_stream **s, int fd, bool started)
{
	if (*s && started) {
		smi_pipe_set(*s, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	smi_pipe_discard(*s);
	*s = NULL;
}

void smi_child_io_done(struct smi_child_io *io, struct simul_process *process)
{
	for (int i = 0; i < 3; i++) {
		if (io->owned[i])
			close(io->ours[i]);
		finish(&io->streams[i], io->pipes[i], process);
	}
	finish(&io->terminal, io->master, process);
	if (io->slave >= 0)
		close(io->slave);
	smi_free(io->fds);
	if (!process)
		return;
	process->in = io->streams[0];
	process->out = io->streams[1];
	process->err = io->streams[2];
	process->terminal = io->terminal;
}
