/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_walk.c - "walk" with libuv, N times: one request lists a
 * directory, sorted, and says of each entry what it is. */
#include "../../bench.h"

#include <uv.h>

static long entries;

static void list(const char *path);

static void listed(uv_fs_t *request)
{
	char path[4096];
	uv_dirent_t e;

	while (uv_fs_scandir_next(request, &e) != UV_EOF) {
		entries++;
		if (e.type != UV_DIRENT_DIR)
			continue;
		snprintf(path, sizeof path, "%s/%s", request->path, e.name);
		list(path);
	}
	uv_fs_req_cleanup(request);
	free(request);
}

static void list(const char *path)
{
	uv_fs_t *request = bench_alloc(sizeof *request);

	uv_fs_scandir(uv_default_loop(), request, path, 0, listed);
}

static void walk(const char *directory)
{
	list(directory);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
	const char *directory = argc > 1 ? argv[1] : "/usr";
	long n = bench_number(argc, argv, 2, 3);
	double start;

	walk(directory);
	entries = 0;
	start = bench_now();
	for (long i = 0; i < n; i++)
		walk(directory);
	bench_report_each("walk", start, (double)entries, entries);
	return 0;
}
