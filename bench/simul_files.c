/* SPDX-License-Identifier: MIT
 * bench/simul_files.c - "files": 64 tasks open, read and close N small files
 * that are in the cache, each file once. Time per file.
 *
 *	simul_files N
 */
#include "bench.h"

#include <fcntl.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/gather.h>
#include <simul/path.h>
#include <simul/run.h>
#include <simul/task.h>
#include <simul/temporary.h>

enum { IN_FLIGHT = 64, SIZE = 4096 };

struct files {
	const char *directory;
	long n;
	long next;
};

static void name_file(char *path, size_t room, const struct files *files,
		      long i)
{
	snprintf(path, room, "%s/%ld", files->directory, i);
}

static int make_files(const struct files *files)
{
	static char bytes[SIZE];
	char path[300];
	int r = 0;

	for (long i = 0; i < files->n && r >= 0; i++) {
		name_file(path, sizeof path, files, i);
		r = simul_write_file(path, bytes, SIZE, 0600);
	}
	return r;
}

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
		name_file(path, sizeof path, files, files->next++);
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
	simul_temporary_directory *t;
	int r = simul_temporary_directory_open(NULL, NULL, &t), closed;
	double start;

	if (r < 0)
		return r;
	files->directory = simul_temporary_directory_path(t);
	r = make_files(files);
	if (r >= 0)
		r = use_all(files);
	start = bench_now();
	if (r >= 0)
		r = use_all(files);
	if (r >= 0)
		bench_report_each("files", start, (double)files->n, files->n);
	closed = simul_temporary_directory_close(t);
	return r < 0 ? r : closed;
}

int main(int argc, char **argv)
{
	struct files files = { .n = bench_number(argc, argv, 1, 20000) };

	return bench_exit(simul_run(measure, &files));
}
