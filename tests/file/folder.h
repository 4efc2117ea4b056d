/* SPDX-License-Identifier: MIT
 * tests/file/folder.h - an empty folder for each test, which is the current
 * directory while it runs, and gone afterwards. */
#ifndef FOLDER_H
#define FOLDER_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char folder[64];

static inline void enter_folder(void)
{
	strcpy(folder, "/tmp/simul-test-XXXXXX");
	CHECK(mkdtemp(folder));
	CHECK_INT(chdir(folder), ==, 0);
}

/* Some have names longer than any path may be. */
static inline void leave_folder(void)
{
	char command[100];

	CHECK_INT(chdir("/"), ==, 0);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	CHECK_INT(system(command), ==, 0);
}

/* Have a file system in memory, with these options of tmpfs(5), at the new
 * folder path, in a world of our own. Before any thread is there. */
static inline bool mount_memory(const char *path, const char *options)
{
	CHECK_INT(mkdir(path, 0755), ==, 0);
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", path, "tmpfs", 0, options) == 0;
}

/* TEST_VIRTUAL in a folder. */
#define TEST_IN_FOLDER(sentence)                                               \
	static void sentence##_there(void);                                    \
	static int sentence##_task(void *arg)                                  \
	{                                                                      \
		(void)arg;                                                     \
		sentence##_there();                                            \
		return 0;                                                      \
	}                                                                      \
	TEST(sentence)                                                         \
	{                                                                      \
		enter_folder();                                                \
		CHECK_INT(run_virtual(sentence##_task, NULL), ==, 0);          \
		leave_folder();                                                \
	}                                                                      \
	static void sentence##_there(void)

/* ---- Files, made and looked at past the library */

static inline void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK_INT(fd, >=, 0);
	CHECK_INT(write(fd, text, strlen(text)), ==, strlen(text));
	close(fd);
}

static inline void check_file(const char *path, const char *text)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK_INT(fd, >=, 0);
	CHECK_INT(read(fd, buffer, sizeof buffer), ==, strlen(text));
	CHECK_BYTES(buffer, text, strlen(text));
	close(fd);
}

static inline bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline int64_t size_of(const char *path)
{
	struct stat st;

	CHECK_INT(lstat(path, &st), ==, 0);
	return st.st_size;
}

#endif /* FOLDER_H */
