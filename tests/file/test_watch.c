/* SPDX-License-Identifier: MIT
 * tests/file/test_watch.c - what happens to files is told. */
#include <simul/scope.h>
#include <simul/task.h>
#include <simul/watch.h>

#include "folder.h"
#include "sweep.h"

static simul_watch *watch;

static void open_watch(void)
{
	CHECK_INT(simul_watch_open(&watch), ==, 0);
}

/* The next is this. */
static simul_watch_event check_next(uint32_t mask, const char *path)
{
	simul_watch_event e;

	CHECK_INT(simul_watch_next(watch, &e), ==, 1);
	CHECK_STR(e.path, path);
	CHECK_INT(e.mask, ==, mask);
	return e;
}

static int next(void *arg)
{
	simul_watch_event e;

	return simul_watch_next(watch, &e);
}

static void check_silent(void)
{
	CHECK_INT(simul_wait_for(1, next, NULL), ==, -ETIMEDOUT);
}

/* ---- A directory, a file */

TEST_IN_FOLDER(what_happens_in_a_directory_is_told_with_names)
{
	simul_watch_event e;
	uint32_t cookie;
	int id;

	CHECK_INT(mkdir("d", 0755), ==, 0);
	open_watch();
	id = simul_watch_add(watch, "d", IN_CREATE | IN_DELETE | IN_MOVE);
	CHECK_INT(id, >=, 0);
	make_file("d/a", "x");
	e = check_next(IN_CREATE, "d/a");
	CHECK_STR(e.name, "a");
	CHECK_INT(e.id, ==, id);
	CHECK_INT(rename("d/a", "d/b\n"), ==, 0);
	cookie = check_next(IN_MOVED_FROM, "d/a").cookie;
	CHECK(cookie != 0);
	CHECK_INT(check_next(IN_MOVED_TO, "d/b\n").cookie, ==, cookie);
	CHECK_INT(mkdir("d/sub", 0755), ==, 0);
	check_next(IN_CREATE | IN_ISDIR, "d/sub");
	CHECK_INT(unlink("d/b\n"), ==, 0);
	check_next(IN_DELETE, "d/b\n");
	check_silent();
	simul_watch_close(watch);
}

TEST_IN_FOLDER(what_happens_to_a_file_is_told_until_it_is_gone)
{
	simul_watch_event e;

	make_file("a", "");
	open_watch();
	CHECK_INT(simul_watch_add(watch, "a", IN_MODIFY | IN_DELETE_SELF), >=,
		  0);
	make_file("a", "x");
	e = check_next(IN_MODIFY, "a");
	CHECK_STR(e.name, "");
	CHECK_INT(unlink("a"), ==, 0);
	check_next(IN_DELETE_SELF, "a");
	check_next(IN_IGNORED, "a");
	check_silent();
	simul_watch_close(watch);
}

TEST_IN_FOLDER(what_is_watched_no_more_is_silent)
{
	int a, b;

	make_file("a", "");
	make_file("b", "");
	open_watch();
	a = simul_watch_add(watch, "a", IN_MODIFY);
	b = simul_watch_add(watch, "b", IN_MODIFY);
	CHECK_INT(simul_watch_remove(watch, a), ==, 0);
	CHECK_INT(simul_watch_remove(watch, a), ==, -EINVAL);
	make_file("a", "x");
	make_file("b", "x");
	check_next(IN_IGNORED, "a");
	CHECK_INT(check_next(IN_MODIFY, "b").id, ==, b);
	check_silent();
	simul_watch_close(watch);
}

TEST_IN_FOLDER(a_file_that_is_watched_again_keeps_its_id)
{
	int id;

	make_file("a", "");
	CHECK_INT(link("a", "b"), ==, 0);
	open_watch();
	id = simul_watch_add(watch, "a", IN_MODIFY);
	CHECK_INT(simul_watch_add(watch, "b", IN_ATTRIB), ==, id);
	CHECK_INT(chmod("a", 0600), ==, 0);
	check_next(IN_ATTRIB, "b");
	simul_watch_close(watch);
}

TEST_IN_FOLDER(what_can_not_be_watched_says_why)
{
	make_file("a", "");
	open_watch();
	CHECK_INT(simul_watch_add(watch, "missing", IN_MODIFY), ==, -ENOENT);
	CHECK_INT(simul_watch_add(watch, "a", IN_MODIFY | IN_ONLYDIR), ==,
		  -ENOTDIR);
	CHECK_INT(simul_watch_add(watch, "a", 0), ==, -EINVAL);
	CHECK_INT(simul_watch_add_tree(watch, "a", IN_MODIFY), ==, -ENOTDIR);
	CHECK_INT(simul_watch_add_tree(watch, "missing", IN_MODIFY), ==,
		  -ENOENT);
	simul_watch_close(watch);
	simul_watch_close(NULL);
}

TEST_IN_FOLDER(too_much_at_once_is_told_as_an_overflow)
{
	simul_watch_event e;
	long most = 0;
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");

	if (!f || fscanf(f, "%ld", &most) != 1 || most > 100000)
		SKIP("the queue of inotify is too long to be filled");
	fclose(f);
	make_file("a", "");
	make_file("b", "");
	open_watch();
	CHECK_INT(simul_watch_add(watch, ".", IN_OPEN), >=, 0);
	for (long i = 0; i <= most; i++)
		close(open(i % 2 ? "a" : "b", O_RDONLY | O_CLOEXEC));
	do {
		CHECK_INT(simul_watch_next(watch, &e), ==, 1);
	} while (!(e.mask & IN_Q_OVERFLOW));
	CHECK_INT(e.id, ==, -1);
	CHECK_STR(e.path, "");
	simul_watch_close(watch);
}

TEST_IN_FOLDER(one_task_at_a_time_waits_and_can_be_cancelled)
{
	simul_task *t;
	simul_watch_event e;

	open_watch();
	CHECK_INT(simul_watch_add(watch, ".", IN_CREATE), >=, 0);
	t = simul_create_task(next, NULL);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_watch_next(watch, &e), ==, -EBUSY);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	t = simul_create_task(next, NULL);
	CHECK_INT(simul_sleep(0), ==, 0);
	make_file("a", "");
	CHECK_INT(simul_await(t), ==, 1);
	simul_watch_close(watch);
}

/* ---- Trees */

/* Read events until there are no more, and note what was created. */
static bool was_created(const char *path)
{
	simul_watch_event e;
	simul_timeout limit;
	bool seen = false;

	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	while (simul_watch_next(watch, &e) > 0)
		if ((e.mask & IN_CREATE) && strcmp(e.path, path) == 0)
			seen = true;
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
	return seen;
}

TEST_IN_FOLDER(a_tree_is_watched_with_all_that_is_below_it)
{
	CHECK_INT(mkdir("t", 0755) | mkdir("t/a", 0755) | mkdir("t/a/b", 0755),
		  ==, 0);
	open_watch();
	CHECK_INT(simul_watch_add_tree(watch, "t", IN_CREATE), >=, 0);
	make_file("t/a/b/c", "");
	CHECK_STR(check_next(IN_CREATE, "t/a/b/c").name, "c");
	check_silent();
	simul_watch_close(watch);
}

TEST_IN_FOLDER(what_is_in_a_new_directory_before_it_is_watched_is_told_too)
{
	CHECK_INT(mkdir("t", 0755), ==, 0);
	open_watch();
	CHECK_INT(simul_watch_add_tree(watch, "t", IN_CREATE), >=, 0);
	CHECK_INT(mkdir("t/a", 0755) | mkdir("t/a/b", 0755), ==, 0);
	make_file("t/a/b/c", "");
	CHECK(was_created("t/a/b/c"));
	make_file("t/a/b/later", "");
	CHECK_STR(check_next(IN_CREATE, "t/a/b/later").name, "later");
	simul_watch_close(watch);
}

TEST_IN_FOLDER(a_directory_that_is_moved_in_is_watched_and_one_moved_out_not)
{
	CHECK_INT(mkdir("t", 0755) | mkdir("a", 0755) | mkdir("a/b", 0755), ==,
		  0);
	open_watch();
	CHECK_INT(simul_watch_add_tree(watch, "t", IN_CREATE | IN_MOVED_TO), >=,
		  0);
	CHECK_INT(rename("a", "t/a"), ==, 0);
	check_next(IN_MOVED_TO | IN_ISDIR, "t/a");
	CHECK(was_created("t/a/b"));
	make_file("t/a/b/c", "");
	check_next(IN_CREATE, "t/a/b/c");
	CHECK_INT(rename("t/a", "out"), ==, 0);
	CHECK(!was_created("t/a"));
	make_file("out/b/unseen", "");
	check_silent();
	simul_watch_close(watch);
}

TEST_IN_FOLDER(a_directory_that_is_gone_before_it_is_watched_is_no_error)
{
	simul_watch_event e;

	CHECK_INT(mkdir("t", 0755), ==, 0);
	open_watch();
	CHECK_INT(simul_watch_add_tree(watch, "t", IN_CREATE | IN_DELETE), >=,
		  0);
	CHECK_INT(mkdir("t/a", 0755) | rmdir("t/a"), ==, 0);
	CHECK_INT(simul_watch_next(watch, &e), ==, 1);
	check_next(IN_DELETE | IN_ISDIR, "t/a");
	check_silent();
	simul_watch_close(watch);
}

/* ---- Sweeps */

static int watch_a_tree(void *arg)
{
	simul_watch_event e;
	simul_watch *w;
	int r = simul_watch_open(&w);

	if (r < 0)
		return r;
	r = simul_watch_add_tree(w, "t", IN_CREATE);
	mkdir("t/a", 0755);
	mkdir("t/a/b", 0755);
	for (int i = 0; i < 2 && r >= 0; i++)
		r = simul_watch_next(w, &e);
	simul_watch_close(w);
	rmdir("t/a/b");
	rmdir("t/a");
	return r;
}

static void run_watch(void)
{
	run_virtual(watch_a_tree, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 1 || result == -ECANCELED || result == -ETIMEDOUT);
}

/* Each of these directories is there before the one above it is watched. */
static const char *const new_ones[] = { "t/a", "t/a/b", "t/a/b/c" };

enum { NEW_ONES = sizeof new_ones / sizeof *new_ones };

struct reading {
	simul_watch *watch;
	bool heard[NEW_ONES]; /* of the file x in it */
};

static void path_in(const char *directory, char path[32])
{
	snprintf(path, 32, "%s/x", directory);
}

static int read_on(void *arg)
{
	struct reading *reading = arg;
	simul_watch_event e;
	char path[32];
	int r;

	while ((r = simul_watch_next(reading->watch, &e)) > 0)
		for (int i = 0; i < NEW_ONES; i++) {
			path_in(new_ones[i], path);
			reading->heard[i] |= strcmp(e.path, path) == 0;
		}
	return r;
}

static int check_that_all_are_watched(void *arg)
{
	struct reading *reading = arg;
	char path[32];

	CHECK_INT(simul_wait_for(1, read_on, arg), ==, -ETIMEDOUT);
	for (int i = 0; i < NEW_ONES; i++) {
		path_in(new_ones[i], path);
		make_file(path, "");
	}
	CHECK_INT(simul_wait_for(1, read_on, arg), ==, -ETIMEDOUT);
	for (int i = 0; i < NEW_ONES; i++) {
		CHECK(reading->heard[i]);
		path_in(new_ones[i], path);
		unlink(path);
	}
	return 0;
}

static int read_in_two_turns(void *arg)
{
	struct reading reading = { .watch = NULL };
	int r = simul_watch_open(&reading.watch);

	if (r < 0)
		return r;
	r = simul_watch_add_tree(reading.watch, "t", IN_CREATE);
	if (r >= 0) {
		for (int i = 0; i < NEW_ONES; i++)
			mkdir(new_ones[i], 0755);
		r = simul_wait_for(1, read_on, &reading);
		simul_shield(check_that_all_are_watched, &reading);
		for (int i = NEW_ONES - 1; i >= 0; i--)
			rmdir(new_ones[i]);
	}
	simul_watch_close(reading.watch);
	return r;
}

static void check_given_up(void *state, int result)
{
	CHECK(result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(a_directory_is_watched_though_who_waited_was_cancelled_meanwhile)
{
	enter_folder();
	CHECK_INT(mkdir("t", 0755), ==, 0);
	sweep_cancellations(read_in_two_turns, 1, check_given_up);
	leave_folder();
}

TEST(a_watch_survives_every_refused_allocation)
{
	enter_folder();
	CHECK_INT(mkdir("t", 0755), ==, 0);
	sweep_allocations(run_watch);
	leave_folder();
}

TEST(a_watch_survives_a_cancellation_at_every_suspension)
{
	enter_folder();
	CHECK_INT(mkdir("t", 0755), ==, 0);
	sweep_cancellations(watch_a_tree, 1, check_cancelled_or_done);
	leave_folder();
}
