/* SPDX-License-Identifier: MIT
 * file/tree.c - copying and removing trees: a walk in a thread. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "file/copy.h"
#include "file/long_work.h"
#include "file/walk.h"

/* Walk in this thread over what root is, also if it is a link. */
static int open_walk(const char *root, const simul_walk_options *options,
		     bool by_root, simul_walk **ret_walk)
{
	int r = smi_walk_new(root, options, ret_walk);

	if (r < 0)
		return r;
	(*ret_walk)->in_thread = true;
	(*ret_walk)->not_by_root = !by_root;
	return 0;
}

/* ---- Copying */

struct tree_copy {
	struct smi_copy copy; /* the first member */
	size_t from_length;
	dev_t device; /* of the directory that all goes to */
	ino_t inode;
	char to[PATH_MAX];
};

/* Where e goes: tree->to. */
static int aim(struct tree_copy *tree, const simul_walk_entry *e)
{
	int n = snprintf(tree->to, sizeof tree->to, "%s%s%s", tree->copy.to,
			 e->depth > 0 ? "/" : "",
			 e->depth > 0 ? e->path + tree->from_length : "");

	return n < (int)sizeof tree->to ? 0 : -ENAMETOOLONG;
}

static int make_directory(struct tree_copy *tree, const simul_walk_entry *e)
{
	struct stat st;

	/* We have to write there, whatever it will be in the end. */
	if (mkdir(tree->to, 0700) < 0 &&
	    !(errno == EEXIST && tree->copy.options.merge))
		return -errno;
	if (stat(tree->to, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (e->depth == 0) {
		tree->device = st.st_dev;
		tree->inode = st.st_ino;
	}
	return 0;
}

static bool is_target(const struct tree_copy *tree, const struct stat *st)
{
	return st->st_dev == tree->device && st->st_ino == tree->inode;
}

/* All is in it. */
static int finish_directory(struct tree_copy *tree, const simul_walk_entry *e,
			    const struct stat *st)
{
	int from = -1, r;

	if (tree->copy.options.metadata) {
		from = openat(e->directory, e->name,
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (from < 0)
			return -errno;
	}
	r = smi_copy_metadata(&tree->copy, st, from, -1, tree->to);
	if (from >= 0)
		close(from);
	return r;
}

static int copy_directory(struct tree_copy *tree, const simul_walk_entry *e)
{
	struct stat st;

	if (e->error)
		return e->error;
	if (fstatat(e->directory, e->name, &st, 0) < 0)
		return -errno;
	if (e->after)
		return finish_directory(tree, e, &st);
	return is_target(tree, &st) ? -EINVAL : make_directory(tree, e);
}

/* What is in our way goes, if it may. */
static int make_way(const struct tree_copy *tree)
{
	if (tree->copy.options.exclusive || !tree->copy.options.merge)
		return 0;
	return unlink(tree->to) < 0 && errno != ENOENT ? -errno : 0;
}

static int copy_link(struct tree_copy *tree, const simul_walk_entry *e)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n = readlinkat(e->directory, e->name, target, sizeof target);
	int r;

	if (n < 0 ||
	    fstatat(e->directory, e->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((size_t)n == sizeof target)
		return -ENAMETOOLONG;
	target[n] = 0;
	r = make_way(tree);
	if (r < 0)
		return r;
	if (symlink(target, tree->to) < 0)
		return -errno;
	return smi_copy_metadata(&tree->copy, &st, -1, -1, tree->to);
}

static int copy_fifo(struct tree_copy *tree, const simul_walk_entry *e)
{
	struct stat st;
	int r;

	if (fstatat(e->directory, e->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	r = make_way(tree);
	if (r < 0)
		return r;
	if (mkfifo(tree->to, 0600) < 0)
		return -errno;
	return smi_copy_metadata(&tree->copy, &st, -1, -1, tree->to);
}

static int copy_entry(struct tree_copy *tree, const simul_walk_entry *e)
{
	int r = aim(tree, e);

	if (r < 0)
		return r;
	if (atomic_load(&tree->copy.stop))
		return -ECANCELED;
	switch (e->type) {
	case S_IFDIR:
		return copy_directory(tree, e);
	case S_IFREG:
		return smi_copy_file(&tree->copy, e->directory, e->name,
				     tree->copy.options.follow ? 0 : O_NOFOLLOW,
				     tree->to);
	case S_IFLNK:
		return copy_link(tree, e);
	case S_IFIFO:
		return copy_fifo(tree, e);
	default:
		return -EOPNOTSUPP;
	}
}

/* The paths of what is below it go on behind this and a slash. */
static size_t length_of_root(const char *path)
{
	size_t length = strlen(path);

	return length > 0 && path[length - 1] == '/' ? length : length + 1;
}

static int call_copy_tree(void *arg)
{
	struct tree_copy *tree = arg;
	const simul_walk_options options = {
		.order = SIMUL_WALK_BOTH, .follow = tree->copy.options.follow
	};
	simul_walk *walk;
	simul_walk_entry e;
	int r = open_walk(tree->copy.from, &options, true, &walk);

	if (r < 0)
		return r;
	while ((r = simul_walk_next(walk, &e)) > 0) {
		r = e.depth == 0 && e.type != S_IFDIR ? -ENOTDIR
						      : copy_entry(tree, &e);
		if (r < 0)
			break;
	}
	simul_walk_close(walk);
	smi_free(tree->copy.attributes);
	return r;
}

int simul_copy_tree(const char *from, const char *to,
		    const simul_copy_options *options)
{
	struct tree_copy tree = { .copy = { .from = from, .to = to },
				  .from_length = length_of_root(from) };

	if (options)
		tree.copy.options = *options;
	return smi_work_long(call_copy_tree, &tree, &tree.copy.stop);
}

/* ---- Removing */

struct removal {
	const char *path;
	atomic_bool stop;
	size_t gone; /* by this walk */
	int error;   /* the first of it */
};

/* 1 if it was removed. 0: somebody else may have done it, or a broken file
 * system shows what it doesn't know. */
static int remove_entry(const simul_walk_entry *e)
{
	int flags = e->type == S_IFDIR ? AT_REMOVEDIR : 0;

	if (e->depth == 0 && e->type != S_IFDIR)
		return -ENOTDIR;
	if (unlinkat(e->directory, e->name, flags) < 0)
		return errno == ENOENT ? 0 : -errno;
	return 1;
}

/* What could not be read may be empty. */
static void take_away(struct removal *removal, const simul_walk_entry *e)
{
	int r = remove_entry(e);

	removal->gone += r > 0;
	if (r < 0 && !removal->error)
		removal->error = e->error ? e->error : r;
}

static int remove_what_is_shown(struct removal *removal)
{
	const simul_walk_options options = { .order = SIMUL_WALK_UP };
	simul_walk *walk;
	simul_walk_entry e;
	int r = open_walk(removal->path, &options, false, &walk);

	removal->gone = 0;
	removal->error = 0;
	if (r < 0)
		return r;
	while ((r = simul_walk_next(walk, &e)) > 0) {
		if (atomic_load(&removal->stop)) {
			r = -ECANCELED;
			break;
		}
		take_away(removal, &e);
	}
	simul_walk_close(walk);
	return r < 0 ? r : removal->error;
}

/* A deep walk closes directories and opens them again, at a position that means
 * another entry then if some have gone meanwhile: so it is on tmpfs before
 * Linux
 * 6.6. What was passed over is shown by the next walk. */
static int call_remove_tree(void *arg)
{
	struct removal *removal = arg;
	int r;

	do {
		r = remove_what_is_shown(removal);
	} while (r == -ENOTEMPTY && removal->gone > 0);
	return r;
}

/* With a slash at its end the system would follow a link. */
static char *without_slashes(const char *path)
{
	size_t length = strlen(path);
	char *copy;

	while (length > 1 && path[length - 1] == '/')
		length--;
	copy = smi_alloc(length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, path, length);
	copy[length] = 0;
	return copy;
}

int simul_remove_tree(const char *path)
{
	char *root = without_slashes(path);
	struct removal removal = { .path = root };
	int r;

	if (!root)
		return -ENOMEM;
	r = smi_work_long(call_remove_tree, &removal, &removal.stop);
	smi_free(root);
	return r;
}
