/* SPDX-License-Identifier: MIT
 * arch/guard.h - pages that fault when they are touched.
 *
 * Since Linux 6.13 a guard is a mark in the page table (MADV_GUARD_INSTALL),
 * and one call marks many. Before that it is a mapping of its own, of
 * which a process may have some 32,000 (vm.max_map_count).
 */
#ifndef SMI_ARCH_GUARD_H
#define SMI_ARCH_GUARD_H

#include <stddef.h>

enum { SMI_GUARD_BATCH = 1024 };

/* Make the first page of each of count stacks (at most SMI_GUARD_BATCH), which
 * follow each other at stride bytes from base, a guard. 0 or a negative errno,
 * and then some may be guarded already, which does no harm. */
int smi_guard_install(char *base, size_t stride, size_t count);

/* The size of a page. */
size_t smi_page_size(void);

#endif /* SMI_ARCH_GUARD_H */
