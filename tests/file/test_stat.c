/* SPDX-License-Identifier: MIT
 * tests/file/test_stat.c - what a path stands for: see simul/path.h. */
#include <sys/sysmacros.h>

#include <simul/path.h>

#include "folder.h"

static void check_same(const struct stat *a, const struct stat *b)
{
	CHECK_INT(a->st_dev, ==, b->st_dev);
	CHECK_INT(a->st_ino, ==, b->st_ino);
	CHECK_INT(a->st_mode, ==, b->st_mode);
	CHECK_INT(a->st_nlink, ==, b->st_nlink);
	CHECK_INT(a->st_uid, ==, b->st_uid);
	CHECK_INT(a->st_gid, ==, b->st_gid);
	CHECK_INT(a->st_rdev, ==, b->st_rdev);
	CHECK_INT(a->st_size, ==, b->st_size);
	CHECK_INT(a->st_blksize, ==, b->st_blksize);
	CHECK_INT(a->st_blocks, ==, b->st_blocks);
	CHECK_INT(a->st_mtim.tv_sec, ==, b->st_mtim.tv_sec);
	CHECK_INT(a->st_mtim.tv_nsec, ==, b->st_mtim.tv_nsec);
	CHECK_INT(a->st_ctim.tv_nsec, ==, b->st_ctim.tv_nsec);
}

TEST_IN_FOLDER(stat_says_what_the_system_says)
{
	static const char *const paths[] = { "file", ".", "/dev/null",
					     "/proc/self/stat" };
	struct stat ours, theirs;

	make_file("file", "hello");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		CHECK_INT(simul_stat(paths[i], &ours), ==, 0);
		CHECK_INT(stat(paths[i], &theirs), ==, 0);
		check_same(&ours, &theirs);
	}
}

TEST_IN_FOLDER(lstat_tells_of_the_link_and_stat_of_what_it_leads_to)
{
	struct stat st;

	make_file("file", "hello");
	CHECK_INT(symlink("file", "link"), ==, 0);
	CHECK_INT(simul_stat("link", &st), ==, 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_INT(st.st_size, ==, 5);
	CHECK_INT(simul_lstat("link", &st), ==, 0);
	CHECK(S_ISLNK(st.st_mode));
}

TEST_IN_FOLDER(stat_at_starts_from_a_directory_or_is_of_the_descriptor)
{
	struct stat st;
	int dir;

	CHECK_INT(mkdir("d", 0755), ==, 0);
	make_file("d/file", "hello");
	dir = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(simul_stat_at(dir, "file", 0, &st), ==, 0);
	CHECK_INT(st.st_size, ==, 5);
	CHECK_INT(simul_stat_at(dir, "", AT_EMPTY_PATH, &st), ==, 0);
	CHECK(S_ISDIR(st.st_mode));
	close(dir);
}

TEST_IN_FOLDER(a_failed_stat_says_why_and_touches_nothing)
{
	struct stat st = { .st_size = 4711 };
	char *longest = malloc(5000);

	memset(longest, 'x', 4999);
	longest[4999] = 0;
	make_file("file", "");
	CHECK_INT(symlink("b", "a"), ==, 0);
	CHECK_INT(symlink("a", "b"), ==, 0);
	CHECK_INT(simul_stat("missing", &st), ==, -ENOENT);
	CHECK_INT(simul_stat("", &st), ==, -ENOENT);
	CHECK_INT(simul_stat("file/x", &st), ==, -ENOTDIR);
	CHECK_INT(simul_stat("a", &st), ==, -ELOOP);
	CHECK_INT(simul_stat(longest, &st), ==, -ENAMETOOLONG);
	longest[300] = 0;
	CHECK_INT(simul_stat(longest, &st), ==, -ENAMETOOLONG);
	CHECK_INT(st.st_size, ==, 4711);
	free(longest);
}

TEST_IN_FOLDER(names_are_bytes_of_any_kind)
{
	static const char *const names[] = { "new\nline", "\xff\xfe\x80",
					     " ",	  "-rf",
					     "\\",	  "\"'$(x)" };
	struct stat st;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		make_file(names[i], "x");
		CHECK_INT(simul_stat(names[i], &st), ==, 0);
		CHECK_INT(simul_rename(names[i], "other"), ==, 0);
		CHECK(!is_there(names[i]));
		CHECK_INT(simul_unlink("other"), ==, 0);
	}
}

TEST_IN_FOLDER(statvfs_knows_the_file_system)
{
	struct statvfs ours, theirs;

	CHECK_INT(simul_statvfs(".", &ours), ==, 0);
	CHECK_INT(statvfs(".", &theirs), ==, 0);
	CHECK_INT(ours.f_blocks, ==, theirs.f_blocks);
	CHECK_INT(ours.f_namemax, ==, theirs.f_namemax);
	CHECK_INT(simul_statvfs("missing", &ours), ==, -ENOENT);
}

TEST_IN_FOLDER(questions_are_answered_with_one_or_zero)
{
	make_file("file", "");
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(symlink("file", "to_file"), ==, 0);
	CHECK_INT(symlink("d", "to_d"), ==, 0);
	CHECK_INT(symlink("missing", "broken"), ==, 0);

	CHECK_INT(simul_exists("file"), ==, 1);
	CHECK_INT(simul_exists("d"), ==, 1);
	CHECK_INT(simul_exists("broken"), ==, 0);
	CHECK_INT(simul_exists("missing"), ==, 0);
	CHECK_INT(simul_exists("file/x"), ==, 0);
	CHECK_INT(simul_is_file("file"), ==, 1);
	CHECK_INT(simul_is_file("to_file"), ==, 1);
	CHECK_INT(simul_is_file("d"), ==, 0);
	CHECK_INT(simul_is_file("missing"), ==, 0);
	CHECK_INT(simul_is_directory("d"), ==, 1);
	CHECK_INT(simul_is_directory("to_d"), ==, 1);
	CHECK_INT(simul_is_directory("file"), ==, 0);
	CHECK_INT(simul_is_link("to_file"), ==, 1);
	CHECK_INT(simul_is_link("broken"), ==, 1);
	CHECK_INT(simul_is_link("file"), ==, 0);
}

TEST_IN_FOLDER(a_mount_is_told_from_a_directory)
{
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(simul_is_mount("/"), ==, 1);
	CHECK_INT(simul_is_mount("/proc"), ==, 1);
	CHECK_INT(simul_is_mount("d"), ==, 0);
	CHECK_INT(simul_is_mount("missing"), ==, 0);
}

TEST_IN_FOLDER(two_names_of_a_file_are_the_same_file)
{
	make_file("a", "same");
	make_file("b", "same");
	CHECK_INT(link("a", "hard"), ==, 0);
	CHECK_INT(symlink("a", "soft"), ==, 0);
	CHECK_INT(simul_is_same_file("a", "hard"), ==, 1);
	CHECK_INT(simul_is_same_file("soft", "hard"), ==, 1);
	CHECK_INT(simul_is_same_file("a", "b"), ==, 0);
	CHECK_INT(simul_is_same_file("a", "missing"), ==, -ENOENT);
}

TEST_IN_FOLDER(a_size_beyond_four_gib_is_told_right)
{
	make_file("big", "");
	CHECK_INT(truncate("big", INT64_C(5) << 30), ==, 0);
	CHECK_INT(simul_size_of("big"), ==, INT64_C(5) << 30);
	CHECK_INT(simul_size_of("missing"), ==, -ENOENT);
}
