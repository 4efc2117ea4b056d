/* SPDX-License-Identifier: MIT
 * tests/file/test_file_faults.c - what goes wrong with files, and what is said
 * about it. */
#include <sys/resource.h>

#include <simul/error.h>
#include <simul/file.h>
#include <simul/path.h>
#include <simul/task.h>

#include "denied.h"
#include "folder.h"

/* ---- Not ours */

/* Files are made by root, if that is who we are, and used by nobody. */
static void become_nobody(void)
{
	if (geteuid() == 0)
		CHECK_INT(seteuid(65534), ==, 0);
}

static void become_ourselves(void)
{
	CHECK_INT(seteuid(getuid()), ==, 0);
}

TEST_IN_FOLDER(what_is_not_ours_is_denied)
{
	simul_stream *f = NULL;
	char *bytes = NULL;
	struct stat st;

	make_file("secret", "secret");
	CHECK_INT(chmod("secret", 0), ==, 0);
	CHECK_INT(mkdir("closed", 0), ==, 0);
	CHECK_INT(chmod(".", 0555), ==, 0);
	become_nobody();
	CHECK_INT(simul_open("secret", O_RDONLY, 0, &f), ==, -EACCES);
	CHECK_INT(simul_read_file("secret", 10, &bytes, NULL), ==, -EACCES);
	CHECK_INT(simul_stat("closed/x", &st), ==, -EACCES);
	CHECK_INT(simul_exists("closed/x"), ==, -EACCES);
	CHECK_INT(simul_unlink("secret"), ==, -EACCES);
	CHECK_INT(simul_mkdir("new", 0755), ==, -EACCES);
	CHECK_INT(simul_replace_file("new", "x", 1, 0600), ==, -EACCES);
	become_ourselves();
	CHECK_INT(chmod(".", 0755), ==, 0);
	CHECK_INT(chmod("closed", 0755), ==, 0);
	CHECK(!f && !bytes);
}

/* ---- No room */

static int fill_the_disk(void *arg)
{
	static char bytes[300000];
	simul_stream *f;

	CHECK_INT(simul_open("small/a", O_WRONLY | O_CREAT, 0600, &f), ==, 0);
	CHECK_INT(simul_write(f, bytes, sizeof bytes), ==, 0);
	CHECK_INT(simul_flush(f), ==, -ENOSPC);
	CHECK_INT(simul_write(f, "x", 1), ==, -ENOSPC);
	CHECK_INT(simul_seek(f, 0, SEEK_SET), ==, -ENOSPC);
	CHECK_INT(simul_close(f), ==, -ENOSPC);
	CHECK_INT(simul_write_file("small/b", bytes, sizeof bytes, 0600), ==,
		  -ENOSPC);
	CHECK_INT(unlink("small/a") | unlink("small/b"), ==, 0);

	CHECK_INT(simul_write_file("small/a", "old", 3, 0600), ==, 0);
	CHECK_INT(simul_replace_file("small/a", bytes, sizeof bytes, 0600), ==,
		  -ENOSPC);
	check_file("small/a", "old");
	CHECK_INT(simul_open("small/b", O_WRONLY | O_CREAT, 0600, &f), ==, 0);
	CHECK_INT(simul_allocate(f, 0, sizeof bytes), ==, -ENOSPC);
	CHECK_INT(simul_close(f), ==, 0);
	return 0;
}

TEST(a_full_disk_is_said_to_be_full_and_loses_no_old_file)
{
	enter_folder();
	if (!mount_memory("small", "size=64k"))
		SKIP("a file system can't be mounted here");
	CHECK_INT(run_virtual(fill_the_disk, NULL), ==, 0);
	CHECK_INT(umount("small"), ==, 0);
	leave_folder();
}

static void limit_files_to(rlim_t size)
{
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	limit.rlim_cur = size;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* In a file system that io_uring writes to in the thread that asks, and in
 * one where it doesn't, the process lives on. */
static void write_too_much(const char *path)
{
	static char bytes[100000];
	simul_stream *f;

	CHECK_INT(simul_open(path, O_RDWR | O_CREAT, 0600, &f), ==, 0);
	limit_files_to(8192);
	CHECK_INT(simul_pwrite(f, "x", 1, 8192), ==, -EFBIG);
	CHECK_INT(simul_truncate(f, 8193), ==, -EFBIG);
	CHECK_INT(simul_write(f, bytes, sizeof bytes), ==, 0);
	CHECK_INT(simul_flush(f), ==, -EFBIG);
	CHECK_INT(simul_close(f), ==, -EFBIG);
	CHECK_INT(size_of(path), ==, 8192);
	CHECK_INT(simul_write_file(path, bytes, sizeof bytes, 0600), ==,
		  -EFBIG);
	limit_files_to(RLIM_INFINITY);
}

TEST_IN_FOLDER(a_limit_on_the_size_of_files_is_an_error_and_no_signal)
{
	char path[] = "/dev/shm/simul-test-XXXXXX";
	int fd;

	write_too_much("a");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		SKIP("there is no /dev/shm");
	close(fd);
	write_too_much(path);
	unlink(path);
}

/* By a system call, as there is a limit. */
static int write_in_vain(void *arg)
{
	simul_stream *f;

	(void)arg;
	CHECK_INT(simul_open("a", O_WRONLY | O_CREAT, 0600, &f), ==, 0);
	limit_files_to(8192);
	CHECK_INT(simul_write(f, "x", 1), ==, 0);
	CHECK_INT(simul_flush(f), ==, -EIO);
	CHECK_INT(simul_pwrite(f, "x", 1, 0), ==, -EIO);
	CHECK_INT(simul_close(f), ==, -EIO);
	return 0;
}

TEST(to_write_nothing_at_all_is_an_error_and_not_tried_for_ever)
{
	enter_folder();
	deny(SYS_pwrite64, 0);
	CHECK_INT(run_virtual(write_in_vain, NULL), ==, 0);
	leave_folder();
}

TEST_IN_FOLDER(no_descriptor_left_is_an_error)
{
	struct rlimit limit, none;
	simul_stream *f;
	char *bytes;

	make_file("a", "x");
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	CHECK_INT(simul_open("a", O_RDONLY, 0, &f), ==, 0);
	none = limit;
	none.rlim_cur = (rlim_t)simul_file_fd(f);
	CHECK_INT(simul_close(f), ==, 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	CHECK_INT(simul_open("a", O_RDONLY, 0, &f), ==, -EMFILE);
	CHECK_INT(simul_read_file("a", 10, &bytes, NULL), ==, -EMFILE);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	CHECK_INT(simul_read_file("a", 10, &bytes, NULL), ==, 0);
	simul_free(bytes);
}

/* ---- Changes under us */

TEST_IN_FOLDER(a_file_that_shrinks_while_it_is_read_simply_ends)
{
	char buffer[1000];
	simul_stream *f;

	make_file("a", "");
	CHECK_INT(truncate("a", 1000000), ==, 0);
	CHECK_INT(simul_open("a", O_RDONLY, 0, &f), ==, 0);
	CHECK_INT(simul_read_exactly(f, buffer, 1000), ==, 1);
	CHECK_INT(truncate("a", 100), ==, 0);
	/* What was read ahead is still there. */
	while (simul_stream_buffered(f) >= 1000)
		CHECK_INT(simul_read_exactly(f, buffer, 1000), ==, 1);
	if (simul_stream_buffered(f) > 0)
		CHECK_INT(simul_read_exactly(f, buffer, 1000), ==, -SIMUL_EEOF);
	simul_consume(f, 1000);
	CHECK_INT(simul_read_exactly(f, buffer, 1000), ==, 0);
	CHECK_INT(simul_pread(f, buffer, 1000, 200), ==, 0);
	CHECK_INT(simul_seek(f, 0, SEEK_SET), ==, 0);
	CHECK_INT(simul_read_exactly(f, buffer, 1000), ==, -SIMUL_EEOF);
	CHECK_INT(simul_stream_buffered(f), ==, 100);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(a_file_that_is_gone_is_read_and_written_on)
{
	simul_stream *f;
	char *line;

	make_file("a", "one\n");
	CHECK_INT(simul_open("a", O_RDWR, 0, &f), ==, 0);
	CHECK_INT(simul_unlink("a"), ==, 0);
	CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
	CHECK_INT(simul_write(f, "two\n", 4), ==, 0);
	CHECK_INT(simul_seek(f, 4, SEEK_SET), ==, 4);
	CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
	CHECK_STR(line, "two");
	CHECK_INT(simul_close(f), ==, 0);
}

/* ---- Bad names */

TEST_IN_FOLDER(links_that_go_round_and_names_too_long_are_refused)
{
	char name[300];
	simul_stream *f = NULL;

	memset(name, 'n', 299);
	name[299] = 0;
	CHECK_INT(symlink("round", "round"), ==, 0);
	CHECK_INT(simul_open("round", O_RDONLY, 0, &f), ==, -ELOOP);
	CHECK_INT(simul_open(name, O_RDONLY, 0, &f), ==, -ENAMETOOLONG);
	CHECK_INT(simul_open("round", O_RDONLY | O_NOFOLLOW, 0, &f), ==,
		  -ELOOP);
	CHECK_INT(simul_mkdir(name, 0755), ==, -ENAMETOOLONG);
	CHECK(!f);
}

TEST_IN_FOLDER(names_with_newlines_and_invalid_utf8_are_names)
{
	static const char *const names[] = { "a\nb", "\xc0\xaf", "\x80", "\t" };
	char *bytes;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK_INT(simul_write_file(names[i], names[i], strlen(names[i]),
					   0600),
			  ==, 0);
		CHECK_INT(simul_read_file(names[i], 10, &bytes, NULL), ==, 0);
		CHECK_STR(bytes, names[i]);
		simul_free(bytes);
	}
}
