/* SPDX-License-Identifier: MIT
 * arch/switch_x86_64.S - the context switch for x86-64 (System V ABI).
 *
 * It leaves by an indirect jump, never by ret: the return address is not the
 * one of the call that entered, so the return predictor would be wrong every
 * time, which makes a switch three times slower (5 ns there and back become
 * 16). The branch target buffer gets the indirect jump right most of the time.
 */

	.text

/* void smi_switch(void **save, void *to) */
	.globl	smi_switch
	.hidden	smi_switch
	.type	smi_switch, @function
	.p2align 4
smi_switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	/* From here on the same words describe the other stack: a saved stack
	 * has this very layout. */
	movq	%rsi, %rsp
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	jmp	*%rcx
	.cfi_endproc
	.size	smi_switch, .-smi_switch

/* Where a new stack begins: %r12 is the entry, %r13 its argument. An undefined
 * return address is how unwinders are told that this is the outermost frame.
 * The nop lets the address that is "returned to" lie inside the description. */
	.type	smi_switch_entry, @function
	.p2align 4
	.cfi_startproc
	.cfi_undefined %rip
	nop
smi_switch_entry:
	xorl	%ebp, %ebp
	movq	%r13, %rdi
	call	*%r12
	ud2
	.cfi_endproc
	.size	smi_switch_entry, .-smi_switch_entry

/* void *smi_switch_prepare(void *top, void (*entry)(void *), void *arg)
 * From top down: two words that stay zero and align the stack to 16 bytes at
 * the call in smi_switch_entry, its address, and the registers that smi_switch
 * takes: rbp rbx r12 r13 r14 r15. */
	.globl	smi_switch_prepare
	.hidden	smi_switch_prepare
	.type	smi_switch_prepare, @function
	.p2align 4
smi_switch_prepare:
	.cfi_startproc
	leaq	smi_switch_entry(%rip), %rcx
	xorl	%eax, %eax
	movq	%rax, -8(%rdi)
	movq	%rax, -16(%rdi)
	movq	%rcx, -24(%rdi)
	movq	%rax, -32(%rdi)
	movq	%rax, -40(%rdi)
	movq	%rsi, -48(%rdi)
	movq	%rdx, -56(%rdi)
	movq	%rax, -64(%rdi)
	movq	%rax, -72(%rdi)
	leaq	-72(%rdi), %rax
	ret
	.cfi_endproc
	.size	smi_switch_prepare, .-smi_switch_prepare

	.section .note.GNU-stack, "", @progbits
