/* SPDX-License-Identifier: MIT
 * simul/path.h - the names of files: what they stand for, and how they change.
 *
 *	struct stat st;
 *	int r = simul_stat("inbox", &st);
 *
 *	if (r == -ENOENT)
 *		r = simul_makedirs("inbox/new", 0755);
 *
 * These are the system calls of the same names, which don't block the loop: the
 * kernel does the work by itself (io_uring), or a thread does. A path is bytes
 * with a zero at their end; no other meaning is given to them. What each call
 * can fail with is what its manual page says, as a negative number; that is
 * -ENOENT (nothing has that name), -EACCES, -ENOTDIR (something on the way is
 * no directory), -ELOOP (symbolic links go round), -ENAMETOOLONG, ...
 *
 * A path is looked up anew by each call. What must happen to one and the same
 * directory, whatever others rename meanwhile, is asked for with a descriptor
 * of it: by the calls that end in _at, where AT_FDCWD is the current directory
 * (see openat(2)). simul/directory.h opens directories.
 */
#ifndef SIMUL_PATH_H
#define SIMUL_PATH_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <time.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is there */

/* The state of the file path: stat(2). 0 and *ret_stat.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_stat(const char *path, struct stat *ret_stat);

/* The same, of a symbolic link itself if path is one: lstat(2).
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_lstat(const char *path, struct stat *ret_stat);

/* The same, of path in directory dir, with the flags of fstatat(2):
 * AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH (the file dir itself, if path is "").
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_stat_at(int dir, const char *path, int flags,
			    struct stat *ret_stat);

/* The state of the file system that path is on: statvfs(3).
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_statvfs(const char *path, struct statvfs *ret_stat);

/* 1 if path is there, 0 if not; a link that leads nowhere is not. Errors are
 * what prevents us from knowing, such as -EACCES.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_exists(const char *path);

/* 1 if path is a regular file, or a link to one; 0 if not, or if nothing has
 * that name.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_is_file(const char *path);

/* The same for a directory.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_is_directory(const char *path);

/* 1 if path is a symbolic link, wherever it leads; 0 if not.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_is_link(const char *path);

/* 1 if a file system is mounted at path, 0 if not. Where the kernel doesn't
 * know (before Linux 5.8), a directory on another device than its parent is
 * one, and the root.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_is_mount(const char *path);

/* 1 if both paths lead to the same file, 0 if not.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_is_same_file(const char *a, const char *b);

/* How many bytes the file path has.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int64_t simul_size_of(const char *path);

/* May this process use path so? mode is R_OK, W_OK, X_OK or several, or F_OK;
 * see access(2). 0, or -EACCES and the like. Only a call that uses it can tell
 * for certain.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_access(const char *path, int mode);

/* ---- Names that come and go */

/* Give what is called from the name to, on the same file system, in one step
 * that is never seen half done. A file that is called to is replaced.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_rename(const char *from, const char *to);

/* The same, but -EEXIST if there is something called to. -EINVAL on file
 * systems that can't promise that.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_rename_new(const char *from, const char *to);

/* The same with directories, and the flags of renameat2(2).
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_rename_at(int from_dir, const char *from, int to_dir,
			      const char *to, unsigned flags);

/* Remove the name path of something that is no directory. With its last name
 * goes the file, once nobody has it open.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_unlink(const char *path);

/* The same for path in directory dir; flags is 0, or AT_REMOVEDIR for an empty
 * directory.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_unlink_at(int dir, const char *path, int flags);

/* Give the file old the name path, too.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_link(const char *old, const char *path);

/* Make a symbolic link path that says target, whether there is one or not.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_symlink(const char *target, const char *path);

/* Copy what the symbolic link path says to buffer, as a string. Returns its
 * length; -ENAMETOOLONG if it doesn't fit in room bytes with its zero, -EINVAL
 * if path is no link. Nothing fits in PATH_MAX bytes that doesn't in a path.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_readlink(const char *path, char *buffer, size_t room);

/* Make a directory. mode is what it may be used for, less the umask.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_mkdir(const char *path, unsigned mode);

/* The same for path in directory dir.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_mkdir_at(int dir, const char *path, unsigned mode);

/* Make a directory, and those above it that are missing. 0, also if it is
 * there already; -EEXIST if something else is.
 * Suspends: always. Cancelled: some may have been made. */
SIMUL_API int simul_makedirs(const char *path, unsigned mode);

/* Remove an empty directory.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_rmdir(const char *path);

/* The same, and then those above it in path, as long as they are empty: only
 * what happens to the first is the result.
 * Suspends: always. Cancelled: some may have been removed. */
SIMUL_API int simul_removedirs(const char *path);

/* ---- What goes with a file */

/* Set what path may be used for: chmod(2).
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_chmod(const char *path, unsigned mode);

/* Set the owner and group of path, -1 for what is to stay: chown(2).
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_chown(const char *path, uid_t owner, gid_t group);

/* The same, of a symbolic link itself if path is one.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_lchown(const char *path, uid_t owner, gid_t group);

/* Set when path was last read and changed: utimensat(2). NULL is now, for
 * both; UTIME_NOW and UTIME_OMIT in tv_nsec are for one of them.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_utimens(const char *path, const struct timespec times[2]);

/* ---- Extended attributes
 *
 * What a file system keeps for a program with a file, under a name that begins
 * with "user." or another of the classes of xattr(7). Where it keeps none the
 * error is -EOPNOTSUPP; where there is none of that name, -ENODATA. What is
 * asked of an open file is in simul/file.h. */

/* Copy what the attribute name of path says to value: getxattr(2). Returns its
 * length; -ERANGE if that is more than room. If room is 0, nothing is copied.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_getxattr(const char *path, const char *name, void *value,
			     size_t room);

/* The same, of a symbolic link itself if path is one.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_lgetxattr(const char *path, const char *name, void *value,
			      size_t room);

/* Let it say size bytes: setxattr(2). flags is 0, XATTR_CREATE (-EEXIST if it
 * is there) or XATTR_REPLACE (-ENODATA if it isn't), of sys/xattr.h.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_setxattr(const char *path, const char *name,
			     const void *value, size_t size, int flags);

/* The same, of a symbolic link itself if path is one.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_lsetxattr(const char *path, const char *name,
			      const void *value, size_t size, int flags);

/* Copy the names of all attributes of path to names, each with a zero at its
 * end: listxattr(2). Returns their length; -ERANGE if that is more than room.
 * If room is 0, nothing is copied.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_listxattr(const char *path, char *names, size_t room);

/* The same, of a symbolic link itself if path is one.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_llistxattr(const char *path, char *names, size_t room);

/* Remove the attribute name of path: removexattr(2).
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_removexattr(const char *path, const char *name);

/* The same, of a symbolic link itself if path is one.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_lremovexattr(const char *path, const char *name);

/* ---- Where */

/* Copy the path of the current directory to buffer. Returns its length;
 * -ERANGE if it doesn't fit.
 * Suspends: never; the system doesn't look at a disk for that. */
SIMUL_API int simul_getcwd(char *buffer, size_t room);

/* Copy the path without symbolic links, "." and ".." that path comes to to
 * buffer: realpath(3). Returns its length; -ENAMETOOLONG if it doesn't fit.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_realpath(const char *path, char *buffer, size_t room);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_PATH_H */
