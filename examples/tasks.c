/* SPDX-License-Identifier: MIT
 * tasks.c - a task, and a result that is more than a number.
 *
 * A coroutine returns an int. What is larger it stores where an argument
 * points: here into the frame of amain, which awaits the task before it
 * returns.
 *
 *	async def coro(numbers):
 *	    await asyncio.sleep(min(numbers))
 *	    return list(reversed(numbers))
 *
 *	task = asyncio.create_task(coro([3, 2, 1]))
 *	print(f'{type(task) = }')
 *	print(f'{task.done() = }')
 *	return await task
 *
 * Run it: tasks */
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
	int result[3];
	simul_task *task =
		simul_go(coro, .numbers = { 3, 2, 1 }, .ret_reversed = result);
	int r;

	puts("type(task) = simul_task *");
	printf("task.done() = %s\n",
	       simul_task_is_done(task) ? "True" : "False");
	r = simul_await(task);
	if (r < 0)
		return r;
	printf("result: ");
	print_list(result, 3);
	putchar('\n');
	return 0;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "tasks: %s\n", simul_strerror(r));
	return r < 0;
}
