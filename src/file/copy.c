/* SPDX-License-Identifier: MIT
 * file/copy.c - copying a file. */
#include "file/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "file/long_work.h"

enum {
	STEP = 8 << 20, /* for one system call: till we look whether to stop */
	BLOCK = 128 << 10
};

struct pipeline {
	struct smi_copy *copy;
	int in;
	int out;
	bool by_hand; /* the kernel can't copy between these two */
	char *block;  /* for that */
};

/* ---- Bytes */

static int write_all(int fd, const char *bytes, size_t n, off_t at)
{
	while (n > 0) {
		ssize_t r = pwrite(fd, bytes, n, at);

		if (r < 0)
			return -errno;
		bytes += r;
		at += r;
		n -= (size_t)r;
	}
	return 0;
}

/* How many bytes were copied; 0: the file ends there. */
static ssize_t copy_by_hand(struct pipeline *p, off_t at, size_t n)
{
	ssize_t got;
	int r;

	if (!p->block)
		p->block = smi_alloc(BLOCK);
	if (!p->block)
		return -ENOMEM;
	got = pread(p->in, p->block, n < BLOCK ? n : BLOCK, at);
	if (got <= 0)
		return got < 0 ? -errno : 0;
	r = write_all(p->out, p->block, (size_t)got, at);
	return r < 0 ? r : got;
}

/* What the kernel can't do it says in many ways; then we find out for
 * ourselves. Files of /proc and the like are empty for it. */
static ssize_t copy_some(struct pipeline *p, off_t at, size_t n)
{
	off_t in = at, out = at;
	ssize_t r;

	if (p->by_hand)
		return copy_by_hand(p, at, n);
	r = copy_file_range(p->in, &in, p->out, &out, n, 0);
	if (r > 0)
		return r;
	if (r < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG ||
		      errno == EIO))
		return -errno;
	p->by_hand = true;
	return copy_by_hand(p, at, n);
}

/* Copy what lies between two offsets: 1; 0: the file ends before, at *at. */
static int copy_range(struct pipeline *p, off_t *at, off_t end)
{
	while (*at < end) {
		size_t n = end - *at < STEP ? (size_t)(end - *at) : STEP;
		ssize_t r;

		if (atomic_load(&p->copy->stop))
			return -ECANCELED;
		r = copy_some(p, *at, n);
		if (r <= 0)
			return (int)r;
		*at += r;
	}
	return 1;
}

/* Where the next data begins and ends, from at on; false: there are none. File
 * systems that know nothing of holes have data everywhere. */
static bool find_data(int fd, off_t at, off_t size, off_t *ret_start,
		      off_t *ret_end)
{
	off_t start = lseek(fd, at, SEEK_DATA), end;

	if (start < 0 && errno == ENXIO)
		return false;
	*ret_start = start < 0 ? at : start;
	end = start < 0 ? size : lseek(fd, start, SEEK_HOLE);
	*ret_end = end < 0 ? size : end;
	return true;
}

static int copy_sparse(struct pipeline *p, off_t size)
{
	off_t at = 0, end;
	int r = 1;

	while (r > 0 && at < size && find_data(p->in, at, size, &at, &end))
		r = copy_range(p, &at, end);
	if (r < 0)
		return r;
	/* A hole at the end; or it got shorter while we were at it. */
	return ftruncate(p->out, r == 0 ? at : size) < 0 ? -errno : 0;
}

/* Nobody knows how much there is. */
static int copy_to_end(struct pipeline *p)
{
	off_t at = 0;
	int r;

	p->by_hand = true;
	do {
		r = copy_range(p, &at, at + STEP);
	} while (r > 0);
	return r;
}

static int copy_bytes(struct smi_copy *copy, int in, int out, off_t size)
{
	struct pipeline p = { .copy = copy, .in = in, .out = out };
	int r;

	if (size > 0 && ioctl(out, FICLONE, in) == 0)
		return 0;
	r = size > 0 ? copy_sparse(&p, size) : copy_to_end(&p);
	smi_free(p.block);
	return r;
}

int smi_copy_descriptor(int from, int to)
{
	struct smi_copy copy = { .stop = false };
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	return copy_bytes(&copy, from, to, st.st_size);
}

/* ---- A file */

static int check_kind(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	return S_ISREG(st->st_mode) ? 0 : -EINVAL;
}

static int open_target(const struct smi_copy *copy, const struct stat *st,
		       const char *to)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK |
		    (copy->options.exclusive ? O_EXCL : 0);
	/* Attributes can only be given to what we may write. */
	int fd = open(to, flags, (st->st_mode & 0777) | S_IWUSR);

	if (fd >= 0)
		return fd;
	/* A FIFO that nobody reads, or a socket: no place for a copy. */
	return errno == ENXIO ? -EINVAL : -errno;
}

/* It must not be emptied before we know that it isn't what is to be copied. */
static int prepare_target(int out, const struct stat *from)
{
	struct stat to;

	if (fstat(out, &to) < 0)
		return -errno;
	if (to.st_dev == from->st_dev && to.st_ino == from->st_ino)
		return -EINVAL;
	/* A device would have its permissions changed, for all others. */
	if (!S_ISREG(to.st_mode))
		return -EINVAL;
	return ftruncate(out, 0) < 0 ? -errno : 0;
}

static int copy_open(struct smi_copy *copy, int in, const char *to)
{
	struct stat st;
	int r = fstat(in, &st) < 0 ? -errno : check_kind(&st), out;

	if (r < 0)
		return r;
	out = open_target(copy, &st, to);
	if (out < 0)
		return out;
	r = prepare_target(out, &st);
	if (r >= 0)
		r = copy_bytes(copy, in, out, st.st_size);
	if (r >= 0)
		r = smi_copy_metadata(copy, &st, in, out, NULL);
	if (close(out) < 0 && r >= 0)
		r = -errno;
	return r;
}

int smi_copy_file(struct smi_copy *copy, int dir, const char *name, int flags,
		  const char *to)
{
	int in = openat(dir, name, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (in < 0)
		return -errno;
	r = copy_open(copy, in, to);
	close(in);
	return r;
}

static int call_copy(void *arg)
{
	struct smi_copy *copy = arg;

	int r = smi_copy_file(copy, AT_FDCWD, copy->from, 0, copy->to);

	smi_free(copy->attributes);
	return r;
}

int simul_copy_file(const char *from, const char *to,
		    const simul_copy_options *options)
{
	struct smi_copy copy = { .from = from, .to = to };

	if (options)
		copy.options = *options;
	return smi_work_long(call_copy, &copy, &copy.stop);
}
