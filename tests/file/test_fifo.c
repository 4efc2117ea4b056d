/* SPDX-License-Identifier: MIT
 * tests/file/test_fifo.c - files that have no position, and may keep one
 * waiting for ever. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/run.h>
#include <simul/scope.h>
#include <simul/task.h>

static char dir[] = "/tmp/simul-fifo-XXXXXX";
static char path[sizeof dir + 8];

static void make_fifo(void)
{
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/fifo", dir);
	CHECK_INT(mkfifo(path, 0600), ==, 0);
}

static void remove_fifo(void)
{
	unlink(path);
	rmdir(dir);
}

/* An end of it that somebody else has. */
static int open_other(int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);

	CHECK_INT(fd, >=, 0);
	return fd;
}

static simul_stream *open_end(int flags)
{
	simul_stream *s = NULL;

	CHECK_INT(simul_open(path, flags, 0, &s), ==, 0);
	return s;
}

/* One that somebody else reads from, and we write to. */
static int make_fifo_with_reader(simul_stream **ret_out)
{
	int in;

	make_fifo();
	in = open_other(O_RDONLY);
	*ret_out = open_end(O_WRONLY);
	return in;
}

/* More than fits into any pipe. */
enum { MUCH = 4 * 1024 * 1024 };

static int write_much(void *arg)
{
	char *bytes = calloc(1, MUCH);
	int r = simul_write(arg, bytes, MUCH);

	free(bytes);
	return r < 0 ? r : simul_flush(arg);
}

static void drain(int fd, size_t n)
{
	char bytes[65536];
	ssize_t some;

	while (n > 0) {
		some = read(fd, bytes, sizeof bytes);
		if (some > 0)
			n -= (size_t)some;
		else
			CHECK_INT(simul_sleep(0.001), ==, 0);
	}
}

static int hello(void *arg)
{
	char *line;
	int r = simul_read_line(arg, &line, NULL);

	if (r > 0)
		CHECK_STR(line, "hello");
	return r;
}

TEST_VIRTUAL(to_open_a_fifo_for_reading_waits_for_nobody_but_to_read_does)
{
	simul_stream *in;
	simul_task *t;
	int out;

	make_fifo();
	in = open_end(O_RDONLY);
	t = simul_create_task(hello, in);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	out = open_other(O_WRONLY);
	CHECK_INT(write(out, "hello\n", 6), ==, 6);
	CHECK_INT(simul_await(t), ==, 1);
	close(out);
	CHECK_INT(hello(in), ==, 0);
	CHECK_INT(simul_close(in), ==, 0);
	remove_fifo();
}

TEST_VIRTUAL(a_fifo_that_nobody_reads_can_not_be_opened_for_writing)
{
	simul_stream *out = NULL;

	make_fifo();
	CHECK_INT(simul_open(path, O_WRONLY, 0, &out), ==, -ENXIO);
	CHECK_INT(simul_open(path, O_WRONLY | O_CREAT, 0600, &out), ==, -ENXIO);
	CHECK_INT(simul_open(path, O_WRONLY | O_TRUNC, 0, &out), ==, -ENXIO);
	CHECK(!out);
	remove_fifo();
}

TEST_VIRTUAL(to_write_to_a_fifo_whose_reader_has_gone_is_an_error_not_a_signal)
{
	simul_stream *out;
	int in;

	in = make_fifo_with_reader(&out);
	close(in);
	CHECK_INT(simul_write(out, "x", 1), ==, 0);
	CHECK_INT(simul_flush(out), ==, -EPIPE);
	CHECK_INT(simul_close(out), ==, -EPIPE);
	remove_fifo();
}

TEST_VIRTUAL(a_reader_that_goes_while_a_writer_waits_is_an_error_not_a_signal)
{
	simul_stream *out;
	simul_task *t;
	int in;

	in = make_fifo_with_reader(&out);
	t = simul_create_task(write_much, out);
	CHECK_INT(simul_sleep(1), ==, 0);
	close(in);
	CHECK_INT(simul_await(t), ==, -EPIPE);
	CHECK_INT(simul_close(out), ==, -EPIPE);
	remove_fifo();
}

TEST_VIRTUAL(a_full_fifo_slows_its_writer_down_and_nothing_is_lost)
{
	simul_stream *out;
	simul_task *t;
	int in;

	in = make_fifo_with_reader(&out);
	t = simul_create_task(write_much, out);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	drain(in, MUCH);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(out), ==, 0);
	close(in);
	remove_fifo();
}

TEST_VIRTUAL(a_stream_into_a_full_fifo_can_be_given_up)
{
	simul_stream *out;
	int in;

	in = make_fifo_with_reader(&out);
	CHECK_INT(simul_wait_for(1, write_much, out), ==, -ETIMEDOUT);
	simul_abort(out);
	close(in);
	remove_fifo();
}

/* What several processes read from is empty again before one has come to it. */
TEST_VIRTUAL(bytes_that_another_reader_took_are_waited_for_again)
{
	simul_stream *in;
	simul_task *t;
	int out, other;
	char c;

	make_fifo();
	in = open_end(O_RDONLY);
	other = open_other(O_RDONLY);
	out = open_other(O_WRONLY);
	t = simul_create_task(hello, in);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(write(out, "x", 1), ==, 1);
	CHECK_INT(read(other, &c, 1), ==, 1);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(write(out, "hello\n", 6), ==, 6);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(simul_close(in), ==, 0);
	close(out);
	close(other);
	remove_fifo();
}

/* ---- In a loop that is driven from outside, where completions come before we
 * ask for them */

static int give_up(void *arg)
{
	static char piece[65536];
	int in, out;
	simul_stream *s;

	make_fifo();
	in = open_other(O_RDONLY);
	s = open_end(O_WRONLY);
	out = open_other(O_WRONLY);
	while (write(out, piece, sizeof piece) > 0)
		;
	CHECK_INT(simul_write(s, "GIVEN UP", 8), ==, 0);
	CHECK_INT(simul_sleep(0.01), ==, 0);
	while (read(in, piece, sizeof piece) > 0)
		;
	simul_abort(s);
	CHECK_INT(read(in, piece, sizeof piece), ==, -1);
	CHECK_INT(errno, ==, EAGAIN);
	close(in);
	close(out);
	remove_fifo();
	return 0;
}

TEST(what_was_given_up_is_not_written_though_there_is_room_again)
{
	simul_loop *loop;
	int r;

	CHECK_INT(simul_loop_new(NULL, give_up, NULL, &loop), ==, 0);
	while ((r = simul_loop_turn(loop)) > 0) {
		struct pollfd p = { simul_loop_fd(loop), POLLIN, 0 };
		double timeout = simul_loop_timeout(loop);

		poll(&p, 1, timeout < 0 ? -1 : (int)(timeout * 1000) + 1);
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(simul_loop_free(loop), ==, 0);
}
