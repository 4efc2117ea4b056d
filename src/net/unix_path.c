/* SPDX-License-Identifier: MIT
 * net/unix_path.c - the files of Unix sockets: how they come and go.
 *
 * A socket's file outlives its socket, so whoever ends without removing it
 * leaves one behind where nobody listens, and bind(2) refuses to take its
 * place. Nor does the file's mode come from a call: the umask has its say, and
 * that is the whole process's.
 */
#include "net/unix_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct path {
	char text[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
};

static struct path path_of(const simul_address *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->storage;
	struct path path = { { 0 } };

	memcpy(path.text, un->sun_path,
	       a->length - offsetof(struct sockaddr_un, sun_path));
	return path;
}

bool smi_unix_has_path(const simul_address *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->storage;

	return un->sun_family == AF_UNIX &&
	       a->length > offsetof(struct sockaddr_un, sun_path) &&
	       a->length <= sizeof *un && un->sun_path[0] != 0;
}

static int find(const char *path, struct smi_unix_file *ret_file)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	*ret_file = (struct smi_unix_file){ true, st.st_dev, st.st_ino };
	return 0;
}

static bool is_still(const char *path, const struct smi_unix_file *file)
{
	struct smi_unix_file now = { 0 };

	return find(path, &now) == 0 && now.device == file->device &&
	       now.inode == file->inode;
}

/* ---- Those that were left behind */

/* Ask for a connection of another kind than servers have: one that lives,
 * listening or not yet, says so without noticing (-EPROTOTYPE). */
static bool is_abandoned(const simul_address *a)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&a->storage, a->length) < 0)
		error = errno;
	close(fd);
	return error == ECONNREFUSED;
}

/* Between the look and the removal another server may do the same, and it would
 * be its new file that is removed. So only one looks at a time, as far as all
 * know of this lock; who doesn't get it removes nothing. -1: not got. */
static int lock_folder(const char *path)
{
	const char *name = strrchr(path, '/');
	struct path folder = { "." };
	int fd;

	if (name == path)
		strcpy(folder.text, "/");
	else if (name)
		memcpy(folder.text, path, (size_t)(name - path));
	fd = open(folder.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void remove_abandoned(const simul_address *a, const char *path)
{
	struct smi_unix_file file = { 0 };
	int lock = lock_folder(path);

	if (lock < 0)
		return;
	if (find(path, &file) == 0 && is_abandoned(a) && is_still(path, &file))
		unlink(path);
	close(lock);
}

/* ---- Ours */

static int bind_to(int fd, const simul_address *a)
{
	return bind(fd, (const struct sockaddr *)&a->storage, a->length) < 0
		       ? -errno
		       : 0;
}

/* What the umask has taken away is given back. Until listen(2) nobody can
 * connect, whatever the mode is. */
static int set_mode(const char *path, unsigned mode)
{
	return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) < 0 ? -errno
								       : 0;
}

void smi_unix_remove(const simul_address *a, const struct smi_unix_file *file)
{
	struct path path;

	if (!file->exists)
		return;
	path = path_of(a);
	if (is_still(path.text, file))
		unlink(path.text);
}

int smi_unix_bind(int fd, const simul_address *a, unsigned mode,
		  struct smi_unix_file *ret_file)
{
	struct path path = path_of(a);
	struct smi_unix_file file = { 0 };
	int r;

	/* The file begins with the socket's own mode, less the umask. */
	if (mode && fchmod(fd, mode) < 0)
		return -errno;
	r = bind_to(fd, a);
	if (r == -EADDRINUSE) {
		remove_abandoned(a, path.text);
		r = bind_to(fd, a);
	}
	if (r < 0)
		return r;
	r = find(path.text, &file);
	if (r >= 0 && mode)
		r = set_mode(path.text, mode);
	if (r < 0) {
		smi_unix_remove(a, &file);
		return r;
	}
	*ret_file = file;
	return 0;
}
