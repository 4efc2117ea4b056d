/* SPDX-License-Identifier: MIT
 * file/metadata.c - what goes with a file when it is copied. */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/alloc.h"
#include "file/copy.h"

static int set_times(const struct stat *st, int fd, const char *path)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r = fd >= 0 ? futimens(fd, times)
			: utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);

	return r < 0 ? -errno : 0;
}

/* That we may not give files away is nothing that went wrong. */
static int set_owner(const struct stat *st, int fd, const char *path)
{
	int r = fd >= 0 ? fchown(fd, st->st_uid, st->st_gid)
			: lchown(path, st->st_uid, st->st_gid);

	return r < 0 && errno != EPERM ? -errno : 0;
}

static int set_mode(const struct smi_copy *copy, const struct stat *st, int fd,
		    const char *path)
{
	mode_t mode = st->st_mode & (copy->options.metadata ? 07777 : 0777);
	int r;

	if (S_ISLNK(st->st_mode))
		return 0;
	r = fd >= 0 ? fchmod(fd, mode) : chmod(path, mode);
	return r < 0 ? -errno : 0;
}

/* ---- Extended attributes */

/* Room for the names of all, and for what the largest says. */
struct smi_copy_attributes {
	char names[XATTR_LIST_MAX];
	char value[XATTR_SIZE_MAX];
};

/* Does this tell of an attribute that can't be kept, which is nothing that went
 * wrong? shutil.copystat of Python leaves the same ones behind. */
static bool is_not_to_be(int error)
{
	return error == EPERM || error == EACCES || error == ENOTSUP ||
	       error == ENODATA || error == EINVAL;
}

static int set_attribute(struct smi_copy_attributes *a, const char *name,
			 int from, int fd, const char *path)
{
	ssize_t n = fgetxattr(from, name, a->value, sizeof a->value);
	int r = (int)n;

	if (n >= 0)
		r = fd >= 0 ? fsetxattr(fd, name, a->value, (size_t)n, 0)
			    : setxattr(path, name, a->value, (size_t)n, 0);
	return r < 0 && !is_not_to_be(errno) ? -errno : 0;
}

static int set_attributes(struct smi_copy_attributes *a, int from, int fd,
			  const char *path)
{
	ssize_t n = flistxattr(from, a->names, sizeof a->names);
	const char *name = a->names;
	int r = 0;

	if (n < 0)
		return is_not_to_be(errno) ? 0 : -errno;
	for (; r >= 0 && name < a->names + n; name += strlen(name) + 1)
		r = set_attribute(a, name, from, fd, path);
	return r;
}

/* Most files have none. */
static int copy_attributes(struct smi_copy *copy, int from, int fd,
			   const char *path)
{
	if (from < 0 || flistxattr(from, NULL, 0) <= 0)
		return 0;
	if (!copy->attributes)
		copy->attributes = smi_alloc(sizeof *copy->attributes);
	return copy->attributes
		       ? set_attributes(copy->attributes, from, fd, path)
		       : -ENOMEM;
}

/* ---- All of it */

/* The owner first, as that takes set-user-ID and capabilities away; attributes
 * before the mode, which may forbid us to write. */
int smi_copy_metadata(struct smi_copy *copy, const struct stat *st, int from,
		      int fd, const char *path)
{
	int r = copy->options.metadata ? set_owner(st, fd, path) : 0;

	if (r >= 0 && copy->options.metadata)
		r = copy_attributes(copy, from, fd, path);
	if (r >= 0)
		r = set_mode(copy, st, fd, path);
	if (r >= 0 && copy->options.metadata)
		r = set_times(st, fd, path);
	return r;
}
