/* SPDX-License-Identifier: MIT
 * tests/base/test_version.c */
#include "test.h"

#include <simul/version.h>

TEST(headers_and_library_are_of_the_same_version)
{
	char version[32];

	snprintf(version, sizeof version, "%d.%d.%d", SIMUL_VERSION_MAJOR,
		 SIMUL_VERSION_MINOR, SIMUL_VERSION_PATCH);
	CHECK_STR(simul_version(), version);
}

TEST(versions_can_be_compared)
{
	CHECK_INT(SIMUL_VERSION_NUMBER, >=, SIMUL_VERSION_OF(0, 0, 999));
	CHECK_INT(SIMUL_VERSION_OF(1, 0, 0), >, SIMUL_VERSION_OF(0, 999, 999));
	CHECK_INT(SIMUL_VERSION_OF(1, 2, 0), >, SIMUL_VERSION_OF(1, 1, 7));
}
