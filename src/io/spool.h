/* SPDX-License-Identifier: MIT
 * io/spool.h - files that are kept in memory until they are too large. */
#ifndef SMI_IO_SPOOL_H
#define SMI_IO_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smi_descriptor;

struct smi_spool {
	uint64_t limit;
	int error;	  /* of the move */
	char directory[]; /* where it moves to */
};

/* Is a file with so many bytes too large for memory? */
bool smi_spool_is_full(const struct smi_descriptor *file, uint64_t size);

/* Move it to its directory: the descriptor becomes one of a file there. Blocks.
 * 0 or an error. */
int smi_spool_move(struct smi_descriptor *file);

/* The same, as a call that suspends. */
int smi_spool_make_room(struct smi_descriptor *file, uint64_t size);

#endif /* SMI_IO_SPOOL_H */
