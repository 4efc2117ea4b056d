/* SPDX-License-Identifier: MIT
 * file/watch.c - be told what happens to files. */
#include "file/watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <simul/path.h>
#include <simul/stream.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/perform.h"
#include "task/wait.h"

/* ---- The kernel's events */

static const struct inotify_event *event_at(const simul_watch *watch)
{
	return (const void *)(watch->block + watch->at);
}

/* It has no disk to wait for; so the loop's thread may read it. */
static int receive(simul_watch *watch)
{
	int r = simul_wait_fd(watch->fd, POLLIN);
	ssize_t n;

	if (r < 0)
		return r;
	n = read(watch->fd, watch->block, sizeof watch->block);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	watch->at = 0;
	watch->end = (size_t)n;
	return 0;
}

/* ---- Telling */

static int set_path(simul_watch *watch, const char *directory, const char *name)
{
	size_t length = strlen(directory);
	char *path = smi_resize(watch->path, length + strlen(name) + 2);

	if (!path)
		return -ENOMEM;
	watch->path = path;
	memcpy(path, directory, length);
	if (*name && (length == 0 || path[length - 1] != '/'))
		path[length++] = '/';
	strcpy(path + length, name);
	return 0;
}

static int tell(const simul_watch *watch, int id, uint32_t mask,
		uint32_t cookie, size_t name_length,
		simul_watch_event *ret_event)
{
	*ret_event = (simul_watch_event){
		.id = id,
		.mask = mask,
		.cookie = cookie,
		.path = watch->path,
		.name = watch->path + strlen(watch->path) - name_length,
	};
	return 1;
}

/* ---- Trees */

static void end_scan(simul_watch *watch)
{
	simul_walk_close(watch->scan);
	smi_free(watch->scan_root);
	watch->scan = NULL;
	watch->scan_root = NULL;
}

/* watch->path has appeared in a tree, and may have been filled already. */
static int begin_scan(simul_watch *watch, uint32_t mask)
{
	size_t length = strlen(watch->path) + 1;
	int r = -ENOMEM;

	watch->scan_root = smi_alloc(length);
	if (watch->scan_root) {
		memcpy(watch->scan_root, watch->path, length);
		r = simul_walk_open(watch->scan_root, NULL, &watch->scan);
	}
	if (r < 0)
		end_scan(watch);
	watch->scan_mask = mask;
	return r;
}

/* It was there a moment ago, and somebody may have removed it since, or put
 * something else in its place. */
static bool is_gone(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ELOOP;
}

static int watch_met(simul_watch *watch, const simul_walk_entry *e)
{
	int r;

	if (e->type != S_IFDIR || e->after)
		return 0;
	r = smi_watched_add(watch, e->path, watch->scan_mask, true);
	return r < 0 && !is_gone(r) ? r : 0;
}

/* Nothing is wrong with what was met: it is to be tried again. */
static bool is_passing(int error)
{
	return error == -ECANCELED || error == -ENOMEM || error == -EAGAIN;
}

/* 1: it was told; 0: there is nothing to be told. */
static int tell_met(simul_watch *watch, simul_watch_event *ret_event)
{
	const simul_walk_entry *e = &watch->met;
	uint32_t kind = e->type == S_IFDIR ? IN_ISDIR : 0;
	int r = watch_met(watch, e);

	/* That the root is there was told by its parent. */
	if (r < 0 || e->depth == 0 || e->after ||
	    !(watch->scan_mask & IN_CREATE))
		return r;
	r = set_path(watch, e->path, "");
	return r < 0 ? r
		     : tell(watch, -1, IN_CREATE | kind, 0, strlen(e->name),
			    ret_event);
}

/* 1: an entry was told; 0: it is over, or there is nothing to be told. */
static int scan(simul_watch *watch, simul_watch_event *ret_event)
{
	int r = watch->has_met ? 1 : simul_walk_next(watch->scan, &watch->met);

	if (r > 0) {
		r = tell_met(watch, ret_event);
		/* The walk won't show it again. */
		watch->has_met = is_passing(r);
		return r;
	}
	if (is_passing(r))
		return r;
	end_scan(watch);
	return r < 0 && !is_gone(r) ? r : 0;
}

/* What an event means for the tree that it happened in. */
static int follow(simul_watch *watch, const struct smi_watched *w,
		  uint32_t mask)
{
	if (!w->tree || !(mask & IN_ISDIR))
		return 0;
	if (mask & (IN_CREATE | IN_MOVED_TO))
		return begin_scan(watch, w->mask);
	if (mask & IN_MOVED_FROM)
		smi_watched_drop_below(watch, watch->path);
	return 0;
}

/* ---- The next */

static bool is_wanted(const struct smi_watched *w, uint32_t mask)
{
	return mask & (w->mask | IN_IGNORED | IN_UNMOUNT);
}

/* 1: told; 0: of no interest. The event is taken unless this fails. */
static int take(simul_watch *watch, const struct inotify_event *event,
		simul_watch_event *ret_event)
{
	const char *name = event->len > 0 ? event->name : "";
	const struct smi_watched *w = smi_watched_find(watch, event->wd);
	int r = set_path(watch, w ? w->path : "", w ? name : "");

	if (r >= 0 && w)
		r = follow(watch, w, event->mask);
	if (r < 0)
		return r;
	watch->at += sizeof *event + event->len;
	if (event->mask & IN_IGNORED)
		watch->forget = event->wd;
	if (w ? !is_wanted(w, event->mask) : !(event->mask & IN_Q_OVERFLOW))
		return 0;
	return tell(watch, event->wd, event->mask, event->cookie,
		    w ? strlen(name) : 0, ret_event);
}

static int step(simul_watch *watch, simul_watch_event *ret_event)
{
	if (watch->forget >= 0)
		smi_watched_forget(watch, watch->forget);
	watch->forget = -1;
	if (watch->scan)
		return scan(watch, ret_event);
	return watch->at < watch->end ? take(watch, event_at(watch), ret_event)
				      : receive(watch);
}

int simul_watch_next(simul_watch *watch, simul_watch_event *ret_event)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (watch->reader)
		return -EBUSY;
	watch->reader = smi_current;
	do {
		r = step(watch, ret_event);
	} while (r == 0);
	watch->reader = NULL;
	return r;
}

/* ---- What is watched */

int simul_watch_add(simul_watch *watch, const char *path, uint32_t mask)
{
	int r = smi_may_suspend();

	return r < 0 ? r : smi_watched_add(watch, path, mask, false);
}

static int add_below(simul_watch *watch, simul_walk *walk, uint32_t mask)
{
	simul_walk_entry e;
	int r, added, id = -ENOTDIR;

	while ((r = simul_walk_next(walk, &e)) > 0) {
		if (e.type != S_IFDIR || e.after)
			continue;
		added = smi_watched_add(watch, e.path, mask, true);
		if (e.depth == 0)
			id = added;
		if (added < 0 && (e.depth == 0 || !is_gone(added)))
			return added;
	}
	return r < 0 ? r : id;
}

int simul_watch_add_tree(simul_watch *watch, const char *path, uint32_t mask)
{
	simul_walk *walk;
	int r = simul_walk_open(path, NULL, &walk);

	if (r < 0)
		return r;
	r = add_below(watch, walk, mask);
	simul_walk_close(walk);
	return r;
}

int simul_watch_remove(simul_watch *watch, int id)
{
	return inotify_rm_watch(watch->fd, id) < 0 ? -errno : 0;
}

/* ---- Life */

int simul_watch_open(simul_watch **ret_watch)
{
	simul_watch *watch;

	if (!smi_current)
		return -EPERM;
	watch = smi_alloc_zero(sizeof *watch);
	if (!watch)
		return -ENOMEM;
	watch->forget = -1;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0) {
		int error = -errno;

		smi_free(watch);
		return error;
	}
	*ret_watch = watch;
	return 0;
}

void simul_watch_close(simul_watch *watch)
{
	if (!watch)
		return;
	if (watch->reader)
		smi_bug("task '%s' closes a watch that task '%s' waits for",
			simul_task_name(smi_current),
			simul_task_name(watch->reader));
	end_scan(watch);
	smi_close_fd(watch->fd);
	for (size_t i = 0; i < watch->count; i++)
		smi_free(watch->watched[i].path);
	smi_free(watch->watched);
	smi_free(watch->path);
	smi_free(watch);
}
