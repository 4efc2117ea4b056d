/* SPDX-License-Identifier: MIT
 * file/path.c - names that come and go. */
#include <simul/path.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/perform.h"

/* An operation on the names from and to, each with its directory. */
static int on_two(enum smi_op_kind kind, const char *from, const char *to,
		  int flags)
{
	struct smi_op op = { .kind = kind,
			     .fd = AT_FDCWD,
			     .buffer = (void *)from,
			     .other_fd = AT_FDCWD,
			     .other = (void *)to,
			     .flags = flags };

	return smi_perform(&op);
}

int simul_rename_at(int from_dir, const char *from, int to_dir, const char *to,
		    unsigned flags)
{
	struct smi_op op = { .kind = SMI_OP_RENAME,
			     .fd = from_dir,
			     .buffer = (void *)from,
			     .other_fd = to_dir,
			     .other = (void *)to,
			     .flags = (int)flags };

	return smi_perform(&op);
}

int simul_rename(const char *from, const char *to)
{
	return on_two(SMI_OP_RENAME, from, to, 0);
}

int simul_rename_new(const char *from, const char *to)
{
	return on_two(SMI_OP_RENAME, from, to, RENAME_NOREPLACE);
}

int simul_link(const char *old, const char *path)
{
	return on_two(SMI_OP_LINK, old, path, 0);
}

int simul_symlink(const char *target, const char *path)
{
	return on_two(SMI_OP_SYMLINK, target, path, 0);
}

int simul_unlink_at(int dir, const char *path, int flags)
{
	struct smi_op op = { .kind = SMI_OP_UNLINK,
			     .fd = dir,
			     .buffer = (void *)path,
			     .flags = flags };

	return smi_perform(&op);
}

int simul_unlink(const char *path)
{
	return simul_unlink_at(AT_FDCWD, path, 0);
}

int simul_rmdir(const char *path)
{
	return simul_unlink_at(AT_FDCWD, path, AT_REMOVEDIR);
}

int simul_mkdir_at(int dir, const char *path, unsigned mode)
{
	struct smi_op op = { .kind = SMI_OP_MKDIR,
			     .fd = dir,
			     .buffer = (void *)path,
			     .mode = mode };

	return smi_perform(&op);
}

int simul_mkdir(const char *path, unsigned mode)
{
	return simul_mkdir_at(AT_FDCWD, path, mode);
}

/* ---- Several at once
 *
 * path is a copy that we may cut and mend. */

/* Where the last name of the first length bytes begins, the slashes before it
 * not counted: the length of its parent's path, or 0 if that has none. */
static size_t parent_of(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	while (length > 0 && path[length - 1] == '/')
		length--;
	return length;
}

/* Make the directory that the first length bytes of path name. */
static int make_up_to(char *path, size_t length, unsigned mode)
{
	char kept = path[length];
	int r;

	path[length] = 0;
	r = simul_mkdir(path, mode);
	path[length] = kept;
	return r;
}

/* The next longer path: with one more name at its end. */
static size_t child_of(const char *path, size_t length)
{
	length += strspn(path + length, "/");
	return length + strcspn(path + length, "/");
}

/* Go up to the first that can be made, and down again. Another process may
 * make one, too. */
static int make_missing(char *path, size_t whole, unsigned mode)
{
	size_t length = whole;
	int r = make_up_to(path, length, mode);

	while (r == -ENOENT && parent_of(path, length) > 0) {
		length = parent_of(path, length);
		r = make_up_to(path, length, mode);
	}
	while ((r >= 0 || r == -EEXIST) && length < whole) {
		length = child_of(path, length);
		r = make_up_to(path, length, mode);
	}
	return r;
}

static size_t length_without_slashes(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

/* A copy without slashes at its end, or NULL. */
static char *copy_path(const char *path, size_t *ret_length)
{
	size_t length = length_without_slashes(path);
	char *copy = smi_alloc(length + 1);

	if (!copy)
		return NULL;
	memcpy(copy, path, length);
	copy[length] = 0;
	*ret_length = length;
	return copy;
}

int simul_makedirs(const char *path, unsigned mode)
{
	size_t length;
	char *copy = copy_path(path, &length);
	int r, is_directory;

	if (!copy)
		return -ENOMEM;
	r = make_missing(copy, length, mode);
	smi_free(copy);
	if (r != -EEXIST)
		return r;
	is_directory = simul_is_directory(path);
	if (is_directory < 0)
		return is_directory;
	return is_directory ? 0 : -EEXIST;
}

int simul_removedirs(const char *path)
{
	size_t length;
	char *copy = copy_path(path, &length);
	int r, above;

	if (!copy)
		return -ENOMEM;
	r = above = simul_rmdir(copy);
	while (above >= 0 && (length = parent_of(copy, length)) > 0) {
		copy[length] = 0;
		above = simul_rmdir(copy);
	}
	smi_free(copy);
	return r;
}
