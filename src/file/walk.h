/* SPDX-License-Identifier: MIT
 * file/walk.h - over all that is below a directory.
 *
 * A walk holds a level for each directory that it is in. Each has a descriptor
 * and a block of entries, but for those far above us when we are deep down:
 * they let go of theirs, and are opened again from below, by "..", when we come
 * back to them.
 *
 * What blocks is done by a thread; but a walk that is itself in one (to remove
 * a tree) does it there.
 */
#ifndef SMI_FILE_WALK_H
#define SMI_FILE_WALK_H

#include <simul/directory.h>
#include <simul/run.h>

#include "file/listing.h"

enum { SMI_WALK_MOST_OPEN = 32 };

struct smi_level {
	struct smi_level *outer;
	struct smi_level *inner;
	struct smi_listing listing; /* fd -1: let go of */
	uint64_t device;
	uint64_t inode;
	size_t path_length; /* of the directory's path, in the walk's */
};

struct simul_walk {
	simul_walk_options options;
	const char *root;
	bool in_thread;	  /* we may block */
	bool not_by_root; /* the root is not followed if it is a link */
	bool begun;
	bool enter; /* the entry shown last is to be gone into */

	struct smi_level *level; /* the innermost */
	struct smi_level *outermost_open;
	unsigned depth;	 /* levels */
	unsigned open;	 /* those with a descriptor */
	uint64_t device; /* the root's */

	char *path;
	size_t path_length;
	size_t path_room;

	char *spare; /* a block that is not in use */
	int stale;   /* a descriptor to be closed at the next occasion, or -1 */
};

/* simul_walk_open, for either kind. */
int smi_walk_new(const char *root, const simul_walk_options *options,
		 simul_walk **ret_walk);

/* ---- walk_level.c: levels */

/* Go into the directory that walk->path names, name in the innermost level:
 * 1; 0 and why not in *ret_error; or an error that ends the walk. */
int smi_level_enter(simul_walk *walk, const char *name, int *ret_error);

/* Leave the innermost level. 0, or an error that ends the walk. */
int smi_level_leave(simul_walk *walk);

/* Read more of the innermost level. 0, or an error that ends the walk. */
int smi_level_fill(simul_walk *walk);

/* Free all, in any state. */
void smi_level_drop_all(simul_walk *walk);

/* Call fn(arg) where it may block. */
int smi_walk_call(const simul_walk *walk, simul_fn *fn, void *arg);

/* The descriptor of the innermost level. */
int smi_walk_directory(const simul_walk *walk);

#endif /* SMI_FILE_WALK_H */
