/* SPDX-License-Identifier: MIT
 * rand.c - named arguments for a task, and a result from it.
 *
 * Three coroutines draw numbers until they like one; whoever is content with
 * less is done sooner. The parameters of coroutine makerandom are struct
 * makerandom, and simul_go starts it with a copy of them.
 *
 *	async def makerandom(idx: int, threshold: int = 6) -> int:
 *	    i = await randint(0, 10)
 *	    while i <= threshold:
 *	        await asyncio.sleep(idx + 1)
 *	        i = await randint(0, 10)
 *	    return i
 *
 *	res = await asyncio.gather(
 *	    *(makerandom(i, 10 - i - 1) for i in range(3)))
 *
 * Run it: rand */
#include <simul.h>
#include <stdio.h>

#include "python_random.h"

/* ANSI colors */
static const char *const c[] = {
	"\033[0m",  /* End of color */
	"\033[36m", /* Cyan */
	"\033[91m", /* Red */
	"\033[35m", /* Magenta */
};

struct makerandom {
	int idx;
	int threshold;
};

static int makerandom(void *arg)
{
	const struct makerandom *my = arg;
	int i;

	printf("%sInitiated makerandom(%d).\n", c[my->idx + 1], my->idx);
	while ((i = random_randint(0, 10)) <= my->threshold) {
		int r;

		printf("%smakerandom(%d) == %d too low; retrying.\n",
		       c[my->idx + 1], my->idx, i);
		r = simul_sleep(my->idx + 1);
		if (r < 0)
			return r;
	}
	printf("%s---> Finished: makerandom(%d) == %d%s\n", c[my->idx + 1],
	       my->idx, i, c[0]);
	return i;
}

static int amain(void *arg)
{
	simul_task *t[3];
	int res[3];
	int r;

	for (int i = 0; i < 3; i++)
		t[i] = simul_go(makerandom, .idx = i, .threshold = 10 - i - 1);
	r = simul_gather(t, 3, res);
	if (r < 0)
		return r;
	printf("\nr1: %d, r2: %d, r3: %d\n", res[0], res[1], res[2]);
	return 0;
}

int main(void)
{
	int r;

	random_seed(444);
	r = simul_run(amain, NULL);
	if (r < 0)
		fprintf(stderr, "rand: %s\n", simul_strerror(r));
	return r < 0;
}
