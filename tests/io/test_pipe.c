/* SPDX-License-Identifier: MIT
 * tests/io/test_pipe.c - pipes and terminals as streams. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <simul.h>

#include "denied.h"
#include "io/quiet.h"
#include "pair.h"
#include "sweep.h"

static void open_pipe(void)
{
	CHECK_INT(simul_pipe(&here, &there), ==, 0);
}

TEST_VIRTUAL(what_is_written_to_one_end_is_read_from_the_other)
{
	open_pipe();
	say(there, "hello\n");
	check_hears(here, "hello\n");
	close_pair();
}

TEST_VIRTUAL(a_pipe_is_selected_when_something_has_come_and_not_before)
{
	simul_case cases[2];

	open_pipe();
	cases[0] = simul_case_stream(here);
	cases[1] = simul_case_sleep(1);
	CHECK_INT(simul_try_select(cases, 1), ==, -EAGAIN);
	CHECK_INT(simul_select(cases, 2), ==, 1);
	say(there, "x");
	CHECK_INT(simul_select(cases, 2), ==, 0);
	CHECK_INT(cases[0].result, ==, 0);
	check_hears(here, "x");
	CHECK_INT(simul_shutdown_write(there), ==, 0);
	CHECK_INT(simul_select(cases, 2), ==, 0);
	check_ends(here);
	close_pair();
}

TEST_VIRTUAL(to_shut_down_an_end_ends_the_stream_of_its_reader)
{
	open_pipe();
	say(there, "last words");
	CHECK_INT(simul_shutdown_write(there), ==, 0);
	check_hears(here, "last words");
	check_ends(here);
	CHECK_INT(simul_write(there, "x", 1), ==, -EPIPE);
	close_pair();
}

TEST_VIRTUAL(to_shut_down_an_end_that_reads_changes_nothing)
{
	open_pipe();
	CHECK_INT(simul_shutdown_write(here), ==, 0);
	say(there, "x");
	check_hears(here, "x");
	close_pair();
}

TEST_VIRTUAL(each_end_goes_in_one_direction)
{
	char c;

	open_pipe();
	CHECK_INT(simul_read(there, &c, 1), ==, -EBADF);
	say(here, "x");
	CHECK_INT(simul_flush(here), ==, -EBADF);
	CHECK_INT(simul_close(here), ==, -EBADF);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(to_write_where_nobody_reads_is_an_error_and_no_signal)
{
	open_pipe();
	CHECK_INT(simul_close(here), ==, 0);
	say(there, "x");
	CHECK_INT(simul_flush(there), ==, -EPIPE);
	CHECK_INT(simul_close(there), ==, -EPIPE);
}

static void write_without_the_flag(void)
{
	int ends[2];
	sigset_t mask;

	deny(SYS_pwritev2, EOPNOTSUPP);
	CHECK_INT(pipe(ends), ==, 0);
	CHECK_INT(smi_write_quietly(ends[1], "abc", 3), ==, 3);
	close(ends[0]);
	for (int i = 0; i < 2; i++)
		CHECK_INT(smi_write_quietly(ends[1], "abc", 3), ==, -EPIPE);
	CHECK_INT(pthread_sigmask(SIG_SETMASK, NULL, &mask), ==, 0);
	CHECK(!sigismember(&mask, SIGPIPE));
	close(ends[1]);
}

TEST(nor_is_there_a_signal_on_a_kernel_that_can_not_be_asked_for_none)
{
	write_without_the_flag();
}

TEST(a_signal_that_was_pending_before_still_is)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	CHECK_INT(pthread_sigmask(SIG_BLOCK, &set, NULL), ==, 0);
	raise(SIGPIPE);
	deny(SYS_pwritev2, EOPNOTSUPP);
	{
		int ends[2];

		CHECK_INT(pipe(ends), ==, 0);
		close(ends[0]);
		CHECK_INT(smi_write_quietly(ends[1], "a", 1), ==, -EPIPE);
		close(ends[1]);
	}
	CHECK_INT(sigpending(&set), ==, 0);
	CHECK(sigismember(&set, SIGPIPE));
}

TEST_VIRTUAL(to_write_nothing_at_all_is_an_error_and_not_tried_for_ever)
{
	open_pipe();
	deny(SYS_pwritev2, 0);
	say(there, "x");
	CHECK_INT(simul_flush(there), ==, -EIO);
	CHECK_INT(simul_close(there), ==, -EIO);
	CHECK_INT(simul_close(here), ==, 0);
}

/* More than fits into any pipe. */
enum { MUCH = 3 * 1024 * 1024 };

static int write_much(void *arg)
{
	char *bytes = malloc(MUCH);
	int r;

	for (int i = 0; i < MUCH; i++)
		bytes[i] = (char)(i * 7 >> 3);
	r = simul_write(arg, bytes, MUCH);
	free(bytes);
	if (r >= 0)
		r = simul_shutdown_write(arg);
	return r;
}

static void check_much(simul_stream *s)
{
	static char bytes[10000];
	int at = 0;
	ptrdiff_t n;

	while ((n = simul_read(s, bytes, sizeof bytes)) > 0)
		for (ptrdiff_t i = 0; i < n; i++, at++)
			CHECK_INT(bytes[i], ==, (char)(at * 7 >> 3));
	CHECK_INT(n, ==, 0);
	CHECK_INT(at, ==, MUCH);
}

TEST_VIRTUAL(a_full_pipe_slows_its_writer_down_and_nothing_is_lost)
{
	simul_task *t;

	open_pipe();
	t = simul_create_task(write_much, there);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	check_much(here);
	CHECK_INT(simul_await(t), ==, 0);
	close_pair();
}

TEST_VIRTUAL(a_write_into_a_full_pipe_can_be_given_up)
{
	open_pipe();
	CHECK_INT(simul_wait_for(1, write_much, there), ==, -ETIMEDOUT);
	simul_abort(there);
	CHECK_INT(simul_close(here), ==, 0);
}

static int counts(void *arg)
{
	while (simul_sleep(0) == 0)
		++*(int *)arg;
	return 0;
}

TEST_VIRTUAL(a_pipe_that_always_has_more_to_say_leaves_others_their_turn)
{
	int zero = open("/dev/zero", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	static char bytes[65536];
	int turns = 0;
	simul_task *t = simul_create_task(counts, &turns);

	CHECK_INT(simul_pipe_adopt(zero, &here), ==, 0);
	for (int i = 0; i < 200; i++)
		CHECK_INT(simul_read(here, bytes, sizeof bytes), >, 0);
	CHECK_INT(turns, >=, 10);
	simul_cancel(t);
	simul_await(t);
	CHECK_INT(simul_close(here), ==, 0);
}

/* ---- Descriptors of others */

static void adopt(int fd, simul_stream **ret_stream)
{
	CHECK_INT(simul_pipe_adopt(fd, ret_stream), ==, 0);
}

TEST_VIRTUAL(a_pipe_that_is_adopted_keeps_its_flags)
{
	int ends[2], others[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	for (int i = 0; i < 2; i++)
		others[i] = dup(ends[i]);
	adopt(ends[0], &here);
	adopt(ends[1], &there);
	say(there, "hello");
	check_hears(here, "hello");
	for (int i = 0; i < 2; i++) {
		CHECK_INT(fcntl(others[i], F_GETFL) & O_NONBLOCK, ==, 0);
		close(others[i]);
	}
	CHECK_INT(simul_shutdown_write(there), ==, 0);
	check_ends(here);
	close_pair();
}

/* Without /proc, or as another user. */
static void deny_to_open_again(void)
{
	deny(SYS_openat, EACCES);
}

TEST_VIRTUAL(a_pipe_that_can_not_be_opened_again_is_left_to_threads)
{
	int ends[2], others[2];
	simul_task *t;

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	for (int i = 0; i < 2; i++)
		others[i] = dup(ends[i]);
	deny_to_open_again();
	adopt(ends[0], &here);
	adopt(ends[1], &there);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(fcntl(others[i], F_GETFL) & O_NONBLOCK, ==, 0);
		close(others[i]);
	}
	t = simul_create_task(write_much, there);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK(!simul_task_is_done(t));
	check_much(here);
	CHECK_INT(simul_await(t), ==, 0);
	close_pair();
}

TEST_VIRTUAL(a_write_that_waits_for_a_thread_can_be_given_up)
{
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	deny_to_open_again();
	adopt(ends[0], &here);
	adopt(ends[1], &there);
	CHECK_INT(simul_wait_for(1, write_much, there), ==, -ETIMEDOUT);
	simul_abort(there);
	CHECK_INT(simul_close(here), ==, 0);
}

TEST_VIRTUAL(what_is_no_pipe_is_refused_and_still_yours)
{
	int fds[2], file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	simul_stream *s = NULL;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==,
		  0);
	CHECK_INT(simul_pipe_adopt(fds[0], &s), ==, -EINVAL);
	CHECK_INT(simul_pipe_adopt(file, &s), ==, -EINVAL);
	CHECK_INT(simul_pipe_adopt(-1, &s), ==, -EBADF);
	CHECK(!s);
	CHECK_INT(close(fds[0]) + close(fds[1]) + close(file), ==, 0);
}

TEST(where_there_is_no_loop_there_is_no_pipe)
{
	simul_stream *s = NULL, *t = NULL;

	CHECK_INT(simul_pipe(&s, &t), ==, -EPERM);
	CHECK_INT(simul_pipe_adopt(0, &s), ==, -EPERM);
}

/* Both sides of a terminal, raw. */
static void open_terminal(int *ret_master, int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		SKIP("no terminal is to be had here");
	*ret_slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK_INT(*ret_slave, >=, 0);
	CHECK_INT(tcgetattr(*ret_slave, &raw), ==, 0);
	cfmakeraw(&raw);
	CHECK_INT(tcsetattr(*ret_slave, TCSANOW, &raw), ==, 0);
	*ret_master = master;
}

static void talk_over_terminal(int flags)
{
	int master, slave;

	open_terminal(&master, &slave);
	CHECK_INT(fcntl(master, F_SETFL, flags), ==, 0);
	adopt(master, &here);
	adopt(slave, &there);
	say(here, "to\n");
	check_hears(there, "to\n");
	say(there, "fro\n");
	check_hears(here, "fro\n");
	CHECK_INT(simul_close(there), ==, 0);
	check_ends(here);
	CHECK_INT(simul_close(here), ==, 0);
}

TEST_VIRTUAL(a_terminal_is_a_stream_in_both_directions)
{
	talk_over_terminal(O_NONBLOCK);
}

TEST_VIRTUAL(the_master_of_a_terminal_that_may_block_is_not_opened_again)
{
	talk_over_terminal(0);
}

/* ---- Whatever happens */

static void use_pipe(void)
{
	simul_stream *from, *to;
	char c;

	if (simul_pipe(&from, &to) < 0)
		return;
	if (simul_write(to, "x", 1) == 0 && simul_flush(to) == 0)
		simul_read(from, &c, 1);
	simul_close(from);
	simul_close(to);
}

static int uses_pipe(void *arg)
{
	(void)arg;
	use_pipe();
	return 0;
}

static void run_pipe(void)
{
	simul_run(uses_pipe, NULL);
}

TEST(no_memory_is_no_pipe_and_nothing_else)
{
	sweep_allocations(run_pipe);
}

/* Owns its end. */
static int reads_all(void *arg)
{
	static char bytes[65536];
	ptrdiff_t n;

	while ((n = simul_read(arg, bytes, sizeof bytes)) > 0)
		simul_sleep(0.1);
	simul_close(arg);
	return (int)n;
}

static int writes_some(void *arg)
{
	static const char bytes[100000];
	int r = simul_write(arg, bytes, sizeof bytes);

	if (r >= 0)
		r = simul_write(arg, "x", 1);
	return r < 0 ? r : simul_shutdown_write(arg);
}

static int pumps(void *arg)
{
	simul_stream *from, *to;
	simul_task *t[2];
	int r = simul_pipe(&from, &to), closed;

	(void)arg;
	if (r < 0)
		return r;
	t[0] = simul_create_task(reads_all, from);
	t[1] = simul_create_task(writes_some, to);
	simul_await(t[1]);
	closed = simul_close(to);
	r = simul_await(t[0]);
	return r < 0 ? r : closed;
}

static void check_nothing(void *state, int result)
{
	(void)state;
	(void)result;
}

TEST(a_pipe_is_cancelled_at_any_point)
{
	sweep_cancellations(pumps, 1, check_nothing);
}
