/* SPDX-License-Identifier: MIT
 * tests/process/test_process_terminal.c - programs with a terminal. */
#include <signal.h>

#include <simul.h>

#include "programs.h"

TEST_IN_TASK(it_has_a_terminal_of_its_own)
{
	check_output("tty -s && echo yes; stty size; "
		     "echo > /dev/tty; [ -t 0 ] && [ -t 2 ] && echo all",
		     &(simul_process_options){ .terminal = true },
		     "yes\r\n24 80\r\n\r\nall\r\n");
}

static void check_line(simul_stream *s, const char *expected)
{
	char *line;

	CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	CHECK_STR(line, expected);
}

TEST_IN_TASK(what_is_written_to_its_terminal_is_as_if_typed)
{
	simul_process *p =
		start("stty -echo; stty size; read a; echo got $a; "
		      "trap 'stty size; exit 3' WINCH; echo on; "
		      "while :; do sleep 0.01; done",
		      &(simul_process_options){
			      .terminal = true, .rows = 10, .columns = 30 });
	simul_stream *s = simul_process_terminal(p);
	char c;

	check_line(s, "10 30");
	CHECK_INT(simul_write(s, "hello\n", 6), ==, 0);
	check_line(s, "got hello");
	check_line(s, "on");
	CHECK_INT(simul_process_resize(p, 40, 50), ==, 0);
	check_line(s, "40 50");
	CHECK_INT(simul_process_wait(p), ==, 3);
	CHECK_INT(simul_read(s, &c, 1), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 3);
}

TEST_IN_TASK(an_interrupt_that_is_typed_ends_it)
{
	simul_process *p = start("echo on; exec sleep 100",
				 &(simul_process_options){ .terminal = true });
	simul_stream *s = simul_process_terminal(p);

	check_line(s, "on");
	CHECK_INT(simul_write(s, "\003", 1), ==, 0);
	CHECK_INT(simul_flush(s), ==, 0);
	CHECK_INT(simul_process_wait(p), ==, 128 + SIGINT);
	CHECK_INT(simul_process_close(p), ==, 128 + SIGINT);
}

TEST_IN_TASK(without_a_terminal_there_is_no_size_of_it)
{
	simul_process *p = start("true", NULL);

	CHECK_INT(simul_process_resize(p, 1, 2), ==, -ENOTTY);
	CHECK_INT(simul_process_close(p), >=, 0);
}
