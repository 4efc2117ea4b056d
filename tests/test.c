/* SPDX-License-Identifier: MIT
 * tests/test.c - run tests, each in a process of its own, and answer in TAP. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/stack.h"
#include "base/alloc.h"
#include "loop/loop.h"

enum { TIME_LIMIT = 20, MOST_DESCRIPTORS = 4096 };

static struct test *first_test;
static struct test **end_of_tests = &first_test;

static struct smi_alloc_probe probe;

void test_add(struct test *test)
{
	*end_of_tests = test;
	end_of_tests = &test->next;
}

static unsigned time_limit(void)
{
	const char *stretch = getenv("TEST_STRETCH");
	int factor = stretch ? atoi(stretch) : 1;

	return TIME_LIMIT * (unsigned)(factor > 0 ? factor : 1);
}

/* So many times as long has the world to answer a virtual clock. */
static void stretch_grace(void)
{
	const char *grace = getenv("TEST_GRACE");
	int factor = grace ? atoi(grace) : 1;

	smi_loop_grace *= (unsigned)(factor > 0 ? factor : 1);
}

/* ---- Checks. stderr is what the parent shows if the test fails. */

static _Noreturn void end_failed(void)
{
	fflush(NULL);
	_exit(1);
}

_Noreturn void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	end_failed();
}

_Noreturn void test_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	_exit(TEST_SKIPPED);
}

void test_check_str(const char *file, int line, const char *what,
		    const char *actual, const char *expected)
{
	if (actual && expected ? strcmp(actual, expected) == 0
			       : actual == expected)
		return;
	test_fail(file, line, "%s: it is \"%s\", not \"%s\"", what,
		  actual ? actual : "(NULL)", expected ? expected : "(NULL)");
}

void test_check_bytes(const char *file, int line, const char *what,
		      const void *actual, const void *expected, size_t n)
{
	const unsigned char *a = actual, *e = expected;

	for (size_t i = 0; i < n; i++)
		if (a[i] != e[i])
			test_fail(file, line,
				  "%s: byte %zu of %zu is 0x%02x, not 0x%02x",
				  what, i, n, a[i], e[i]);
}

/* ---- What must be the same after a test as before it */

struct holdings {
	long blocks;
	size_t stacks;
	size_t descriptors;
	int descriptor[MOST_DESCRIPTORS];
};

static void look_at_descriptors(struct holdings *h)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	h->descriptors = 0;
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    atoi(entry->d_name) != dirfd(dir) &&
		    h->descriptors < MOST_DESCRIPTORS)
			h->descriptor[h->descriptors++] = atoi(entry->d_name);
	if (dir)
		closedir(dir);
}

static void look(struct holdings *h)
{
	h->blocks = atomic_load(&probe.live);
	h->stacks = smi_stacks_live();
	look_at_descriptors(h);
}

static bool has_descriptor(const struct holdings *h, int fd)
{
	for (size_t i = 0; i < h->descriptors; i++)
		if (h->descriptor[i] == fd)
			return true;
	return false;
}

static bool report_descriptors(const struct holdings *before,
			       const struct holdings *after)
{
	bool any = false;

	for (size_t i = 0; i < after->descriptors; i++) {
		char link[64], target[256] = "";
		int fd = after->descriptor[i];

		if (has_descriptor(before, fd))
			continue;
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		if (readlink(link, target, sizeof target - 1) < 0)
			strcpy(target, "?");
		fprintf(stderr, "descriptor %d was left open: %s\n", fd,
			target);
		any = true;
	}
	return any;
}

/* End the process if there is more now than before. */
static void check_nothing_left(const struct holdings *before)
{
	static struct holdings after;
	bool any;

	look(&after);
	any = report_descriptors(before, &after);
	if (after.blocks != before->blocks) {
		fprintf(stderr, "blocks of memory left: %ld\n",
			after.blocks - before->blocks);
		any = true;
	}
	if (after.stacks != before->stacks) {
		fprintf(stderr, "slabs of stacks left: %zd\n",
			(ssize_t)(after.stacks - before->stacks));
		any = true;
	}
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
		fputs("a child process was left\n", stderr);
		any = true;
	}
	if (any)
		end_failed();
}

static void run_checked(void (*run)(void))
{
	static struct holdings before;

	smi_alloc_probe = &probe;
	look(&before);
	run();
	probe.fail_from = 0;
	check_nothing_left(&before);
}

/* ---- Processes */

/* A child that dies with its parent, when a test is stopped from outside. */
static pid_t start_child(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(time_limit());
	}
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	return pid;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			perror("waitpid");
			exit(2);
		}
	return status;
}

static bool ended_with(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/* Say how a child ended that should have ended otherwise. */
static void explain(int status, const char *prefix, FILE *out)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		fprintf(out, "%sno end after %u s\n", prefix, time_limit());
	else if (WIFSIGNALED(status))
		fprintf(out, "%sdied of signal %d (%s)\n", prefix,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (!ended_with(status, 1))
		fprintf(out, "%sthe process exited with %d\n", prefix,
			WEXITSTATUS(status));
}

/* ---- Sweeps */

enum { NOTHING_REFUSED = 43, ALL_LATER = 1000000000, TOO_MANY = 100000 };

static _Noreturn void refuse_in_child(void (*body)(void), long from, long count)
{
	atomic_store(&probe.calls, 0);
	probe.fail_from = from;
	probe.fail_count = count;
	run_checked(body);
	exit(atomic_load(&probe.calls) >= from ? TEST_PASSED : NOTHING_REFUSED);
}

/* False once body asks for fewer than so many allocations. */
static bool refuse(void (*body)(void), long from, long count)
{
	pid_t pid = start_child();
	int status;

	if (pid == 0)
		refuse_in_child(body, from, count);
	alarm(time_limit());
	status = status_of(pid);
	if (ended_with(status, NOTHING_REFUSED))
		return false;
	if (ended_with(status, TEST_PASSED))
		return true;
	explain(status, "", stderr);
	fprintf(stderr, "this was with allocation %ld%s refused\n", from,
		count > 1 ? " and all later ones" : "");
	end_failed();
}

void sweep_allocations(void (*body)(void))
{
	static const long counts[] = { 1, ALL_LATER };

	for (int i = 0; i < 2; i++) {
		long from = 1;

		while (from < TOO_MANY && refuse(body, from, counts[i]))
			from++;
		CHECK_INT(from, <, TOO_MANY);
	}
}

/* ---- TAP */

/* The sentence that a name is; good until the next call. */
static const char *sentence(const char *name)
{
	static char text[256];

	snprintf(text, sizeof text, "%s", name);
	for (char *c = text; *c; c++)
		if (*c == '_')
			*c = ' ';
	return text;
}

static bool matches(const struct test *t, const char *pattern)
{
	return !pattern || strstr(t->name, pattern) ||
	       strstr(sentence(t->name), pattern);
}

static void show(FILE *output, FILE *out)
{
	char line[1024];

	rewind(output);
	while (fgets(line, sizeof line, output))
		fprintf(out, "# %s%s", line, strchr(line, '\n') ? "" : "\n");
}

static void show_reason(FILE *output, FILE *out)
{
	char line[256] = "\n";

	rewind(output);
	if (fgets(line, sizeof line, output))
		fprintf(out, " # SKIP %s", line);
}

/* What a test prints is kept, and shown if it fails. */
static _Noreturn void run_in_child(const struct test *t, FILE *output)
{
	setpgid(0, 0);
	dup2(fileno(output), STDOUT_FILENO);
	dup2(fileno(output), STDERR_FILENO);
	run_checked(t->run);
	/* Not _exit: sanitizers have a last look. */
	exit(TEST_PASSED);
}

static bool run_one(const struct test *t, int number, FILE *out)
{
	FILE *output = tmpfile();
	pid_t pid;
	int status;
	bool fine;

	if (!output) {
		perror("tmpfile");
		exit(2);
	}
	pid = start_child();
	if (pid == 0)
		run_in_child(t, output);
	status = status_of(pid);
	kill(-pid, SIGKILL); /* what it may have started */
	fine = ended_with(status, TEST_PASSED) ||
	       ended_with(status, TEST_SKIPPED);
	fprintf(out, "%sok %d - %s", fine ? "" : "not ", number,
		sentence(t->name));
	if (ended_with(status, TEST_SKIPPED))
		show_reason(output, out);
	else
		fputc('\n', out);
	if (!fine) {
		explain(status, "# ", out);
		show(output, out);
	}
	fflush(out);
	fclose(output);
	return fine;
}

int test_report(const struct test *first, const char *pattern, FILE *out)
{
	int count = 0, number = 0, failed = 0;

	for (const struct test *t = first; t; t = t->next)
		count += matches(t, pattern);
	fprintf(out, "1..%d\n", count);
	for (const struct test *t = first; t; t = t->next)
		if (matches(t, pattern) && !run_one(t, ++number, out))
			failed++;
	fprintf(out, "# %d passed, %d failed\n", count - failed, failed);
	fflush(out);
	return failed;
}

static int run_here(const char *pattern)
{
	for (const struct test *t = first_test; t; t = t->next)
		if (matches(t, pattern)) {
			printf("%s\n", sentence(t->name));
			run_checked(t->run);
		}
	return 0;
}

static int list(const char *pattern)
{
	for (const struct test *t = first_test; t; t = t->next)
		if (matches(t, pattern))
			puts(sentence(t->name));
	return 0;
}

int main(int argc, char **argv)
{
	const char *option = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
	const char *pattern = argv[*option ? 2 : 1];

	stretch_grace();
	if (strcmp(option, "--list") == 0)
		return list(pattern);
	if (strcmp(option, "--no-fork") == 0)
		return run_here(pattern);
	if (*option || argc > 2) {
		fprintf(stderr, "usage: %s [--list | --no-fork] [NAME]\n",
			argv[0]);
		return 2;
	}
	return test_report(first_test, pattern, stdout) > 0;
}
