/* SPDX-License-Identifier: MIT
 * file/spool.c - files that are kept in memory until they are too large.
 *
 * In memory is a file of the kernel's without a name, so that it can do what
 * any file can. When it moves, its descriptor is put in its place. */
#include "file/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <simul/temporary.h>

#include "base/alloc.h"
#include "file/copy.h"
#include "file/file.h"
#include "file/random_name.h"
#include "file/temporary.h"
#include "task/threads.h"
#include "task/wait.h"

bool smi_spool_is_full(const struct smi_descriptor *file, uint64_t size)
{
	return file->spool && size > file->spool->limit;
}

/* ---- Moving, in a thread */

/* Without O_TMPFILE there is a name for a moment. */
static int make_with_name(const char *path, void *arg)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int make_file(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *path;

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
		return -errno;
	fd = smi_with_random_name(directory, "simul-", NULL, make_with_name,
				  NULL, &path);
	if (fd >= 0)
		smi_free(path);
	return fd;
}

int smi_spool_move(struct smi_descriptor *file)
{
	int fd = make_file(file->spool->directory);
	int r = fd < 0 ? fd : smi_copy_descriptor(file->fd, fd);

	if (r >= 0 && dup3(fd, file->fd, O_CLOEXEC) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	/* We have not asked what it is on now. */
	file->slow = file->slow || r >= 0;
	return r;
}

static int call_move(void *file)
{
	return smi_spool_move(file);
}

static int move_away(struct smi_descriptor *file)
{
	int r;

	file->stream.users++;
	r = smi_call_in_worker(call_move, file);
	file->stream.users--;
	if (r < 0)
		return r;
	smi_free(file->spool);
	file->spool = NULL;
	return 0;
}

int smi_spool_begin(struct smi_descriptor *file, uint64_t size)
{
	int r = 0;

	if (!file->spool)
		return 0;
	if (file->spool->busy || file->stream.writing)
		return -EBUSY;
	file->spool->busy = true;
	if (smi_spool_is_full(file, size))
		r = move_away(file);
	if (r < 0)
		smi_spool_end(file);
	return r;
}

void smi_spool_end(struct smi_descriptor *file)
{
	if (file->spool)
		file->spool->busy = false;
}

/* ---- Making one */

static struct smi_spool *new_spool(const char *directory, size_t limit)
{
	size_t length = strlen(directory) + 1;
	struct smi_spool *spool = smi_alloc(sizeof *spool + length);

	if (!spool)
		return NULL;
	*spool = (struct smi_spool){ .limit = limit };
	memcpy(spool->directory, directory, length);
	return spool;
}

static int open_in_memory(struct smi_spool *spool, simul_stream **ret_stream)
{
	int fd = memfd_create("simul-spool", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = smi_file_adopt(fd, O_RDWR, false, ret_stream);
	if (r < 0)
		close(fd);
	else
		smi_file_of(*ret_stream)->spool = spool;
	return r;
}

int simul_spooled_file(const char *directory, size_t limit,
		       simul_stream **ret_stream)
{
	struct smi_spool *spool;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	spool = new_spool(smi_temporary_place(directory), limit);
	if (!spool)
		return -ENOMEM;
	r = open_in_memory(spool, ret_stream);
	if (r < 0)
		smi_free(spool);
	return r;
}
