/* SPDX-License-Identifier: MIT
 * bench/peers/c/gnu_bytes.c - "bytes", the reading half, by dd of GNU
 * coreutils. To write it would have to read zeros from somewhere: more than the
 * others do. */
#include "../../bench.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
	long mib = bench_number(argc, argv, 2, 1024);
	char from[320], count[32];
	char *words[] = { "dd",		 from, "of=/dev/null", "bs=1M", count,
			  "status=none", NULL };
	int status = -1;
	double start;
	pid_t pid;

	snprintf(from, sizeof from, "if=%s/bytes", argc > 1 ? argv[1] : ".");
	snprintf(count, sizeof count, "count=%ld", mib);
	start = bench_now();
	if (posix_spawnp(&pid, words[0], NULL, NULL, words, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		return 1;
	bench_report_gib("bytes_read", start, mib);
	return 0;
}
