/* SPDX-License-Identifier: MIT
 * tests/file/test_temporary.c - files and directories that go away by
 * themselves: see simul/temporary.h. */
#include <dirent.h>

#include <simul/file.h>
#include <simul/path.h>
#include <simul/task.h>
#include <simul/temporary.h>

#include "folder.h"
#include "sweep.h"

static int entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void check_usable(simul_stream *s)
{
	char *line;

	CHECK_INT(simul_write(s, "one\ntwo\n", 8), ==, 0);
	CHECK_INT(simul_seek(s, 4, SEEK_SET), ==, 4);
	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, "two");
}

/* ---- Files */

TEST_IN_FOLDER(a_temporary_file_has_no_name)
{
	simul_stream *s;
	struct stat st;

	CHECK_INT(simul_temporary_file(".", &s), ==, 0);
	check_usable(s);
	CHECK_INT(simul_file_stat(s, &st), ==, 0);
	CHECK_INT(st.st_nlink, ==, 0);
	CHECK_INT(st.st_mode & 0777, ==, 0600);
	CHECK_INT(entries("."), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_temporary_file("missing", &s), ==, -ENOENT);
}

/* /proc can't have files at all; what matters is the way that is gone. */
TEST_IN_FOLDER(where_files_need_names_it_loses_its_own_at_once)
{
	simul_stream *s = NULL;

	CHECK_INT(simul_temporary_file("/proc", &s), ==, -ENOENT);
	CHECK(!s);
}

TEST_IN_FOLDER(a_named_file_is_there_until_it_is_closed)
{
	simul_stream *s;
	const char *path;

	CHECK_INT(simul_temporary_named_file(".", "pre-", ".txt", &s, &path),
		  ==, 0);
	CHECK(strncmp(path, "./pre-", 6) == 0);
	CHECK_STR(strchr(path + 1, '.'), ".txt");
	check_usable(s);
	check_file(path, "one\ntwo\n");
	CHECK_INT(entries("."), ==, 1);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(entries("."), ==, 0);
}

TEST_IN_FOLDER(a_named_file_that_others_removed_is_closed_all_the_same)
{
	simul_stream *s;
	const char *path;

	CHECK_INT(simul_temporary_named_file(".", NULL, NULL, &s, &path), ==,
		  0);
	CHECK_INT(unlink(path), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_temporary_named_file(".", NULL, NULL, &s, &path), ==,
		  0);
	simul_abort(s);
	CHECK_INT(entries("."), ==, 0);
}

TEST_IN_FOLDER(tmpdir_says_where_they_lie)
{
	simul_stream *s;
	const char *path;

	CHECK_INT(setenv("TMPDIR", folder, 1), ==, 0);
	CHECK_INT(simul_temporary_named_file(NULL, NULL, NULL, &s, &path), ==,
		  0);
	CHECK(strncmp(path, folder, strlen(folder)) == 0);
	CHECK_INT(simul_close(s), ==, 0);
}

/* ---- Directories */

TEST_IN_FOLDER(a_temporary_directory_goes_with_all_that_is_in_it)
{
	simul_temporary_directory *t;
	char path[200];

	CHECK_INT(simul_temporary_directory_open(".", "work-", &t), ==, 0);
	snprintf(path, sizeof path, "%s/a/b",
		 simul_temporary_directory_path(t));
	CHECK(strncmp(path, "./work-", 7) == 0);
	CHECK_INT(simul_makedirs(path, 0700), ==, 0);
	CHECK_INT(simul_temporary_directory_close(t), ==, 0);
	CHECK_INT(entries("."), ==, 0);
	CHECK_INT(simul_temporary_directory_open("missing", NULL, &t), ==,
		  -ENOENT);
	CHECK_INT(simul_temporary_directory_close(NULL), ==, 0);
}

/* ---- Spooled */

static bool is_in_memory(simul_stream *s)
{
	char path[64], target[100] = "";

	snprintf(path, sizeof path, "/proc/self/fd/%d", simul_file_fd(s));
	CHECK_INT(readlink(path, target, sizeof target - 1), >, 0);
	return strstr(target, "memfd:") != NULL;
}

TEST_IN_FOLDER(a_spooled_file_moves_when_it_is_too_large_for_memory)
{
	simul_stream *s;
	char *line;

	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	check_usable(s);
	CHECK_INT(simul_write(s, "three\n", 6), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK(is_in_memory(s));
	CHECK_INT(simul_write(s, "four\n", 5), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK(!is_in_memory(s));
	CHECK_INT(simul_seek(s, 8, SEEK_SET), ==, 8);
	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, "three");
	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, "four");
	CHECK_INT(simul_file_size(s), ==, 19);
	CHECK_INT(entries("."), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
}

TEST_IN_FOLDER(whatever_makes_a_spooled_file_too_large_moves_it)
{
	simul_stream *s;

	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	CHECK_INT(simul_truncate(s, 17), ==, 0);
	CHECK(!is_in_memory(s));
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	CHECK_INT(simul_pwrite(s, "x", 1, 15), ==, 0);
	CHECK(is_in_memory(s));
	CHECK_INT(simul_pwrite(s, "y", 1, 16), ==, 0);
	CHECK(!is_in_memory(s));
	CHECK_INT(simul_file_size(s), ==, 17);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	CHECK_INT(simul_allocate(s, 0, 16), ==, 0);
	CHECK(is_in_memory(s));
	simul_allocate(s, 16, 1); /* where it goes nobody may know of that */
	CHECK(!is_in_memory(s));
	CHECK_INT(simul_close(s), ==, 0);
}

struct put_at {
	simul_stream *s;
	int64_t offset;
};

static int put_at(void *arg)
{
	const struct put_at *my = arg;

	return simul_pwrite(my->s, "x", 1, my->offset);
}

/* What a second task wrote to memory meanwhile would be gone. */
TEST_IN_FOLDER(while_a_spooled_file_moves_nobody_else_writes)
{
	simul_stream *s;
	simul_task *mover, *other, *large;

	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	mover = simul_go(put_at, .s = s, .offset = 20);
	other = simul_go(put_at, .s = s, .offset = 0);
	large = simul_go(put_at, .s = s, .offset = 30);
	CHECK_INT(simul_await(other), ==, -EBUSY);
	CHECK_INT(simul_await(large), ==, -EBUSY);
	CHECK_INT(simul_await(mover), ==, 0);
	CHECK_INT(simul_pwrite(s, "y", 1, 0), ==, 0);
	CHECK_INT(simul_file_size(s), ==, 21);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_spooled_file(".", 16, &s), ==, 0);
	mover = simul_go(put_at, .s = s, .offset = 20);
	simul_sleep(0);
	CHECK_INT(simul_write(s, "lost", 4), ==, 0);
	CHECK_INT(simul_flush(s), ==, -EBUSY);
	CHECK_INT(simul_await(mover), ==, 0);
	CHECK_INT(simul_close(s), ==, -EBUSY);
}

TEST_IN_FOLDER(a_spooled_file_that_can_not_move_says_why)
{
	simul_stream *s;

	CHECK_INT(simul_spooled_file("missing", 4, &s), ==, 0);
	CHECK_INT(simul_pwrite(s, "12345", 5, 0), ==, -ENOENT);
	CHECK_INT(simul_write(s, "12345", 5), ==, 0);
	CHECK_INT(simul_flush(s), ==, -ENOENT);
	CHECK_INT(simul_close(s), ==, -ENOENT);
}

/* ---- Sweeps */

static int use_all(void *arg)
{
	simul_temporary_directory *t;
	simul_stream *s;
	const char *path;
	int r = simul_temporary_file(".", &s), closed;

	if (r >= 0)
		r = simul_close(s);
	if (r >= 0)
		r = simul_temporary_named_file(".", NULL, NULL, &s, &path);
	if (r >= 0)
		r = simul_close(s);
	if (r >= 0)
		r = simul_temporary_directory_open(".", NULL, &t);
	if (r >= 0)
		r = simul_temporary_directory_close(t);
	if (r >= 0)
		r = simul_spooled_file(".", 4, &s);
	if (r < 0)
		return r;
	r = simul_write(s, "12345678", 8);
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

/* Without memory a directory can't be removed, which its close says. */
static void run_use_all(void)
{
	run_virtual(use_all, NULL);
	CHECK_INT(system("rm -rf ./simul-*"), ==, 0);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK_INT(entries("."), ==, 0);
}

TEST(temporary_files_survive_every_refused_allocation)
{
	enter_folder();
	sweep_allocations(run_use_all);
	leave_folder();
}

TEST(temporary_files_survive_a_cancellation_at_every_suspension)
{
	enter_folder();
	sweep_cancellations(use_all, 1, check_cancelled_or_done);
	leave_folder();
}
