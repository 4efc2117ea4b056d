/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_files.c - "files" with libuv: 64 chains of requests,
 * which its threads carry out. */
#include "../../bench.h"

#include <fcntl.h>
#include <uv.h>

enum { IN_FLIGHT = 64, SIZE = 4096, ROOM = 300 };

struct chain {
	uv_fs_t request;
	uv_file file;
	char bytes[SIZE];
};

static const char *directory;
static long n, next;

static void begin(struct chain *chain);

/* What the request came to; then it may be used again. */
static ssize_t finish(uv_fs_t *request)
{
	ssize_t result = request->result;

	uv_fs_req_cleanup(request);
	if (result < 0) {
		fprintf(stderr, "%s\n", uv_strerror((int)result));
		exit(1);
	}
	return result;
}

static void closed(uv_fs_t *request)
{
	finish(request);
	begin((struct chain *)request);
}

static void was_read(uv_fs_t *request)
{
	struct chain *chain = (struct chain *)request;

	if (finish(request) != SIZE)
		exit(1);
	uv_fs_close(request->loop, request, chain->file, closed);
}

static void opened(uv_fs_t *request)
{
	struct chain *chain = (struct chain *)request;
	uv_buf_t buffer = uv_buf_init(chain->bytes, SIZE);

	chain->file = (uv_file)finish(request);
	uv_fs_read(request->loop, request, chain->file, &buffer, 1, -1,
		   was_read);
}

static void begin(struct chain *chain)
{
	char path[ROOM];

	if (next == n)
		return;
	snprintf(path, sizeof path, "%s/%ld", directory, next++);
	uv_fs_open(uv_default_loop(), &chain->request, path, O_RDONLY, 0,
		   opened);
}

static void use_all(struct chain *chains)
{
	next = 0;
	for (int i = 0; i < IN_FLIGHT; i++)
		begin(&chains[i]);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
	struct chain *chains = bench_alloc(IN_FLIGHT * sizeof *chains);
	double start;

	directory = argc > 1 ? argv[1] : ".";
	n = bench_number(argc, argv, 2, 20000);
	use_all(chains);
	start = bench_now();
	use_all(chains);
	bench_report_each("files", start, (double)n, n);
	free(chains);
	return 0;
}
