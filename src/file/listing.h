/* SPDX-License-Identifier: MIT
 * file/listing.h - the entries of an open directory, as getdents64(2) gives
 * them: a block at a time, by calls that block, for worker threads. */
#ifndef SMI_FILE_LISTING_H
#define SMI_FILE_LISTING_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMI_LISTING_ROOM = 32768 };

struct smi_listing {
	int fd;
	char *block; /* SMI_LISTING_ROOM bytes; its maker's */
	size_t at;   /* what of it was taken */
	size_t end;
	bool ended;	/* no more than is in the block */
	int error;	/* what came in the way, instead of more */
	int64_t cookie; /* where the system goes on behind what was taken */
};

/* Blocks. Open path in dir with these flags besides those that it needs
 * anyway, and fill the block for the first time: listing->fd, or an error. */
int smi_listing_open(struct smi_listing *listing, int dir, const char *path,
		     int flags);

/* Blocks. Everything in the block was taken: fill it again. What comes of it
 * is in ended or error. A directory that fits is read to its end at once. */
void smi_listing_fill(struct smi_listing *listing);

/* The next entry in the block but "." and "..", without taking it, or NULL. */
const struct dirent64 *smi_listing_peek(struct smi_listing *listing);

/* Take it. */
void smi_listing_take(struct smi_listing *listing);

#endif /* SMI_FILE_LISTING_H */
