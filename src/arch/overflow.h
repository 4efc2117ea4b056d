/* SPDX-License-Identifier: MIT
 * arch/overflow.h - say whose stack it was that overflowed.
 *
 * Without this an overflow hits the guard and is a plain segmentation fault,
 * which is safe but says nothing. The handler runs on a stack of its own, as
 * there is none left where the fault was.
 */
#ifndef SMI_ARCH_OVERFLOW_H
#define SMI_ARCH_OVERFLOW_H

#include <stddef.h>

/* The name of the flow of control that overflows when it touches addr, and the
 * size of its stack; NULL if addr is no guard. Called in a signal handler. */
typedef const char *smi_overflow_fn(const void *addr, size_t *ret_size);

/* Catch SIGSEGV in this thread, report overflows on stderr, and then let the
 * fault take its course. If there is no memory, or somebody else catches
 * SIGSEGV, nothing happens. */
void smi_overflow_watch(smi_overflow_fn *whose);

/* As many times as watch was called: stop that. */
void smi_overflow_unwatch(void);

#endif /* SMI_ARCH_OVERFLOW_H */
