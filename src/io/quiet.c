/* SPDX-License-Identifier: MIT
 * io/quiet.c - write where perhaps nobody reads, without a signal. */
#include "io/quiet.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Linux 6.18; see pwritev2(2). */
enum { RWF_NO_SIGNAL = 0x100 };

/* The kernel has never heard of that flag. */
static atomic_bool unknown;

static ssize_t write_with_flag(int fd, const void *bytes, size_t n)
{
	struct iovec part = { (void *)bytes, n };
	ssize_t r = pwritev2(fd, &part, 1, -1, RWF_NO_SIGNAL);

	return r < 0 ? -errno : r;
}

static bool is_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGPIPE);
}

/* A SIGPIPE goes to the thread that writes. So here it is blocked; and taken
 * away, unless there was one before. */
void smi_hush(struct smi_hush *hush)
{
	sigset_t pipe_signal;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &hush->old);
	hush->was_pending = is_pending();
}

void smi_unhush(const struct smi_hush *hush, bool broken)
{
	static const struct timespec now = { 0, 0 };
	sigset_t pipe_signal;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	if (broken && !hush->was_pending)
		sigtimedwait(&pipe_signal, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &hush->old, NULL);
}

static ssize_t write_blocking_the_signal(int fd, const void *bytes, size_t n)
{
	struct smi_hush hush;
	ssize_t r;

	smi_hush(&hush);
	r = write(fd, bytes, n);
	if (r < 0)
		r = -errno;
	smi_unhush(&hush, r == -EPIPE);
	return r;
}

ssize_t smi_write_quietly(int fd, const void *bytes, size_t n)
{
	ssize_t r = -EOPNOTSUPP;

	if (!atomic_load_explicit(&unknown, memory_order_relaxed))
		r = write_with_flag(fd, bytes, n);
	if (r != -EOPNOTSUPP && r != -ENOSYS)
		return r;
	atomic_store_explicit(&unknown, true, memory_order_relaxed);
	return write_blocking_the_signal(fd, bytes, n);
}
