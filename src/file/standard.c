/* SPDX-License-Identifier: MIT
 * file/standard.c - standard input and output as streams.
 *
 * Their open file descriptions are shared with whoever started us, and must
 * stay as they are: not non-blocking, and with a position that others go on
 * from. So a file is used with the system's position; what has none is opened
 * once more, for ourselves; and what can't be (a socket, or somebody else's
 * terminal) is used by threads, when it is ready. */
#include <simul/file.h>

#include <errno.h>
#include <unistd.h>

#include "file/file.h"
#include "io/perform.h"
#include "io/reopen.h"
#include "task/wait.h"

static int use_own(int fd, int flags, simul_stream **ret_stream)
{
	int r = smi_file_adopt(fd, flags, false, ret_stream);

	if (r < 0)
		smi_close_fd(fd);
	return r;
}

static int use_standard(int fd, int flags, simul_stream **ret_stream)
{
	int own, r = smi_may_suspend();

	if (r < 0)
		return r;
	if (fcntl(fd, F_GETFD) < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_CUR) >= 0)
		return smi_file_adopt(fd, flags, true, ret_stream);
	own = smi_reopen(fd, flags);
	return own < 0 ? smi_file_adopt(fd, flags, true, ret_stream)
		       : use_own(own, flags, ret_stream);
}

int simul_stdin(simul_stream **ret_stream)
{
	return use_standard(STDIN_FILENO, O_RDONLY, ret_stream);
}

int simul_stdout(simul_stream **ret_stream)
{
	return use_standard(STDOUT_FILENO, O_WRONLY, ret_stream);
}

int simul_stderr(simul_stream **ret_stream)
{
	return use_standard(STDERR_FILENO, O_WRONLY, ret_stream);
}
