/* SPDX-License-Identifier: MIT
 * tests/file/test_remove_tree.c - trees are removed, and nothing else: see
 * simul/copy.h. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <simul/copy.h>
#include <simul/path.h>

#include "denied.h"
#include "tree.h"

TEST_IN_FOLDER(a_tree_is_removed)
{
	make_tree();
	CHECK_INT(mkfifo("t/fifo", 0600), ==, 0);
	CHECK_INT(simul_remove_tree("t"), ==, 0);
	CHECK(!is_there("t"));
	CHECK_INT(simul_remove_tree("t"), ==, -ENOENT);
}

TEST_IN_FOLDER(what_links_lead_to_is_not_removed)
{
	make_tree();
	CHECK_INT(mkdir("outside", 0755), ==, 0);
	make_file("outside/kept", "kept");
	CHECK_INT(symlink("../../outside", "t/a/out"), ==, 0);
	CHECK_INT(symlink("outside", "root"), ==, 0);
	CHECK_INT(simul_remove_tree("root"), ==, -ENOTDIR);
	CHECK_INT(simul_remove_tree("t/file"), ==, -ENOTDIR);
	CHECK_INT(simul_remove_tree("t"), ==, 0);
	check_file("outside/kept", "kept");
	CHECK(is_there("root"));
}

TEST_IN_FOLDER(what_can_not_be_removed_stays_and_the_rest_goes)
{
	make_tree();
	CHECK_INT(chmod("t/a/b", 0555), ==, 0);
	CHECK_INT(chmod(".", 0755), ==, 0);
	if (geteuid() == 0) {
		CHECK_INT(system("chown -R 65534 ."), ==, 0);
		CHECK_INT(seteuid(65534), ==, 0);
	}
	CHECK_INT(simul_remove_tree("t"), ==, -EACCES);
	CHECK_INT(seteuid(getuid()), ==, 0);
	check_file("t/a/b/y", "y");
	CHECK(!is_there("t/file"));
	CHECK(!is_there("t/empty"));
	CHECK(!is_there("t/a/x"));
	CHECK_INT(chmod("t/a/b", 0755), ==, 0);
}

/* With the slash the system follows the link. */
TEST_IN_FOLDER(a_link_with_a_slash_at_its_end_is_a_link)
{
	CHECK_INT(mkdir("outside", 0755), ==, 0);
	make_file("outside/kept", "kept");
	CHECK_INT(symlink("outside", "root"), ==, 0);
	CHECK_INT(simul_remove_tree("root/"), ==, -ENOTDIR);
	CHECK_INT(simul_remove_tree("root//"), ==, -ENOTDIR);
	check_file("outside/kept", "kept");
	CHECK(is_there("root"));
	CHECK_INT(simul_remove_tree("outside//"), ==, 0);
	CHECK(!is_there("outside"));
}

enum { DEPTH = 3000 };

TEST_IN_FOLDER(a_very_deep_tree_is_removed)
{
	CHECK_INT(mkdir("t", 0755), ==, 0);
	CHECK_INT(chdir("t"), ==, 0);
	for (int i = 0; i < DEPTH; i++) {
		CHECK_INT(mkdir("d", 0755), ==, 0);
		CHECK_INT(chdir("d"), ==, 0);
	}
	CHECK_INT(chdir(folder), ==, 0);
	CHECK_INT(simul_remove_tree("t"), ==, 0);
	CHECK(!is_there("t"));
}

/* ---- In memory, where listings were no lists of names before Linux 6.6 */

enum { LEVELS = 80, SIBLINGS = 40 };

static void make_deep_and_wide(void)
{
	char name[16];

	for (int i = 0; i < LEVELS; i++) {
		for (int k = 0; k < SIBLINGS; k++) {
			snprintf(name, sizeof name, "%s%d", k % 2 ? "f" : "e",
				 k);
			if (k % 2)
				make_file(name, "");
			else
				CHECK_INT(mkdir(name, 0755), ==, 0);
			if (k == SIBLINGS / 2)
				CHECK_INT(mkdir("d", 0755), ==, 0);
		}
		CHECK_INT(chdir("d"), ==, 0);
	}
}

static int remove_all(void *arg)
{
	return simul_remove_tree(arg);
}

TEST(a_deep_tree_in_memory_is_removed)
{
	bool mounted;

	enter_folder();
	mounted = mount_memory("m", "");
	CHECK_INT(chdir("m"), ==, 0);
	CHECK_INT(mkdir("t", 0755), ==, 0);
	CHECK_INT(chdir("t"), ==, 0);
	make_deep_and_wide();
	CHECK_INT(chdir(folder), ==, 0);
	CHECK_INT(run_virtual(remove_all, (char *)"m/t"), ==, 0);
	CHECK(!is_there("m/t"));
	if (mounted)
		CHECK_INT(umount("m"), ==, 0);
	leave_folder();
}

/* ---- A file system that shows names which it doesn't know when asked for
 * them, as some on a network do. For one thread, whose pool is denied the
 * same. */

static void *remove_what_nobody_knows(void *arg)
{
	deny_descriptor(SYS_unlinkat, 2, 0, ENOENT);
	*(int *)arg = run_virtual(remove_all, (char *)"t");
	return NULL;
}

TEST(what_is_shown_and_not_known_is_not_tried_for_ever)
{
	pthread_t thread;
	int result = 0;

	enter_folder();
	make_tree();
	CHECK_INT(pthread_create(&thread, NULL, remove_what_nobody_knows,
				 &result),
		  ==, 0);
	CHECK_INT(pthread_join(thread, NULL), ==, 0);
	CHECK_INT(result, ==, -ENOTEMPTY);
	leave_folder();
}

/* ---- Somebody who puts a link in the place of a directory, again and again,
 * so that what is about to be gone into leads elsewhere. */

static atomic_bool enough;

static void *exchange(void *arg)
{
	while (!atomic_load(&enough)) {
		renameat2(AT_FDCWD, "t/d", AT_FDCWD, "link", RENAME_EXCHANGE);
		sched_yield();
	}
	return NULL;
}

TEST_IN_FOLDER(a_directory_that_becomes_a_link_leads_nowhere)
{
	pthread_t attacker;
	char path[64];

	CHECK_INT(mkdir("outside", 0755), ==, 0);
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "outside/%d", i);
		make_file(path, "kept");
	}
	CHECK_INT(symlink("../outside", "link"), ==, 0);
	CHECK_INT(pthread_create(&attacker, NULL, exchange, NULL), ==, 0);
	for (int round = 0; round < 50; round++) {
		mkdir("t", 0755);
		mkdir("t/d", 0755);
		make_file("t/1", "");
		make_file("t/2", "");
		simul_remove_tree("t");
		/* What was exchanged last may be either. */
		if (!is_there("link"))
			CHECK_INT(symlink("../outside", "link"), ==, 0);
	}
	atomic_store(&enough, true);
	pthread_join(attacker, NULL);
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "outside/%d", i);
		check_file(path, "kept");
	}
}
