/* SPDX-License-Identifier: MIT
 * arch/switch.h - leave one stack and go on with another.
 *
 * The contract that a port fulfils. A flow of control that is not running is
 * one address: the stack pointer it was left with, under which everything
 * else it needs is saved. To port Simul, write these two functions.
 *
 * What is saved is what the platform's calling convention lets a function
 * expect to be unchanged by a call: callee-saved registers. The floating-point
 * control word, the signal mask and errno are the thread's and stay as they
 * are (saving the first alone would double the price of a switch).
 */
#ifndef SMI_ARCH_SWITCH_H
#define SMI_ARCH_SWITCH_H

/* Save where we are in *save, and go on where `to` was saved or prepared.
 * Returns when somebody switches to *save. */
void smi_switch(void **save, void *to);

/* Prepare the stack that ends at top (16-byte aligned) so that a switch to the
 * returned address calls entry(arg), which must never return. Unwinding ends
 * there: a backtrace of the stack stops at entry. */
void *smi_switch_prepare(void *top, void (*entry)(void *arg), void *arg);

#endif /* SMI_ARCH_SWITCH_H */
