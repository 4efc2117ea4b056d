/* SPDX-License-Identifier: MIT
 * file/walk_level.c - the directories that a walk is in. */
#include "file/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/perform.h"
#include "task/threads.h"

int smi_walk_call(const simul_walk *walk, simul_fn *fn, void *arg)
{
	return walk->in_thread ? fn(arg) : smi_call_in_worker(fn, arg);
}

int smi_walk_directory(const simul_walk *walk)
{
	return walk->level ? walk->level->listing.fd : AT_FDCWD;
}

/* ---- Descriptors and blocks */

static void close_now(const simul_walk *walk, int fd)
{
	if (walk->in_thread)
		close(fd);
	else
		smi_close_fd(fd);
}

/* It can wait until a thread is called anyway. */
static void close_soon(simul_walk *walk, int fd)
{
	if (walk->stale >= 0)
		close_now(walk, walk->stale);
	walk->stale = fd;
}

static void close_stale(simul_walk *walk)
{
	if (walk->stale >= 0)
		close(walk->stale);
	walk->stale = -1;
}

static char *get_block(simul_walk *walk)
{
	char *block = walk->spare;

	walk->spare = NULL;
	return block ? block : smi_alloc(SMI_LISTING_ROOM);
}

static void put_block(simul_walk *walk, char *block)
{
	if (walk->spare)
		smi_free(block);
	else
		walk->spare = block;
}

/* Let go of the descriptor and the block. */
static void let_go(simul_walk *walk, struct smi_level *level)
{
	if (level->listing.fd >= 0) {
		close_soon(walk, level->listing.fd);
		put_block(walk, level->listing.block);
		walk->open--;
	}
	level->listing.fd = -1;
	level->listing.block = NULL;
}

/* The one farthest above us. Where we came by a link, ".." would not lead
 * back; so who follows links holds all of them. */
static void let_go_of_one(simul_walk *walk)
{
	struct smi_level *level = walk->outermost_open;

	if (walk->open < SMI_WALK_MOST_OPEN || walk->options.follow)
		return;
	walk->outermost_open = level->inner;
	let_go(walk, level);
}

/* ---- In */

struct enter_call {
	simul_walk *walk;
	struct smi_level *level;
	const char *name;
	int flags;
	int error;
};

static int identify(struct smi_level *level)
{
	struct stat st;

	if (fstat(level->listing.fd, &st) < 0)
		return -errno;
	level->device = st.st_dev;
	level->inode = st.st_ino;
	return 0;
}

static int call_enter(void *arg)
{
	struct enter_call *call = arg;
	struct smi_level *level = call->level;
	int r;

	close_stale(call->walk);
	r = smi_listing_open(&level->listing, smi_walk_directory(call->walk),
			     call->name, call->flags);
	call->error = r < 0 ? r : identify(level);
	return 0;
}

static bool is_above(const simul_walk *walk, const struct smi_level *level)
{
	const struct smi_level *l;

	for (l = walk->level; l; l = l->outer)
		if (l->device == level->device && l->inode == level->inode)
			return true;
	return false;
}

/* May we stay where we are? */
static int judge(const simul_walk *walk, const struct smi_level *level)
{
	if (walk->options.follow && is_above(walk, level))
		return -ELOOP;
	return 0;
}

static int flags_for(const simul_walk *walk)
{
	bool follow =
		walk->options.follow || (!walk->level && !walk->not_by_root);

	return follow ? 0 : O_NOFOLLOW;
}

static void link_level(simul_walk *walk, struct smi_level *level)
{
	level->outer = walk->level;
	level->path_length = walk->path_length;
	if (walk->level)
		walk->level->inner = level;
	else
		walk->device = level->device;
	if (walk->open == 0)
		walk->outermost_open = level;
	walk->level = level;
	walk->depth++;
	walk->open++;
}

static void discard(simul_walk *walk, struct smi_level *level)
{
	if (level->listing.fd >= 0)
		close_soon(walk, level->listing.fd);
	put_block(walk, level->listing.block);
	smi_free(level);
}

static struct smi_level *new_level(simul_walk *walk)
{
	struct smi_level *level = smi_alloc_zero(sizeof *level);
	char *block = level ? get_block(walk) : NULL;

	if (!block) {
		smi_free(level);
		return NULL;
	}
	level->listing.fd = -1;
	level->listing.block = block;
	return level;
}

int smi_level_enter(simul_walk *walk, const char *name, int *ret_error)
{
	struct enter_call call = { .walk = walk,
				   .level = new_level(walk),
				   .name = name,
				   .flags = flags_for(walk) };
	int r;

	if (!call.level)
		return -ENOMEM;
	r = smi_walk_call(walk, call_enter, &call);
	if (r >= 0 && call.error >= 0)
		call.error = judge(walk, call.level);
	if (r < 0 || call.error < 0) {
		discard(walk, call.level);
		*ret_error = call.error;
		return r < 0 ? r : 0;
	}
	link_level(walk, call.level);
	let_go_of_one(walk);
	return 1;
}

/* ---- On */

struct fill_call {
	simul_walk *walk;
	struct smi_listing *listing;
};

static int call_fill(void *arg)
{
	struct fill_call *call = arg;

	close_stale(call->walk);
	smi_listing_fill(call->listing);
	return 0;
}

int smi_level_fill(simul_walk *walk)
{
	struct fill_call call = { walk, &walk->level->listing };

	return smi_walk_call(walk, call_fill, &call);
}

/* ---- Out */

struct return_call {
	simul_walk *walk;
	struct smi_level *level; /* to be opened again */
	int below;
	int error;
};

/* Is this where we came from, or was something moved meanwhile? */
static int open_again(struct smi_level *level, int below)
{
	struct smi_level found = { .inode = 0 };

	found.listing.fd =
		openat(below, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (found.listing.fd < 0)
		return -errno;
	if (identify(&found) < 0 || found.device != level->device ||
	    found.inode != level->inode) {
		close(found.listing.fd);
		return -ESTALE;
	}
	level->listing.fd = found.listing.fd;
	return 0;
}

static int call_return(void *arg)
{
	struct return_call *call = arg;
	struct smi_listing *listing = &call->level->listing;
	int r;

	close_stale(call->walk);
	r = open_again(call->level, call->below);
	call->error = r;
	if (r < 0)
		return 0;
	if (lseek(listing->fd, listing->cookie, SEEK_SET) < 0)
		listing->error = -errno;
	else
		smi_listing_fill(listing);
	return 0;
}

/* What of its block had not been taken is read again, from the cookie on. */
static int return_to(simul_walk *walk, struct smi_level *level, int below)
{
	struct return_call call = { walk, level, below, 0 };
	int r;

	level->listing.block = get_block(walk);
	if (!level->listing.block)
		return -ENOMEM;
	level->listing.ended = false;
	r = smi_walk_call(walk, call_return, &call);
	if (r >= 0)
		r = call.error;
	if (r < 0) {
		put_block(walk, level->listing.block);
		level->listing.block = NULL;
		return r;
	}
	walk->open++;
	walk->outermost_open = level;
	return 0;
}

static void drop_innermost(simul_walk *walk)
{
	struct smi_level *level = walk->level;

	let_go(walk, level);
	walk->level = level->outer;
	if (walk->level)
		walk->level->inner = NULL;
	walk->depth--;
	smi_free(level);
}

int smi_level_leave(simul_walk *walk)
{
	struct smi_level *outer = walk->level->outer;
	int r = 0;

	if (outer && outer->listing.fd < 0)
		r = return_to(walk, outer, walk->level->listing.fd);
	if (r >= 0)
		drop_innermost(walk);
	return r;
}

void smi_level_drop_all(simul_walk *walk)
{
	while (walk->level)
		drop_innermost(walk);
	if (walk->stale >= 0)
		close_now(walk, walk->stale);
	walk->stale = -1;
	smi_free(walk->spare);
	walk->spare = NULL;
}
