/* SPDX-License-Identifier: MIT
 * tests/test_harness.c - a test that can't fail is no test: ours can. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

/* Run `run` as the only test there is, and return what is said about it. */
static const char *report_on(void (*run)(void), int *ret_failed)
{
	static char text[8192];
	struct test t = { "the_victim", run, NULL };
	FILE *out = tmpfile();
	size_t n;

	*ret_failed = test_report(&t, NULL, out);
	rewind(out);
	n = fread(text, 1, sizeof text - 1, out);
	text[n] = '\0';
	fclose(out);
	return text;
}

static void check_fails(void (*run)(void), const char *reason)
{
	int failed;
	const char *text = report_on(run, &failed);

	CHECK_INT(failed, ==, 1);
	CHECK(strncmp(text, "1..1\nnot ok 1 - the victim\n# ", 29) == 0);
	if (!strstr(text, reason))
		test_fail(__FILE__, __LINE__, "no \"%s\" in:\n%s", reason,
			  text);
}

static void check_passes(void (*run)(void), const char *line)
{
	int failed;
	const char *text = report_on(run, &failed);

	CHECK_INT(failed, ==, 0);
	if (!strstr(text, line))
		test_fail(__FILE__, __LINE__, "no \"%s\" in:\n%s", line, text);
}

/* ---- Victims */

static void does_nothing(void)
{
}

static void says_something(void)
{
	puts("not ok 1 - something");
}

static void is_skipped(void)
{
	SKIP("no %s here", "moon");
}

static void checks_what_is_false(void)
{
	CHECK(1 + 1 == 3);
}

static void checks_integers(void)
{
	size_t n = 3;

	CHECK_INT(n, ==, 3);
	CHECK_INT(n, >, -1);
	CHECK_INT(n + 1, <, 3);
}

static void checks_numbers(void)
{
	CHECK_NEAR(1.0, 1.05, 0.1);
	CHECK_NEAR(1.0, 2.0, 0.1);
}

static void checks_strings(void)
{
	CHECK_STR("same", "same");
	CHECK_STR(NULL, NULL);
	CHECK_STR("this", "that");
}

static void checks_a_missing_string(void)
{
	CHECK_STR(NULL, "that");
}

static void checks_bytes(void)
{
	CHECK_BYTES("abcd", "abcx", 3);
	CHECK_BYTES("abcd", "abcx", 4);
}

static void *kept;

static void leaks_a_block(void)
{
	kept = smi_alloc(10);
}

static void frees_what_it_did_not_allocate(void)
{
	smi_free(malloc(10));
}

static void leaks_a_descriptor(void)
{
	CHECK_INT(open("/dev/null", O_RDONLY), >=, 0);
}

static void leaks_a_process(void)
{
	if (fork() == 0) {
		pause();
		_exit(0);
	}
}

static void hangs(void)
{
	alarm(1);
	for (;;)
		pause();
}

static void aborts(void)
{
	abort();
}

static void is_killed(void)
{
	raise(SIGKILL);
}

static void exits(void)
{
	exit(0);
}

static int checks_in_a_task(void *arg)
{
	CHECK(1 + 1 == 4);
	return 0;
}

static void checks_in_a_loop(void)
{
	run_virtual(checks_in_a_task, NULL);
}

static int sleeps_for_a_day(void *arg)
{
	return simul_sleep(86400);
}

static void leaks_a_loop(void)
{
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, sleeps_for_a_day, NULL, &loop), ==, 0);
}

/* ---- What is said about them */

TEST(a_test_that_does_nothing_wrong_passes)
{
	check_passes(does_nothing, "\nok 1 - the victim\n# 1 passed, 0 failed");
}

TEST(what_a_test_prints_does_not_disturb_the_report)
{
	check_passes(says_something, "1..1\nok 1 - the victim\n# 1 passed");
}

TEST(a_skipped_test_says_why)
{
	check_passes(is_skipped, "\nok 1 - the victim # SKIP no moon here\n");
}

TEST(a_failed_check_says_where_and_what)
{
	check_fails(checks_what_is_false, "test_harness.c:");
	check_fails(checks_what_is_false, ": 1 + 1 == 3\n");
}

TEST(a_failed_comparison_shows_the_values)
{
	check_fails(checks_integers, "n + 1 < 3: it is 4, not < 3\n");
	check_fails(checks_numbers, "1.0: it is 1, not 2\n");
	check_fails(checks_strings, "\"this\": it is \"this\", not \"that\"\n");
	check_fails(checks_a_missing_string, "it is \"(NULL)\", not \"that\"");
	check_fails(checks_bytes, "byte 3 of 4 is 0x64, not 0x78\n");
}

TEST(a_block_that_is_left_fails_the_test)
{
	check_fails(leaks_a_block, "# blocks of memory left: 1\n");
}

TEST(a_block_that_is_freed_twice_fails_the_test)
{
	check_fails(frees_what_it_did_not_allocate,
		    "# blocks of memory left: -1\n");
}

TEST(a_descriptor_that_is_left_fails_the_test)
{
	check_fails(leaks_a_descriptor, "was left open: /dev/null\n");
}

TEST(a_process_that_is_left_fails_the_test)
{
	check_fails(leaks_a_process, "# a child process was left\n");
}

TEST(a_hang_fails_the_test)
{
	check_fails(hangs, "# no end after ");
}

TEST(a_crash_fails_the_test_and_names_the_signal)
{
	check_fails(aborts, "# died of signal 6 (Aborted)\n");
	check_fails(is_killed, "# died of signal 9 (Killed)\n");
}

TEST(a_test_that_ends_the_process_fails)
{
	check_fails(exits, "# the process exited with 0\n");
}

TEST(a_check_may_fail_inside_a_task)
{
	check_fails(checks_in_a_loop, ": 1 + 1 == 4\n");
}

TEST(a_loop_that_is_left_fails_the_test_for_all_that_it_has)
{
	check_fails(leaks_a_loop, "# blocks of memory left: ");
	check_fails(leaks_a_loop, "# slabs of stacks left: 1\n");
	check_fails(leaks_a_loop, "was left open: anon_inode:");
}

TEST_VIRTUAL(a_virtual_test_sleeps_for_a_day_in_no_time)
{
	CHECK_INT(sleeps_for_a_day(NULL), ==, 0);
}

TEST(a_pattern_chooses_tests_by_words_or_by_name)
{
	struct test second = { "one_thing", does_nothing, NULL };
	struct test first = { "another_thing", aborts, &second };
	FILE *out = tmpfile();

	CHECK_INT(test_report(&first, "one thing", out), ==, 0);
	CHECK_INT(test_report(&first, "one_t", out), ==, 0);
	CHECK_INT(test_report(&first, "thing", out), ==, 1);
	fclose(out);
}

/* ---- Sweeps */

static int sum_of_two_blocks(void)
{
	int *a = smi_alloc(sizeof *a);
	int *b = smi_alloc(sizeof *b);
	int sum = -1;

	if (a && b) {
		*a = 1;
		*b = 2;
		sum = *a + *b;
	}
	smi_free(a);
	smi_free(b);
	return sum;
}

static void is_careful(void)
{
	sum_of_two_blocks();
}

static void sweeps_what_is_careful(void)
{
	sweep_allocations(is_careful);
}

static void forgets_the_second(void)
{
	int *a = smi_alloc_zero(sizeof *a);
	int *b = smi_alloc_zero(sizeof *b);

	if (a && b) {
		smi_free(b);
		smi_free(a);
	}
}

static void sweeps_what_forgets(void)
{
	sweep_allocations(forgets_the_second);
}

static void trusts_the_third(void)
{
	is_careful();
	CHECK(sum_of_two_blocks() == 3);
}

static void sweeps_what_trusts(void)
{
	sweep_allocations(trusts_the_third);
}

static void trusts_that_one_in_two_succeeds(void)
{
	void *first = smi_alloc(1);
	void *second = smi_alloc(1);

	CHECK(first || second);
	smi_free(first);
	smi_free(second);
}

static void sweeps_what_hopes(void)
{
	sweep_allocations(trusts_that_one_in_two_succeeds);
}

TEST(a_sweep_passes_if_every_refusal_is_taken_well)
{
	check_passes(sweeps_what_is_careful, "\nok 1");
}

TEST(a_sweep_finds_what_leaks_after_a_refusal)
{
	check_fails(sweeps_what_forgets, "# blocks of memory left: 1\n");
	check_fails(sweeps_what_forgets, "with allocation 1 refused\n");
}

TEST(a_sweep_tells_which_allocation_was_refused)
{
	check_fails(sweeps_what_trusts, "with allocation 3 refused\n");
}

TEST(a_sweep_refuses_all_later_allocations_too)
{
	check_fails(sweeps_what_hopes,
		    "with allocation 1 and all later ones refused\n");
}
