/* SPDX-License-Identifier: MIT
 * tests/process/programs.h - what tests of processes start. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <simul/process.h>

#include "test.h"

#define SHELL(script) SIMUL_ARGV("/bin/sh", "-c", script)

/* Start a shell script. */
static inline simul_process *start(const char *script,
				   const simul_process_options *options)
{
	simul_process *p = NULL;

	CHECK_INT(simul_process_start_shell(script, options, &p), ==, 0);
	return p;
}

/* Run one to its end; its output must be this. */
static inline void check_output(const char *script,
				const simul_process_options *options,
				const char *expected)
{
	simul_output output;
	int r = simul_run_shell(script, options, &output);

	if (r != 0)
		test_fail(__FILE__, __LINE__, "'%s' is %d: %s", script, r,
			  r > 0 ? output.err : "");
	CHECK_STR(output.out, expected);
	simul_output_done(&output);
}

#endif /* PROGRAMS_H */
