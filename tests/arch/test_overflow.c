/* SPDX-License-Identifier: MIT
 * tests/arch/test_overflow.c - say whose stack it was that overflowed. */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul.h>

#include "sanitized.h"

static char said[4096];

/* Run fn in a child, keep what it says on stderr, and return how it ended. */
static int status_of(void (*fn)(void))
{
	int fds[2], status;
	size_t length = 0;
	ssize_t n;
	pid_t pid;

	CHECK_INT(pipe(fds), ==, 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		fn();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + length, sizeof said - 1 - length)) > 0)
		length += (size_t)n;
	said[length] = '\0';
	close(fds[0]);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	return status;
}

static __attribute__((noinline)) int recurse(volatile char *above)
{
	volatile char block[512];

	block[0] = above ? above[0] : 1;
	return block[0] ? recurse(block) + block[0] : 0;
}

static int overflows(void *arg)
{
	(void)arg;
	return recurse(NULL);
}

static int starts_one_that_overflows(void *arg)
{
	return simul_await(simul_create_task_with(
		&(simul_task_options){ .name = "deep thought",
				       .stack_size = *(size_t *)arg },
		overflows, NULL));
}

static size_t size = 65536;

static void run_debug(void)
{
	simul_run_with(&(simul_options){ .debug = true },
		       starts_one_that_overflows, &size);
}

static void run_plainly(void)
{
	simul_run(starts_one_that_overflows, &size);
}

TEST(an_overflow_is_a_segmentation_fault)
{
	int status;

	if (IS_SANITIZED)
		SKIP("the sanitizer catches it");
	status = status_of(run_plainly);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), ==, SIGSEGV);
	CHECK(!strstr(said, "simul:"));
}

TEST(in_debug_mode_an_overflow_names_the_task_and_then_is_one)
{
	int status;

	if (IS_SANITIZED)
		SKIP("the sanitizer catches it");
	for (size = 16384; size <= (1 << 20); size *= 4) {
		char number[32];

		snprintf(number, sizeof number, "%zu", size);
		status = status_of(run_debug);
		CHECK(WIFSIGNALED(status));
		CHECK_INT(WTERMSIG(status), ==, SIGSEGV);
		CHECK(strstr(said, "'deep thought'"));
		CHECK(strstr(said, number));
	}
}

static int crashes(void *arg)
{
	volatile char *nowhere = arg;

	*nowhere = 1;
	return 0;
}

static void run_crash(void)
{
	simul_run_with(&(simul_options){ .debug = true }, crashes,
		       (void *)(uintptr_t)16);
}

TEST(another_segmentation_fault_is_not_called_an_overflow)
{
	int status;

	if (IS_SANITIZED)
		SKIP("the sanitizer catches it");
	status = status_of(run_crash);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), ==, SIGSEGV);
	CHECK(!strstr(said, "overflow"));
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void handler(int number)
{
	(void)number;
}

TEST(the_default_action_and_the_signal_stack_are_restored)
{
	struct sigaction action;
	stack_t stack;

	if (IS_SANITIZED)
		SKIP("the sanitizer catches it");
	CHECK_INT(simul_run_with(&(simul_options){ .debug = true }, nothing,
				 NULL),
		  ==, 0);
	sigaction(SIGSEGV, NULL, &action);
	CHECK(action.sa_handler == SIG_DFL);
	sigaltstack(NULL, &stack);
	CHECK(stack.ss_flags & SS_DISABLE);
}

TEST(somebody_elses_handler_is_left_alone)
{
	struct sigaction action;

	signal(SIGSEGV, handler);
	CHECK_INT(simul_run_with(&(simul_options){ .debug = true }, nothing,
				 NULL),
		  ==, 0);
	sigaction(SIGSEGV, NULL, &action);
	CHECK(action.sa_handler == handler);
}

static int is_default(void *arg)
{
	struct sigaction action;

	(void)arg;
	sigaction(SIGSEGV, NULL, &action);
	return action.sa_handler == SIG_DFL;
}

TEST(unless_in_debug_mode_no_handler_is_installed)
{
	if (IS_SANITIZED)
		SKIP("the sanitizer has one");
	CHECK_INT(simul_run(is_default, NULL), ==, 1);
}
