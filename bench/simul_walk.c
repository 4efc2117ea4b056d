/* SPDX-License-Identifier: MIT
 * bench/simul_walk.c - "walk": over all that is below a directory, N times,
 * by names and kinds. Time per entry.
 *
 *	simul_walk DIRECTORY N
 */
#include "bench.h"

#include <simul/directory.h>
#include <simul/run.h>

struct job {
	long n;
	const char *directory;
};

static int walk(const char *directory, long *entries)
{
	simul_walk *w;
	simul_walk_entry e;
	int r = simul_walk_open(directory, NULL, &w);

	if (r < 0)
		return r;
	while ((r = simul_walk_next(w, &e)) > 0)
		++*entries;
	simul_walk_close(w);
	return r;
}

static int measure(void *arg)
{
	const struct job *job = arg;
	long entries = 0;
	int r = walk(job->directory, &entries);
	double start = bench_now();

	entries = 0;
	for (long i = 0; i < job->n && r >= 0; i++)
		r = walk(job->directory, &entries);
	if (r >= 0)
		bench_report_each("walk", start, (double)entries, entries);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { bench_number(argc, argv, 2, 3),
			   argc > 1 ? argv[1] : "/usr" };

	return bench_exit(simul_run(measure, &job));
}
