/* SPDX-License-Identifier: MIT
 * arch/switch_x86_64.S - how a stack begins, for x86-64 (System V ABI). See
 * arch/switch_x86_64.h for the switch itself.
 */

	.text

/* A new stack is entered here, by smi_switch, with the stack pointer at three
 * words: the entry, its argument, and 0. The entry is jumped to, as if it had
 * been called from address 0, where unwinding ends. (For the frame that stands
 * here until then, the undefined return address says the same.) */
	.type	smi_switch_begin, @function
	.p2align 4
smi_switch_begin:
	.cfi_startproc
	.cfi_undefined %rip
	popq	%rax
	popq	%rdi
	jmp	*%rax
	.cfi_endproc
	.size	smi_switch_begin, .-smi_switch_begin

/* void *smi_switch_prepare(void *top, void (*entry)(void *), void *arg)
 *
 * From top down: 0, twice, so that the entry finds its return address where a
 * call from an aligned stack would have left it; arg; entry; the red zone that
 * smi_switch takes off; rbp; smi_switch_begin. */
	.globl	smi_switch_prepare
	.hidden	smi_switch_prepare
	.type	smi_switch_prepare, @function
	.p2align 4
smi_switch_prepare:
	.cfi_startproc
	leaq	smi_switch_begin(%rip), %rcx
	xorl	%eax, %eax
	movq	%rax, -8(%rdi)
	movq	%rax, -16(%rdi)
	movq	%rax, -24(%rdi)
	movq	%rdx, -32(%rdi)
	movq	%rsi, -40(%rdi)
	movq	%rax, -176(%rdi)
	movq	%rcx, -184(%rdi)
	leaq	-184(%rdi), %rax
	ret
	.cfi_endproc
	.size	smi_switch_prepare, .-smi_switch_prepare

	.section .note.GNU-stack, "", @progbits
