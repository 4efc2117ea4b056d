/* SPDX-License-Identifier: MIT
 * tests/base/test_error.c - errors in words. */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <simul/error.h>

TEST(success_is_called_so)
{
	CHECK_STR(simul_strerror(0), "success");
	CHECK_STR(simul_strerror(5), "success");
}

TEST(errors_of_the_system_have_the_words_of_the_system)
{
	CHECK_STR(simul_strerror(-ENOMEM), strerrordesc_np(ENOMEM));
	CHECK_STR(simul_strerror(-ECANCELED), strerrordesc_np(ECANCELED));
	CHECK_STR(simul_strerror(-ETIMEDOUT), strerrordesc_np(ETIMEDOUT));
}

TEST(each_error_of_our_own_has_its_own_words)
{
	for (int e = SIMUL_EEOF; e <= SIMUL_EWORKER; e++) {
		CHECK(strcmp(simul_strerror(-e), "unknown error") != 0);
		for (int other = SIMUL_EEOF; other < e; other++)
			CHECK(strcmp(simul_strerror(-e),
				     simul_strerror(-other)) != 0);
	}
}

TEST(numbers_that_mean_nothing_are_an_unknown_error)
{
	CHECK_STR(simul_strerror(-4095), "unknown error");
	CHECK_STR(simul_strerror(-SIMUL_EWORKER - 1), "unknown error");
	CHECK_STR(simul_strerror(-2147483647 - 1), "unknown error");
}
