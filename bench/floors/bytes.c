/* SPDX-License-Identifier: MIT
 * bench/floors/bytes.c - "bytes" by write(2) and read(2). */
#include "../bench.h"

#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

int main(int argc, char **argv)
{
	long mib = bench_number(argc, argv, 2, 1024);
	char path[300], *piece = bench_buffer(PIECE);
	double start;
	int fd;

	snprintf(path, sizeof path, "%s/bytes", argc > 1 ? argv[1] : ".");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	start = bench_now();
	for (long i = 0; i < mib; i++)
		if (write(fd, piece, PIECE) != PIECE)
			fail("write");
	bench_report_gib("bytes_write", start, mib);
	lseek(fd, 0, SEEK_SET);
	start = bench_now();
	for (long i = 0; i < mib; i++)
		if (read(fd, piece, PIECE) != PIECE)
			fail("read");
	bench_report_gib("bytes_read", start, mib);
	close(fd);
	return 0;
}
