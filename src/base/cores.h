/* SPDX-License-Identifier: MIT
 * base/cores.h - how many processors there are for us. */
#ifndef SMI_BASE_CORES_H
#define SMI_BASE_CORES_H

#include <stddef.h>

/* Those that this thread may run on; at least 1. */
size_t smi_core_count(void);

#endif /* SMI_BASE_CORES_H */
