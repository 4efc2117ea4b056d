/* SPDX-License-Identifier: MIT
 * tests/process/test_process_output.c - talk with a program to its end. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul.h>

#include "programs.h"
#include "sweep.h"

static const simul_process_options pipes = { .in.to = SIMUL_TO_PIPE,
					     .out.to = SIMUL_TO_PIPE,
					     .err.to = SIMUL_TO_PIPE };

TEST_IN_TASK(input_goes_in_and_both_outputs_come_out)
{
	simul_process *p = start("cat; echo err >&2; exit 2", &pipes);
	simul_output output;

	CHECK_INT(simul_process_communicate(p, "in\n", 3, &output), ==, 2);
	CHECK_STR(output.out, "in\n");
	CHECK_STR(output.err, "err\n");
	CHECK_INT(output.out_length, ==, 3);
	CHECK_INT(output.how.code, ==, 2);
	simul_output_done(&output);
	CHECK(!output.out);
	simul_output_done(NULL);
	CHECK_INT(simul_process_close(p), ==, 2);
}

/* More than fits into pipes, in both directions at once. */
enum { MUCH = 2 * 1024 * 1024 };

TEST_IN_TASK(much_goes_both_ways_without_a_deadlock)
{
	char *input = malloc(MUCH);
	simul_process *p = start("tee /dev/stderr", &pipes);
	simul_output output;

	for (int i = 0; i < MUCH; i++)
		input[i] = (char)(i * 7 >> 3);
	CHECK_INT(simul_process_communicate(p, input, MUCH, &output), ==, 0);
	CHECK_INT(output.out_length, ==, MUCH);
	CHECK_BYTES(output.out, input, MUCH);
	CHECK_INT(output.err_length, ==, MUCH);
	CHECK_BYTES(output.err, input, MUCH);
	simul_output_done(&output);
	CHECK_INT(simul_process_close(p), ==, 0);
	free(input);
}

TEST_IN_TASK(that_it_does_not_read_its_input_is_no_error)
{
	static const char input[1000000];
	simul_process *p = start("exec <&-; echo done", &pipes);
	simul_output output;

	CHECK_INT(simul_process_communicate(p, input, sizeof input, &output),
		  ==, 0);
	CHECK_STR(output.out, "done\n");
	simul_output_done(&output);
	CHECK_INT(simul_process_close(p), ==, 0);
}

TEST_IN_TASK(what_was_killed_has_output_too)
{
	simul_output output;

	CHECK_INT(simul_run_shell("echo last words; kill -KILL $$", NULL,
				  &output),
		  ==, 128 + SIGKILL);
	CHECK_STR(output.out, "last words\n");
	CHECK_INT(output.how.signal, ==, SIGKILL);
	simul_output_done(&output);
}

TEST_IN_TASK(a_command_reads_what_it_is_given_or_nothing)
{
	check_output("cat", NULL, "");
	check_output(
		"cat",
		&(simul_process_options){ .input = "abc", .input_length = 3 },
		"abc");
}

/* ---- Limits */

static int run_limited(const char *script, size_t limit, simul_output *output)
{
	return simul_run_shell(
		script, &(simul_process_options){ .output_limit = limit },
		output);
}

TEST_IN_TASK(who_says_too_much_is_ended)
{
	simul_output output = { .out = NULL };

	CHECK_INT(run_limited("yes", 1000, &output), ==, -SIMUL_ETOOLONG);
	CHECK(!output.out);
	CHECK_INT(run_limited("printf 12345; printf 123456 >&2", 5, &output),
		  ==, -SIMUL_ETOOLONG);
	CHECK_INT(run_limited("printf 12345; printf 12345 >&2", 5, &output), ==,
		  0);
	CHECK_STR(output.err, "12345");
	simul_output_done(&output);
}

TEST_IN_TASK(who_said_too_much_still_has)
{
	simul_process_options o = pipes;
	simul_output output;
	simul_process *p;

	o.output_limit = 3;
	p = start("echo hello", &o);
	for (int i = 0; i < 2; i++)
		CHECK_INT(simul_process_communicate(p, NULL, 0, &output), ==,
			  -SIMUL_ETOOLONG);
	CHECK_INT(simul_process_close(p), >=, 0);
}

/* ---- Programs that behave oddly */

TEST_IN_TASK(one_that_closes_its_pipes_and_lives_on_is_waited_for)
{
	double began = simul_now();

	check_output("echo a; exec >&- 2>&-; sleep 0.1", NULL, "a\n");
	CHECK(simul_now() - began >= 0.1);
}

/* It holds the pipes for longer than the test may take. */
static const char leaves_somebody[] = "echo a; sleep 1000 & echo b";

TEST_IN_TASK(one_that_leaves_somebody_with_its_pipes_does_not_keep_us)
{
	check_output(
		leaves_somebody,
		&(simul_process_options){ .linger = 0.05, .new_group = true },
		"a\nb\n");
	check_output(
		leaves_somebody,
		&(simul_process_options){ .linger = -1, .new_group = true },
		"a\nb\n");
}

TEST_IN_TASK(nor_does_one_that_had_ended_before_it_was_talked_to)
{
	simul_process_options o = pipes;
	simul_output output;
	simul_process *p;

	o.linger = 0.05;
	o.new_group = true;
	p = start(leaves_somebody, &o);
	CHECK_INT(simul_process_wait(p), ==, 0);
	CHECK_INT(simul_process_communicate(p, NULL, 0, &output), ==, 0);
	CHECK_STR(output.out, "a\nb\n");
	simul_output_done(&output);
	CHECK_INT(simul_process_close(p), ==, 0);
}

TEST_IN_TASK(nor_does_one_that_leaves_somebody_with_its_input)
{
	static const char input[1000000];

	check_output("sleep 1000 0<&0 >/dev/null 2>&1 & echo a",
		     &(simul_process_options){ .linger = 0.05,
					       .new_group = true,
					       .input = input,
					       .input_length = sizeof input },
		     "a\n");
}

TEST_IN_TASK(nothing_that_it_wrote_is_missing_then)
{
	simul_output output;

	CHECK_INT(simul_run_shell("head -c 60000 /dev/zero; sleep 1000 &",
				  &(simul_process_options){ .linger = -1,
							    .new_group = true },
				  &output),
		  ==, 0);
	CHECK_INT(output.out_length, ==, 60000);
	simul_output_done(&output);
}

TEST_IN_TASK(what_the_one_left_behind_writes_soon_is_heard)
{
	const simul_process_options patient = { .linger = 15 };

	check_output("(sleep 0.05; echo late) & echo a", &patient, "a\nlate\n");
}

/* ---- Again */

static int communicates(void *arg)
{
	simul_output output;

	return simul_process_communicate(arg, "in\n", 3, &output);
}

TEST_IN_TASK(who_was_cancelled_goes_on_and_nothing_is_lost)
{
	simul_process *p = start(
		"read a; echo $a; read b; sleep 0.2; echo $b.; exit 5", &pipes);
	simul_output output;

	CHECK_INT(simul_wait_for(0.1, communicates, p), ==, -ETIMEDOUT);
	CHECK_INT(simul_process_communicate(p, "in\n", 3, &output), ==, 5);
	CHECK_STR(output.out, "in\n.\n");
	simul_output_done(&output);
	CHECK_INT(simul_process_close(p), ==, 5);
}

TEST_IN_TASK(one_task_at_a_time)
{
	simul_process *p = start("sleep 0.1", &pipes);
	simul_task *t = simul_create_task(communicates, p);
	simul_output output;

	CHECK_INT(simul_process_communicate(p, NULL, 0, &output), ==, 0);
	CHECK_INT(simul_await(t), ==, -EBUSY);
	simul_output_done(&output);
	CHECK_INT(simul_process_close(p), ==, 0);
}

/* ---- Whatever happens */

static int run_one(const char *script)
{
	simul_output output;
	int r = simul_run_shell(
		script,
		&(simul_process_options){ .input = "in\n", .input_length = 3 },
		&output);

	if (r >= 0) {
		CHECK_STR(output.out, "in\n");
		CHECK_STR(output.err, "err\n");
		simul_output_done(&output);
	}
	return r;
}

static int runs_one(void *arg)
{
	(void)arg;
	return run_one("cat; echo err >&2");
}

static void run(void)
{
	simul_run(runs_one, NULL);
}

TEST(no_memory_is_no_command_and_nothing_else)
{
	sweep_allocations(run);
}

static void check_none_left(void *state, int result)
{
	(void)state;
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), ==, -1);
}

TEST(a_command_is_cancelled_at_any_point)
{
	sweep_cancellations(runs_one, 1, check_none_left);
}
