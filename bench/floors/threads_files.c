/* SPDX-License-Identifier: MIT
 * bench/floors/threads_files.c - "files" by open(2), read(2) and close(2) in
 * four threads, which share out the files among them. */
#include "../bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS = 4, SIZE = 4096, ROOM = 300 };

static const char *directory;
static long n;
static atomic_long next;

static void use_file(const char *path)
{
	char bytes[SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, bytes, SIZE) != SIZE || close(fd) < 0) {
		perror(path);
		exit(1);
	}
}

static void *use_files(void *arg)
{
	char path[ROOM];
	long i;

	(void)arg;
	while ((i = atomic_fetch_add(&next, 1)) < n) {
		snprintf(path, ROOM, "%s/%ld", directory, i);
		use_file(path);
	}
	return NULL;
}

static void use_all(void)
{
	pthread_t threads[THREADS];

	atomic_store(&next, 0);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, use_files, NULL) != 0)
			exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
	double start;

	directory = argc > 1 ? argv[1] : ".";
	n = bench_number(argc, argv, 2, 20000);
	use_all();
	start = bench_now();
	use_all();
	bench_report_each("files", start, (double)n, n);
	return 0;
}
