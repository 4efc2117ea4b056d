/* SPDX-License-Identifier: MIT
 * tests/file/test_file_whole.c - whole files at once: see simul/file.h. */
#include <dirent.h>

#include <simul/error.h>
#include <simul/file.h>
#include <simul/task.h>

#include "folder.h"
#include "sweep.h"

static void check_read(const char *path, const char *text)
{
	size_t length;
	char *bytes;

	CHECK_INT(simul_read_file(path, SIZE_MAX, &bytes, &length), ==, 0);
	CHECK_INT(length, ==, strlen(text));
	CHECK_STR(bytes, text);
	simul_free(bytes);
}

/* ---- Reading */

TEST_IN_FOLDER(a_file_is_read_whole)
{
	make_file("a", "hello\n");
	check_read("a", "hello\n");
	make_file("a", "");
	check_read("a", "");
}

TEST_IN_FOLDER(a_file_of_any_size_is_read_whole)
{
	static const int64_t sizes[] = { 65535,	 65536,	 65537,
					 131072, 131073, 1000000 };
	size_t length;
	char *bytes;

	make_file("a", "");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		CHECK_INT(truncate("a", sizes[i]), ==, 0);
		CHECK_INT(
			simul_read_file("a", (size_t)sizes[i], &bytes, &length),
			==, 0);
		CHECK_INT(length, ==, sizes[i]);
		CHECK_INT(bytes[length], ==, 0);
		simul_free(bytes);
	}
}

TEST_IN_FOLDER(a_file_that_does_not_know_its_size_is_read_whole)
{
	size_t length;
	char *bytes;

	CHECK_INT(simul_read_file("/proc/self/maps", SIZE_MAX, &bytes, &length),
		  ==, 0);
	CHECK_INT(length, >, 100);
	CHECK_INT(strlen(bytes), ==, length);
	simul_free(bytes);
}

TEST_IN_FOLDER(a_file_longer_than_the_limit_is_refused)
{
	char *bytes = NULL;

	make_file("a", "12345");
	CHECK_INT(simul_read_file("a", 4, &bytes, NULL), ==, -SIMUL_ETOOLONG);
	CHECK_INT(simul_read_file("/dev/zero", 1 << 20, &bytes, NULL), ==,
		  -SIMUL_ETOOLONG);
	CHECK(!bytes);
	CHECK_INT(simul_read_file("a", 5, &bytes, NULL), ==, 0);
	simul_free(bytes);
}

/* No memory holds a file of a TiB. */
TEST_IN_FOLDER(a_limit_bounds_the_memory_that_a_large_file_takes)
{
	char *bytes = NULL;

	make_file("a", "");
	if (truncate("a", INT64_C(1) << 40) < 0)
		SKIP("the file system has no files so large");
	CHECK_INT(simul_read_file("a", 1 << 20, &bytes, NULL), ==,
		  -SIMUL_ETOOLONG);
	CHECK(!bytes);
}

TEST_IN_FOLDER(a_whole_file_that_can_not_be_read_says_why)
{
	char *bytes = NULL;

	CHECK_INT(simul_read_file("missing", 10, &bytes, NULL), ==, -ENOENT);
	CHECK_INT(simul_read_file(".", 10, &bytes, NULL), ==, -EISDIR);
	CHECK(!bytes);
	simul_free(NULL);
}

TEST_IN_FOLDER(all_that_is_left_of_a_stream_is_read)
{
	simul_stream *a, *b;
	size_t length;
	char *bytes;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_write(a, "one\ntwo\nthree", 13), ==, 0);
	CHECK_INT(simul_shutdown_write(a), ==, 0);
	CHECK_INT(simul_read_line(b, &bytes, NULL), ==, 1);
	CHECK_INT(simul_read_all(b, 8, &bytes, NULL), ==, -SIMUL_ETOOLONG);
	CHECK_INT(simul_read_all(b, 9, &bytes, &length), ==, 0);
	CHECK_INT(length, ==, 9);
	CHECK_STR(bytes, "two\nthree");
	CHECK_INT(simul_read_all(b, 9, &bytes, &length), ==, 0);
	CHECK_INT(length, ==, 0);
	CHECK_STR(bytes, "");
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}

/* ---- Writing */

TEST_IN_FOLDER(a_file_is_written_whole)
{
	size_t n = 3000000;
	char *text = calloc(1, n);

	CHECK_INT(simul_write_file("a", "hello\n", 6, 0640), ==, 0);
	check_file("a", "hello\n");
	CHECK_INT(simul_write_file("a", "", 0, 0640), ==, 0);
	check_file("a", "");
	CHECK_INT(simul_write_file("a", text, n, 0640), ==, 0);
	CHECK_INT(size_of("a"), ==, n);
	CHECK_INT(simul_write_file("missing/a", "", 0, 0640), ==, -ENOENT);
	CHECK_INT(simul_write_file("/dev/full", "x", 1, 0640), ==, -ENOSPC);
	free(text);
}

/* Some of its files have a position, but no pwrite(2). */
TEST_IN_FOLDER(a_file_of_proc_is_written)
{
	CHECK_INT(simul_write_file("/proc/self/comm", "written", 7, 0), ==, 0);
	check_file("/proc/self/comm", "written\n");
}

static int entries(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

TEST_IN_FOLDER(a_file_is_replaced_in_one_step)
{
	int old;
	char text[4] = "";

	make_file("a", "old");
	old = open("a", O_RDONLY | O_CLOEXEC);
	CHECK_INT(simul_replace_file("a", "new", 3, 0600), ==, 0);
	check_file("a", "new");
	CHECK_INT(read(old, text, 3), ==, 3);
	CHECK_STR(text, "old");
	close(old);
	CHECK_INT(simul_replace_file("b", "made", 4, 0600), ==, 0);
	check_file("b", "made");
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(simul_replace_file("d/c", "there", 5, 0600), ==, 0);
	check_file("d/c", "there");
	CHECK_INT(entries(), ==, 3);
}

TEST_IN_FOLDER(a_file_that_can_not_be_replaced_leaves_nothing_behind)
{
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(simul_replace_file("d", "new", 3, 0600), ==, -EISDIR);
	CHECK_INT(simul_replace_file("missing/a", "new", 3, 0600), ==, -ENOENT);
	CHECK_INT(entries(), ==, 1);
}

/* ---- Sweeps */

static int replace_and_read(void *arg)
{
	char *bytes;
	int r = simul_write_file("a", "old", 3, 0600);

	if (r >= 0)
		r = simul_replace_file("a", "new", 3, 0600);
	if (r >= 0)
		r = simul_read_file("a", 10, &bytes, NULL);
	if (r >= 0)
		simul_free(bytes);
	return r;
}

/* Whatever happened, no other file is left. */
static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK_INT(entries(), <=, 1);
	unlink("a");
}

static void run_replace_and_read(void)
{
	run_virtual(replace_and_read, NULL);
	CHECK_INT(entries(), <=, 1);
}

TEST(whole_files_survive_every_refused_allocation)
{
	enter_folder();
	sweep_allocations(run_replace_and_read);
	leave_folder();
}

TEST(whole_files_survive_a_cancellation_at_every_suspension)
{
	enter_folder();
	sweep_cancellations(replace_and_read, 1, check_cancelled_or_done);
	leave_folder();
}
