/* SPDX-License-Identifier: MIT
 * tests/file/test_file_adopt.c - descriptors of others as files: see
 * simul_file_adopt. */
#include <simul/file.h>

#include "folder.h"

static void check_line(simul_stream *s, const char *text)
{
	char *line;

	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, text);
}

static int open_it(int flags)
{
	int fd = open("a", flags | O_CREAT | O_CLOEXEC, 0600);

	CHECK_INT(fd, >=, 0);
	return fd;
}

TEST_IN_FOLDER(a_descriptor_is_read_from_where_it_is)
{
	simul_stream *s;
	char buffer[4];
	int fd, other;

	make_file("a", "one\ntwo\nthree\n");
	fd = open_it(O_RDONLY);
	other = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	CHECK_INT(read(fd, buffer, 4), ==, 4);
	CHECK_INT(simul_file_adopt(fd, &s), ==, 0);
	CHECK_INT(simul_tell(s), ==, 4);
	check_line(s, "two");
	CHECK_INT(simul_tell(s), ==, 8);
	CHECK_INT(lseek(other, 0, SEEK_CUR), ==, 4);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(fcntl(fd, F_GETFD), <, 0);
	close(other);
}

TEST_IN_FOLDER(a_descriptor_is_written_from_where_it_is)
{
	simul_stream *s;
	int fd;

	make_file("a", "one\ntwo\nthree\n");
	fd = open_it(O_RDWR);
	CHECK_INT(lseek(fd, 4, SEEK_SET), ==, 4);
	CHECK_INT(simul_file_adopt(fd, &s), ==, 0);
	CHECK_INT(simul_write(s, "TWO\n", 4), ==, 0);
	check_line(s, "three");
	CHECK_INT(simul_close(s), ==, 0);
	check_file("a", "one\nTWO\nthree\n");
}

TEST_IN_FOLDER(a_descriptor_that_appends_goes_on_doing_so)
{
	simul_stream *s;

	make_file("a", "one\n");
	CHECK_INT(simul_file_adopt(open_it(O_WRONLY | O_APPEND), &s), ==, 0);
	CHECK_INT(simul_write(s, "two\n", 4), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	check_file("a", "one\ntwo\n");
}

/* io_uring would not wait for the disk. */
TEST_IN_FOLDER(a_descriptor_that_does_not_block_is_waited_for_all_the_same)
{
	enum { MUCH = 1 << 20 };
	static char bytes[MUCH];
	simul_stream *s;
	int fd = open_it(O_RDWR | O_NONBLOCK);

	CHECK_INT(ftruncate(fd, MUCH), ==, 0);
	CHECK_INT(fdatasync(fd), ==, 0);
	CHECK_INT(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), ==, 0);
	CHECK_INT(simul_file_adopt(fd, &s), ==, 0);
	CHECK_INT(simul_read_exactly(s, bytes, MUCH), ==, 1);
	CHECK_INT(simul_close(s), ==, 0);
}

TEST_IN_FOLDER(what_has_no_position_is_refused_and_stays_its_owners)
{
	simul_stream *s = NULL;
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	CHECK_INT(simul_file_adopt(ends[0], &s), ==, -ESPIPE);
	CHECK_INT(close(ends[0]) | close(ends[1]), ==, 0);
	CHECK_INT(simul_file_adopt(ends[0], &s), ==, -EBADF);
	CHECK(!s);
}

static int adopt(void *arg)
{
	simul_stream *s;
	int fd = open("a", O_RDONLY | O_CLOEXEC);
	int r = simul_file_adopt(fd, &s);
	char *line;

	(void)arg;
	if (r < 0) {
		close(fd);
		return r;
	}
	r = simul_read_line(s, &line, NULL);
	simul_close(s);
	return r;
}

static void run_adopt(void)
{
	run_virtual(adopt, NULL);
}

TEST(adopting_survives_every_refused_allocation)
{
	enter_folder();
	make_file("a", "one\n");
	sweep_allocations(run_adopt);
	leave_folder();
}
