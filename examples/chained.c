/* SPDX-License-Identifier: MIT
 * chained.c - coroutines that await coroutines.
 *
 * To await a coroutine is to call it, so part1 and part2 are ordinary functions
 * with ordinary parameters; only chain, which runs as a task, has its
 * parameters in a struct. The chains run beside each other, and all of them
 * take as long as the longest.
 *
 *	async def chain(n: int) -> None:
 *	    p1 = await part1(n)
 *	    p2 = await part2(n, p1)
 *	    print(f'-->Chained result{n} => {p2} (took ...).')
 *
 *	await asyncio.gather(*(chain(n) for n in args))
 *
 * Run it: chained [n...], which is chained 1 2 3 if you give no numbers */
#include <errno.h>
#include <limits.h>
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>

#include "python_random.h"

enum { RESULT_SIZE = 80 };

static int part1(int n, char *ret_result)
{
	int i = random_randint(0, 10);
	int r;

	printf("part1(%d) sleeping for %d seconds.\n", n, i);
	r = simul_sleep(i);
	if (r < 0)
		return r;
	snprintf(ret_result, RESULT_SIZE, "result%d-1", n);
	printf("Returning part1(%d) == %s.\n", n, ret_result);
	return 0;
}

static int part2(int n, const char *arg, char *ret_result)
{
	int i = random_randint(0, 10);
	int r;

	printf("part2(%d, '%s') sleeping for %d seconds.\n", n, arg, i);
	r = simul_sleep(i);
	if (r < 0)
		return r;
	snprintf(ret_result, RESULT_SIZE, "result%d-2 derived from %s", n, arg);
	printf("Returning part2(%d, '%s') == %s.\n", n, arg, ret_result);
	return 0;
}

struct chain {
	int n;
};

static int chain(void *arg)
{
	const struct chain *my = arg;
	double start = simul_now();
	char p1[RESULT_SIZE], p2[RESULT_SIZE];
	int r;

	r = part1(my->n, p1);
	if (r >= 0)
		r = part2(my->n, p1, p2);
	if (r < 0)
		return r;
	printf("-->Chained result%d => %s (took %.2f seconds).\n", my->n, p2,
	       simul_now() - start);
	return 0;
}

struct amain {
	int *args;
	size_t count;
};

static int amain(void *arg)
{
	const struct amain *my = arg;
	double start = simul_now();
	simul_task **chains = calloc(my->count, sizeof(*chains));
	int r;

	if (!chains)
		return -ENOMEM;
	for (size_t i = 0; i < my->count; i++)
		chains[i] = simul_go(chain, .n = my->args[i]);
	r = simul_gather(chains, my->count, NULL);
	free(chains);
	if (r < 0)
		return r;
	printf("Program finished in %.2f seconds.\n", simul_now() - start);
	return 0;
}

static int parse(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end || errno || n < INT_MIN || n > INT_MAX) {
		fprintf(stderr,
			"chained: not a number that fits an int: '%s'\n"
			"usage: chained [n...]\n",
			text);
		exit(2);
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	int defaults[] = { 1, 2, 3 };
	struct amain my = { .args = defaults, .count = 3 };
	int *numbers = calloc((size_t)argc, sizeof(*numbers));
	int r = -ENOMEM;

	for (int i = 1; numbers && i < argc; i++)
		numbers[i - 1] = parse(argv[i]);
	if (argc > 1)
		my = (struct amain){ numbers, (size_t)argc - 1 };
	if (numbers) {
		random_seed(444);
		r = simul_run(amain, &my);
	}
	free(numbers);
	if (r < 0)
		fprintf(stderr, "chained: %s\n", simul_strerror(r));
	return r < 0;
}
