/* SPDX-License-Identifier: MIT
 * file/watched.c - what is watched: a table in the order of the ids, which the
 * kernel counts upwards. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "file/watch.h"
#include "task/threads.h"

/* What we have to know to follow a tree. */
static const uint32_t for_trees =
	IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR | IN_DONT_FOLLOW;

/* Where id is, or where it would be. */
static size_t place_of(const simul_watch *watch, int id)
{
	size_t low = 0, high = watch->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watch->watched[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct smi_watched *smi_watched_find(const simul_watch *watch, int id)
{
	size_t at = place_of(watch, id);

	return at < watch->count && watch->watched[at].id == id
		       ? &watch->watched[at]
		       : NULL;
}

void smi_watched_forget(simul_watch *watch, int id)
{
	struct smi_watched *w = smi_watched_find(watch, id);
	size_t behind;

	if (!w)
		return;
	smi_free(w->path);
	behind = (size_t)(watch->watched + watch->count - (w + 1));
	memmove(w, w + 1, behind * sizeof *w);
	watch->count--;
}

/* ---- Adding */

static int reserve(simul_watch *watch)
{
	size_t room = watch->room ? watch->room * 2 : 8;
	struct smi_watched *watched;

	if (watch->count < watch->room)
		return 0;
	watched = smi_resize(watch->watched, room * sizeof *watched);
	if (!watched)
		return -ENOMEM;
	watch->watched = watched;
	watch->room = room;
	return 0;
}

static char *copy_string(const char *text)
{
	size_t length = strlen(text) + 1;
	char *copy = smi_alloc(length);

	return copy ? memcpy(copy, text, length) : NULL;
}

/* The other with this id was another name of it. */
static void note(simul_watch *watch, const struct smi_watched *new)
{
	struct smi_watched *w = smi_watched_find(watch, new->id);
	size_t at = place_of(watch, new->id);

	if (w) {
		smi_free(w->path);
	} else {
		w = &watch->watched[at];
		memmove(w + 1, w, (watch->count - at) * sizeof *w);
		watch->count++;
	}
	*w = *new;
}

struct add_call {
	int fd;
	const char *path;
	uint32_t mask;
};

static int call_add(void *arg)
{
	const struct add_call *call = arg;
	int id = inotify_add_watch(call->fd, call->path, call->mask);

	return id < 0 ? -errno : id;
}

int smi_watched_add(simul_watch *watch, const char *path, uint32_t mask,
		    bool tree)
{
	struct smi_watched new = { .tree = tree, .mask = mask };
	struct add_call call = { watch->fd, path,
				 mask | (tree ? for_trees : 0) };
	int r = reserve(watch);

	new.path = r < 0 ? NULL : copy_string(path);
	if (!new.path)
		return -ENOMEM;
	r = smi_call_in_worker(call_add, &call);
	if (r < 0) {
		smi_free(new.path);
		return r;
	}
	/* Others may have added some meanwhile. */
	if (reserve(watch) < 0) {
		inotify_rm_watch(watch->fd, r);
		smi_free(new.path);
		return -ENOMEM;
	}
	new.id = r;
	note(watch, &new);
	return r;
}

/* ---- Dropping */

static bool is_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	return strncmp(path, root, n) == 0 && (path[n] == 0 || path[n] == '/');
}

void smi_watched_drop_below(simul_watch *watch, const char *path)
{
	for (size_t i = 0; i < watch->count; i++)
		if (is_below(watch->watched[i].path, path))
			inotify_rm_watch(watch->fd, watch->watched[i].id);
}
