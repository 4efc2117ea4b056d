/* SPDX-License-Identifier: MIT
 * file/walk.c - over all that is below a directory. */
#include "file/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "task/wait.h"

/* ---- The path */

static int reserve(simul_walk *walk, size_t length)
{
	size_t room = walk->path_room ? walk->path_room : 256;
	char *path;

	while (room < length + 1)
		room *= 2;
	if (room == walk->path_room)
		return 0;
	path = smi_resize(walk->path, room);
	if (!path)
		return -ENOMEM;
	walk->path = path;
	walk->path_room = room;
	return 0;
}

/* The path of name in the innermost level. */
static int set_name(simul_walk *walk, const char *name)
{
	size_t base = walk->level ? walk->level->path_length : 0;
	size_t length = strlen(name);
	int r = reserve(walk, base + 1 + length);

	if (r < 0)
		return r;
	if (base > 0 && walk->path[base - 1] != '/')
		walk->path[base++] = '/';
	memcpy(walk->path + base, name, length + 1);
	walk->path_length = base + length;
	return 0;
}

/* Where the last name in the path begins. The root is a name as a whole. */
static const char *name_of(const simul_walk *walk)
{
	const char *slash;

	if (!walk->level)
		return walk->path;
	slash = strrchr(walk->path + walk->level->path_length, '/');
	return slash ? slash + 1 : walk->path + walk->level->path_length;
}

/* ---- What an entry is */

struct look_call {
	int directory;
	const char *name;
	int flags;
	struct stat st;
	int error;
};

static int call_look(void *arg)
{
	struct look_call *call = arg;
	int r = fstatat(call->directory, call->name, &call->st, call->flags);

	call->error = r < 0 ? -errno : 0;
	return 0;
}

/* 0 and what name is; call->error if it is not to be seen. */
static int look(simul_walk *walk, const char *name, bool follow,
		struct look_call *call)
{
	*call = (struct look_call){ .directory = smi_walk_directory(walk),
				    .name = name,
				    .flags = follow ? 0 : AT_SYMLINK_NOFOLLOW };
	return smi_walk_call(walk, call_look, call);
}

/* A link that leads nowhere is still a link; and what is gone is a name of
 * which nobody knows any more what it was. */
static int find_type(simul_walk *walk, const char *name, unsigned hint,
		     unsigned *ret_type)
{
	bool follow = walk->options.follow;
	struct look_call call;
	int r;

	if (hint != 0 && (hint != S_IFLNK || !follow)) {
		*ret_type = hint;
		return 0;
	}
	r = look(walk, name, follow, &call);
	if (r >= 0 && call.error < 0 && follow)
		r = look(walk, name, false, &call);
	if (r >= 0)
		*ret_type = call.error < 0 ? S_IFREG : call.st.st_mode & S_IFMT;
	return r;
}

/* ---- What is shown */

static int show(const simul_walk *walk, unsigned type, bool after, int error,
		simul_walk_entry *ret_entry)
{
	*ret_entry = (simul_walk_entry){
		.path = walk->path,
		.name = name_of(walk),
		.directory = smi_walk_directory(walk),
		.type = type,
		.depth = walk->depth,
		.after = after,
		.error = error,
	};
	return 1;
}

/* 1: it was shown; 0: it is only gone into. */
static int meet(simul_walk *walk, unsigned type, simul_walk_entry *ret_entry)
{
	walk->enter = type == S_IFDIR;
	if (walk->enter && walk->options.order == SIMUL_WALK_UP)
		return 0;
	return show(walk, type, false, 0, ret_entry);
}

/* ---- Steps: 1 if they have shown something, else 0 or an error */

static int begin(simul_walk *walk, simul_walk_entry *ret_entry)
{
	struct look_call call;
	int r = set_name(walk, walk->root);

	if (r >= 0)
		r = look(walk, walk->root, !walk->not_by_root, &call);
	if (r >= 0)
		r = call.error;
	if (r < 0)
		return r;
	walk->begun = true;
	return meet(walk, call.st.st_mode & S_IFMT, ret_entry);
}

static bool is_elsewhere(const simul_walk *walk)
{
	return walk->options.one_file_system && walk->level->outer &&
	       walk->level->device != walk->device;
}

static int enter(simul_walk *walk, simul_walk_entry *ret_entry)
{
	int error, r = smi_level_enter(walk, name_of(walk), &error);

	if (r < 0)
		return r;
	walk->enter = false;
	if (r == 0)
		return show(walk, S_IFDIR, true, error, ret_entry);
	/* Nothing of it is shown. */
	if (is_elsewhere(walk)) {
		walk->level->listing.at = walk->level->listing.end;
		walk->level->listing.ended = true;
	}
	return 0;
}

/* Something of this level could not be read. */
static int fail(simul_walk *walk, simul_walk_entry *ret_entry)
{
	struct smi_level *level = walk->level;
	int error = level->listing.error, r;

	walk->path_length = level->path_length;
	walk->path[walk->path_length] = 0;
	r = smi_level_leave(walk);
	return r < 0 ? r : show(walk, S_IFDIR, true, error, ret_entry);
}

static int leave(simul_walk *walk, simul_walk_entry *ret_entry)
{
	int r;

	if (walk->level->listing.error)
		return fail(walk, ret_entry);
	walk->path_length = walk->level->path_length;
	walk->path[walk->path_length] = 0;
	r = smi_level_leave(walk);
	if (r < 0 || walk->options.order == SIMUL_WALK_DOWN)
		return r;
	return show(walk, S_IFDIR, true, 0, ret_entry);
}

static int take(simul_walk *walk, const struct dirent64 *entry,
		simul_walk_entry *ret_entry)
{
	unsigned type;
	int r = set_name(walk, entry->d_name);

	if (r >= 0)
		r = find_type(walk, entry->d_name, DTTOIF(entry->d_type),
			      &type);
	if (r < 0)
		return r;
	smi_listing_take(&walk->level->listing);
	return meet(walk, type, ret_entry);
}

static int step(simul_walk *walk, simul_walk_entry *ret_entry)
{
	struct smi_listing *listing;
	const struct dirent64 *entry;

	if (!walk->begun)
		return begin(walk, ret_entry);
	if (walk->enter)
		return enter(walk, ret_entry);
	listing = &walk->level->listing;
	entry = smi_listing_peek(listing);
	if (entry)
		return take(walk, entry, ret_entry);
	if (listing->ended || listing->error)
		return leave(walk, ret_entry);
	return smi_level_fill(walk);
}

static bool is_over(const simul_walk *walk)
{
	return walk->begun && !walk->enter && !walk->level;
}

int simul_walk_next(simul_walk *walk, simul_walk_entry *ret_entry)
{
	int r = walk->in_thread ? 0 : smi_may_suspend();

	while (r == 0 && !is_over(walk))
		r = step(walk, ret_entry);
	return r;
}

void simul_walk_skip(simul_walk *walk)
{
	walk->enter = false;
}

/* ---- Life */

int smi_walk_new(const char *root, const simul_walk_options *options,
		 simul_walk **ret_walk)
{
	simul_walk *walk = smi_alloc_zero(sizeof *walk);

	if (!walk)
		return -ENOMEM;
	if (options)
		walk->options = *options;
	walk->root = root;
	walk->stale = -1;
	*ret_walk = walk;
	return 0;
}

int simul_walk_open(const char *path, const simul_walk_options *options,
		    simul_walk **ret_walk)
{
	if (!smi_current)
		return -EPERM;
	if (options && (unsigned)options->order > SIMUL_WALK_BOTH)
		return -EINVAL;
	return smi_walk_new(path, options, ret_walk);
}

void simul_walk_close(simul_walk *walk)
{
	if (!walk)
		return;
	smi_level_drop_all(walk);
	smi_free(walk->path);
	smi_free(walk);
}
