/* SPDX-License-Identifier: MIT
 * arch/switch.h - leave one stack and go on with another.
 *
 * The contract that a port fulfils. A flow of control that is not running is
 * one address: the stack pointer it was left with, near which everything else
 * it needs is saved. To port Simul, write these two functions:
 *
 *   void smi_switch(void **save, void *to, void *arg);
 *	Save where we are in *save, and go on where `to` was saved or prepared.
 *	Returns when somebody switches to *save. arg is for a prepared stack.
 *
 *   void *smi_switch_prepare(void *top, void (*entry)(void *arg));
 *	Prepare the stack that ends at top (16-byte aligned) so that a switch
 *	to the returned address enters entry(arg), which must never return.
 *	Unwinding ends there, if the entry says smi_switch_outermost().
 *
 * What is saved is what the platform's calling convention lets a function
 * expect to be unchanged by a call: callee-saved registers. The floating-point
 * control word, the signal mask and errno are the thread's and stay as they
 * are (saving the first alone would double the price of a switch).
 *
 * The assembly ports are inline, and leave by a jump. Processors predict where
 * a `ret` goes by a stack of the calls made so far. If the switch is neither
 * called nor returned from, and a new stack is entered without a call, that
 * stack of predictions stays in step as long as the task that is gone on with
 * suspended by the same chain of calls as the one that is left, which is the
 * rule. Out of step, each function that returns afterwards costs 5 ns more.
 */
#ifndef SMI_ARCH_SWITCH_H
#define SMI_ARCH_SWITCH_H

#include "config.h"

#if SMI_PORTABLE_SWITCH

void smi_switch(void **save, void *to, void *arg);
void *smi_switch_prepare(void *top, void (*entry)(void *arg));

static inline void smi_switch_outermost(void)
{
}

#elif defined(__x86_64__)

#include "arch/switch_x86_64.h"

#elif defined(__aarch64__)

#include "arch/switch_aarch64.h"

#endif

#endif /* SMI_ARCH_SWITCH_H */
