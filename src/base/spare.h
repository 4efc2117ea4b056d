/* SPDX-License-Identifier: MIT
 * base/spare.h - small blocks that are soon wanted again.
 *
 * What a stream receives needs a block for as long as nobody has taken it,
 * which is mostly the length of a turn. To keep a few of those of one size is
 * 150 instructions for each message cheaper than to allocate them anew.
 * All bits zero are no spare blocks.
 */
#ifndef SMI_BASE_SPARE_H
#define SMI_BASE_SPARE_H

#include <stddef.h>

#include "base/alloc.h"

enum { SMI_SPARE_SIZE = 1025, SMI_MOST_SPARES = 64 };

struct smi_spares {
	size_t count;
	void *blocks[SMI_MOST_SPARES];
};

/* A block of SMI_SPARE_SIZE bytes, or NULL. smi_free frees it, too. */
static inline void *smi_spare_take(struct smi_spares *spares)
{
	return spares->count > 0 ? spares->blocks[--spares->count]
				 : smi_alloc(SMI_SPARE_SIZE);
}

/* Give back a block of that size. */
static inline void smi_spare_give(struct smi_spares *spares, void *block)
{
	if (spares->count < SMI_MOST_SPARES)
		spares->blocks[spares->count++] = block;
	else
		smi_free(block);
}

/* Free them all. */
static inline void smi_spares_done(struct smi_spares *spares)
{
	while (spares->count > 0)
		smi_free(spares->blocks[--spares->count]);
}

#endif /* SMI_BASE_SPARE_H */
