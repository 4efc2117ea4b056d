/* SPDX-License-Identifier: MIT
 * file/watch.h - what is watched, and who is told.
 *
 * Of a tree each directory is watched by itself. When one appears in it, it is
 * walked over: each directory that is met is watched first and read then, and
 * each entry is told of. Meanwhile the kernel keeps what happens. */
#ifndef SMI_FILE_WATCH_H
#define SMI_FILE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/directory.h>
#include <simul/watch.h>

enum { SMI_WATCH_ROOM = 8192 };

/* Something that is watched. */
struct smi_watched {
	int id;
	bool tree;
	uint32_t mask; /* what was asked for */
	char *path;
};

struct simul_watch {
	int fd;
	struct simul_task *reader;

	struct smi_watched *watched; /* by id */
	size_t count;
	size_t room;

	simul_walk *scan; /* of a directory that has appeared */
	char *scan_root;
	uint32_t scan_mask;
	simul_walk_entry met; /* by the scan ... */
	bool has_met;	      /* ... and not dealt with so far */

	char *path; /* of the event that was told last */
	int forget; /* an id of which we were told the last, or -1 */
	size_t at;
	size_t end;
	_Alignas(struct inotify_event) char block[SMI_WATCH_ROOM];
};

/* ---- watched.c: the table */

struct smi_watched *smi_watched_find(const simul_watch *watch, int id);

/* Watch path and note it: its id, or an error. */
int smi_watched_add(simul_watch *watch, const char *path, uint32_t mask,
		    bool tree);

/* Drop what is noted of id. */
void smi_watched_forget(simul_watch *watch, int id);

/* The directory path has been moved elsewhere: watch nothing of it any more. */
void smi_watched_drop_below(simul_watch *watch, const char *path);

#endif /* SMI_FILE_WATCH_H */
