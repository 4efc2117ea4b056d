/* SPDX-License-Identifier: MIT
 * base/alloc.h - the only caller of malloc.
 *
 * Everything that Simul allocates goes through here, so that the tests can
 * count what is alive and make any one allocation fail.
 */
#ifndef SMI_BASE_ALLOC_H
#define SMI_BASE_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/shared.h"

/* Like malloc; NULL if there is no memory. */
SMI_SHARED void *smi_alloc(size_t size);

/* Like smi_alloc, with all bits zero. */
SMI_SHARED void *smi_alloc_zero(size_t size);

/* Like realloc: on failure the old block stays as it is. */
void *smi_resize(void *block, size_t size);

/* NULL is accepted. */
SMI_SHARED void smi_free(void *block);

/* What the tests see and do. Memory that is mapped, not malloc'd (stacks), asks
 * smi_alloc_refused too. */
struct smi_alloc_probe {
	atomic_long live;  /* blocks not freed */
	atomic_long calls; /* allocations asked for so far */
	long fail_from;	   /* refuse from this call on (from 1); 0: never */
	long fail_count;   /* refuse this many */
};

/* NULL except in tests. Set it while nothing is allocated. */
extern struct smi_alloc_probe *smi_alloc_probe;

/* Count an allocation and say whether a test wants it to fail. */
bool smi_alloc_refused(void);

#endif /* SMI_BASE_ALLOC_H */
