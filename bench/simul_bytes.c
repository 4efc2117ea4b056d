/* SPDX-License-Identifier: MIT
 * bench/simul_bytes.c - "bytes": a file that is in the cache is written over
 * and read, from its beginning on, in pieces of 1 MiB. Time for all of it. What
 * is written in large pieces goes past the stream's buffer.
 *
 *	simul_bytes DIRECTORY MIB	its file "bytes", which has as much
 */
#include "bench.h"

#include <fcntl.h>

#include <simul/file.h>
#include <simul/run.h>

enum { PIECE = 1 << 20 };

struct job {
	const char *directory;
	long mib;
};

static int write_all(simul_stream *f, const char *piece, long mib)
{
	double start = bench_now();
	int r = 0;

	for (long i = 0; i < mib && r >= 0; i++)
		r = simul_pwrite(f, piece, PIECE, (int64_t)i * PIECE);
	if (r >= 0)
		bench_report_gib("bytes_write", start, mib);
	return r;
}

static int read_all(simul_stream *f, char *piece, long mib)
{
	double start = bench_now();
	ptrdiff_t r = 1;

	for (int64_t left = (int64_t)mib * PIECE; left > 0 && r > 0; left -= r)
		r = simul_read(f, piece, PIECE);
	if (r > 0)
		bench_report_gib("bytes_read", start, mib);
	return r > 0 ? 0 : -1;
}

static int measure(void *arg)
{
	const struct job *job = arg;
	char path[300], *piece = bench_buffer(PIECE);
	simul_stream *f;
	int r;

	snprintf(path, sizeof path, "%s/bytes", job->directory);
	r = simul_open(path, O_RDWR, 0, &f);
	if (r >= 0) {
		r = write_all(f, piece, job->mib);
		if (r >= 0)
			r = read_all(f, piece, job->mib);
		simul_close(f);
	}
	free(piece);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { argc > 1 ? argv[1] : ".",
			   bench_number(argc, argv, 2, 1024) };

	return bench_exit(simul_run(measure, &job));
}
