/* SPDX-License-Identifier: MIT
 * as_completed.c - take results in the order in which they come in.
 *
 *	task1 = asyncio.create_task(coro([10, 5, 2]))
 *	task2 = asyncio.create_task(coro([3, 2, 1]))
 *	for task in asyncio.as_completed([task1, task2]):
 *	    result = await task
 *	    print(f'result: {result} completed at ...')
 *
 * Run it: as_completed */
#include <simul.h>
#include <stdio.h>

#include "python_print.h"

struct coro {
	int numbers[3];
	int *ret_reversed;
};

static int coro(void *arg)
{
	const struct coro *my = arg;
	int min = my->numbers[0];
	int r;

	for (int i = 1; i < 3; i++)
		min = my->numbers[i] < min ? my->numbers[i] : min;
	r = simul_sleep(min);
	if (r < 0)
		return r;
	for (int i = 0; i < 3; i++)
		my->ret_reversed[i] = my->numbers[2 - i];
	return 0;
}

static bool all_done(simul_task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!simul_task_is_done(tasks[i]))
			return false;
	return true;
}

static int amain(void *arg)
{
	int result[2][3];
	simul_task *t[] = {
		simul_go(coro, .numbers = { 10, 5, 2 },
			 .ret_reversed = result[0]),
		simul_go(coro, .numbers = { 3, 2, 1 },
			 .ret_reversed = result[1]),
	};
	simul_completed done = { .tasks = t, .count = 2 };
	size_t i;
	int r, failed;

	printf("Start: ");
	print_time();
	while ((r = simul_next_completed(&done, &i)) > 0) {
		if (simul_task_result(t[i]) < 0)
			continue; /* simul_gather will say so, below */
		printf("result: ");
		print_list(result[i], 3);
		printf(" completed at ");
		print_time();
	}
	simul_completed_done(&done);
	printf("End: ");
	print_time();
	printf("Both tasks done: %s\n", all_done(t, 2) ? "True" : "False");
	failed = simul_gather(t, 2, NULL);
	return r < 0 ? r : failed;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "as_completed: %s\n", simul_strerror(r));
	return r < 0;
}
