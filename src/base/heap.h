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

#include <errno.h>
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
	size_t room;	/* once there is some, one more fits: see below */
	uint64_t order; /* timers ever added */
	void *block;	/* what entries was cut from */
};

/* ---- What need not be inline */

enum { SMI_HEAP_FAN = 4 };

/* Make room for more. 0 or -ENOMEM. */
int smi_heap_grow(struct smi_heap *h);

/* Place e at i or higher. */
void smi_heap_raise(struct smi_heap *h, size_t i, struct smi_heap_entry e);

/* Fill place i, whose entry is gone, with the last one. */
void smi_heap_fill(struct smi_heap *h, size_t i);

/* ---- Adding and removing: a timer that is set mostly comes late, and stays
 * where it is put; and of those that are cleared many were the last. */

static inline bool smi_heap_before(const struct smi_heap_entry *a,
				   const struct smi_heap_entry *b)
{
	if (a->when != b->when)
		return a->when < b->when;
	return a->timer->order < b->timer->order;
}

static inline void smi_heap_place(struct smi_heap *h, size_t i,
				  struct smi_heap_entry e)
{
	h->entries[i] = e;
	e.timer->slot = i + 1;
}

/* Is i as high as e may be? */
static inline bool smi_heap_is_high_enough(const struct smi_heap *h, size_t i,
					   const struct smi_heap_entry *e)
{
	return i == 0 ||
	       !smi_heap_before(e, &h->entries[(i - 1) / SMI_HEAP_FAN]);
}

/* Add timer, which must not be in a heap, with timer->when set. There is one
 * timer that this may be called for without asking for room; smi_heap_grow must
 * have succeeded once. */
static inline void smi_heap_add_anyway(struct smi_heap *h,
				       struct simul_timer *timer)
{
	struct smi_heap_entry e = { timer->when, timer };
	size_t i;

	timer->order = h->order++;
	i = h->count++;
	if (smi_heap_is_high_enough(h, i, &e))
		smi_heap_place(h, i, e);
	else
		smi_heap_raise(h, i, e);
}

/* The same for every other one. 0 or -ENOMEM. */
static inline int smi_heap_add(struct smi_heap *h, struct simul_timer *timer)
{
	if (h->count >= h->room && smi_heap_grow(h) < 0)
		return -ENOMEM;
	smi_heap_add_anyway(h, timer);
	return 0;
}

/* Remove timer if it is in the heap. */
static inline void smi_heap_remove(struct smi_heap *h,
				   struct simul_timer *timer)
{
	size_t slot = timer->slot;

	timer->slot = 0;
	if (slot == h->count && slot > 0)
		h->count--;
	else if (slot > 0)
		smi_heap_fill(h, slot - 1);
}

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
