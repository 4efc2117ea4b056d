/* SPDX-License-Identifier: MIT
 * tests/install/program.c - somebody's program that uses Simul. */
#include <simul.h>

#include <stdio.h>

static int amain(void *arg)
{
	return simul_sleep(0.001) < 0 ? -1 : 7;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	printf("%d\n", r);
	return r != 7;
}
