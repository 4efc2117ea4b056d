/* SPDX-License-Identifier: MIT
 * bench/floors/walk.c - "walk" by openat(2) and getdents64(2), without a path,
 * a limit or an error that anybody would be told of. */
#include "../bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

enum { ROOM = 32768 };

static long entries;

static void walk(int at, const char *name);

static void meet(int fd, const struct dirent64 *e)
{
	const char *name = e->d_name;

	if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
		return;
	entries++;
	if (e->d_type == DT_DIR)
		walk(fd, name);
}

static void walk(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char block[ROOM];
	ssize_t n;

	while ((n = getdents64(fd, block, ROOM)) > 0)
		for (char *p = block; p < block + n;) {
			struct dirent64 *e = (struct dirent64 *)p;

			p += e->d_reclen;
			meet(fd, e);
		}
	close(fd);
}

int main(int argc, char **argv)
{
	const char *directory = argc > 1 ? argv[1] : "/usr";
	long n = bench_number(argc, argv, 2, 3);
	double start;

	walk(AT_FDCWD, directory);
	entries = 0;
	start = bench_now();
	for (long i = 0; i < n; i++)
		walk(AT_FDCWD, directory);
	bench_report_each("walk", start, (double)entries, entries);
	return 0;
}
