/* SPDX-License-Identifier: MIT
 * tests/process/test_process_fifo.c - programs that read from a FIFO or write
 * into one, and wait for whoever has its other end. */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simul.h>

#include "programs.h"

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
	CHECK_INT(unlink(path), ==, 0);
	CHECK_INT(rmdir(dir), ==, 0);
}

/* ---- Programs that have it for their input or their output */

static const struct simul_child_io fifo = { .to = SIMUL_TO_FILE, .path = path };

static simul_process_options reads_it(void)
{
	return (simul_process_options){ .in = fifo, .out.to = SIMUL_TO_PIPE };
}

static simul_process_options writes_it(void)
{
	return (simul_process_options){ .out = fifo, .terminal = true };
}

struct starting {
	simul_process_options options;
	const char *script;
	simul_process *p;
};

static int start_it(void *arg)
{
	struct starting *my = arg;

	return simul_process_start_shell(my->script, &my->options, &my->p);
}

static struct starting starting;

static simul_task *begin(simul_process_options options, const char *script)
{
	simul_task *t;

	starting = (struct starting){ options, script, NULL };
	t = simul_create_task(start_it, &starting);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	CHECK(!simul_task_is_done(t));
	return t;
}

static void check_end(simul_process *p, int code)
{
	CHECK_INT(simul_process_wait(p), ==, code);
	CHECK_INT(simul_process_close(p), ==, code);
}

static int open_end(int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	CHECK_INT(fd, >=, 0);
	return fd;
}

static void check_said(simul_process *p, const char *expected)
{
	char *line;

	CHECK_INT(simul_read_line(simul_process_out(p), &line, NULL), ==, 1);
	CHECK_STR(line, expected);
}

/* ---- Output */

TEST_IN_TASK(a_program_that_writes_into_a_fifo_starts_when_it_has_a_reader)
{
	simul_task *t;
	char said[8] = "";
	int fd;

	make_fifo();
	t = begin(writes_it(), "echo hello");
	fd = open_end(O_RDONLY | O_NONBLOCK);
	CHECK_INT(simul_await(t), ==, 0);
	check_end(starting.p, 0);
	CHECK_INT(read(fd, said, sizeof said), ==, 6);
	CHECK_STR(said, "hello\n");
	close(fd);
	remove_fifo();
}

TEST_IN_TASK(both_ends_of_a_fifo_are_programs)
{
	simul_task *t;
	simul_process *reader = NULL;
	simul_process_options options = reads_it();

	make_fifo();
	t = begin(writes_it(), "echo hello");
	CHECK_INT(simul_process_start_shell("cat", &options, &reader), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	check_said(reader, "hello");
	check_end(starting.p, 0);
	check_end(reader, 0);
	remove_fifo();
}

TEST_IN_TASK(a_fifo_that_nobody_reads_is_said_to_be_so_if_one_asks_not_to_wait)
{
	simul_process_options o = writes_it();
	simul_process *p = NULL;
	const char *step = NULL;

	make_fifo();
	o.out.flags = O_WRONLY | O_NONBLOCK;
	o.ret_step = &step;
	CHECK_INT(simul_process_start_shell("true", &o, &p), ==, -ENXIO);
	CHECK_STR(step, "standard streams");
	remove_fifo();
}

/* ---- Input */

TEST_IN_TASK(a_program_that_reads_a_fifo_starts_when_it_has_a_silent_writer)
{
	simul_task *t;
	int fd;

	make_fifo();
	t = begin(reads_it(), "echo here; cat");
	fd = open_end(O_WRONLY);
	CHECK_INT(simul_await(t), ==, 0);
	check_said(starting.p, "here");
	/* It waits for what comes. */
	CHECK_INT(simul_sleep(0.05), ==, 0);
	CHECK_INT(write(fd, "hello\n", 6), ==, 6);
	check_said(starting.p, "hello");
	close(fd);
	check_end(starting.p, 0);
	remove_fifo();
}

TEST_IN_TASK(what_a_writer_has_left_in_a_fifo_is_all_there)
{
	simul_task *t;
	int fd;

	make_fifo();
	t = begin(reads_it(), "cat; echo end");
	fd = open_end(O_WRONLY);
	CHECK_INT(write(fd, "hello\n", 6), ==, 6);
	close(fd);
	CHECK_INT(simul_await(t), ==, 0);
	check_said(starting.p, "hello");
	check_said(starting.p, "end");
	check_end(starting.p, 0);
	remove_fifo();
}

TEST_IN_TASK(a_writer_that_has_gone_without_a_word_was_there)
{
	simul_task *t;

	make_fifo();
	t = begin(reads_it(), "cat; echo end");
	close(open_end(O_WRONLY));
	CHECK_INT(simul_await(t), ==, 0);
	check_said(starting.p, "end");
	check_end(starting.p, 0);
	remove_fifo();
}

/* ---- Nobody comes */

static int start_in_vain(void *arg)
{
	struct starting my = { *(simul_process_options *)arg, "true", NULL };

	return start_it(&my);
}

static void check_cancelled(simul_process_options options)
{
	make_fifo();
	CHECK_INT(simul_wait_for(0.05, start_in_vain, &options), ==,
		  -ETIMEDOUT);
	remove_fifo();
}

TEST_IN_TASK(a_start_that_waits_for_a_reader_of_a_fifo_can_be_cancelled)
{
	check_cancelled(writes_it());
}

TEST_IN_TASK(a_start_that_waits_for_a_writer_of_a_fifo_can_be_cancelled)
{
	check_cancelled(reads_it());
}

/* More than a loop has threads. */
enum { MANY = 100 };

TEST_IN_TASK(programs_that_wait_for_a_fifo_hold_no_thread)
{
	simul_process_options in = reads_it(), out = writes_it();
	simul_task *waiting[MANY];

	make_fifo();
	out.terminal = false;
	for (int i = 0; i < MANY; i++)
		waiting[i] = simul_create_task(start_in_vain, &out);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	check_end(start("true", NULL), 0);
	for (int i = 0; i < MANY; i++)
		simul_cancel(waiting[i]);
	CHECK_INT(simul_gather(waiting, MANY, NULL), ==, -ECANCELED);
	for (int i = 0; i < MANY; i++)
		waiting[i] = simul_create_task(start_in_vain, &in);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	check_end(start("true", NULL), 0);
	for (int i = 0; i < MANY; i++)
		simul_cancel(waiting[i]);
	CHECK_INT(simul_gather(waiting, MANY, NULL), ==, -ECANCELED);
	remove_fifo();
}
