/* SPDX-License-Identifier: MIT
 * arch/switch_x86_64.h - the context switch for x86-64 (System V ABI).
 *
 * A stack that is left holds, from the saved stack pointer up: the address to
 * go on at, rbp, and 128 bytes that may belong to the function we are in (the
 * red zone). The other callee-saved registers are declared as destroyed, so
 * that the compiler saves those that are in use. At the label the stack
 * pointer is what the compiler takes it to be, so debuggers can unwind a stack
 * that is left from there.
 */
#ifndef SMI_ARCH_SWITCH_X86_64_H
#define SMI_ARCH_SWITCH_X86_64_H

#include <stddef.h>
#include <stdint.h>

/* What AVX-512 adds: all of it the caller's to save. */
#ifdef __AVX512F__
#define SMI_SWITCH_AVX512                                                      \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",       \
		"xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", \
		"xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6",    \
		"k7"
#else
#define SMI_SWITCH_AVX512
#endif

static inline void smi_switch(void **save, void *to, void *arg)
{
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
			 "pushq %%rbp\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "movq %%rsp, (%%rdx)\n\t"
			 "movq %%rsi, %%rsp\n\t"
			 "popq %%rax\n\t"
			 "popq %%rbp\n\t"
			 "leaq 128(%%rsp), %%rsp\n\t"
			 "jmp *%%rax\n"
			 "1:"
			 : "+d"(save), "+S"(to), "+D"(arg)
			 :
			 : "rax", "rbx", "rcx", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "memory", "cc", "xmm0", "xmm1",
			   "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
			   "xmm14", "xmm15" SMI_SWITCH_AVX512);
}

/* The entry finds its argument in rdi, where smi_switch has put it, and the
 * stack as if it had been called from address 0, where unwinding ends: aligned
 * but for the return address. */
static inline void *smi_switch_prepare(void *top, void (*entry)(void *arg))
{
	enum { RETURN = 1, RED_ZONE = 16, RBP = 1, ADDRESS = 1 };
	uintptr_t *word = (uintptr_t *)top - RETURN;

	word[0] = 0;
	word -= RED_ZONE + RBP;
	word[0] = 0;
	word -= ADDRESS;
	word[0] = (uintptr_t)entry;
	return word;
}

/* To be called in the entry: nobody has called it, so debuggers shall not look
 * for the frame above. */
static inline __attribute__((always_inline)) void smi_switch_outermost(void)
{
	__asm__ volatile(".cfi_undefined %rip");
}

#endif /* SMI_ARCH_SWITCH_X86_64_H */
