/* SPDX-License-Identifier: MIT
 * bench/simul_files.c - "files": 64 tasks open, read and close the N files of
 * 4 KiB in a directory, whose names are 0 to N - 1 and which are in the cache.
 * Time per file.
 *
 *	simul_files DIRECTORY N
 */
#include "bench.h"

#include <fcntl.h>

#include <simul/file.h>
#include <simul/gather.h>
#include <simul/run.h>
#include <simul/task.h>

enum { IN_FLIGHT = 64, SIZE = 4096 };

struct files {
	const char *directory;
	long n;
	long next;
};

static int use_file(const char *path)
{
	char bytes[SIZE];
	simul_stream *f;
	int r = simul_open(path, O_RDONLY, 0, &f), closed;

	if (r < 0)
		return r;
	r = simul_read(f, bytes, SIZE) == SIZE ? 0 : -1;
	closed = simul_close(f);
	return r < 0 ? r : closed;
}

static int use_files(void *arg)
{
	struct files *files = arg;
	char path[300];
	int r = 0;

	while (files->next < files->n && r >= 0) {
		snprintf(path, sizeof path, "%s/%ld", files->directory,
			 files->next++);
		r = use_file(path);
	}
	return r;
}

static int use_all(struct files *files)
{
	simul_task *tasks[IN_FLIGHT];

	files->next = 0;
	for (int i = 0; i < IN_FLIGHT; i++)
		tasks[i] = simul_create_task(use_files, files);
	return simul_gather(tasks, IN_FLIGHT, NULL);
}

static int measure(void *arg)
{
	struct files *files = arg;
	int r = use_all(files);
	double start = bench_now();

	if (r >= 0)
		r = use_all(files);
	if (r >= 0)
		bench_report_each("files", start, (double)files->n, files->n);
	return r;
}

int main(int argc, char **argv)
{
	struct files files = { .directory = argc > 1 ? argv[1] : ".",
			       .n = bench_number(argc, argv, 2, 20000) };

	return bench_exit(simul_run(measure, &files));
}
