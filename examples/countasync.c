/* SPDX-License-Identifier: MIT
 * countasync.c - the hello, world of async IO: three that count at once.
 *
 * simul_sleep lets others run, so the three seconds of countsync.c are one.
 *
 *	async def count():
 *	    print('One')
 *	    await asyncio.sleep(1)
 *	    print('Two')
 *
 *	async def main():
 *	    await asyncio.gather(count(), count(), count())
 *
 *	asyncio.run(main())
 *
 * Run it: countasync */
#include <simul.h>
#include <stdio.h>

static int count(void *arg)
{
	int r;

	puts("One");
	r = simul_sleep(1);
	if (r < 0)
		return r;
	puts("Two");
	return 0;
}

static int amain(void *arg)
{
	double start = simul_now();
	simul_task *t[3];
	int r;

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(count, NULL);
	r = simul_gather(t, 3, NULL);
	if (r < 0)
		return r;
	printf("countasync executed in %.2f seconds.\n", simul_now() - start);
	return 0;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "countasync: %s\n", simul_strerror(r));
	return r < 0;
}
