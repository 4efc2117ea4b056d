/* SPDX-License-Identifier: MIT
 * simul/directory.h - what is in a directory, and in all below it.
 *
 *	char **names;
 *	int n = simul_listdir("inbox", &names);
 *
 *	for (int i = 0; i < n; i++)
 *		puts(names[i]);
 *	if (n >= 0)
 *		simul_free(names);
 *
 * Names come in the order that the file system has them in, which means
 * nothing; "." and ".." are left out. They are bytes: they may hold anything
 * but a slash, also newlines.
 */
#ifndef SIMUL_DIRECTORY_H
#define SIMUL_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/export.h>
#include <simul/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- One directory */

/* The names in directory path, ended by NULL. Returns how many there are;
 * simul_free *ret_names, all in one.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_listdir(const char *path, char ***ret_names);

/* A directory that is read entry by entry, however many there are. */
typedef struct simul_directory simul_directory;

typedef struct simul_entry {
	const char *name; /* good until the next call with the directory */
	unsigned type;	  /* S_IFREG, S_IFDIR, S_IFLNK, ...; 0: unknown, as
			   * some file systems say nothing. A link is one,
			   * wherever it leads. */
	uint64_t inode;
} simul_entry;

/* Open the directory path.
 * Suspends: always. Cancelled: nothing is open. */
SIMUL_API int simul_directory_open(const char *path,
				   simul_directory **ret_directory);

/* The same for path in directory dir, a descriptor as for openat(2); flags may
 * be O_NOFOLLOW, with which a symbolic link is -ENOTDIR or -ELOOP, or 0.
 * Suspends: always. Cancelled: nothing is open. */
SIMUL_API int simul_directory_open_at(int dir, const char *path, int flags,
				      simul_directory **ret_directory);

/* The next entry: 1, or 0 when there are no more. One task at a time.
 * Suspends: now and then. Cancelled: nothing was taken. */
SIMUL_API int simul_directory_next(simul_directory *directory,
				   simul_entry *ret_entry);

/* Its descriptor, for calls that end in _at. It stays the directory's.
 * Suspends: never. */
SIMUL_API int simul_directory_fd(const simul_directory *directory);

/* Close it. NULL is 0.
 * Suspends: always, and cancellation does not cut it short. */
SIMUL_API int simul_directory_close(simul_directory *directory);

/* ---- A tree
 *
 *	simul_walk *w;
 *	simul_walk_entry e;
 *	int r = simul_walk_open("src", NULL, &w);
 *
 *	while (r >= 0 && (r = simul_walk_next(w, &e)) > 0)
 *		puts(e.path);
 *	simul_walk_close(w);
 *
 * A walk shows everything below a directory, in memory that depends on how deep
 * the tree is and not on how much is in it. It goes from directory to directory
 * by descriptors, so that nothing leads it out of the tree: neither a symbolic
 * link, which it shows and doesn't follow, nor somebody who renames directories
 * meanwhile. */

enum simul_walk_order {
	SIMUL_WALK_DOWN, /* a directory before what is in it */
	SIMUL_WALK_UP,	 /* after it */
	SIMUL_WALK_BOTH	 /* before and after */
};

typedef struct simul_walk_options {
	enum simul_walk_order order;
	/* Go into directories that symbolic links lead to; one that leads to a
	 * directory that we are in is -ELOOP, by its entry. */
	bool follow;
	bool one_file_system; /* don't go into others that are mounted */
} simul_walk_options;

typedef struct simul_walk_entry {
	const char *path; /* from the root's on, as that was given */
	const char *name; /* the last part of it */
	int directory;	  /* descriptor of what name is in: for calls that end
			   * in _at. All three are good until the next call. */
	unsigned type;	  /* as in simul_entry, but never 0 */
	unsigned depth;	  /* 0: the root itself */
	bool after;	  /* a directory that has been shown */
	int error;	  /* why we can't go into this directory or read on in
			   * it, else 0. The walk goes on behind it. */
} simul_walk_entry;

typedef struct simul_walk simul_walk;

/* Begin to walk over path and all below it. path is lent until the walk is
 * closed. A directory that can't be opened is shown as an entry with an error,
 * also the root: with SIMUL_WALK_DOWN once more, and .after is true then. NULL
 * options are as good as all zero.
 * Suspends: never. */
SIMUL_API int simul_walk_open(const char *path,
			      const simul_walk_options *options,
			      simul_walk **ret_walk);

/* The next entry: 1, or 0 when all has been shown. With SIMUL_WALK_DOWN the
 * root comes first, with SIMUL_WALK_UP last. An error ends the walk: -ENOMEM,
 * -ECANCELED, or what simul_stat says of the root: -ENOENT, ...
 * Suspends: now and then. Cancelled: the walk can only be closed. */
SIMUL_API int simul_walk_next(simul_walk *walk, simul_walk_entry *ret_entry);

/* Don't go into the directory that was shown last, before what is in it, by
 * SIMUL_WALK_DOWN or SIMUL_WALK_BOTH; it is not shown after it either.
 * Suspends: never. */
SIMUL_API void simul_walk_skip(simul_walk *walk);

/* End the walk, wherever it is. NULL is accepted.
 * Suspends: if it is not at its end; cancellation does not cut it short. */
SIMUL_API void simul_walk_close(simul_walk *walk);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_DIRECTORY_H */
