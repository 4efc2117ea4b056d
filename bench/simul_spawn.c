/* SPDX-License-Identifier: MIT
 * bench/simul_spawn.c - "spawn": start a program that ends at once and wait
 * for it, one after the other or 16 at a time, perhaps from a process that has
 * touched much memory. Time per program. */
#include "bench.h"

#include <simul/gather.h>
#include <simul/process.h>
#include <simul/run.h>
#include <simul/task.h>

enum { AT_ONCE = 16 };

static int spawn(void)
{
	simul_process *p;
	int r = simul_process_start(SIMUL_ARGV("/bin/true"), NULL, &p);

	if (r < 0)
		return r;
	r = simul_process_wait(p);
	simul_process_close(p);
	return r;
}

static int spawns(void *arg)
{
	int r = 0;

	for (long i = *(long *)arg; i > 0 && r >= 0; i--)
		r = spawn();
	return r;
}

static int one_at_a_time(void *arg)
{
	long n = *(long *)arg, warm_up = n / 10;
	double start;
	int r = spawns(&warm_up);

	start = bench_now();
	if (r >= 0)
		r = spawns(&n);
	if (r >= 0)
		bench_report_each("spawn", start, (double)n, n);
	return r;
}

static int together(void *arg)
{
	long n = *(long *)arg, each = n / AT_ONCE;
	simul_task *tasks[AT_ONCE];
	double start = bench_now();
	int r;

	for (int i = 0; i < AT_ONCE; i++)
		tasks[i] = simul_create_task(spawns, &each);
	r = simul_gather(tasks, AT_ONCE, NULL);
	if (r >= 0)
		bench_report_each("spawn_16", start, (double)(each * AT_ONCE),
				  each * AT_ONCE);
	return r;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 2000);
	long megabytes = bench_number(argc, argv, 3, 1);
	int at_once = bench_word(argc, argv, 1, "together"), r;
	char *much;

	if (!at_once && !bench_word(argc, argv, 1, "alone")) {
		fprintf(stderr, "usage: %s alone|together [N [MB]]\n", argv[0]);
		return 2;
	}
	much = bench_alloc((size_t)megabytes << 20);
	for (size_t i = 0; i < (size_t)megabytes << 20; i += 4096)
		much[i] = 1;
	r = simul_run(at_once ? together : one_at_a_time, &n);
	free(much);
	return bench_exit(r);
}
