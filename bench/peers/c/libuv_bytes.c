/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_bytes.c - "bytes" with libuv: each request is made when
 * the one before it has ended. */
#include "../../bench.h"

#include <fcntl.h>
#include <uv.h>

enum { PIECE = 1 << 20 };

static uv_fs_t request;
static uv_buf_t buffer;
static uv_file file;
static long mib, left;
static int reading;

static void ended(uv_fs_t *ended_request);

static void go_on(void)
{
	if (left-- == 0)
		return;
	if (reading)
		uv_fs_read(uv_default_loop(), &request, file, &buffer, 1,
			   (mib - left - 1) * PIECE, ended);
	else
		uv_fs_write(uv_default_loop(), &request, file, &buffer, 1,
			    (mib - left - 1) * PIECE, ended);
}

static void ended(uv_fs_t *ended_request)
{
	if (ended_request->result != PIECE)
		exit(1);
	uv_fs_req_cleanup(ended_request);
	go_on();
}

static void measure(const char *name)
{
	double start = bench_now();

	left = mib;
	go_on();
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	bench_report_gib(name, start, mib);
}

int main(int argc, char **argv)
{
	char path[300];

	mib = bench_number(argc, argv, 2, 1024);
	snprintf(path, sizeof path, "%s/bytes", argc > 1 ? argv[1] : ".");
	buffer = uv_buf_init(bench_buffer(PIECE), PIECE);
	file = uv_fs_open(NULL, &request, path, O_RDWR, 0, NULL);
	if (file < 0)
		return 1;
	measure("bytes_write");
	reading = 1;
	measure("bytes_read");
	uv_fs_close(NULL, &request, file, NULL);
	free(buffer.base);
	return 0;
}
