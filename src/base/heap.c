/* SPDX-License-Identifier: MIT
 * base/heap.c - timers, the earliest first. */
#include "base/heap.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum {
	LINE = 64, /* bytes in a line of the cache */
	FIRST_ROOM = 61
};

void smi_heap_raise(struct smi_heap *h, size_t i, struct smi_heap_entry e)
{
	while (!smi_heap_is_high_enough(h, i, &e)) {
		size_t parent = (i - 1) / SMI_HEAP_FAN;

		smi_heap_place(h, i, h->entries[parent]);
		i = parent;
	}
	smi_heap_place(h, i, e);
}

static void sift_down(struct smi_heap *h, size_t i, struct smi_heap_entry e)
{
	for (;;) {
		size_t child = i * SMI_HEAP_FAN + 1, least = child;
		size_t end = child + SMI_HEAP_FAN < h->count
				     ? child + SMI_HEAP_FAN
				     : h->count;

		if (child >= h->count)
			break;
		for (size_t c = child + 1; c < end; c++)
			if (smi_heap_before(&h->entries[c], &h->entries[least]))
				least = c;
		if (!smi_heap_before(&h->entries[least], &e))
			break;
		smi_heap_place(h, i, h->entries[least]);
		i = least;
	}
	smi_heap_place(h, i, e);
}

/* The first entry stands alone at the end of a cache line, so that each group
 * of four children fills one. */
int smi_heap_grow(struct smi_heap *h)
{
	size_t room = h->room ? h->room * 2 + 3 : FIRST_ROOM;
	size_t size = (room + 1) * sizeof *h->entries + 2 * LINE;
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

void smi_heap_fill(struct smi_heap *h, size_t i)
{
	struct smi_heap_entry last = h->entries[--h->count];

	if (smi_heap_is_high_enough(h, i, &last))
		sift_down(h, i, last);
	else
		smi_heap_raise(h, i, last);
}

void smi_heap_done(struct smi_heap *h)
{
	smi_free(h->block);
	*h = (struct smi_heap){ 0 };
}
