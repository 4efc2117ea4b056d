/* SPDX-License-Identifier: MIT
 * draw_random.c - draw from python_random.h what standard input asks for.
 *
 * One request a line: seed N, randint A B, random. check_random.py asks, and
 * compares with what Python draws. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "python_random.h"

int main(void)
{
	char line[100];

	while (fgets(line, sizeof(line), stdin)) {
		uint64_t seed;
		int a, b;

		if (sscanf(line, "seed %" SCNu64, &seed) == 1) {
			random_seed(seed);
		} else if (sscanf(line, "randint %d %d", &a, &b) == 2) {
			printf("%d\n", random_randint(a, b));
		} else if (sscanf(line, "uniform %d %d", &a, &b) == 2) {
			printf("%a\n", random_uniform(a, b));
		} else if (!strcmp(line, "random\n")) {
			printf("%a\n", random_random());
		} else {
			fprintf(stderr, "draw_random: what is %s", line);
			return 1;
		}
	}
	return 0;
}
