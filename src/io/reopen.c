/* SPDX-License-Identifier: MIT
 * io/reopen.c - what others share with us, opened once more for ourselves. */
#include "io/reopen.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* To open the master of a terminal once more makes another terminal. */
static bool is_master(int fd)
{
	unsigned number;

	return ioctl(fd, TIOCGPTN, &number) == 0;
}

/* Other devices may do something when they are opened. The type of a file is
 * known without asking those who keep it. */
static bool can_be_opened_again(int fd)
{
	struct statx x;

	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE,
		     &x) == 0 &&
	       (S_ISFIFO(x.stx_mode) || (isatty(fd) && !is_master(fd)));
}

int smi_reopen(int fd, int flags)
{
	char path[32];

	if (!can_be_opened_again(fd))
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK |
				  O_CLOEXEC | O_NOCTTY);
}
