/* SPDX-License-Identifier: MIT
 * simul/memory.h - what the library has allocated for you. */
#ifndef SIMUL_MEMORY_H
#define SIMUL_MEMORY_H

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Free a block that a function gave you of which it says so. NULL does nothing.
 * From any thread.
 * Suspends: never. */
SIMUL_API void simul_free(void *block);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_MEMORY_H */
