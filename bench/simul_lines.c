/* SPDX-License-Identifier: MIT
 * bench/simul_lines.c - "lines": N lines of 20 to 60 bytes are written to a
 * file and read again, one by one; "bytes": a GiB is written and read in pieces
 * of 1 MiB. Time per line, and GiB per second.
 *
 *	simul_lines lines N
 *	simul_lines bytes MIB
 */
#include "bench.h"

#include <fcntl.h>

#include <simul/file.h>
#include <simul/run.h>
#include <simul/temporary.h>

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
	int r;

	while ((r = simul_read_line(f, &line, &length)) > 0)
		seen += length > 0;
	return r < 0 || seen == n ? r : -1;
}

static int lines(simul_stream *f, long n)
{
	double start = bench_now();
	int r = write_lines(f, n);

	if (r >= 0) {
		bench_report_each("lines-write", start, (double)n, n);
		r = (int)simul_seek(f, 0, SEEK_SET);
	}
	start = bench_now();
	if (r >= 0)
		r = read_lines(f, n);
	if (r >= 0)
		bench_report_each("lines-read", start, (double)n, n);
	return r;
}

/* ---- Bytes */

enum { PIECE = 1 << 20 };

static void report_speed(const char *measure, double start, long mib)
{
	bench_report(measure, (double)mib / 1024 / (bench_now() - start),
		     "GiB/s", mib);
}

static int bytes(simul_stream *f, long mib)
{
	char *piece = bench_alloc(PIECE);
	double start = bench_now();
	int r = 0;

	for (long i = 0; i < mib && r >= 0; i++)
		r = simul_pwrite(f, piece, PIECE, (int64_t)i * PIECE);
	if (r >= 0)
		report_speed("bytes-write", start, mib);
	start = bench_now();
	for (long i = 0; i < mib && r >= 0; i++)
		r = simul_read_exactly(f, piece, PIECE);
	if (r > 0)
		report_speed("bytes-read", start, mib);
	free(piece);
	return r;
}

struct job {
	int bytes;
	long n;
};

static int measure(void *arg)
{
	const struct job *job = arg;
	simul_stream *f;
	int r = simul_temporary_file(NULL, &f);

	if (r < 0)
		return r;
	r = job->bytes ? bytes(f, job->n) : lines(f, job->n);
	simul_close(f);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { .bytes = bench_word(argc, argv, 1, "bytes") };

	job.n = bench_number(argc, argv, 2, job.bytes ? 1024 : 2000000);
	return bench_exit(simul_run(measure, &job));
}
