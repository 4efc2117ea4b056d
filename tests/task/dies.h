/* SPDX-License-Identifier: MIT
 * tests/task/dies.h - functions that end the program, and what they say. */
#ifndef TEST_TASK_DIES_H
#define TEST_TASK_DIES_H

#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run fn in a child; keep what it says on stderr in said, and return its
 * status. */
static inline int status_of(void (*fn)(void), char *said, size_t size)
{
	size_t length = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	CHECK_INT(pipe(fds), ==, 0);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		dup2(fds[1], STDERR_FILENO);
		close(fds[1]);
		fn();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + length, size - 1 - length)) > 0)
		length += (size_t)n;
	said[length] = '\0';
	close(fds[0]);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	return status;
}

/* Run fn in a child: it says words. Returns its status. */
static inline int status_saying(void (*fn)(void), const char *words)
{
	char said[65536];
	int status = status_of(fn, said, sizeof said);

	if (!strstr(said, words))
		test_fail(__FILE__, __LINE__,
			  "it does not say \"%s\" but \"%s\"", words, said);
	return status;
}

/* fn aborts, and says words before. */
#define CHECK_DIES(fn, words)                                                  \
	do {                                                                   \
		int status_ = status_saying(fn, words);                        \
                                                                               \
		CHECK(WIFSIGNALED(status_) && WTERMSIG(status_) == SIGABRT);   \
	} while (0)

/* fn ends in order, and says words. */
#define CHECK_SAYS(fn, words)                                                  \
	do {                                                                   \
		int status_ = status_saying(fn, words);                        \
                                                                               \
		CHECK(WIFEXITED(status_) && WEXITSTATUS(status_) == 0);        \
	} while (0)

/* fn ends in order, and says nothing. */
#define CHECK_SILENT(fn)                                                       \
	do {                                                                   \
		char said_[65536];                                             \
		int status_ = status_of(fn, said_, sizeof said_);              \
                                                                               \
		CHECK_STR(said_, "");                                          \
		CHECK(WIFEXITED(status_) && WEXITSTATUS(status_) == 0);        \
	} while (0)

#endif /* TEST_TASK_DIES_H */
