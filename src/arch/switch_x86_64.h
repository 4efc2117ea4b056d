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

static inline void smi_switch(void **save, void *to)
{
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
			 "pushq %%rbp\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "movq %%rsp, (%%rdi)\n\t"
			 "movq %%rsi, %%rsp\n\t"
			 "popq %%rax\n\t"
			 "popq %%rbp\n\t"
			 "leaq 128(%%rsp), %%rsp\n\t"
			 "jmp *%%rax\n"
			 "1:"
			 : "+D"(save), "+S"(to)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11",
			   "r12", "r13", "r14", "r15", "memory", "cc", "xmm0",
			   "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
			   "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
			   "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)",
			   "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
}

#endif /* SMI_ARCH_SWITCH_X86_64_H */
