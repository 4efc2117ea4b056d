/* SPDX-License-Identifier: MIT
 * io/quiet.c - write where perhaps nobody reads, without a signal. */
#include "io/quiet.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
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
static ssize_t write_blocking_the_signal(int fd, const void *bytes, size_t n)
{
	static const struct timespec now = { 0, 0 };
	sigset_t pipe_signal, old;
	bool was_pending;
	ssize_t r;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
	was_pending = is_pending();
	r = write(fd, bytes, n);
	if (r < 0)
		r = -errno;
	if (r == -EPIPE && !was_pending)
		sigtimedwait(&pipe_signal, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
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
