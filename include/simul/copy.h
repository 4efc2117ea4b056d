/* SPDX-License-Identifier: MIT
 * simul/copy.h - copy files and trees of them, and remove trees.
 *
 *	int r = simul_copy_tree("site", "site.new", NULL);
 *
 *	if (r >= 0)
 *		r = simul_remove_tree("site.old");
 *
 * Each of these calls is one long piece of work for a thread; at most four of
 * them run at a time in a loop, and others wait. When it is cancelled it ends
 * after the file, or the few MiB, that it is at.
 */
#ifndef SIMUL_COPY_H
#define SIMUL_COPY_H

#include <stdbool.h>

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_copy_options {
	bool exclusive; /* -EEXIST if there is a file that would be replaced */
	bool merge;	/* a directory that is there is copied into, instead of
			 * being -EEXIST */
	bool follow;	/* trees: copy what symbolic links lead to, instead of
			 * the links */
	bool metadata;	/* the times of files and directories too, their owner
			 * and group where we may set them, the bits for
			 * set-user-ID and the like, and extended attributes
			 * where both file systems have them and we may */
} simul_copy_options;

/* Copy what is in the file from to the file to, which is made, or emptied if
 * it is there, and has the same permissions then. Symbolic links are followed,
 * both. Where the file system can share the bytes between the two it does;
 * holes stay holes. -EISDIR: from is a directory; -EINVAL: both are the same
 * file, or one of them is of another kind (a FIFO, a device). NULL options are
 * as good as all zero.
 * Suspends: always. Cancelled, or failed: to may be there in part. */
SIMUL_API int simul_copy_file(const char *from, const char *to,
			      const simul_copy_options *options);

/* Copy the directory from and all below it to the directory to, which is made.
 * Links are copied as links, FIFOs as FIFOs; what is of another kind (a
 * device, a socket) is -EOPNOTSUPP. -EINVAL: to lies inside of from. The first
 * error ends it.
 * Suspends: always. Cancelled, or failed: to may be there in part. */
SIMUL_API int simul_copy_tree(const char *from, const char *to,
			      const simul_copy_options *options);

/* Remove the directory path and all below it. No symbolic link leads it
 * elsewhere, whoever changes the tree meanwhile: links are removed themselves,
 * and path must not be one (-ENOTDIR). What can't be removed stays, with what
 * it is in; the rest goes, and the first error is the result.
 * Suspends: always. Cancelled: some of it may be gone. */
SIMUL_API int simul_remove_tree(const char *path);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_COPY_H */
