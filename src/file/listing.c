/* SPDX-License-Identifier: MIT
 * file/listing.c - the entries of an open directory. */
#include "file/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>

int smi_listing_open(struct smi_listing *listing, int dir, const char *path,
		     int flags)
{
	int fd =
		openat(dir, path,
		       flags | O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	listing->fd = fd;
	smi_listing_fill(listing);
	return fd;
}

/* What has no room any more for the next entry is -EINVAL; of a directory that
 * was removed there is no more to be said. */
void smi_listing_fill(struct smi_listing *l)
{
	ssize_t n;

	l->at = l->end = 0;
	do {
		n = getdents64(l->fd, l->block + l->end,
			       SMI_LISTING_ROOM - l->end);
		if (n > 0)
			l->end += (size_t)n;
	} while (n > 0 && l->end < SMI_LISTING_ROOM);
	if (n == 0 || (n < 0 && errno == ENOENT))
		l->ended = true;
	else if (n < 0 && !(errno == EINVAL && l->end > 0))
		l->error = -errno;
}

static const struct dirent64 *entry_at(const struct smi_listing *l)
{
	return (const void *)(l->block + l->at);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' &&
	       (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

const struct dirent64 *smi_listing_peek(struct smi_listing *l)
{
	while (l->at < l->end) {
		const struct dirent64 *entry = entry_at(l);

		if (!is_dots(entry->d_name))
			return entry;
		smi_listing_take(l);
	}
	return NULL;
}

void smi_listing_take(struct smi_listing *l)
{
	const struct dirent64 *entry = entry_at(l);

	l->cookie = entry->d_off;
	l->at += entry->d_reclen;
}
