/* SPDX-License-Identifier: MIT
 * base/heap.c - timers, the earliest first. */
#include "base/heap.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum {
	FAN = 4,
	LINE = 64, /* bytes in a line of the cache */
	FIRST_ROOM = 61
};

static bool before(const struct smi_heap_entry *a,
		   const struct smi_heap_entry *b)
{
	if (a->when != b->when)
		return a->when < b->when;
	return a->timer->order < b->timer->order;
}

static void place(struct smi_heap *h, size_t i, struct smi_heap_entry e)
{
	h->entries[i] = e;
	e.timer->slot = i + 1;
}

/* Is i as high as e may be? For a new timer it mostly is. */
static inline bool is_high_enough(const struct smi_heap *h, size_t i,
				  const struct smi_heap_entry *e)
{
	return i == 0 || !before(e, &h->entries[(i - 1) / FAN]);
}

static void sift_up(struct smi_heap *h, size_t i, struct smi_heap_entry e)
{
	while (!is_high_enough(h, i, &e)) {
		size_t parent = (i - 1) / FAN;

		place(h, i, h->entries[parent]);
		i = parent;
	}
	place(h, i, e);
}

static void sift_down(struct smi_heap *h, size_t i, struct smi_heap_entry e)
{
	for (;;) {
		size_t child = i * FAN + 1, least = child;
		size_t end = child + FAN < h->count ? child + FAN : h->count;

		if (child >= h->count)
			break;
		for (size_t c = child + 1; c < end; c++)
			if (before(&h->entries[c], &h->entries[least]))
				least = c;
		if (!before(&h->entries[least], &e))
			break;
		place(h, i, h->entries[least]);
		i = least;
	}
	place(h, i, e);
}

/* The first entry stands alone at the end of a cache line, so that each group
 * of four children fills one. */
static int grow(struct smi_heap *h)
{
	size_t room = h->room ? h->room * 2 + 3 : FIRST_ROOM;
	size_t size = room * sizeof *h->entries + 2 * LINE;
	char *block = smi_alloc(size);
	uintptr_t line;

	if (!block)
		return -ENOMEM;
	line = ((uintptr_t)block + LINE - 1) & ~(uintptr_t)(LINE - 1);
	line += LINE - sizeof *h->entries;
	if (h->count)
		memcpy((void *)line, h->entries, h->count * sizeof *h->entries);
	smi_free(h->block);
	h->block = block;
	h->entries = (struct smi_heap_entry *)line;
	h->room = room;
	return 0;
}

int smi_heap_add(struct smi_heap *h, struct simul_timer *timer)
{
	struct smi_heap_entry e = { timer->when, timer };
	size_t i;
	int r;

	if (h->count == h->room) {
		r = grow(h);
		if (r < 0)
			return r;
	}
	timer->order = h->order++;
	i = h->count++;
	if (is_high_enough(h, i, &e))
		place(h, i, e);
	else
		sift_up(h, i, e);
	return 0;
}

void smi_heap_remove(struct smi_heap *h, struct simul_timer *timer)
{
	size_t i = timer->slot;
	struct smi_heap_entry last;

	if (i-- == 0)
		return;
	timer->slot = 0;
	last = h->entries[--h->count];
	if (i == h->count)
		return;
	if (is_high_enough(h, i, &last))
		sift_down(h, i, last);
	else
		sift_up(h, i, last);
}

void smi_heap_done(struct smi_heap *h)
{
	smi_free(h->block);
	*h = (struct smi_heap){ 0 };
}
