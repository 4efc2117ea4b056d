/* SPDX-License-Identifier: MIT
 * tests/file/test_attribute.c - extended attributes: see simul/path.h. */
#include <linux/capability.h>
#include <sys/xattr.h>

#include <simul/copy.h>
#include <simul/file.h>
#include <simul/path.h>

#include "denied.h"
#include "sweep.h"
#include "tree.h"

static const simul_copy_options with_metadata = { .metadata = true };

/* A file with two of them. */
static void make_marked(const char *path)
{
	make_file(path, "x");
	if (setxattr(path, "user.colour", "blue", 4, 0) < 0)
		SKIP("the file system keeps no attributes");
	CHECK_INT(setxattr(path, "user.empty", "", 0, 0), ==, 0);
}

static void check_attribute(const char *path, const char *name,
			    const char *expected)
{
	char value[64] = "";

	CHECK_INT(getxattr(path, name, value, sizeof value - 1), ==,
		  strlen(expected));
	CHECK_STR(value, expected);
}

/* ---- One by one */

TEST_IN_FOLDER(an_attribute_says_what_it_was_set_to)
{
	char value[8] = "";

	make_marked("a");
	CHECK_INT(simul_setxattr("a", "user.size", "large", 5, 0), ==, 0);
	CHECK_INT(simul_getxattr("a", "user.size", NULL, 0), ==, 5);
	CHECK_INT(simul_getxattr("a", "user.size", value, 4), ==, -ERANGE);
	CHECK_STR(value, "");
	CHECK_INT(simul_getxattr("a", "user.size", value, sizeof value), ==, 5);
	CHECK_STR(value, "large");
	CHECK_INT(simul_getxattr("a", "user.empty", value, sizeof value), ==,
		  0);
}

TEST_IN_FOLDER(an_attribute_is_made_or_replaced_or_removed_as_asked)
{
	char value[8];

	make_marked("a");
	CHECK_INT(simul_setxattr("a", "user.colour", "x", 1, XATTR_CREATE), ==,
		  -EEXIST);
	CHECK_INT(simul_setxattr("a", "user.new", "x", 1, XATTR_REPLACE), ==,
		  -ENODATA);
	CHECK_INT(simul_setxattr("a", "user.colour", "red", 3, XATTR_REPLACE),
		  ==, 0);
	check_attribute("a", "user.colour", "red");
	CHECK_INT(simul_removexattr("a", "user.colour"), ==, 0);
	CHECK_INT(simul_removexattr("a", "user.colour"), ==, -ENODATA);
	CHECK_INT(simul_getxattr("a", "user.colour", value, 8), ==, -ENODATA);
	CHECK_INT(simul_getxattr("missing", "user.a", value, 8), ==, -ENOENT);
	CHECK_INT(simul_setxattr("a", "no.class", "x", 1, 0), ==, -EOPNOTSUPP);
}

/* In some order, and others may be there. */
static bool is_listed(const char *names, int length, const char *name)
{
	for (int at = 0; at < length; at += (int)strlen(names + at) + 1)
		if (strcmp(names + at, name) == 0)
			return true;
	return false;
}

TEST_IN_FOLDER(attributes_are_listed)
{
	char names[256];
	int n;

	make_marked("a");
	n = simul_listxattr("a", names, sizeof names);
	CHECK_INT(n, >=, sizeof "user.colour" + sizeof "user.empty");
	CHECK(is_listed(names, n, "user.colour"));
	CHECK(is_listed(names, n, "user.empty"));
	CHECK_INT(simul_listxattr("a", NULL, 0), ==, n);
	CHECK_INT(simul_listxattr("a", names, 5), ==, -ERANGE);
}

/* Programs without rights can't give a link any: the error tells whose it
 * would be. */
TEST_IN_FOLDER(a_link_itself_has_other_attributes_than_what_it_leads_to)
{
	char value[8], names[256];
	int n;

	make_marked("a");
	CHECK_INT(symlink("a", "link"), ==, 0);
	CHECK_INT(simul_getxattr("link", "user.colour", value, 8), ==, 4);
	CHECK_INT(simul_lgetxattr("link", "user.colour", value, 8), ==,
		  -ENODATA);
	CHECK_INT(simul_lsetxattr("link", "user.b", "x", 1, 0), ==, -EPERM);
	CHECK_INT(simul_lremovexattr("link", "user.colour"), <, 0);
	n = simul_llistxattr("link", names, sizeof names);
	CHECK_INT(n, >=, 0);
	CHECK(!is_listed(names, n, "user.colour"));
	CHECK_INT(simul_setxattr("link", "user.b", "x", 1, 0), ==, 0);
	n = simul_listxattr("link", names, sizeof names);
	CHECK(is_listed(names, n, "user.b"));
	CHECK_INT(simul_removexattr("link", "user.colour"), ==, 0);
	CHECK_INT(getxattr("a", "user.colour", NULL, 0), <, 0);
}

TEST_IN_FOLDER(an_open_file_has_attributes_whatever_it_is_called_now)
{
	char value[8] = "", names[256];
	simul_stream *s, *other;
	int n;

	make_marked("a");
	CHECK_INT(simul_open("a", O_RDWR, 0, &s), ==, 0);
	CHECK_INT(rename("a", "b"), ==, 0);
	CHECK_INT(simul_file_setxattr(s, "user.colour", "red", 3, 0), ==, 0);
	check_attribute("b", "user.colour", "red");
	CHECK_INT(simul_file_getxattr(s, "user.colour", value, 7), ==, 3);
	CHECK_STR(value, "red");
	n = simul_file_listxattr(s, names, sizeof names);
	CHECK(is_listed(names, n, "user.colour"));
	CHECK_INT(simul_file_removexattr(s, "user.colour"), ==, 0);
	CHECK_INT(simul_file_getxattr(s, "user.colour", value, 7), ==,
		  -ENODATA);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_stream_pair(&s, &other), ==, 0);
	CHECK_INT(simul_file_getxattr(s, "user.colour", value, 7), ==, -EBADF);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_close(other), ==, 0);
}

/* ---- Copied */

/* From here on root is bound by the permissions of files, too. */
static void give_up_rights(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	CHECK_INT(syscall(SYS_capset, &header, none), ==, 0);
}

TEST_IN_FOLDER(a_copy_has_the_attributes_if_metadata_is_asked_for)
{
	make_marked("a");
	CHECK_INT(chmod("a", 0444), ==, 0);
	give_up_rights();
	CHECK_INT(simul_copy_file("a", "b", NULL), ==, 0);
	CHECK_INT(getxattr("b", "user.colour", NULL, 0), <, 0);
	CHECK_INT(unlink("b"), ==, 0);
	CHECK_INT(simul_copy_file("a", "b", &with_metadata), ==, 0);
	check_attribute("b", "user.colour", "blue");
	check_attribute("b", "user.empty", "");
}

TEST_IN_FOLDER(the_largest_attribute_is_copied_whole)
{
	static char large[65536], seen[65536];
	ssize_t n = sizeof large;

	make_marked("a");
	memset(large, 'x', sizeof large);
	/* Some file systems have room for a block at most. */
	while (n > 0 && setxattr("a", "user.large", large, (size_t)n, 0) < 0)
		n -= 512;
	CHECK_INT(simul_copy_file("a", "b", &with_metadata), ==, 0);
	CHECK_INT(getxattr("b", "user.large", seen, sizeof seen), ==, n);
	CHECK_BYTES(seen, large, (size_t)n);
}

static void make_marked_tree(void)
{
	make_tree();
	make_marked("t/a/marked");
	CHECK_INT(setxattr("t/a", "user.colour", "green", 5, 0), ==, 0);
	CHECK_INT(setxattr("t", "user.colour", "white", 5, 0), ==, 0);
}

TEST_IN_FOLDER(a_tree_is_copied_with_the_attributes_of_its_directories)
{
	make_marked_tree();
	CHECK_INT(simul_copy_tree("t", "u", &with_metadata), ==, 0);
	check_attribute("u", "user.colour", "white");
	check_attribute("u/a", "user.colour", "green");
	check_attribute("u/a/marked", "user.colour", "blue");
	CHECK_INT(listxattr("u/a/b", NULL, 0), ==, listxattr("t/a/b", NULL, 0));
}

/* Of a directory, too, that can't be opened for them. */
TEST_IN_FOLDER(a_tree_whose_attributes_can_not_be_looked_at_is_not_copied)
{
	make_marked_tree();
	deny_descriptor(SYS_openat, 2, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			EMFILE);
	CHECK_INT(simul_copy_tree("t", "u", &with_metadata), ==, -EMFILE);
}

static void check_copy_without(unsigned system_call, unsigned error)
{
	make_marked("a");
	deny(system_call, error);
	CHECK_INT(simul_copy_file("a", "b", &with_metadata), ==, 0);
	check_file("b", "x");
	CHECK_INT(getxattr("b", "user.colour", NULL, 0), <, 0);
}

TEST_IN_FOLDER(a_file_system_that_keeps_no_attributes_takes_a_copy_all_the_same)
{
	check_copy_without(SYS_fsetxattr, EOPNOTSUPP);
}

TEST_IN_FOLDER(what_has_no_attributes_to_show_is_copied_all_the_same)
{
	check_copy_without(SYS_flistxattr, EOPNOTSUPP);
}

TEST_IN_FOLDER(an_attribute_that_has_gone_meanwhile_is_not_missed)
{
	check_copy_without(SYS_fgetxattr, ENODATA);
}

TEST_IN_FOLDER(a_copy_without_room_for_the_attributes_has_failed)
{
	make_marked("a");
	deny(SYS_fsetxattr, ENOSPC);
	CHECK_INT(simul_copy_file("a", "b", &with_metadata), ==, -ENOSPC);
}

/* ---- Sweeps */

static int mark_and_copy(void *arg)
{
	char names[256];
	int r = simul_setxattr("t/file", "user.shape", "round", 5, 0);

	(void)arg;
	if (r >= 0)
		r = simul_listxattr("t/file", names, sizeof names);
	if (r >= 0)
		r = simul_removexattr("t/file", "user.shape");
	if (r >= 0)
		r = simul_copy_tree("t", "u", &with_metadata);
	return r;
}

static void clean_up(void)
{
	CHECK_INT(system("rm -rf u"), ==, 0);
}

static void run_mark_and_copy(void)
{
	int r = run_virtual(mark_and_copy, NULL);

	CHECK(r == 0 || r == -ENOMEM || r == -EAGAIN);
	clean_up();
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
	clean_up();
}

TEST(attributes_survive_every_refused_allocation)
{
	enter_folder();
	make_marked_tree();
	sweep_allocations(run_mark_and_copy);
	leave_folder();
}

TEST(who_copies_attributes_is_cancelled_at_any_point)
{
	enter_folder();
	make_marked_tree();
	sweep_cancellations(mark_and_copy, 1, check_cancelled_or_done);
	leave_folder();
}
