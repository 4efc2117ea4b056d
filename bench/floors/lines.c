/* SPDX-License-Identifier: MIT
 * bench/floors/lines.c - "lines" by stdio: fwrite(3) and getline(3), without
 * the locks that only threads need. */
#include "../bench.h"

static void write_lines(FILE *f, long n)
{
	static char line[64];

	memset(line, 'x', sizeof line);
	for (long i = 0; i < n; i++) {
		size_t length = 20 + (size_t)i % 41;

		line[length - 1] = '\n';
		fwrite_unlocked(line, 1, length, f);
		line[length - 1] = 'x';
	}
	fflush(f);
}

static long read_lines(FILE *f, long n)
{
	size_t room = 0;
	char *line = NULL;
	long seen = 0;

	while (seen < n && getline(&line, &room, f) > 0)
		seen++;
	free(line);
	return seen;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 2000000), seen;
	char path[300];
	double start;
	FILE *f;

	snprintf(path, sizeof path, "%s/lines", argc > 1 ? argv[1] : ".");
	f = fopen(path, "r+");
	if (!f) {
		perror(path);
		return 1;
	}
	start = bench_now();
	write_lines(f, n);
	bench_report_each("lines_write", start, (double)n, n);
	rewind(f);
	start = bench_now();
	seen = read_lines(f, n);
	bench_report_each("lines_read", start, (double)n, n);
	fclose(f);
	return seen != n;
}
