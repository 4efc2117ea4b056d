/* SPDX-License-Identifier: MIT
 * simul/watch.h - be told what happens to files: inotify(7).
 *
 *	simul_watch *w;
 *	simul_watch_event e;
 *	int r = simul_watch_open(&w);
 *
 *	if (r >= 0)
 *		r = simul_watch_add(w, "inbox", IN_CLOSE_WRITE | IN_MOVED_TO);
 *	while (r >= 0 && (r = simul_watch_next(w, &e)) > 0)
 *		fetch(e.path);
 *	simul_watch_close(w);
 */
#ifndef SIMUL_WATCH_H
#define SIMUL_WATCH_H

#include <stdint.h>
#include <sys/inotify.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_watch simul_watch;

typedef struct simul_watch_event {
	int id;		  /* what simul_watch_add returned; -1: overflow, or
			   * it was found in a directory that is new */
	uint32_t mask;	  /* what happened: IN_CREATE, ...; IN_ISDIR, if to a
			   * directory; IN_Q_OVERFLOW: so much that some of it
			   * was lost, and one should look for oneself;
			   * IN_IGNORED: this is not watched any more */
	uint32_t cookie;  /* the same for both halves of a rename, else 0 */
	const char *path; /* the watched path; in a directory, with a slash and
			   * the name behind it; "" with overflow */
	const char *name; /* what it happened to in a watched directory, or ""
			   * for that itself. Both are good until the next
			   * call. */
} simul_watch_event;

/* Make something to watch with, that watches nothing so far. -EMFILE: too many
 * of them.
 * Suspends: never. */
SIMUL_API int simul_watch_open(simul_watch **ret_watch);

/* Watch path for the events in mask (IN_MODIFY, IN_CREATE, ..., and flags such
 * as IN_ONLYDIR and IN_DONT_FOLLOW). In a directory that is what happens to
 * the files in it, not farther below. Returns the id, which is the same as
 * before for a file that is watched already: then path and mask are replaced.
 * -ENOSPC: more than the system allows.
 * Suspends: always. Cancelled: it may be watched. */
SIMUL_API int simul_watch_add(simul_watch *watch, const char *path,
			      uint32_t mask);

/* Watch the directory path and all directories below it, also those that come
 * later: what is in these when we come to see them is told as if it were
 * created (IN_CREATE), so that nothing is missed, but some perhaps told twice.
 * Symbolic links are not followed. Returns the id of path; each directory has
 * its own.
 * Suspends: always. Cancelled: some may be watched. */
SIMUL_API int simul_watch_add_tree(simul_watch *watch, const char *path,
				   uint32_t mask);

/* Watch what has this id no more; of a tree, only this directory. An IN_IGNORED
 * will follow. -EINVAL: there is none.
 * Suspends: never. */
SIMUL_API int simul_watch_remove(simul_watch *watch, int id);

/* Wait until something has happened: 1 and what. One task at a time, others are
 * -EBUSY.
 * Suspends: if nothing has. Cancelled: nothing was taken. */
SIMUL_API int simul_watch_next(simul_watch *watch,
			       simul_watch_event *ret_event);

/* Watch no more. Nobody may be waiting. NULL does nothing.
 * Suspends: perhaps, and cancellation does not cut it short. */
SIMUL_API void simul_watch_close(simul_watch *watch);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_WATCH_H */
