/* SPDX-License-Identifier: MIT
 * bench/floors/spawn.c - posix_spawn(3) and waitpid(2), one program after the
 * other, perhaps from a process that has touched much memory. */
#include "../bench.h"

#include <spawn.h>
#include <sys/wait.h>

static int spawn(void)
{
	char *argv[] = { "/bin/true", NULL }, *environment[] = { NULL };
	int status, error;
	pid_t pid;

	error = posix_spawn(&pid, argv[0], NULL, NULL, argv, environment);
	if (error || waitpid(pid, &status, 0) != pid)
		return -1;
	return status ? -1 : 0;
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 2000);
	long megabytes = bench_number(argc, argv, 3, 1);
	char *much = bench_alloc((size_t)megabytes << 20);
	double start = 0;
	int r = 0;

	for (size_t i = 0; i < (size_t)megabytes << 20; i += 4096)
		much[i] = 1;
	for (long i = -n / 10; i < n && r >= 0; i++) {
		if (i == 0)
			start = bench_now();
		r = spawn();
	}
	bench_report_each("spawn", start, (double)n, n);
	free(much);
	return bench_exit(r);
}
