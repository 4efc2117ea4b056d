/* SPDX-License-Identifier: MIT
 * simul/export.h - what compilers are told of functions.
 *
 * Everything is hidden from the linker but what carries SIMUL_API. The
 * arguments of what carries SIMUL_PRINTF are compared with the format. */
#ifndef SIMUL_EXPORT_H
#define SIMUL_EXPORT_H

#if defined(__GNUC__)
#define SIMUL_API __attribute__((visibility("default")))
#define SIMUL_PRINTF(text, first)                                              \
	__attribute__((__format__(__printf__, text, first)))
#else
#define SIMUL_API
#define SIMUL_PRINTF(text, first)
#endif

#endif /* SIMUL_EXPORT_H */
