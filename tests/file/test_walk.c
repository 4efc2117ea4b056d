/* SPDX-License-Identifier: MIT
 * tests/file/test_walk.c - over all that is below a directory: see
 * simul/directory.h. */
#include <malloc.h>
#include <sys/resource.h>

#include <simul/path.h>
#include <simul/task.h>

#include "base/alloc.h"
#include "sweep.h"
#include "tree.h"

static struct written written;
static const simul_walk_options upwards = { .order = SIMUL_WALK_UP };
static const simul_walk_options both_ways = { .order = SIMUL_WALK_BOTH };
static const simul_walk_options following = { .follow = true };
static const simul_walk_options nonsense = {
	.order = (enum simul_walk_order)4711
};

/* ---- Order */

TEST_IN_FOLDER(a_walk_shows_a_directory_before_what_is_in_it)
{
	make_tree();
	CHECK_INT(walk_all("t", NULL, &written), ==, 0);
	CHECK_INT(written.count, ==, 8);
	CHECK_INT(line_of(&written, "d t"), ==, 0);
	CHECK_ORDER(&written, "d t/a", "- t/a/x");
	CHECK_ORDER(&written, "d t/a", "d t/a/b");
	CHECK_ORDER(&written, "d t/a/b", "- t/a/b/y");
	CHECK_SHOWN(&written, "d t/empty");
	CHECK_SHOWN(&written, "- t/file");
	CHECK_SHOWN(&written, "l t/link");
}

TEST_IN_FOLDER(a_walk_upwards_shows_it_after)
{
	make_tree();
	CHECK_INT(walk_all("t/", &upwards, &written), ==, 0);
	CHECK_INT(written.count, ==, 8);
	CHECK_INT(line_of(&written, "d t/."), ==, 7);
	CHECK_ORDER(&written, "- t/a/b/y", "d t/a/b.");
	CHECK_ORDER(&written, "d t/a/b.", "d t/a.");
	CHECK_ORDER(&written, "- t/a/x", "d t/a.");
	CHECK_SHOWN(&written, "d t/empty.");
}

TEST_IN_FOLDER(a_walk_both_ways_shows_it_twice)
{
	make_tree();
	CHECK_INT(walk_all("t", &both_ways, &written), ==, 0);
	CHECK_INT(written.count, ==, 12);
	CHECK_INT(line_of(&written, "d t"), ==, 0);
	CHECK_INT(line_of(&written, "d t."), ==, 11);
	CHECK_ORDER(&written, "d t/a/b", "- t/a/b/y");
	CHECK_ORDER(&written, "- t/a/b/y", "d t/a/b.");
}

TEST_IN_FOLDER(a_walk_tells_where_an_entry_is)
{
	simul_walk *walk;
	simul_walk_entry e;
	struct stat one, other;
	int n = 0;

	make_tree();
	CHECK_INT(simul_walk_open("t", &both_ways, &walk), ==, 0);
	while (simul_walk_next(walk, &e) > 0) {
		CHECK_INT(
			fstatat(e.directory, e.name, &one, AT_SYMLINK_NOFOLLOW),
			==, 0);
		CHECK_INT(lstat(e.path, &other), ==, 0);
		CHECK_INT(one.st_ino, ==, other.st_ino);
		CHECK_INT(e.type, ==, one.st_mode & S_IFMT);
		if (strcmp(e.path, "t/a/b/y") == 0)
			CHECK_INT(e.depth, ==, 3);
		n++;
	}
	CHECK_INT(n, ==, 12);
	CHECK_INT(simul_walk_next(walk, &e), ==, 0);
	simul_walk_close(walk);
}

/* ---- What is left out */

TEST_IN_FOLDER(what_is_skipped_is_not_gone_into)
{
	simul_walk *walk;
	simul_walk_entry e;

	make_tree();
	CHECK_INT(simul_walk_open("t", &both_ways, &walk), ==, 0);
	while (simul_walk_next(walk, &e) > 0) {
		write_down(&written, &e);
		if (strcmp(e.name, "a") == 0)
			simul_walk_skip(walk);
	}
	simul_walk_close(walk);
	CHECK_SHOWN(&written, "d t/a");
	CHECK_INT(line_of(&written, "d t/a."), <, 0);
	CHECK_INT(line_of(&written, "- t/a/x"), <, 0);
	CHECK_INT(written.count, ==, 7);
}

TEST_IN_FOLDER(the_root_may_be_a_file_or_a_link_or_missing)
{
	make_tree();
	CHECK_INT(walk_all("t/file", NULL, &written), ==, 0);
	CHECK_INT(written.count, ==, 1);
	CHECK_SHOWN(&written, "- t/file");
	CHECK_INT(walk_all("t/link", NULL, &written), ==, 0);
	CHECK_SHOWN(&written, "- t/link/x");
	CHECK_INT(walk_all("missing", NULL, &written), ==, -ENOENT);
	CHECK_INT(walk_all("t", &nonsense, &written), ==, -EINVAL);
}

/* ---- Links */

TEST_IN_FOLDER(links_are_shown_and_not_followed)
{
	CHECK_INT(mkdir("t", 0755), ==, 0);
	CHECK_INT(symlink("..", "t/up"), ==, 0);
	CHECK_INT(symlink("t", "t/itself"), ==, 0);
	CHECK_INT(walk_all("t", NULL, &written), ==, 0);
	CHECK_INT(written.count, ==, 3);
	CHECK_SHOWN(&written, "l t/up");
	CHECK_SHOWN(&written, "l t/itself");
}

TEST_IN_FOLDER(links_that_are_followed_do_not_lead_round_for_ever)
{
	char loop[32];

	make_tree();
	CHECK_INT(symlink("../..", "t/a/up"), ==, 0);
	CHECK_INT(symlink("nowhere", "t/broken"), ==, 0);
	CHECK_INT(walk_all("t", &following, &written), ==, 0);
	CHECK_SHOWN(&written, "d t/link");
	CHECK_SHOWN(&written, "- t/link/x");
	CHECK_SHOWN(&written, "- t/link/b/y");
	CHECK_SHOWN(&written, "l t/broken");
	/* It leads above the root, and there is the root again. */
	CHECK_SHOWN(&written, "d t/a/up");
	snprintf(loop, sizeof loop, "d t/a/up/t.!%d", ELOOP);
	CHECK_SHOWN(&written, loop);
}

/* ---- Errors */

TEST_IN_FOLDER(a_directory_that_can_not_be_read_is_shown_with_its_error)
{
	char denied[32];

	make_tree();
	CHECK_INT(chmod("t/a/b", 0), ==, 0);
	CHECK_INT(chmod(".", 0755), ==, 0);
	if (geteuid() == 0)
		CHECK_INT(seteuid(65534), ==, 0);
	CHECK_INT(walk_all("t", &both_ways, &written), <=, 0);
	CHECK_INT(seteuid(getuid()), ==, 0);
	CHECK_INT(chmod("t/a/b", 0755), ==, 0);
	snprintf(denied, sizeof denied, "d t/a/b.!%d", EACCES);
	CHECK_SHOWN(&written, denied);
	CHECK_ORDER(&written, denied, "d t/a.");
	CHECK_SHOWN(&written, "- t/a/x");
	CHECK_SHOWN(&written, "d t.");
}

/* ---- Depth and size */

enum { DEEP = 200 };

#define DOWN "a-name-that-makes-the-path-long"

static void make_deep(void)
{
	CHECK_INT(mkdir("t", 0755), ==, 0);
	CHECK_INT(chdir("t"), ==, 0);
	for (int i = 0; i < DEEP; i++) {
		make_file("before", "");
		CHECK_INT(mkdir(DOWN, 0755), ==, 0);
		make_file("zz", "");
		CHECK_INT(chdir(DOWN), ==, 0);
	}
	CHECK_INT(chdir(folder), ==, 0);
}

/* The path is longer than any that could be opened. */
TEST_IN_FOLDER(a_deep_tree_needs_few_descriptors_and_is_shown_whole)
{
	struct rlimit limit, few;
	simul_walk *walk;
	simul_walk_entry e;
	int shown = 0, r;

	make_deep();
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	few = limit;
	few.rlim_cur = 60;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	CHECK_INT(simul_walk_open("t", &upwards, &walk), ==, 0);
	while ((r = simul_walk_next(walk, &e)) > 0) {
		CHECK_INT(e.error, ==, 0);
		/* So it is that tree which is left at once. */
		CHECK_INT(simul_unlink_at(e.directory, e.name,
					  e.type == S_IFDIR ? AT_REMOVEDIR : 0),
			  ==, 0);
		shown++;
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(shown, ==, 3 * DEEP + 1);
	simul_walk_close(walk);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	CHECK(!is_there("t"));
}

TEST_IN_FOLDER(a_deep_tree_that_is_moved_meanwhile_does_not_lead_elsewhere)
{
	simul_walk *walk;
	simul_walk_entry e;
	int r;

	make_deep();
	CHECK_INT(mkdir("other", 0755), ==, 0);
	CHECK_INT(simul_walk_open("t", &upwards, &walk), ==, 0);
	CHECK_INT(simul_walk_next(walk, &e), ==, 1);
	while ((r = simul_walk_next(walk, &e)) > 0) {
		CHECK(strncmp(e.path, "t", 1) == 0);
		if (e.depth == DEEP - 3 && e.after)
			CHECK_INT(rename("t/" DOWN "/" DOWN, "other/down"), <=,
				  0);
	}
	CHECK_INT(r, ==, -ESTALE);
	simul_walk_close(walk);
}

enum { WIDE = 100000, EACH = 1000 };

static void make_wide(void)
{
	char path[64];

	for (int i = 0; i < WIDE; i++) {
		if (i % EACH == 0) {
			snprintf(path, sizeof path, "t/%d", i / EACH);
			CHECK_INT(mkdir(path, 0755), ==, 0);
		}
		snprintf(path, sizeof path, "t/%d/%d", i / EACH, i);
		CHECK_INT(symlink("x", path), ==, 0);
	}
}

/* Blocks that are alive stay few, and so do bytes. */
static int walk_wide(void *arg)
{
	simul_walk *walk;
	simul_walk_entry e;
	long most = 0, before = atomic_load(&smi_alloc_probe->live);
	size_t in_use = mallinfo2().uordblks, largest = 0;
	int shown = 0;

	(void)arg;
	CHECK_INT(simul_walk_open("t", NULL, &walk), ==, 0);
	while (simul_walk_next(walk, &e) > 0) {
		long live = atomic_load(&smi_alloc_probe->live) - before;

		most = live > most ? live : most;
		if (shown++ % 1000 == 500) {
			size_t bytes = mallinfo2().uordblks - in_use;

			largest = bytes > largest ? bytes : largest;
		}
	}
	simul_walk_close(walk);
	CHECK_INT(shown, ==, WIDE + WIDE / EACH + 1);
	CHECK_INT(most, <, 20);
	CHECK_INT(largest, <, 300000);
	return 0;
}

/* In memory, if that may be, as they are many to be made. */
TEST(a_tree_of_100000_entries_is_walked_in_constant_memory)
{
	bool mounted;

	enter_folder();
	mounted = mount_memory("t", "");
	make_wide();
	CHECK_INT(run_virtual(walk_wide, NULL), ==, 0);
	if (mounted)
		CHECK_INT(umount("t"), ==, 0);
	leave_folder();
}

/* ---- Others */

static int count_turns(void *arg)
{
	int *turns = arg;

	for (;;) {
		int r = simul_sleep(0);

		if (r < 0)
			return r;
		++*turns;
	}
}

TEST_IN_FOLDER(others_run_while_a_tree_is_walked)
{
	simul_task *t;
	int turns = 0;

	make_tree();
	t = simul_create_task(count_turns, &turns);
	CHECK_INT(walk_all("t", NULL, &written), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(turns, >, 0);
}

TEST_IN_FOLDER(a_walk_may_be_left_anywhere)
{
	simul_walk *walk;
	simul_walk_entry e;

	make_tree();
	for (int n = 0; n < 12; n++) {
		CHECK_INT(simul_walk_open("t", &both_ways, &walk), ==, 0);
		for (int i = 0; i < n; i++)
			CHECK_INT(simul_walk_next(walk, &e), ==, 1);
		simul_walk_close(walk);
	}
	simul_walk_close(NULL);
}

/* ---- Sweeps */

static int walk_both_ways(void *arg)
{
	struct written w = { .count = 0 };

	return walk_all("t", &both_ways, &w);
}

static void run_walk(void)
{
	run_virtual(walk_both_ways, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(a_walk_survives_every_refused_allocation)
{
	enter_folder();
	make_tree();
	sweep_allocations(run_walk);
	leave_folder();
}

TEST(a_walk_survives_a_cancellation_at_every_suspension)
{
	enter_folder();
	make_tree();
	sweep_cancellations(walk_both_ways, 1, check_cancelled_or_done);
	leave_folder();
}
