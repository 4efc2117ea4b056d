/* SPDX-License-Identifier: MIT
 * file/spool.h - files that are kept in memory until they are too large. */
#ifndef SMI_FILE_SPOOL_H
#define SMI_FILE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smi_descriptor;

struct smi_spool {
	uint64_t limit;
	bool busy;	  /* a task changes the file past the stream */
	int error;	  /* of the move */
	char directory[]; /* where it moves to */
};

/* Is a file with so many bytes too large for memory? */
bool smi_spool_is_full(const struct smi_descriptor *file, uint64_t size);

/* Move it to its directory: the descriptor becomes one of a file there. Blocks.
 * 0 or an error. */
int smi_spool_move(struct smi_descriptor *file);

/* For a task that changes file, which will have so many bytes: nobody else
 * does so until smi_spool_end, and it moves first if it will be too large.
 * -EBUSY: somebody does. Where file is not in memory, this does nothing. */
int smi_spool_begin(struct smi_descriptor *file, uint64_t size);
void smi_spool_end(struct smi_descriptor *file);

#endif /* SMI_FILE_SPOOL_H */
