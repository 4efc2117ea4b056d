/* SPDX-License-Identifier: MIT
 * file/path_thread.c - what io_uring has no operation for, on names: a thread
 * asks the system. */
#include <simul/path.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "task/threads.h"

static int error_or(int r)
{
	return r < 0 ? -errno : r;
}

/* ---- What is there */

struct statvfs_call {
	const char *path;
	struct statvfs result;
};

static int call_statvfs(void *arg)
{
	struct statvfs_call *call = arg;

	return error_or(statvfs(call->path, &call->result));
}

int simul_statvfs(const char *path, struct statvfs *ret_stat)
{
	struct statvfs_call call = { .path = path };
	int r = smi_call_in_worker(call_statvfs, &call);

	if (r >= 0)
		*ret_stat = call.result;
	return r;
}

struct access_call {
	const char *path;
	int mode;
};

static int call_access(void *arg)
{
	const struct access_call *call = arg;

	return error_or(access(call->path, call->mode));
}

int simul_access(const char *path, int mode)
{
	struct access_call call = { path, mode };

	return smi_call_in_worker(call_access, &call);
}

/* ---- Strings */

struct string_call {
	const char *path;
	char *buffer;
	size_t room;
};

/* What fills the room to its end may have been longer. */
static int call_readlink(void *arg)
{
	const struct string_call *call = arg;
	size_t room = call->room < INT_MAX ? call->room : INT_MAX;
	ssize_t n = readlink(call->path, call->buffer, room);

	if (n < 0)
		return -errno;
	if ((size_t)n == room)
		return -ENAMETOOLONG;
	call->buffer[n] = 0;
	return (int)n;
}

int simul_readlink(const char *path, char *buffer, size_t room)
{
	struct string_call call = { path, buffer, room };

	return smi_call_in_worker(call_readlink, &call);
}

static int call_realpath(void *arg)
{
	const struct string_call *call = arg;
	char whole[PATH_MAX];
	size_t length;

	if (!realpath(call->path, whole))
		return -errno;
	length = strlen(whole);
	if (length >= call->room)
		return -ENAMETOOLONG;
	memcpy(call->buffer, whole, length + 1);
	return (int)length;
}

int simul_realpath(const char *path, char *buffer, size_t room)
{
	struct string_call call = { path, buffer, room };

	return smi_call_in_worker(call_realpath, &call);
}

int simul_getcwd(char *buffer, size_t room)
{
	if (room == 0)
		return -ERANGE;
	return getcwd(buffer, room) ? (int)strlen(buffer) : -errno;
}

/* ---- What goes with a file */

struct chmod_call {
	const char *path;
	mode_t mode;
};

static int call_chmod(void *arg)
{
	const struct chmod_call *call = arg;

	return error_or(chmod(call->path, call->mode));
}

int simul_chmod(const char *path, unsigned mode)
{
	struct chmod_call call = { path, mode };

	return smi_call_in_worker(call_chmod, &call);
}

struct chown_call {
	const char *path;
	uid_t owner;
	gid_t group;
	int flags;
};

static int call_chown(void *arg)
{
	const struct chown_call *call = arg;

	return error_or(fchownat(AT_FDCWD, call->path, call->owner, call->group,
				 call->flags));
}

int simul_chown(const char *path, uid_t owner, gid_t group)
{
	struct chown_call call = { path, owner, group, 0 };

	return smi_call_in_worker(call_chown, &call);
}

int simul_lchown(const char *path, uid_t owner, gid_t group)
{
	struct chown_call call = { path, owner, group, AT_SYMLINK_NOFOLLOW };

	return smi_call_in_worker(call_chown, &call);
}

struct utimens_call {
	const char *path;
	const struct timespec *times;
};

static int call_utimens(void *arg)
{
	const struct utimens_call *call = arg;

	return error_or(utimensat(AT_FDCWD, call->path, call->times, 0));
}

int simul_utimens(const char *path, const struct timespec times[2])
{
	struct utimens_call call = { path, times };

	return smi_call_in_worker(call_utimens, &call);
}
