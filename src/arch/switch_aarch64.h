/* SPDX-License-Identifier: MIT
 * arch/switch_aarch64.h - the context switch for 64-bit Arm (AAPCS64).
 *
 * A stack that is left holds the frame pointer and the address to go on at.
 * The other callee-saved registers are declared as destroyed, so that the
 * compiler saves those that are in use.
 *
 * Processors that check where jumps lead (BTI) want a mark there: a function's
 * beginning has one if the compiler is told so, the label gets its own, which
 * others take for a nop. They let only x16 and x17 jump to functions.
 */
#ifndef SMI_ARCH_SWITCH_AARCH64_H
#define SMI_ARCH_SWITCH_AARCH64_H

#include <stdint.h>

/* The link register is cleared for the sake of a prepared stack, whose entry
 * has been called by nobody: that is where unwinding ends. */
static inline void smi_switch(void **save, void *to, void *arg)
{
	register void *x0 __asm__("x0") = arg;
	register void *x1 __asm__("x1") = to;
	register void **x2 __asm__("x2") = save;

	__asm__ volatile(
		"adr x16, 1f\n\t"
		"stp x29, x16, [sp, #-16]!\n\t"
		"mov x9, sp\n\t"
		"str x9, [x2]\n\t"
		"mov sp, x1\n\t"
		"ldp x29, x16, [sp], #16\n\t"
		"mov x30, xzr\n\t"
		"br x16\n"
		"1:\n\t"
		"hint #36" /* bti j */
		: "+r"(x0), "+r"(x1), "+r"(x2)
		:
		: "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		  "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",
		  "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30",
		  "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
		  "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
		  "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
		  "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

/* The entry finds its argument in x0, where smi_switch has put it. */
static inline void *smi_switch_prepare(void *top, void (*entry)(void *arg))
{
	uintptr_t *word = (uintptr_t *)top - 2;

	word[0] = 0;
	word[1] = (uintptr_t)entry;
	return word;
}

/* To be called in the entry: nobody has called it, so debuggers shall not look
 * for the frame above. */
static inline __attribute__((always_inline)) void smi_switch_outermost(void)
{
	__asm__ volatile(".cfi_undefined x30");
}

#endif /* SMI_ARCH_SWITCH_AARCH64_H */
