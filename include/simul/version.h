/* SPDX-License-Identifier: MIT
 * simul/version.h - which Simul this is.
 *
 * The numbers are those of the headers that a program was compiled with;
 * simul_version tells of the library that it runs with. Both are the same up to
 * the last number, as the name of the shared library makes sure: before 1.0
 * each minor version has one of its own, because structs may grow.
 */
#ifndef SIMUL_VERSION_H
#define SIMUL_VERSION_H

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIMUL_VERSION_MAJOR 0
#define SIMUL_VERSION_MINOR 1
#define SIMUL_VERSION_PATCH 0

/* A version as one number, to compare:
 * SIMUL_VERSION_NUMBER >= SIMUL_VERSION_OF(0, 2, 0).
 * Suspends: never. */
#define SIMUL_VERSION_OF(major, minor, patch)                                  \
	((major)*1000000 + (minor)*1000 + (patch))
#define SIMUL_VERSION_NUMBER                                                   \
	SIMUL_VERSION_OF(SIMUL_VERSION_MAJOR, SIMUL_VERSION_MINOR,             \
			 SIMUL_VERSION_PATCH)

/* The version of the library: "0.1.0". The string is constant. From any thread.
 * Suspends: never. */
SIMUL_API const char *simul_version(void);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_VERSION_H */
