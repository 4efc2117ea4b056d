/* SPDX-License-Identifier: MIT
 * file/whole.c - whole files at once. */
#include <simul/file.h>

#include <errno.h>
#include <string.h>

#include <simul/error.h>
#include <simul/path.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "file/file_system.h"
#include "file/random_name.h"
#include "io/perform.h"
#include "task/wait.h"

/* ---- Reading */

/* What most files fit in, so that nobody has to ask for their size. */
enum { FIRST_ROOM = 65536 };

struct whole {
	char *bytes; /* with room for a zero behind them */
	size_t length;
	size_t room;
};

/* Room for what the file says that it has, and a byte to see that it has no
 * more; it may be wrong. To see that it has more than limit, one byte beyond
 * that is enough. */
static size_t larger_room(const struct whole *w, simul_stream *s, size_t limit)
{
	int64_t size = w->room == FIRST_ROOM ? simul_file_size(s) : 0;
	size_t room = w->room * 2;

	if (size > 0 && (uint64_t)size < SIZE_MAX - 1 &&
	    (size_t)size + 1 > room)
		room = (size_t)size + 1;
	return room > limit ? limit + 1 : room;
}

static int make_room(struct whole *w, size_t room)
{
	char *bytes = room < SIZE_MAX ? smi_resize(w->bytes, room + 1) : NULL;

	if (!bytes)
		return -ENOMEM;
	w->bytes = bytes;
	w->room = room;
	return 0;
}

/* 1: there is more; 0: that was all. */
static ptrdiff_t read_more(simul_stream *s, struct whole *w, size_t limit)
{
	ptrdiff_t n;
	int r = 0;

	if (w->length == w->room)
		r = make_room(w,
			      w->room ? larger_room(w, s, limit) : FIRST_ROOM);
	if (r < 0)
		return r;
	n = simul_read(s, w->bytes + w->length, w->room - w->length);
	if (n > 0)
		w->length += (size_t)n;
	return n;
}

static int read_whole(simul_stream *s, size_t limit, struct whole *w)
{
	ptrdiff_t r;

	do {
		r = w->length > limit ? -SIMUL_ETOOLONG
				      : read_more(s, w, limit);
	} while (r > 0);
	if (r >= 0 && w->room > w->length)
		make_room(w, w->length); /* if not, it is only larger */
	return (int)r;
}

int simul_read_file(const char *path, size_t limit, char **ret_bytes,
		    size_t *ret_length)
{
	struct whole w = { 0 };
	simul_stream *s;
	int r = simul_open(path, O_RDONLY, 0, &s);

	if (r < 0)
		return r;
	r = read_whole(s, limit, &w);
	simul_close(s);
	if (r < 0) {
		smi_free(w.bytes);
		return r;
	}
	w.bytes[w.length] = 0;
	*ret_bytes = w.bytes;
	if (ret_length)
		*ret_length = w.length;
	return 0;
}

/* ---- Writing */

/* Past the stream's buffer, if the file has a position. */
static int write_all(simul_stream *s, const void *bytes, size_t n)
{
	int r = simul_pwrite(s, bytes, n, 0);

	return r == -ESPIPE ? simul_write(s, bytes, n) : r;
}

static int write_and_close(simul_stream *s, const void *bytes, size_t n,
			   bool sync)
{
	int r = write_all(s, bytes, n), closed;

	if (r >= 0 && sync)
		r = simul_sync(s);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

int simul_write_file(const char *path, const void *bytes, size_t n,
		     unsigned mode)
{
	simul_stream *s;
	int r = simul_open(path, O_WRONLY | O_CREAT | O_TRUNC, mode, &s);

	return r < 0 ? r : write_and_close(s, bytes, n, false);
}

/* ---- Replacing */

struct new_file {
	unsigned mode;
	simul_stream *stream;
};

static int make_new(const char *path, void *arg)
{
	struct new_file *new = arg;

	return simul_open(path, O_WRONLY | O_CREAT | O_EXCL, new->mode,
			  &new->stream);
}

static int unlink_new(void *path)
{
	return simul_unlink(path);
}

/* A name is on the disk when its directory is. Where directories can't be
 * synced, -EINVAL, they need not be. */
static int sync_directory(const char *directory)
{
	struct smi_op op = { .kind = SMI_OP_OPEN,
			     .fd = AT_FDCWD,
			     .buffer = (void *)directory,
			     .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
	int fd = smi_file_open(&op, NULL), r;

	if (fd < 0)
		return fd;
	op = (struct smi_op){ .kind = SMI_OP_SYNC, .fd = fd };
	r = smi_perform(&op);
	smi_close_fd(fd);
	return r == -EINVAL ? 0 : r;
}

static int replace_in(const char *directory, const char *path,
		      const void *bytes, size_t n, unsigned mode)
{
	struct new_file new = { .mode = mode };
	char *name;
	int r = smi_with_random_name(directory, ".", ".new", make_new, &new,
				     &name);

	if (r < 0)
		return r;
	r = write_and_close(new.stream, bytes, n, true);
	if (r >= 0)
		r = simul_rename(name, path);
	if (r < 0)
		simul_shield(unlink_new, name);
	smi_free(name);
	return r < 0 ? r : sync_directory(directory);
}

/* The path of path's directory, smi_alloc'd, or NULL. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 1;
	char *directory = smi_alloc(length + 2);

	if (!directory)
		return NULL;
	memcpy(directory, slash ? path : ".", length);
	strcpy(directory + length, slash ? "/" : "");
	return directory;
}

int simul_replace_file(const char *path, const void *bytes, size_t n,
		       unsigned mode)
{
	char *directory;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	directory = directory_of(path);
	if (!directory)
		return -ENOMEM;
	r = replace_in(directory, path, bytes, n, mode);
	smi_free(directory);
	return r;
}
