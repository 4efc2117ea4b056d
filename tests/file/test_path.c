/* SPDX-License-Identifier: MIT
 * tests/file/test_path.c - names that come and go: see simul/path.h. */
#include <limits.h>

#include <simul/path.h>
#include <simul/scope.h>

#include "denied.h"
#include "folder.h"
#include "sweep.h"

/* ---- One name */

TEST_IN_FOLDER(rename_replaces_what_is_there)
{
	make_file("a", "new");
	make_file("b", "old");
	CHECK_INT(simul_rename("a", "b"), ==, 0);
	CHECK(!is_there("a"));
	check_file("b", "new");
	CHECK_INT(simul_rename("a", "b"), ==, -ENOENT);
}

TEST_IN_FOLDER(rename_new_replaces_nothing)
{
	make_file("a", "new");
	make_file("b", "old");
	CHECK_INT(simul_rename_new("a", "b"), ==, -EEXIST);
	check_file("b", "old");
	CHECK_INT(simul_rename_new("a", "c"), ==, 0);
	check_file("c", "new");
}

TEST_IN_FOLDER(unlink_removes_a_name_and_rmdir_an_empty_directory)
{
	make_file("a", "");
	CHECK_INT(mkdir("d", 0755), ==, 0);
	make_file("d/x", "");
	CHECK_INT(simul_unlink("d"), ==, -EISDIR);
	CHECK_INT(simul_rmdir("d"), ==, -ENOTEMPTY);
	CHECK_INT(simul_rmdir("a"), ==, -ENOTDIR);
	CHECK_INT(simul_unlink("a"), ==, 0);
	CHECK_INT(simul_unlink("a"), ==, -ENOENT);
	CHECK_INT(simul_unlink("d/x"), ==, 0);
	CHECK_INT(simul_rmdir("d"), ==, 0);
	CHECK(!is_there("d"));
}

TEST_IN_FOLDER(links_are_made_and_read)
{
	char text[PATH_MAX] = "untouched";

	make_file("a", "one file");
	CHECK_INT(simul_link("a", "hard"), ==, 0);
	CHECK_INT(simul_symlink("a", "soft"), ==, 0);
	check_file("hard", "one file");
	check_file("soft", "one file");
	CHECK_INT(simul_link("a", "soft"), ==, -EEXIST);
	CHECK_INT(simul_symlink("a", "hard"), ==, -EEXIST);
	CHECK_INT(simul_readlink("a", text, sizeof text), ==, -EINVAL);
	CHECK_STR(text, "untouched");
	CHECK_INT(simul_readlink("soft", text, sizeof text), ==, 1);
	CHECK_STR(text, "a");
	CHECK_INT(simul_symlink("four", "f"), ==, 0);
	CHECK_INT(simul_readlink("f", text, 4), ==, -ENAMETOOLONG);
	CHECK_INT(simul_readlink("f", text, 5), ==, 4);
}

TEST_IN_FOLDER(what_is_done_at_a_directory_follows_it_when_it_is_renamed)
{
	int dir;

	CHECK_INT(mkdir("d", 0755), ==, 0);
	make_file("d/x", "x");
	dir = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(rename("d", "moved"), ==, 0);
	CHECK_INT(simul_mkdir_at(dir, "sub", 0700), ==, 0);
	CHECK_INT(simul_rename_at(dir, "x", dir, "sub/y", 0), ==, 0);
	check_file("moved/sub/y", "x");
	CHECK_INT(simul_unlink_at(dir, "sub/y", 0), ==, 0);
	CHECK_INT(simul_unlink_at(dir, "sub", AT_REMOVEDIR), ==, 0);
	CHECK(!is_there("moved/sub"));
	close(dir);
}

/* ---- Several at once */

TEST_IN_FOLDER(makedirs_makes_what_is_missing)
{
	CHECK_INT(simul_mkdir("a", 0755), ==, 0);
	CHECK_INT(simul_mkdir("a", 0755), ==, -EEXIST);
	CHECK_INT(simul_mkdir("x/y", 0755), ==, -ENOENT);
	CHECK_INT(simul_makedirs("a/b//c/d/", 0755), ==, 0);
	CHECK_INT(simul_is_directory("a/b/c/d"), ==, 1);
	CHECK_INT(simul_makedirs("a/b/c", 0755), ==, 0);
	CHECK_INT(simul_makedirs(".", 0755), ==, 0);
	CHECK_INT(simul_makedirs("/", 0755), ==, 0);
	CHECK_INT(simul_makedirs("", 0755), ==, -ENOENT);
	make_file("file", "");
	CHECK_INT(simul_makedirs("file", 0755), ==, -EEXIST);
	CHECK_INT(simul_makedirs("file/x/y", 0755), ==, -ENOTDIR);
}

TEST_IN_FOLDER(makedirs_from_the_root_works_too)
{
	char path[200];

	snprintf(path, sizeof path, "%s/one/two", folder);
	CHECK_INT(simul_makedirs(path, 0755), ==, 0);
	CHECK_INT(simul_is_directory("one/two"), ==, 1);
}

TEST_IN_FOLDER(removedirs_stops_at_what_is_not_empty)
{
	CHECK_INT(simul_makedirs("a/b/c/d", 0755), ==, 0);
	make_file("a/x", "");
	CHECK_INT(simul_removedirs("a/b/c/d/"), ==, 0);
	CHECK(!is_there("a/b"));
	CHECK(is_there("a/x"));
	CHECK_INT(simul_removedirs("a"), ==, -ENOTEMPTY);
	CHECK_INT(simul_removedirs("b"), ==, -ENOENT);
}

/* ---- What goes with a file */

TEST_IN_FOLDER(access_and_chmod_agree)
{
	make_file("a", "");
	CHECK_INT(simul_access("a", F_OK), ==, 0);
	CHECK_INT(simul_access("a", X_OK), ==, -EACCES);
	CHECK_INT(simul_access("b", F_OK), ==, -ENOENT);
	CHECK_INT(simul_chmod("a", 0755), ==, 0);
	CHECK_INT(simul_access("a", X_OK), ==, 0);
	CHECK_INT(simul_chmod("b", 0755), ==, -ENOENT);
}

TEST_IN_FOLDER(chown_to_oneself_is_allowed)
{
	make_file("a", "");
	CHECK_INT(symlink("missing", "broken"), ==, 0);
	CHECK_INT(simul_chown("a", getuid(), (gid_t)-1), ==, 0);
	CHECK_INT(simul_chown("broken", getuid(), (gid_t)-1), ==, -ENOENT);
	CHECK_INT(simul_lchown("broken", getuid(), (gid_t)-1), ==, 0);
}

TEST_IN_FOLDER(times_are_set_and_seen)
{
	static const struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
	struct stat st;

	make_file("a", "");
	CHECK_INT(simul_utimens("a", times), ==, 0);
	CHECK_INT(simul_stat("a", &st), ==, 0);
	CHECK_INT(st.st_atim.tv_sec, ==, 1000);
	CHECK_INT(st.st_mtim.tv_sec, ==, 2000);
	CHECK_INT(st.st_mtim.tv_nsec, ==, 7);
	CHECK_INT(simul_utimens("a", NULL), ==, 0);
	CHECK_INT(simul_stat("a", &st), ==, 0);
	CHECK_INT(st.st_mtim.tv_sec, >, 2000);
	CHECK_INT(simul_utimens("b", NULL), ==, -ENOENT);
}

/* ---- Where */

TEST_IN_FOLDER(the_current_directory_and_the_real_path_are_told)
{
	char here[PATH_MAX], real[PATH_MAX];

	CHECK_INT(simul_getcwd(here, sizeof here), ==, strlen(folder));
	CHECK_STR(here, folder);
	CHECK_INT(simul_getcwd(real, 3), ==, -ERANGE);
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(symlink("d/../d", "link"), ==, 0);
	CHECK_INT(simul_realpath("./link/.", real, sizeof real), ==,
		  strlen(folder) + 2);
	CHECK_BYTES(real, folder, strlen(folder));
	CHECK_STR(real + strlen(folder), "/d");
	CHECK_INT(simul_realpath("link", real, 5), ==, -ENAMETOOLONG);
	CHECK_INT(simul_realpath("missing", real, 5), ==, -ENOENT);
}

/* ---- Sweeps */

static int use_names(void *arg)
{
	char text[100];
	int r = simul_makedirs("a/b/c", 0755);

	if (r >= 0)
		r = simul_symlink("nowhere", "a/link");
	if (r >= 0)
		r = simul_readlink("a/link", text, sizeof text);
	if (r >= 0)
		r = simul_rename("a/link", "a/other");
	if (r >= 0)
		r = simul_is_link("a/other");
	unlink("a/link");
	unlink("a/other");
	if (r >= 0)
		r = simul_removedirs("a/b/c");
	rmdir("a/b/c");
	rmdir("a/b");
	rmdir("a");
	return r;
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK(!is_there("a"));
}

static void run_use_names(void)
{
	run_virtual(use_names, NULL);
}

TEST(names_survive_every_refused_allocation)
{
	enter_folder();
	sweep_allocations(run_use_names);
	leave_folder();
}

TEST(names_survive_a_cancellation_at_every_suspension)
{
	enter_folder();
	sweep_cancellations(use_names, 1, check_cancelled_or_done);
	leave_folder();
}

TEST_IN_FOLDER(nothing_is_done_in_a_cancelled_scope)
{
	simul_timeout limit;

	make_file("a", "");
	CHECK_INT(simul_timeout_open(&limit, 0), ==, 0);
	CHECK_INT(simul_sleep(1), ==, -ECANCELED);
	CHECK_INT(simul_unlink("a"), ==, -ECANCELED);
	CHECK_INT(simul_chmod("a", 0), ==, -ECANCELED);
	CHECK_INT(simul_exists("a"), ==, -ECANCELED);
	CHECK(is_there("a"));
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
}

/* ---- An older kernel */

static int use_names_and_stat(void *arg)
{
	CHECK_INT(use_names(NULL), ==, 0);
	make_file("file", "hello");
	CHECK_INT(simul_size_of("file"), ==, 5);
	CHECK_INT(simul_link("file", "hard"), ==, 0);
	return simul_unlink("file");
}

/* It doesn't answer when it is asked what it has. */
TEST(a_kernel_that_lacks_operations_on_names_has_threads_for_them)
{
	enter_folder();
	deny(SYS_io_uring_register, EPERM);
	CHECK_INT(run_virtual(use_names_and_stat, NULL), ==, 0);
	leave_folder();
}
