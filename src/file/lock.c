/* SPDX-License-Identifier: MIT
 * file/lock.c - locks on files, between programs.
 *
 * The kernel's own wait for a lock can't be ended but by a signal, and io_uring
 * has none. So a thread asks without waiting, and we ask again. */
#include <simul/file.h>

#include <errno.h>
#include <sys/file.h>

#include <simul/run.h>

#include "file/file.h"
#include "task/threads.h"
#include "task/wait.h"

static const double first_pause = 0.001, longest_pause = 0.1;

struct flock_call {
	int fd;
	int operation;
};

static int call_flock(void *arg)
{
	const struct flock_call *call = arg;

	return flock(call->fd, call->operation) < 0 ? -errno : 0;
}

static int ask_again_and_again(struct flock_call *call, bool patient)
{
	double pause = first_pause;
	int r;

	while ((r = smi_call_in_worker(call_flock, call)) == -EAGAIN &&
	       patient) {
		r = simul_sleep(pause);
		if (r < 0)
			break;
		pause = pause * 2 < longest_pause ? pause * 2 : longest_pause;
	}
	return r;
}

int simul_flock(simul_stream *s, int operation)
{
	struct smi_descriptor *file = smi_file_of(s);
	struct flock_call call = { .operation = operation | LOCK_NB };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!file)
		return -EBADF;
	/* Who unlocks wants what was written to be seen. */
	if (operation == LOCK_UN)
		r = smi_file_settle(file);
	if (r < 0)
		return r;
	call.fd = file->fd;
	s->users++;
	r = ask_again_and_again(&call, !(operation & LOCK_NB));
	s->users--;
	return r;
}
