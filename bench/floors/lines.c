/* SPDX-License-Identifier: MIT
 * bench/floors/lines.c - stdio: N lines by fputs and fgets. */
#include "../bench.h"

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 2000000), seen = 0;
	static char line[64], buffer[256];
	FILE *f = tmpfile();
	double start = bench_now();

	if (!f)
		return 1;
	memset(line, 'x', sizeof line);
	for (long i = 0; i < n; i++) {
		size_t length = 20 + (size_t)i % 41;

		line[length - 1] = '\n';
		line[length] = 0;
		fputs(line, f);
		line[length - 1] = line[length] = 'x';
	}
	fflush(f);
	bench_report_each("lines-write", start, (double)n, n);
	rewind(f);
	start = bench_now();
	while (fgets(buffer, sizeof buffer, f))
		seen += strlen(buffer) > 1;
	bench_report_each("lines-read", start, (double)n, n);
	fclose(f);
	return seen != n;
}
