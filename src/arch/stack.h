/* SPDX-License-Identifier: MIT
 * arch/stack.h - memory for stacks, by the million.
 *
 * Stacks come from slabs: large pieces of address space whose pages cost
 * nothing until they are touched. A stack's size is a power of two and so is
 * its alignment, so that its bounds follow from any address in it. The lowest
 * page of each is a guard that faults on overflow.
 *
 * The end of the usable part, its top, is staggered by up to 15 cache lines
 * from stack to stack: with all tops at the same offset in their pages, ten
 * thousand tasks would fight for the same few lines of the cache.
 *
 * A stack that is given back is the next to be taken: its top is warm.
 */
#ifndef SMI_ARCH_STACK_H
#define SMI_ARCH_STACK_H

#include <stddef.h>
#include <stdint.h>

enum {
	SMI_STACK_SMALLEST = 14, /* 2^14 = 16 KiB */
	SMI_STACK_LARGEST = 30,	 /* 1 GiB */
	SMI_STACK_DEFAULT = 18	 /* 256 KiB */
};

/* In a stack that is not in use, at its top. */
struct smi_stack {
	struct smi_stack *next;
	void *unused; /* keeps the top aligned */
};

struct smi_slab;

struct smi_stack_pool {
	struct smi_stack *free; /* last in, first out */
	struct smi_stack *cold; /* free for long: one page each */
	struct smi_slab *slabs; /* the first may have stacks never used */
	unsigned shift;		/* log2 of a stack's size */
};

/* All stacks of one loop. All bits zero is ready. */
struct smi_stacks {
	struct smi_stack_pool pools[SMI_STACK_LARGEST + 1];
	size_t taken;
	uint64_t trimmed_at;
};

/* The pool whose stacks have at least this size; 0 is the default. */
unsigned smi_stack_shift(size_t size);

/* A stack that was not used lately or never, or NULL if there is no memory. */
void *smi_stack_take_cold(struct smi_stack_pool *pool, unsigned shift);

/* The top of a stack of 2^shift bytes, or NULL if there is no memory. */
static inline void *smi_stack_take(struct smi_stacks *stacks, unsigned shift)
{
	struct smi_stack_pool *pool = &stacks->pools[shift];
	struct smi_stack *s = pool->free;
	void *top;

	if (s) {
		pool->free = s->next;
		top = s + 1;
	} else {
		top = smi_stack_take_cold(pool, shift);
	}
	stacks->taken += top != NULL;
	return top;
}

/* Give a stack back by its top. Nothing on it is valid any more, though the
 * caller may still run on it until it switches away. */
static inline void smi_stack_give(struct smi_stacks *stacks, unsigned shift,
				  void *top)
{
	struct smi_stack_pool *pool = &stacks->pools[shift];
	struct smi_stack *s = (struct smi_stack *)top - 1;

	s->next = pool->free;
	pool->free = s;
	stacks->taken--;
}

/* The lowest address of the stack with this top, which is its guard. */
static inline char *smi_stack_bottom(const void *top, unsigned shift)
{
	return (char *)(((uintptr_t)top - 1) >> shift << shift);
}

/* Bytes that a guard takes at the bottom of a stack. */
size_t smi_stack_guard_size(void);

/* Give the kernel back what free stacks have touched by deep calls, some of
 * them at each call, at most ten times a second by now (ns). The stacks that
 * will be taken next are spared, as touching a page anew costs far more than
 * all the rest of a task's life. */
void smi_stacks_trim(struct smi_stacks *stacks, uint64_t now);

/* The same for the stack with this top, on which the caller runs: what it has
 * touched far below the caller's frame. */
void smi_stack_trim_below(const void *top, unsigned shift);

/* Unmap everything. No stack may be in use. */
void smi_stacks_done(struct smi_stacks *stacks);

/* Slabs mapped in the whole process, for tests. */
size_t smi_stacks_live(void);

#endif /* SMI_ARCH_STACK_H */
