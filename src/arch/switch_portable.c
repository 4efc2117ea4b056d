/* SPDX-License-Identifier: MIT
 * arch/switch_portable.c - the context switch for every other processor.
 *
 * POSIX's ucontext: a hundred times slower than the assembly, because it asks
 * the kernel for the signal mask at every switch, but right everywhere.
 */
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "arch/switch.h"

/* What the last switch had to hand over. */
static _Thread_local void *handed_over;

void smi_switch(void **save, void *to, void *arg)
{
	ucontext_t here;

	*save = &here;
	handed_over = arg;
	swapcontext(&here, to);
}

/* makecontext hands over ints; a pointer is two of them. */
static void begin(unsigned high, unsigned low)
{
	void (*entry)(void *arg) =
		(void (*)(void *))(((uintptr_t)high << 16 << 16) | low);

	entry(handed_over);
}

void *smi_switch_prepare(void *top, void (*entry)(void *arg))
{
	ucontext_t *context =
		(ucontext_t *)(((uintptr_t)top - sizeof *context) &
			       ~(uintptr_t)63);
	uintptr_t p = (uintptr_t)entry;

	getcontext(context);
	context->uc_link = NULL;
	/* Only the end of the stack is known here, and only that matters:
	 * makecontext begins there. */
	context->uc_stack.ss_sp = (char *)context - 4096;
	context->uc_stack.ss_size = 4096;
	makecontext(context, (void (*)(void))begin, 2,
		    (unsigned)(p >> 16 >> 16), (unsigned)p);
	return context;
}
