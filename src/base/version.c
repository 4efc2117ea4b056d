/* SPDX-License-Identifier: MIT
 * base/version.c - which Simul this is. */
#include <simul/version.h>

#include "config.h"

const char *simul_version(void)
{
	return SMI_VERSION;
}
