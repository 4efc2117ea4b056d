/* SPDX-License-Identifier: MIT
 * process/file.c - the files that become descriptors of a program.
 *
 * A program expects of a FIFO that open(2) has waited for somebody at its other
 * end, and that its own calls wait. But nobody could call a thread off that
 * waits in open. So a FIFO is opened without waiting, asked for the other end
 * again and again, with the loop's thread at leisure in between, and then made
 * one that waits. See fifo(7).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

/* Would open(2) wait for another? */
static bool needs_another(const char *path, int flags)
{
	struct stat st;

	return (flags & O_ACCMODE) != O_RDWR && !(flags & O_NONBLOCK) &&
	       stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* What tee(2) says of a FIFO that is empty: that there will be nothing, or to
 * ask again if it has a writer. It takes nothing out. */
static int has_writer_now(int fd)
{
	int to[2], r;
	ssize_t n;

	if (pipe2(to, O_CLOEXEC) < 0)
		return -errno;
	n = tee(fd, to[1], 1, SPLICE_F_NONBLOCK);
	r = n < 0 && errno != EAGAIN ? -errno : n != 0;
	close(to[0]);
	close(to[1]);
	return r;
}

/* Is there one, or was there since we have opened it? Of those before poll(2)
 * says nothing. */
static int has_had_writer(int fd)
{
	struct pollfd come = { .fd = fd, .events = POLLIN };

	return poll(&come, 1, 0) > 0 ? 1 : has_writer_now(fd);
}

/* 1 if it has its other end, 0 if not yet. Who reads keeps it open meanwhile,
 * so that writers find somebody there. */
static int open_fifo(const char *path, int flags, unsigned mode, int *fd)
{
	int r = 1;

	if (*fd < 0)
		*fd = open(path, flags | O_NONBLOCK, mode);
	if (*fd < 0)
		return errno == ENXIO ? 0 : -errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		r = has_had_writer(*fd);
	if (r > 0 && fcntl(*fd, F_SETFL, flags) < 0)
		return -errno;
	return r;
}

int smi_child_file_open(const char *path, int flags, unsigned mode, int *fd)
{
	flags |= O_CLOEXEC | O_NOCTTY;
	if (*fd >= 0 || needs_another(path, flags))
		return open_fifo(path, flags, mode, fd);
	*fd = open(path, flags, mode);
	return *fd < 0 ? -errno : 1;
}
