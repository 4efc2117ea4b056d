/* SPDX-License-Identifier: MIT
 * file/copy.h - copying a file, for threads: all of this blocks. */
#ifndef SMI_FILE_COPY_H
#define SMI_FILE_COPY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <simul/copy.h>

struct smi_copy {
	const char *from;
	const char *to;
	simul_copy_options options;
	atomic_bool stop;
	struct smi_copy_attributes *attributes; /* room for them, once some
						 * were met; to be freed */
};

/* Copy the file name in directory dir, a regular one, to the path to. Its own
 * links are followed unless flags has O_NOFOLLOW. */
int smi_copy_file(struct smi_copy *copy, int dir, const char *name, int flags,
		  const char *to);

/* Copy all that is in one file to another, which is empty. */
int smi_copy_descriptor(int from, int to);

/* Give fd, or path if it is negative, what goes with st, as far as options want
 * it, and the extended attributes of from, unless that is negative. */
int smi_copy_metadata(struct smi_copy *copy, const struct stat *st, int from,
		      int fd, const char *path);

#endif /* SMI_FILE_COPY_H */
