/* SPDX-License-Identifier: MIT
 * arch/switch_aarch64.S - the context switch for 64-bit Arm (AAPCS64).
 *
 * Callee-saved are x19 to x30 and the lower halves of v8 to v15. As on x86-64
 * it leaves by a jump, not by ret, so as not to mislead the return predictor.
 */

	.text

#define FRAME 160

/* void smi_switch(void **save, void *to) */
	.globl	smi_switch
	.hidden	smi_switch
	.type	smi_switch, %function
	.p2align 4
smi_switch:
	.cfi_startproc
	sub	sp, sp, #FRAME
	.cfi_adjust_cfa_offset FRAME
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_rel_offset x19, 0
	.cfi_rel_offset x20, 8
	.cfi_rel_offset x21, 16
	.cfi_rel_offset x22, 24
	.cfi_rel_offset x23, 32
	.cfi_rel_offset x24, 40
	.cfi_rel_offset x25, 48
	.cfi_rel_offset x26, 56
	.cfi_rel_offset x27, 64
	.cfi_rel_offset x28, 72
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	/* From here on the same words describe the other stack. */
	mov	sp, x1
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #FRAME
	.cfi_adjust_cfa_offset -FRAME
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	.cfi_restore x29
	.cfi_restore x30
	br	x30
	.cfi_endproc
	.size	smi_switch, .-smi_switch

/* Where a new stack begins: x19 is the entry, x20 its argument. An undefined
 * return address tells unwinders that this is the outermost frame. */
	.type	smi_switch_entry, %function
	.p2align 4
	.cfi_startproc
	.cfi_undefined x30
	nop
smi_switch_entry:
	mov	x29, xzr
	mov	x0, x20
	blr	x19
	brk	#0
	.cfi_endproc
	.size	smi_switch_entry, .-smi_switch_entry

/* void *smi_switch_prepare(void *top, void (*entry)(void *), void *arg) */
	.globl	smi_switch_prepare
	.hidden	smi_switch_prepare
	.type	smi_switch_prepare, %function
	.p2align 4
smi_switch_prepare:
	.cfi_startproc
	adr	x9, smi_switch_entry
	sub	x0, x0, #FRAME
	stp	x1, x2, [x0, #0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	stp	xzr, xzr, [x0, #64]
	stp	xzr, x9, [x0, #80]
	stp	xzr, xzr, [x0, #96]
	stp	xzr, xzr, [x0, #112]
	stp	xzr, xzr, [x0, #128]
	stp	xzr, xzr, [x0, #144]
	ret
	.cfi_endproc
	.size	smi_switch_prepare, .-smi_switch_prepare

	.section .note.GNU-stack, "", %progbits
