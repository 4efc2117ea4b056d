/* SPDX-License-Identifier: MIT
 * base/cores.c - how many processors there are for us. */
#include "base/cores.h"

#include <sched.h>

size_t smi_core_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof allowed, &allowed) < 0
		       ? 1
		       : (size_t)CPU_COUNT(&allowed);
}
