/* SPDX-License-Identifier: MIT
 * arch/prefetch.h - ask for memory before it is needed. */
#ifndef SMI_ARCH_PREFETCH_H
#define SMI_ARCH_PREFETCH_H

/* Fetch the line at p into the cache, to be written. Any address will do. */
static inline void smi_prefetch(const void *p)
{
#if defined(__GNUC__)
	__builtin_prefetch(p, 1);
#else
	(void)p;
#endif
}

/* Fetch what a flow of control that was left with stack pointer sp touches
 * when it goes on: what it saved, and the frames above what the switch leaves
 * free (see arch/switch_x86_64.h). */
static inline void smi_prefetch_stack(const void *sp)
{
	const char *frames = (const char *)sp + 144;

	smi_prefetch(sp);
	smi_prefetch(frames);
	smi_prefetch(frames + 64);
	smi_prefetch(frames + 128);
}

#endif /* SMI_ARCH_PREFETCH_H */
