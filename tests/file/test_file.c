/* SPDX-License-Identifier: MIT
 * tests/file/test_file.c - see simul/file.h. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simul/error.h>
#include <simul/file.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "base/alloc.h"
#include "sweep.h"
#include "test.h"

/* ---- A file of its own for each test */

static char path[64];

static void make_path(void)
{
	int fd;

	strcpy(path, "/tmp/simul-test-XXXXXX");
	fd = mkstemp(path);
	CHECK_INT(fd, >=, 0);
	close(fd);
}

static void fill_file(const char *text)
{
	FILE *f;

	make_path();
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

static void check_file(const char *expected)
{
	char text[4096] = "";
	FILE *f = fopen(path, "r");

	CHECK_INT(fread(text, 1, sizeof text - 1, f), ==, strlen(expected));
	CHECK_STR(text, expected);
	fclose(f);
}

static simul_stream *open_file(int flags)
{
	simul_stream *f = NULL;

	CHECK_INT(simul_open(path, flags, 0600, &f), ==, 0);
	return f;
}

TEST_VIRTUAL(a_file_that_is_made_is_not_left_non_blocking)
{
	simul_stream *f;

	make_path();
	f = open_file(O_WRONLY | O_CREAT | O_TRUNC);
	CHECK_INT(fcntl(simul_file_fd(f), F_GETFL) & O_NONBLOCK, ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	unlink(path);
}

/* ---- Reading */

TEST_VIRTUAL(a_file_is_read_line_by_line)
{
	static const char *const lines[] = { "one", "two", "", "three" };
	simul_stream *f;
	char *line;

	fill_file("one\ntwo\n\nthree");
	f = open_file(O_RDONLY);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
		CHECK_STR(line, lines[i]);
	}
	CHECK_INT(simul_read_line(f, &line, NULL), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	unlink(path);
}

TEST_VIRTUAL(a_large_file_is_read_whole)
{
	size_t size = 300000;
	char *text = malloc(size + 1), *copy = malloc(size + 1);
	simul_stream *f;

	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i % 23);
	text[size] = 0;
	fill_file(text);
	f = open_file(O_RDONLY);
	CHECK_INT(simul_read_exactly(f, copy, size), ==, 1);
	CHECK_BYTES(copy, text, size);
	CHECK_INT(simul_read(f, copy, size), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	unlink(path);
	free(text);
	free(copy);
}

TEST_VIRTUAL(a_file_that_grows_is_read_on_after_its_end)
{
	simul_stream *in, *out;
	char *line;

	fill_file("one\n");
	in = open_file(O_RDONLY);
	out = open_file(O_WRONLY | O_APPEND);
	CHECK_INT(simul_read_line(in, &line, NULL), ==, 1);
	CHECK_INT(simul_read_line(in, &line, NULL), ==, 0);
	CHECK_INT(simul_write(out, "two\n", 4), ==, 0);
	CHECK_INT(simul_flush(out), ==, 0);
	CHECK_INT(simul_read_line(in, &line, NULL), ==, 1);
	CHECK_STR(line, "two");
	CHECK_INT(simul_close(in), ==, 0);
	CHECK_INT(simul_close(out), ==, 0);
	unlink(path);
}

/* ---- Writing */

TEST_VIRTUAL(what_was_written_is_in_the_file_when_it_is_closed)
{
	simul_stream *f;

	make_path();
	unlink(path);
	f = open_file(O_WRONLY | O_CREAT | O_EXCL);
	CHECK_INT(simul_write(f, "hello, ", 7), ==, 0);
	CHECK_INT(simul_write(f, "world\n", 6), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	check_file("hello, world\n");
	unlink(path);
}

TEST_VIRTUAL(to_append_keeps_what_is_there)
{
	simul_stream *a, *b;

	fill_file("one\n");
	a = open_file(O_WRONLY | O_APPEND);
	b = open_file(O_WRONLY | O_APPEND);
	CHECK_INT(simul_write(a, "two\n", 4), ==, 0);
	CHECK_INT(simul_flush(a), ==, 0);
	CHECK_INT(simul_write(b, "three\n", 6), ==, 0);
	CHECK_INT(simul_flush(b), ==, 0);
	CHECK_INT(simul_write(a, "four\n", 5), ==, 0);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
	check_file("one\ntwo\nthree\nfour\n");
	unlink(path);
}

TEST_VIRTUAL(many_small_writes_arrive_in_order)
{
	simul_stream *f;
	char *line;

	make_path();
	f = open_file(O_WRONLY);
	for (int i = 0; i < 50000; i++) {
		char number[16];
		int n = snprintf(number, sizeof number, "%d\n", i);

		CHECK_INT(simul_write(f, number, (size_t)n), ==, 0);
	}
	CHECK_INT(simul_close(f), ==, 0);
	f = open_file(O_RDONLY);
	for (int i = 0; i < 50000; i++) {
		CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
		CHECK_INT(atoi(line), ==, i);
	}
	CHECK_INT(simul_read_line(f, &line, NULL), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	unlink(path);
}

/* ---- Errors */

TEST_VIRTUAL(to_write_again_and_again_allocates_nothing)
{
	long calls = 0;
	simul_stream *s;

	CHECK_INT(simul_open("/dev/null", O_WRONLY, 0, &s), ==, 0);
	for (int i = 0; i < 10; i++) {
		CHECK_INT(simul_write(s, "hello\n", 6), ==, 0);
		CHECK_INT(simul_flush(s), ==, 0);
		if (i == 0)
			calls = atomic_load(&smi_alloc_probe->calls);
	}
	CHECK_INT(atomic_load(&smi_alloc_probe->calls), ==, calls);
	CHECK_INT(simul_close(s), ==, 0);
}

/* One large block the loop may keep for all, and small ones. */
enum { KEPT_BY_LOOP = 131072 + 32768 };

static size_t bytes_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

TEST_VIRTUAL(to_write_much_allocates_nothing_again_and_keeps_nothing)
{
	static const char line[1000];
	size_t in_use = bytes_in_use();
	long calls = 0;
	simul_stream *s;

	CHECK_INT(simul_open("/dev/null", O_WRONLY, 0, &s), ==, 0);
	for (int i = 0; i < 1000; i++) {
		CHECK_INT(simul_write(s, line, sizeof line), ==, 0);
		if (i == 200)
			calls = atomic_load(&smi_alloc_probe->calls);
	}
	CHECK_INT(atomic_load(&smi_alloc_probe->calls), ==, calls);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK_INT(bytes_in_use(), <, in_use + KEPT_BY_LOOP);
	CHECK_INT(simul_close(s), ==, 0);
}

static int write_nothing(void *s)
{
	return simul_write(s, "", 0);
}

/* While it waits for room, who then writes nothing. */
static void write_much(simul_stream *s)
{
	static const char much[100000];
	simul_task *t = simul_create_task(write_nothing, s);

	CHECK_INT(simul_write(s, much, sizeof much), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
}

TEST_VIRTUAL(a_block_that_nobody_fills_again_is_not_kept)
{
	simul_stream *s[4];
	size_t in_use;

	for (int i = 0; i < 4; i++)
		CHECK_INT(simul_open("/dev/null", O_WRONLY, 0, &s[i]), ==, 0);
	in_use = bytes_in_use();
	for (int i = 0; i < 4; i++)
		write_much(s[i]);
	CHECK_INT(bytes_in_use(), <, in_use + KEPT_BY_LOOP);
	for (int i = 0; i < 4; i++)
		CHECK_INT(simul_close(s[i]), ==, 0);
}

TEST_VIRTUAL(a_file_that_cannot_be_opened_says_why)
{
	simul_stream *f = NULL;

	make_path();
	CHECK_INT(simul_open(path, O_WRONLY | O_CREAT | O_EXCL, 0600, &f), ==,
		  -EEXIST);
	unlink(path);
	CHECK_INT(simul_open(path, O_RDONLY, 0, &f), ==, -ENOENT);
	CHECK_INT(simul_open("/etc/passwd/x", O_RDONLY, 0, &f), ==, -ENOTDIR);
	CHECK_INT(simul_open("/tmp", O_WRONLY, 0, &f), ==, -EISDIR);
	CHECK_INT(simul_open("/tmp", O_RDWR, 0, &f), ==, -EISDIR);
	CHECK(f == NULL);
}

TEST_VIRTUAL(to_read_a_directory_says_that_it_is_one)
{
	simul_stream *f;
	char *line;

	CHECK_INT(simul_open("/tmp", O_RDONLY, 0, &f), ==, 0);
	CHECK_INT(simul_read_line(f, &line, NULL), ==, -EISDIR);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_VIRTUAL(a_full_disk_is_told_by_flush_and_close)
{
	simul_stream *f;

	CHECK_INT(simul_open("/dev/full", O_WRONLY, 0, &f), ==, 0);
	CHECK_INT(simul_write(f, "x", 1), ==, 0);
	CHECK_INT(simul_flush(f), ==, -ENOSPC);
	CHECK_INT(simul_write(f, "x", 1), ==, -ENOSPC);
	CHECK_INT(simul_close(f), ==, -ENOSPC);
	CHECK_INT(simul_open("/dev/full", O_WRONLY, 0, &f), ==, 0);
	CHECK_INT(simul_write(f, "x", 1), ==, 0);
	CHECK_INT(simul_close(f), ==, -ENOSPC);
}

/* ---- What has no position */

static int read_line(void *arg)
{
	char *line;
	int r = simul_read_line(arg, &line, NULL);

	if (r > 0)
		CHECK_STR(line, "hello");
	return r;
}

static void make_fifo(void)
{
	make_path();
	unlink(path);
	CHECK_INT(mkfifo(path, 0600), ==, 0);
}

TEST_VIRTUAL(others_run_while_a_fifo_is_silent_and_its_reader_can_be_cancelled)
{
	simul_stream *in, *out;
	simul_task *t;

	make_fifo();
	in = open_file(O_RDONLY | O_NONBLOCK);
	out = open_file(O_WRONLY);
	t = simul_create_task(read_line, in);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	t = simul_create_task(read_line, in);
	CHECK_INT(simul_write(out, "hello\n", 6), ==, 0);
	CHECK_INT(simul_close(out), ==, 0);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(read_line(in), ==, 0);
	CHECK_INT(simul_close(in), ==, 0);
	unlink(path);
}

/* ---- Sweeps */

/* Copy the file to another, and back. */
static int copy(const char *from, const char *to)
{
	simul_stream *in, *out;
	char *line;
	int r = simul_open(from, O_RDONLY, 0, &in), closed;

	if (r < 0)
		return r;
	r = simul_open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600, &out);
	if (r >= 0) {
		while ((r = simul_read_line(in, &line, NULL)) > 0) {
			r = simul_write(out, line, strlen(line));
			if (r < 0)
				break;
		}
		closed = simul_close(out);
		r = r < 0 ? r : closed;
	}
	simul_close(in);
	return r;
}

static int copy_both_ways(void *arg)
{
	char other[sizeof path + 8];
	int r;

	snprintf(other, sizeof other, "%s.copy", path);
	r = copy(path, other);
	if (r >= 0)
		r = copy(other, path);
	unlink(other);
	return r;
}

static void run_copy(void)
{
	run_virtual(copy_both_ways, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(copying_a_file_survives_every_refused_allocation)
{
	fill_file("one\ntwo\n");
	sweep_allocations(run_copy);
	unlink(path);
}

TEST(copying_a_file_survives_a_cancellation_at_every_suspension)
{
	fill_file("one\ntwo\n");
	sweep_cancellations(copy_both_ways, 1, check_cancelled_or_done);
	unlink(path);
}
