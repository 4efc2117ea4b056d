/* SPDX-License-Identifier: MIT
 * tests/file/test_file_standard.c - standard input and output: see
 * simul/file.h. */
#include <sys/socket.h>

#include <simul/file.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "folder.h"

/* ---- In the place of the real ones, for a while */

static int kept = -1;

static void replace(int number, int fd)
{
	kept = fcntl(number, F_DUPFD_CLOEXEC, 100);
	CHECK_INT(dup2(fd, number), ==, number);
	close(fd);
}

static void restore(int number)
{
	CHECK_INT(dup2(kept, number), ==, number);
	close(kept);
}

static void check_line(simul_stream *s, const char *text)
{
	char *line;

	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, text);
}

static bool is_blocking(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* ---- Files */

TEST_IN_FOLDER(who_reads_standard_input_leaves_the_rest_to_others)
{
	simul_stream *s;
	char rest[8] = "";

	make_file("a", "one\ntwo\n");
	replace(0, open("a", O_RDONLY | O_CLOEXEC));
	CHECK_INT(simul_stdin(&s), ==, 0);
	check_line(s, "one");
	CHECK_INT(simul_tell(s), ==, 4);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(read(0, rest, sizeof rest), ==, 4);
	CHECK_STR(rest, "two\n");
	restore(0);
}

TEST_IN_FOLDER(standard_output_goes_on_where_others_have_ended)
{
	simul_stream *s;

	replace(1, open("a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	CHECK_INT(write(1, "before,", 7), ==, 7);
	CHECK_INT(simul_stdout(&s), ==, 0);
	CHECK_INT(simul_write(s, "ours,", 5), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK_INT(write(1, "between,", 8), ==, 8);
	CHECK_INT(simul_write(s, "ours", 4), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(write(1, ",after", 6), ==, 6);
	restore(1);
	check_file("a", "before,ours,between,ours,after");
}

/* ---- Pipes */

static int read_line(void *arg)
{
	char *line;

	return simul_read_line(arg, &line, NULL);
}

TEST_IN_FOLDER(a_pipe_stays_blocking_for_those_who_share_it)
{
	simul_stream *s;
	simul_task *t;
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	replace(0, ends[0]);
	CHECK_INT(simul_stdin(&s), ==, 0);
	t = simul_create_task(read_line, s);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK(is_blocking(0));
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(write(ends[1], "hello\n", 6), ==, 6);
	check_line(s, "hello");
	close(ends[1]);
	CHECK_INT(read_line(s), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	restore(0);
}

struct drain {
	int fd;
	size_t expected;
};

static int drain(void *arg)
{
	const struct drain *my = arg;
	static char buffer[65536];
	size_t seen = 0;

	while (seen < my->expected) {
		ssize_t n;
		int r = simul_wait_fd(my->fd, 1);

		if (r < 0)
			return r;
		n = read(my->fd, buffer, sizeof buffer);
		if (n <= 0)
			return -EIO;
		seen += (size_t)n;
	}
	return 0;
}

/* More than fits in between, so that somebody has to wait. */
static void write_much_to(int ends[2])
{
	enum { MUCH = 1 << 20 };
	static char bytes[MUCH];
	simul_stream *s;
	simul_task *t;

	replace(1, ends[1]);
	CHECK_INT(simul_stdout(&s), ==, 0);
	t = simul_go(drain, .fd = ends[0], .expected = MUCH);
	CHECK_INT(simul_write(s, bytes, MUCH), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK(is_blocking(1));
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(fcntl(1, F_GETFD), ==, 0);
	restore(1);
	close(ends[0]);
}

TEST_IN_FOLDER(much_is_written_to_a_pipe)
{
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	write_much_to(ends);
}

/* It can't be opened once more. */
TEST_IN_FOLDER(much_is_written_to_a_socket)
{
	int ends[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==,
		  0);
	write_much_to(ends);
}

TEST_IN_FOLDER(a_socket_is_read_and_stays_blocking)
{
	simul_stream *s;
	int ends[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==,
		  0);
	replace(0, ends[0]);
	CHECK_INT(simul_stdin(&s), ==, 0);
	CHECK_INT(simul_wait_for(1, read_line, s), ==, -ETIMEDOUT);
	CHECK(is_blocking(0));
	CHECK_INT(write(ends[1], "hello\n", 6), ==, 6);
	check_line(s, "hello");
	CHECK_INT(simul_close(s), ==, 0);
	restore(0);
	close(ends[1]);
}

TEST_IN_FOLDER(a_reader_that_is_gone_is_an_error_and_no_signal)
{
	simul_stream *s;
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	close(ends[0]);
	replace(2, ends[1]);
	CHECK_INT(simul_stderr(&s), ==, 0);
	CHECK_INT(simul_write(s, "x", 1), ==, 0);
	CHECK_INT(simul_flush(s), ==, -EPIPE);
	CHECK_INT(simul_close(s), ==, -EPIPE);
	restore(2);
}

/* ---- Terminals, and nothing */

TEST_IN_FOLDER(a_terminal_is_read_line_by_line)
{
	simul_stream *s;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0)
		SKIP("there are no terminals here");
	CHECK_INT(unlockpt(terminal), ==, 0);
	replace(0, open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
	CHECK_INT(simul_stdin(&s), ==, 0);
	CHECK(simul_is_terminal(s));
	CHECK_INT(write(terminal, "typed\n", 6), ==, 6);
	check_line(s, "typed");
	CHECK(is_blocking(0));
	CHECK_INT(simul_close(s), ==, 0);
	restore(0);
	close(terminal);
}

/* To open it once more would make another terminal. */
TEST_IN_FOLDER(a_terminals_master_is_used_as_it_is)
{
	simul_stream *s;
	int fd, master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0)
		SKIP("there are no terminals here");
	CHECK_INT(unlockpt(master), ==, 0);
	fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK_INT(fd, >=, 0);
	replace(0, master);
	CHECK_INT(simul_stdin(&s), ==, 0);
	CHECK_INT(write(fd, "shown\n", 6), ==, 6);
	check_line(s, "shown");
	CHECK(is_blocking(0));
	CHECK_INT(simul_close(s), ==, 0);
	restore(0);
	close(fd);
}

TEST_IN_FOLDER(where_there_is_no_standard_input_that_is_said)
{
	simul_stream *s = NULL;

	replace(0, open("/dev/null", O_RDONLY | O_CLOEXEC));
	close(0);
	CHECK_INT(simul_stdin(&s), ==, -EBADF);
	CHECK(!s);
	restore(0);
}
