/* SPDX-License-Identifier: MIT
 * bench/peers/c/gnu_walk.c - "walk" by GNU find, N times: it is started and
 * says nothing. Its start is some hundredth of it. */
#include "../../bench.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* What find says of the directory: a byte for each entry. */
static long count(const char *directory)
{
	char command[400];
	long entries = 0;
	FILE *f;

	snprintf(command, sizeof command, "find '%s' -printf x", directory);
	f = popen(command, "r");
	while (f && fgetc(f) == 'x')
		entries++;
	return f && pclose(f) == 0 ? entries : 0;
}

static int walk(char *directory)
{
	char *argv[] = { "find", directory, "-false", NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
		return -1;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	char *directory = argc > 1 ? argv[1] : "/usr";
	long n = bench_number(argc, argv, 2, 3), entries = count(directory);
	double start = bench_now();
	int r = entries > 0 ? 0 : -1;

	for (long i = 0; i < n && r >= 0; i++)
		r = walk(directory);
	if (r >= 0)
		bench_report_each("walk", start, (double)(entries * n),
				  entries * n);
	return bench_exit(r);
}
