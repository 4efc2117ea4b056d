/* SPDX-License-Identifier: MIT
 * bench/floors/walk.c - nftw(3) over a directory, N times. */
#include "../bench.h"

#include <ftw.h>

static long entries;

static int count(const char *path, const struct stat *st, int type,
		 struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)type;
	(void)ftw;
	entries++;
	return 0;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 1, 3);
	const char *directory = argc > 2 ? argv[2] : "/usr";
	double start;

	nftw(directory, count, 32, FTW_PHYS);
	entries = 0;
	start = bench_now();
	for (long i = 0; i < n; i++)
		nftw(directory, count, 32, FTW_PHYS);
	bench_report_each("walk", start, (double)entries, entries);
	return 0;
}
