/* SPDX-License-Identifier: MIT
 * gathers.c - wait for several tasks, get all results in order.
 *
 * The results are in the order of the tasks, whichever ended first. gather
 * consumes the handles: afterwards it is the results that tell how each task
 * ended.
 *
 *	task1 = asyncio.create_task(coro([10, 5, 2]))
 *	task2 = asyncio.create_task(coro([3, 2, 1]))
 *	print('Start:', time.strftime('%H:%M:%S'))
 *	result = await asyncio.gather(task1, task2)
 *	print('End:', time.strftime('%H:%M:%S'))
 *
 * Run it: gathers */
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

static int amain(void *arg)
{
	int result[2][3];
	int ended[2];
	simul_task *t[] = {
		simul_go(coro, .numbers = { 10, 5, 2 },
			 .ret_reversed = result[0]),
		simul_go(coro, .numbers = { 3, 2, 1 },
			 .ret_reversed = result[1]),
	};
	int r;

	printf("Start: ");
	print_time();
	r = simul_gather(t, 2, ended);
	printf("End: ");
	print_time();
	printf("Both tasks done: %s\n",
	       ended[0] >= 0 && ended[1] >= 0 ? "True" : "False");
	if (r < 0)
		return r;
	printf("result: [");
	print_list(result[0], 3);
	printf(", ");
	print_list(result[1], 3);
	puts("]");
	return 0;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "gathers: %s\n", simul_strerror(r));
	return r < 0;
}
