/* SPDX-License-Identifier: MIT
 * countsync.c - counting one after the other, without Simul.
 *
 * What countasync.c is compared with: sleep() keeps the only thread there is,
 * so nobody else can count meanwhile, and three times one second are three
 * seconds.
 *
 *	def count():
 *	    print('One')
 *	    time.sleep(1)
 *	    print('Two')
 *
 *	for _ in range(3):
 *	    count()
 *
 * Run it: countsync */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void count(void)
{
	puts("One");
	sleep(1);
	puts("Two");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	double start = now();

	for (int i = 0; i < 3; i++)
		count();
	printf("countsync executed in %.2f seconds.\n", now() - start);
	return 0;
}
