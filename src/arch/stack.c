/* SPDX-License-Identifier: MIT
 * arch/stack.c - memory for stacks, by the million. */
#include "arch/stack.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "arch/guard.h"
#include "arch/valgrind.h"
#include "base/alloc.h"

enum {
	FIRST_SLAB = 32, /* stacks in the first slab; the next has twice as */
	LARGEST_SLAB = 4096, /* many, up to this */
	SPARED = 64,	     /* free stacks that are not trimmed */
	MARGIN = 2048,	     /* below a frame: what it calls while it trims */
	TRIM_BATCH = 1024, /* stacks trimmed at a time, to keep pauses short */
	COLOURS = 16,	   /* tops differ by up to so many */
	COLOUR = 64	   /* cache lines */
};

static const uint64_t TRIM_INTERVAL = 100000000; /* ns */

struct smi_slab {
	struct smi_slab *next;
	char *base;
	size_t count;
	size_t carved;	/* stacks ever taken from it */
	size_t guarded; /* stacks whose guard is in place */
	struct smi_stack_notes notes;
};

static atomic_size_t slabs_live;

size_t smi_stacks_live(void)
{
	return slabs_live;
}

size_t smi_stack_guard_size(void)
{
	return smi_page_size();
}

unsigned smi_stack_shift(size_t size)
{
	unsigned shift = SMI_STACK_SMALLEST;

	if (size == 0)
		return SMI_STACK_DEFAULT;
	while (shift < SMI_STACK_LARGEST && (size_t)1 << shift < size)
		shift++;
	return shift;
}

/* Address space for count stacks, aligned to their size. */
static char *map_aligned(size_t count, size_t size)
{
	size_t length = count * size;
	char *raw, *base;

	if (smi_alloc_refused())
		return NULL;
	raw = mmap(NULL, length + size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (raw == MAP_FAILED)
		return NULL;
	base = (char *)(((uintptr_t)raw + size - 1) & ~(uintptr_t)(size - 1));
	if (base > raw)
		munmap(raw, (size_t)(base - raw));
	munmap(base + length, size - (size_t)(base - raw));
	/* A huge page would commit many stacks at the touch of one. */
	madvise(base, length, MADV_NOHUGEPAGE);
	return base;
}

/* Map another slab in front of the others; smaller ones if address space is
 * short. */
static struct smi_slab *grow(struct smi_stack_pool *pool)
{
	size_t size = (size_t)1 << pool->shift;
	size_t count = pool->slabs ? pool->slabs->count * 2 : FIRST_SLAB;
	struct smi_slab *slab = smi_alloc_zero(sizeof *slab);

	if (!slab)
		return NULL;
	while (count > LARGEST_SLAB ||
	       (count > 1 && count > ((size_t)1 << 32) / size))
		count /= 2;
	for (; count > 0 && !slab->base; count /= 2) {
		slab->base = map_aligned(count, size);
		slab->count = count;
	}
	if (!slab->base || smi_stack_notes_new(&slab->notes, slab->count) < 0) {
		if (slab->base)
			munmap(slab->base, slab->count * size);
		smi_free(slab);
		return NULL;
	}
	slabs_live++;
	slab->next = pool->slabs;
	pool->slabs = slab;
	return slab;
}

/* Guards are installed in batches as large as what has been used so far: a
 * program with three tasks should not pay for a thousand. */
static bool guard_more(struct smi_slab *slab, size_t size)
{
	size_t count = slab->guarded < 16 ? 16 : slab->guarded;

	if (count > SMI_GUARD_BATCH)
		count = SMI_GUARD_BATCH;
	if (count > slab->count - slab->guarded)
		count = slab->count - slab->guarded;
	if (smi_guard_install(slab->base + slab->guarded * size, size, count) <
	    0)
		return false;
	slab->guarded += count;
	return true;
}

/* A stack that was never used. */
static void *carve(struct smi_stack_pool *pool)
{
	size_t size = (size_t)1 << pool->shift;
	struct smi_slab *slab = pool->slabs;
	size_t i;

	if (!slab || slab->carved == slab->count)
		slab = grow(pool);
	if (!slab)
		return NULL;
	if (slab->carved == slab->guarded && !guard_more(slab, size))
		return NULL;
	i = slab->carved++;
	smi_stack_notes_set(&slab->notes, i, slab->base + i * size, size);
	return slab->base + (i + 1) * size - i % COLOURS * COLOUR;
}

void *smi_stack_take_cold(struct smi_stack_pool *pool, unsigned shift)
{
	struct smi_stack *s = pool->cold;

	pool->shift = shift;
	if (!s)
		return carve(pool);
	pool->cold = s->next;
	return s + 1;
}

/* Keep the page with at, and those above; give back the rest. */
static void trim(const void *at, const void *top, unsigned shift)
{
	size_t page = smi_page_size();
	char *from = smi_stack_bottom(top, shift) + page;
	char *to = (char *)((uintptr_t)at & ~(uintptr_t)(page - 1));

	if (to > from)
		madvise(from, (size_t)(to - from), MADV_DONTNEED);
}

void smi_stack_trim_below(const void *top, unsigned shift)
{
	trim((const char *)__builtin_frame_address(0) - MARGIN, top, shift);
}

/* Move free stacks to the cold ones, behind those that are spared. */
static void trim_pool(struct smi_stack_pool *pool)
{
	struct smi_stack **link = &pool->free, *s;
	int i;

	for (i = 0; *link && i < SPARED; i++)
		link = &(*link)->next;
	for (i = 0; *link && i < TRIM_BATCH; i++) {
		s = *link;
		*link = s->next;
		trim(s, s + 1, pool->shift);
		s->next = pool->cold;
		pool->cold = s;
	}
}

void smi_stacks_trim(struct smi_stacks *stacks, uint64_t now)
{
	if (now - stacks->trimmed_at < TRIM_INTERVAL)
		return;
	stacks->trimmed_at = now;
	for (unsigned i = SMI_STACK_SMALLEST; i <= SMI_STACK_LARGEST; i++)
		trim_pool(&stacks->pools[i]);
}

static void pool_done(struct smi_stack_pool *pool)
{
	struct smi_slab *slab;

	while ((slab = pool->slabs)) {
		pool->slabs = slab->next;
		munmap(slab->base, slab->count << pool->shift);
		smi_stack_notes_done(&slab->notes, slab->carved);
		smi_free(slab);
		slabs_live--;
	}
	pool->free = pool->cold = NULL;
}

void smi_stacks_done(struct smi_stacks *stacks)
{
	for (unsigned i = SMI_STACK_SMALLEST; i <= SMI_STACK_LARGEST; i++)
		pool_done(&stacks->pools[i]);
}
