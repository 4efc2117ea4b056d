/* SPDX-License-Identifier: MIT
 * tests/test.h - write a test.
 *
 *	#include "test.h"
 *
 *	TEST(a_buffer_gives_back_what_was_put_in)
 *	{
 *		...
 *		CHECK_INT(smi_buffer_length(&b), ==, 5);
 *	}
 *
 * A test's name is a sentence that is true. Each test runs in a process of its
 * own and fails if a check fails; if it crashes, hangs, or ends the process;
 * and if afterwards a block, a stack, a descriptor or a child process is left.
 *
 * A failed check ends the process at once. It never jumps, so that it may be
 * anywhere, also in a task.
 *
 *	test_lock                  run all tests of the program; answers in TAP
 *	test_lock NAME             those with NAME in their names
 *	test_lock --no-fork NAME   in this process, without an alarm: for gdb
 *	test_lock --list           the names
 *
 * Set TEST_STRETCH=10 to give everything ten times as long, as for valgrind,
 * and TEST_GRACE=5 where the kernel takes its time to answer, too: a virtual
 * clock then waits five times as long before it jumps.
 */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <simul/run.h>

/* ---- Tests */

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

/* Define a test. It has 20 seconds. */
#define TEST(sentence)                                                         \
	static void sentence(void);                                            \
	static void __attribute__((constructor)) sentence##_add(void)          \
	{                                                                      \
		static struct test test = { #sentence, sentence, NULL };       \
                                                                               \
		test_add(&test);                                               \
	}                                                                      \
	static void sentence(void)

/* simul_run under the virtual clock. */
static inline int run_virtual(simul_fn *fn, void *arg)
{
	return simul_run_with(&(simul_options){ .virtual_clock = true }, fn,
			      arg);
}

#define TEST_RUN_BY(runs, sentence)                                            \
	static void sentence##_inside(void);                                   \
	static int sentence##_task(void *arg)                                  \
	{                                                                      \
		(void)arg;                                                     \
		sentence##_inside();                                           \
		return 0;                                                      \
	}                                                                      \
	TEST(sentence)                                                         \
	{                                                                      \
		CHECK_INT(runs(sentence##_task, NULL), ==, 0);                 \
	}                                                                      \
	static void sentence##_inside(void)

/* Define a test that runs in the main task of a loop, on the real clock. */
#define TEST_IN_TASK(sentence) TEST_RUN_BY(simul_run, sentence)

/* The same under the virtual clock: sleeping takes no time. */
#define TEST_VIRTUAL(sentence) TEST_RUN_BY(run_virtual, sentence)

/* ---- Checks: they say where and what, with the values, and end the test. */

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition))                                              \
			test_fail(__FILE__, __LINE__, "%s", #condition);       \
	} while (0)

/* CHECK_INT(simul_await(t), ==, -ECANCELED), for integers of any kind. */
#define CHECK_INT(actual, op, expected)                                        \
	do {                                                                   \
		intmax_t actual_ = (intmax_t)(actual);                         \
		intmax_t expected_ = (intmax_t)(expected);                     \
                                                                               \
		if (!(actual_ op expected_))                                   \
			test_fail(__FILE__, __LINE__,                          \
				  "%s %s %s: it is %jd, not %s %jd", #actual,  \
				  #op, #expected, actual_, #op, expected_);    \
	} while (0)

/* Two numbers are the same but for so much. */
#define CHECK_NEAR(actual, expected, tolerance)                                \
	do {                                                                   \
		double actual_ = (actual), expected_ = (expected);             \
		double off_ = actual_ - expected_;                             \
                                                                               \
		if (!(off_ <= (tolerance) && -off_ <= (tolerance)))            \
			test_fail(__FILE__, __LINE__, "%s: it is %g, not %g",  \
				  #actual, actual_, expected_);                \
	} while (0)

/* Two strings are the same; NULL is like no string. */
#define CHECK_STR(actual, expected)                                            \
	test_check_str(__FILE__, __LINE__, #actual, actual, expected)

/* n bytes are the same. */
#define CHECK_BYTES(actual, expected, n)                                       \
	test_check_bytes(__FILE__, __LINE__, #actual, actual, expected, n)

/* This can't be tested here; format says why, as printf's. */
#define SKIP(...) test_skip(__VA_ARGS__)

/* ---- Sweeps */

/* Run body once for each allocation in it, each time with another one refused,
 * and once more each with all later ones refused too. It must not crash, and
 * nothing may be left at its end; what it returns and prints is its own
 * business. Each run is a process of its own. */
void sweep_allocations(void (*body)(void));

/* ---- For the harness and its own test */

/* What a process ends with when its test is right to its end. */
enum { TEST_PASSED = 42, TEST_SKIPPED = 77 };

void test_add(struct test *test);

/* Run a list of tests and write TAP to out; returns how many failed. */
int test_report(const struct test *first, const char *pattern, FILE *out);

_Noreturn void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
_Noreturn void test_skip(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void test_check_str(const char *file, int line, const char *what,
		    const char *actual, const char *expected);
void test_check_bytes(const char *file, int line, const char *what,
		      const void *actual, const void *expected, size_t n);

#endif /* TEST_H */
