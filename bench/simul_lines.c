/* SPDX-License-Identifier: MIT
 * bench/simul_lines.c - "lines": N lines of 20 to 60 bytes are written over
 * those that a file has, and read again, one by one. Time per line.
 *
 *	simul_lines DIRECTORY N		its file "lines"
 */
#include "bench.h"

#include <fcntl.h>

#include <simul/file.h>
#include <simul/run.h>

struct job {
	const char *directory;
	long n;
};

static int write_lines(simul_stream *f, long n)
{
	static char line[64];
	int r = 0;

	memset(line, 'x', sizeof line);
	for (long i = 0; i < n && r >= 0; i++) {
		size_t length = 20 + (size_t)i % 41;

		line[length - 1] = '\n';
		r = simul_write(f, line, length);
		line[length - 1] = 'x';
	}
	return r < 0 ? r : simul_flush(f);
}

static int read_lines(simul_stream *f, long n)
{
	size_t length;
	char *line;
	long seen = 0;

	while (seen < n && simul_read_line(f, &line, &length) > 0)
		seen++;
	return seen == n ? 0 : -1;
}

static int lines(simul_stream *f, long n)
{
	double start = bench_now();
	int r = write_lines(f, n);

	if (r >= 0) {
		bench_report_each("lines_write", start, (double)n, n);
		r = (int)simul_seek(f, 0, SEEK_SET);
	}
	start = bench_now();
	if (r >= 0)
		r = read_lines(f, n);
	if (r >= 0)
		bench_report_each("lines_read", start, (double)n, n);
	return r;
}

static int measure(void *arg)
{
	const struct job *job = arg;
	char path[300];
	simul_stream *f;
	int r;

	snprintf(path, sizeof path, "%s/lines", job->directory);
	r = simul_open(path, O_RDWR | O_CREAT, 0600, &f);
	if (r < 0)
		return r;
	r = lines(f, job->n);
	simul_close(f);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { argc > 1 ? argv[1] : ".",
			   bench_number(argc, argv, 2, 2000000) };

	return bench_exit(simul_run(measure, &job));
}
