/* SPDX-License-Identifier: MIT
 * tests/file/test_slow.c - the loop is never blocked by a file: everything is
 * asked of a file system that does nothing until another task allows it. */
#include <poll.h>

#include <simul/copy.h>
#include <simul/directory.h>
#include <simul/file.h>
#include <simul/path.h>
#include <simul/pipe.h>
#include <simul/stream.h>
#include <simul/task.h>

#include "slow.h"

static int allowances;

/* The other task. */
static int allow_all(void *arg)
{
	char c;
	int r;

	while ((r = simul_wait_fd(slow_asked[0], POLLIN)) > 0) {
		CHECK_INT(read(slow_asked[0], &c, 1), ==, 1);
		CHECK_INT(write(slow_allowed[1], &c, 1), ==, 1);
		allowances++;
	}
	return r;
}

static void use_streams(void)
{
	simul_stream *s;
	struct stat st;
	char *line;

	CHECK_INT(simul_open("slow/file", O_RDONLY, 0, &s), ==, 0);
	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, "slowly");
	CHECK_INT(simul_seek(s, -2, SEEK_END), ==, 5);
	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, "y");
	CHECK_INT(simul_file_stat(s, &st), ==, 0);
	CHECK(!simul_is_terminal(s));
	CHECK_INT(simul_pipe_adopt(simul_file_fd(s), &s), ==, -EINVAL);
	CHECK_INT(simul_close(s), ==, 0);
}

static void use_paths(void)
{
	struct stat st;
	char *bytes;

	CHECK_INT(simul_stat("slow/file", &st), ==, 0);
	CHECK_INT(st.st_size, ==, 7);
	CHECK_INT(simul_exists("slow/missing"), ==, 0);
	CHECK_INT(simul_open("slow/missing", O_RDONLY, 0, NULL), ==, -ENOENT);
	CHECK_INT(simul_read_file("slow/file", 100, &bytes, NULL), ==, 0);
	CHECK_STR(bytes, "slowly\n");
	simul_free(bytes);
	CHECK_INT(simul_copy_file("slow/file", "copy", NULL), ==, 0);
	check_file("copy", "slowly\n");
}

static void use_directories(void)
{
	simul_walk *walk;
	simul_walk_entry e;
	char **names;
	int n = 0;

	CHECK_INT(simul_listdir("slow", &names), ==, 1);
	CHECK_STR(names[0], "file");
	simul_free(names);
	CHECK_INT(simul_walk_open("slow", NULL, &walk), ==, 0);
	while (simul_walk_next(walk, &e) > 0)
		n++;
	CHECK_INT(n, ==, 2);
	simul_walk_close(walk);
}

static int while_all_is_allowed(void *use)
{
	void (**functions)(void) = use;
	simul_task *t = simul_create_task(allow_all, NULL);

	for (; *functions; functions++)
		(*functions)();
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	return 0;
}

static void use_slow(simul_fn *fn, void *arg)
{
	enter_folder();
	prepare_slow();
	mount_slow();
	CHECK_INT(simul_run(fn, arg), ==, 0);
	unmount_slow();
	leave_folder();
}

TEST(others_run_while_a_file_system_keeps_us_waiting)
{
	void (*all[])(void) = { use_streams, use_paths, use_directories, NULL };

	use_slow(while_all_is_allowed, all);
	CHECK_INT(allowances, >, 10);
}

/* ---- Names that nobody knows yet */

static void open_fifo(void)
{
	simul_stream *from, *to;

	CHECK_INT(simul_open("slow/fifo", O_WRONLY, 0, &to), ==, -ENXIO);
	CHECK_INT(simul_open("slow/fifo", O_RDONLY, 0, &from), ==, 0);
	CHECK_INT(simul_open("slow/fifo", O_WRONLY, 0, &to), ==, 0);
	CHECK_INT(simul_close(to), ==, 0);
	CHECK_INT(simul_close(from), ==, 0);
}

TEST(a_fifo_that_has_to_be_looked_for_is_opened_as_any_other)
{
	void (*all[])(void) = { open_fifo, NULL };

	use_slow(while_all_is_allowed, all);
}

static void open_file(void)
{
	simul_stream *s;

	CHECK_INT(simul_open("slow/file", O_RDONLY, 0, &s), ==, 0);
	CHECK_INT(fcntl(simul_file_fd(s), F_GETFL) & O_NONBLOCK, ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
}

TEST(a_file_that_had_to_be_looked_for_is_as_any_other)
{
	void (*all[])(void) = { open_file, NULL };

	use_slow(while_all_is_allowed, all);
}

/* The name is known, and the file is still opened by somebody else. */
static void open_known(void)
{
	simul_stream *s;

	CHECK_INT(simul_exists("slow/known"), ==, 1);
	CHECK_INT(simul_open("slow/known", O_RDONLY, 0, &s), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
}

TEST(others_run_while_a_file_with_a_known_name_is_opened)
{
	void (*all[])(void) = { open_known, NULL };

	use_slow(while_all_is_allowed, all);
}

/* At first there is none that is slow. */
static int mount_meanwhile(void *functions)
{
	char *bytes;

	CHECK_INT(simul_read_file("/proc/self/stat", 4096, &bytes, NULL), ==,
		  0);
	simul_free(bytes);
	mount_slow();
	CHECK_INT(simul_sleep(0.1), ==, 0);
	return while_all_is_allowed(functions);
}

TEST(a_slow_file_system_that_is_mounted_meanwhile_is_noticed)
{
	void (*all[])(void) = { open_known, NULL };

	enter_folder();
	prepare_slow();
	CHECK_INT(simul_run(mount_meanwhile, all), ==, 0);
	unmount_slow();
	leave_folder();
}

/* ---- Disks that fail */

static void fail_to_write(void)
{
	simul_stream *s;

	CHECK_INT(simul_open("slow/bad", O_WRONLY, 0, &s), ==, 0);
	CHECK_INT(simul_write(s, "more", 4), ==, 0);
	CHECK_INT(simul_flush(s), ==, -EDQUOT);
	CHECK_INT(simul_pwrite(s, "more", 4, 0), ==, -EDQUOT);
	CHECK_INT(simul_close(s), ==, -EDQUOT);
}

TEST(a_quota_that_is_used_up_is_told_by_flush_and_close)
{
	void (*all[])(void) = { fail_to_write, NULL };

	use_slow(while_all_is_allowed, all);
}

static void fail_to_read(void)
{
	simul_stream *s;
	char *bytes = NULL, c;

	CHECK_INT(simul_open("slow/bad", O_RDONLY, 0, &s), ==, 0);
	CHECK_INT(simul_read_line(s, &bytes, NULL), ==, -EIO);
	CHECK_INT(simul_pread(s, &c, 1, 0), ==, -EIO);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_read_file("slow/bad", 100, &bytes, NULL), ==, -EIO);
	CHECK_INT(simul_copy_file("slow/bad", "copy", NULL), ==, -EIO);
	CHECK(!bytes);
}

TEST(a_disk_that_can_not_be_read_is_told)
{
	void (*all[])(void) = { fail_to_read, NULL };

	use_slow(while_all_is_allowed, all);
}
