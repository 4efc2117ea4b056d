/* SPDX-License-Identifier: MIT
 * arch/switch_aarch64.S - how a stack begins, for 64-bit Arm (AAPCS64). See
 * arch/switch_aarch64.h for the switch itself.
 */

	.text

/* A new stack is entered here, by smi_switch, with the stack pointer at the
 * entry and its argument. The entry is jumped to, as if it had been called
 * from address 0, where unwinding ends. */
	.type	smi_switch_begin, %function
	.p2align 4
smi_switch_begin:
	.cfi_startproc
	.cfi_undefined x30
	ldp	x9, x0, [sp], #16
	mov	x29, xzr
	mov	x30, xzr
	br	x9
	.cfi_endproc
	.size	smi_switch_begin, .-smi_switch_begin

/* void *smi_switch_prepare(void *top, void (*entry)(void *), void *arg) */
	.globl	smi_switch_prepare
	.hidden	smi_switch_prepare
	.type	smi_switch_prepare, %function
	.p2align 4
smi_switch_prepare:
	.cfi_startproc
	adr	x9, smi_switch_begin
	stp	x1, x2, [x0, #-16]
	stp	xzr, x9, [x0, #-32]
	sub	x0, x0, #32
	ret
	.cfi_endproc
	.size	smi_switch_prepare, .-smi_switch_prepare

	.section .note.GNU-stack, "", %progbits
