/* SPDX-License-Identifier: MIT
 * file/stat.c - what a path stands for. */
#include "file/stat.h"

#include <simul/path.h>

#include <errno.h>
#include <sys/sysmacros.h>

#include "io/perform.h"

int smi_statx(int dir, const char *path, int flags, unsigned mask,
	      struct statx *ret_state)
{
	struct statx state;
	struct smi_op op = { .kind = SMI_OP_STAT,
			     .fd = dir,
			     .buffer = (void *)path,
			     .flags = flags,
			     .mode = mask,
			     .other = &state };
	int r = smi_perform(&op);

	if (r >= 0)
		*ret_state = state;
	return r;
}

static struct timespec time_from(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

void smi_stat_from(const struct statx *x, struct stat *ret_stat)
{
	*ret_stat = (struct stat){
		.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor),
		.st_ino = x->stx_ino,
		.st_mode = x->stx_mode,
		.st_nlink = x->stx_nlink,
		.st_uid = x->stx_uid,
		.st_gid = x->stx_gid,
		.st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor),
		.st_size = (off_t)x->stx_size,
		.st_blksize = (blksize_t)x->stx_blksize,
		.st_blocks = (blkcnt_t)x->stx_blocks,
		.st_atim = time_from(&x->stx_atime),
		.st_mtim = time_from(&x->stx_mtime),
		.st_ctim = time_from(&x->stx_ctime),
	};
}

int simul_stat_at(int dir, const char *path, int flags, struct stat *ret_stat)
{
	struct statx x;
	int r = smi_statx(dir, path, flags, STATX_BASIC_STATS, &x);

	if (r >= 0)
		smi_stat_from(&x, ret_stat);
	return r;
}

int simul_stat(const char *path, struct stat *ret_stat)
{
	return simul_stat_at(AT_FDCWD, path, 0, ret_stat);
}

int simul_lstat(const char *path, struct stat *ret_stat)
{
	return simul_stat_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, ret_stat);
}

/* ---- Questions */

/* 1 and what is called path; 0: nothing is. */
static int look(const char *path, int flags, unsigned mask, struct statx *ret)
{
	int r = smi_statx(AT_FDCWD, path, flags, mask, ret);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	return r < 0 ? r : 1;
}

int simul_exists(const char *path)
{
	struct statx x;

	return look(path, 0, 0, &x);
}

static int is_type(const char *path, int flags, unsigned type)
{
	struct statx x;
	int r = look(path, flags, STATX_TYPE, &x);

	return r > 0 ? (x.stx_mode & S_IFMT) == type : r;
}

int simul_is_file(const char *path)
{
	return is_type(path, 0, S_IFREG);
}

int simul_is_directory(const char *path)
{
	return is_type(path, 0, S_IFDIR);
}

int simul_is_link(const char *path)
{
	return is_type(path, AT_SYMLINK_NOFOLLOW, S_IFLNK);
}

static bool on_same_device(const struct statx *a, const struct statx *b)
{
	return a->stx_dev_major == b->stx_dev_major &&
	       a->stx_dev_minor == b->stx_dev_minor;
}

static bool is_same(const struct statx *a, const struct statx *b)
{
	return on_same_device(a, b) && a->stx_ino == b->stx_ino;
}

/* As Python does it. */
static int differs_from_parent(const char *path, const struct statx *x)
{
	struct smi_op op = { .kind = SMI_OP_OPEN,
			     .fd = AT_FDCWD,
			     .buffer = (void *)path,
			     .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW |
				      O_CLOEXEC };
	int fd = smi_perform(&op), r;
	struct statx parent;

	if (fd < 0)
		return fd == -ENOTDIR || fd == -ELOOP ? 0 : fd;
	r = smi_statx(fd, "..", 0, STATX_INO, &parent);
	smi_close_fd(fd);
	return r < 0 ? r : !on_same_device(x, &parent) || is_same(x, &parent);
}

int simul_is_mount(const char *path)
{
	struct statx x;
	int r = look(path, AT_SYMLINK_NOFOLLOW, STATX_INO, &x);

	if (r <= 0)
		return r;
	if (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return (x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	return differs_from_parent(path, &x);
}

int simul_is_same_file(const char *a, const char *b)
{
	struct statx first, second;
	int r = smi_statx(AT_FDCWD, a, 0, STATX_INO, &first);

	if (r >= 0)
		r = smi_statx(AT_FDCWD, b, 0, STATX_INO, &second);
	return r < 0 ? r : is_same(&first, &second);
}

int64_t simul_size_of(const char *path)
{
	struct statx x;
	int r = smi_statx(AT_FDCWD, path, 0, STATX_SIZE, &x);

	return r < 0 ? r : (int64_t)x.stx_size;
}
