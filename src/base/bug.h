/* SPDX-License-Identifier: MIT
 * base/bug.h - the end of a program that has made a mistake. */
#ifndef SMI_BASE_BUG_H
#define SMI_BASE_BUG_H

/* Say on stderr what the caller has done that can't be survived, and abort.
 * For mistakes that have corrupted or are about to corrupt memory; never for
 * input, memory or the kernel. */
_Noreturn void smi_bug(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* SMI_BASE_BUG_H */
