/* SPDX-License-Identifier: MIT
 * bench/floors/fiber.h - the cheapest switch of stacks that we know, and room
 * for many stacks.
 *
 * Saves the callee-saved registers only and leaves by an indirect jump: `ret`
 * to an address that no `call` pushed costs three times as much. x86-64 only.
 */
#ifndef FIBER_H
#define FIBER_H

#include "../bench.h"

#include <sys/mman.h>

#ifndef __x86_64__
#error "the floors are written for x86-64"
#endif

enum {
	COLOURS = 16, /* stack tops are staggered over this many */
	LINE = 64,    /* cache lines */
	STACK_SIZE = 65536
};

typedef void fiber_fn(void *arg);

/* Save the current context's stack pointer in *save and continue the context
 * whose stack pointer is to. */
void fiber_switch(void **save, void *to);

/* Where a new fiber starts: r12 holds its function, r13 the argument. */
void fiber_start(void);

__asm__(".text\n"
	".p2align 4\n"
	".globl fiber_switch\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	popq %rcx\n"
	"	jmp *%rcx\n"
	".size fiber_switch, .-fiber_switch\n"
	".p2align 4\n"
	".globl fiber_start\n"
	".type fiber_start, @function\n"
	"fiber_start:\n"
	"	movq %r13, %rdi\n"
	"	callq *%r12\n"
	"	ud2\n"
	".size fiber_start, .-fiber_start\n");

/* Lay out a fiber that will call fn(arg), which must never return, on the
 * stack that ends at top (16-byte aligned); returns its stack pointer. */
static inline void *fiber_prepare(void *top, fiber_fn *fn, void *arg)
{
	uint64_t *sp = top;

	*--sp = 0; /* keeps the stack 16-byte aligned at the call */
	*--sp = 0;
	*--sp = (uint64_t)fiber_start;
	*--sp = 0; /* rbp */
	*--sp = 0; /* rbx */
	*--sp = (uint64_t)fn;
	*--sp = (uint64_t)arg;
	*--sp = 0; /* r14 */
	*--sp = 0; /* r15 */
	return sp;
}

/* Address space for n stacks, without huge pages: one of those would commit
 * 32 stacks at once. */
static inline char *fiber_stacks(size_t n, size_t stride)
{
	char *slab = mmap(NULL, n * stride, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (slab == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(slab, n * stride, MADV_NOHUGEPAGE);
	return slab;
}

/* The top of stack i, staggered so that many stacks don't fight for the same
 * few lines of the cache, less size bytes for the owner's use above it. */
static inline void *fiber_top(char *slab, size_t i, size_t stride, size_t size)
{
	return slab + (i + 1) * stride - (i % COLOURS) * LINE - size;
}

#endif /* FIBER_H */
