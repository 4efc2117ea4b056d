/* SPDX-License-Identifier: MIT
 * simul/export.h - marks what the shared library exports.
 *
 * Everything is hidden from the linker but what carries SIMUL_API. */
#ifndef SIMUL_EXPORT_H
#define SIMUL_EXPORT_H

#if defined(__GNUC__)
#define SIMUL_API __attribute__((visibility("default")))
#else
#define SIMUL_API
#endif

#endif /* SIMUL_EXPORT_H */
