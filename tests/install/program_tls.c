/* SPDX-License-Identifier: MIT
 * tests/install/program_tls.c - somebody's program that uses TLS. */
#include <simul.h>

#include <stdio.h>

static int amain(void *arg)
{
	simul_tls_options options = { .insecure_no_verification = true };
	simul_tls *tls;
	int r = simul_tls_new_client(&options, &tls);

	if (r < 0)
		return r;
	simul_tls_free(tls);
	return 7;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	printf("%d\n", r);
	return r != 7;
}
