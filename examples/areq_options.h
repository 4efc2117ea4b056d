/* SPDX-License-Identifier: MIT
 * areq_options.h - what areq is told to do.
 */
#ifndef AREQ_OPTIONS_H
#define AREQ_OPTIONS_H

#include <stddef.h>

struct areq_options {
	const char *urls_file; /* NULL: our own site */
	const char *output;
	size_t concurrency;
	double timeout;
};

/* Read the command line. Ends the program if it is wrong, or asks for help;
 * sees to it that as many connections may be open as are asked for. */
struct areq_options areq_parse_options(int argc, char **argv);

#endif /* AREQ_OPTIONS_H */
