/* SPDX-License-Identifier: MIT
 * base/spare.h - blocks that are soon wanted again.
 *
 * What a stream receives needs a block for as long as nobody has taken it,
 * which is mostly the length of a turn. To keep a few of those of one size is
 * 150 instructions for each message cheaper than to allocate them anew. The
 * head of a request mostly fits in one, as do sixteen short requests in a row.
 *
 * A large block that is freed goes back to the system more often than not, and
 * comes again a page at a time, which takes longer than to fill it: so one is
 * kept.
 *
 * All bits zero are no spare blocks.
 */
#ifndef SMI_BASE_SPARE_H
#define SMI_BASE_SPARE_H

#include <stddef.h>

#include "base/alloc.h"

enum {
	SMI_SPARE_SIZE = 2049,
	SMI_MOST_SPARES = 64,
	SMI_SPARE_LARGEST = 131072
};

struct smi_spares {
	size_t count;
	void *blocks[SMI_MOST_SPARES];
	void *large;
	size_t large_size;
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

/* The large one, or NULL. */
static inline void *smi_spare_take_large(struct smi_spares *spares,
					 size_t *ret_size)
{
	void *block = spares->large;

	spares->large = NULL;
	if (block)
		*ret_size = spares->large_size;
	return block;
}

/* Give back a block of any size, or free it: the larger one is kept. */
static inline void smi_spare_give_large(struct smi_spares *spares, void *block,
					size_t size)
{
	void *other = spares->large;

	if (size <= SMI_SPARE_LARGEST &&
	    (!other || size > spares->large_size)) {
		spares->large = block;
		spares->large_size = size;
		block = other;
	}
	smi_free(block);
}

/* Free them all. */
static inline void smi_spares_done(struct smi_spares *spares)
{
	while (spares->count > 0)
		smi_free(spares->blocks[--spares->count]);
	smi_free(spares->large);
	spares->large = NULL;
}

#endif /* SMI_BASE_SPARE_H */
