/* SPDX-License-Identifier: MIT
 * tests/file/test_copy.c - files and trees are copied: see simul/copy.h. */
#include <time.h>

#include <simul/copy.h>
#include <simul/path.h>
#include <simul/scope.h>

#include "file/copy.h"
#include "file/long_work.h"
#include "sweep.h"
#include "tree.h"

static const simul_copy_options merging = { .merge = true };
static const simul_copy_options exclusively = { .exclusive = true };
static const simul_copy_options with_metadata = { .metadata = true };
static const simul_copy_options following = { .follow = true };

/* ---- One file */

TEST_IN_FOLDER(a_file_is_copied_with_its_permissions)
{
	struct stat st;

	make_file("a", "hello");
	make_file("b", "something longer");
	CHECK_INT(chmod("a", 0741), ==, 0);
	CHECK_INT(simul_copy_file("a", "b", NULL), ==, 0);
	check_file("b", "hello");
	CHECK_INT(stat("b", &st), ==, 0);
	CHECK_INT(st.st_mode & 07777, ==, 0741);
	make_file("empty", "");
	CHECK_INT(simul_copy_file("empty", "b", NULL), ==, 0);
	check_file("b", "");
}

TEST_IN_FOLDER(a_large_file_is_copied_and_its_holes_stay_holes)
{
	const off_t size = INT64_C(6) << 30;
	char block[4096], seen[4096];
	struct stat st;
	int fd = open("a", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	memset(block, 'x', sizeof block);
	CHECK_INT(pwrite(fd, block, 4096, 0), ==, 4096);
	CHECK_INT(pwrite(fd, block, 4096, (INT64_C(5) << 30) + 4096), ==, 4096);
	CHECK_INT(ftruncate(fd, size), ==, 0);
	close(fd);
	CHECK_INT(simul_copy_file("a", "b", NULL), ==, 0);
	CHECK_INT(stat("b", &st), ==, 0);
	CHECK_INT(st.st_size, ==, size);
	CHECK_INT(st.st_blocks * 512, <, 1 << 20);
	fd = open("b", O_RDONLY | O_CLOEXEC);
	CHECK_INT(pread(fd, seen, 4096, (INT64_C(5) << 30) + 4096), ==, 4096);
	CHECK_BYTES(seen, block, 4096);
	CHECK_INT(pread(fd, seen, 4096, 0), ==, 4096);
	CHECK_BYTES(seen, block, 4096);
	close(fd);
}

TEST_IN_FOLDER(a_file_is_copied_to_another_file_system)
{
	char path[] = "/dev/shm/simul-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		SKIP("there is no /dev/shm");
	close(fd);
	make_file("a", "hello");
	CHECK_INT(truncate("a", 300000), ==, 0);
	CHECK_INT(simul_copy_file("a", path, NULL), ==, 0);
	CHECK_INT(size_of(path), ==, 300000);
	CHECK_INT(simul_copy_file(path, "b", NULL), ==, 0);
	unlink(path);
	CHECK_INT(size_of("b"), ==, 300000);
}

TEST_IN_FOLDER(a_file_that_does_not_know_its_size_is_copied)
{
	CHECK_INT(simul_copy_file("/proc/version", "a", NULL), ==, 0);
	CHECK_INT(size_of("a"), >, 10);
}

TEST_IN_FOLDER(times_are_copied_if_that_is_asked_for)
{
	static const struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
	struct stat st;

	make_file("a", "hello");
	CHECK_INT(utimensat(AT_FDCWD, "a", times, 0), ==, 0);
	CHECK_INT(simul_copy_file("a", "b", NULL), ==, 0);
	CHECK_INT(stat("b", &st), ==, 0);
	CHECK_INT(st.st_mtim.tv_sec, >, 2000);
	CHECK_INT(simul_copy_file("a", "b", &with_metadata), ==, 0);
	CHECK_INT(stat("b", &st), ==, 0);
	CHECK_INT(st.st_mtim.tv_sec, ==, 2000);
	CHECK_INT(st.st_mtim.tv_nsec, ==, 7);
}

TEST_IN_FOLDER(what_can_not_be_copied_says_why_and_harms_nothing)
{
	make_file("a", "hello");
	make_file("b", "old");
	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(mkfifo("fifo", 0600), ==, 0);
	CHECK_INT(link("a", "hard"), ==, 0);
	CHECK_INT(simul_copy_file("missing", "b", NULL), ==, -ENOENT);
	CHECK_INT(simul_copy_file("d", "b", NULL), ==, -EISDIR);
	CHECK_INT(simul_copy_file("a", "d", NULL), ==, -EISDIR);
	CHECK_INT(simul_copy_file("fifo", "b", NULL), ==, -EINVAL);
	CHECK_INT(simul_copy_file("a", "b", &exclusively), ==, -EEXIST);
	CHECK_INT(simul_copy_file("a", "a", NULL), ==, -EINVAL);
	CHECK_INT(simul_copy_file("a", "hard", NULL), ==, -EINVAL);
	CHECK_INT(simul_copy_file("a", "missing/b", NULL), ==, -ENOENT);
	check_file("a", "hello");
	check_file("b", "old");
}

/* As root it could be the permissions of a device. */
TEST_IN_FOLDER(what_a_file_is_not_copied_to_keeps_its_permissions)
{
	struct stat st;
	int reader;

	make_file("empty", "");
	CHECK_INT(mkfifo("fifo", 0600), ==, 0);
	CHECK_INT(simul_copy_file("empty", "fifo", NULL), ==, -EINVAL);
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CHECK_INT(simul_copy_file("empty", "fifo", NULL), ==, -EINVAL);
	CHECK_INT(stat("fifo", &st), ==, 0);
	CHECK_INT(st.st_mode & 0777, ==, 0600);
	close(reader);
}

/* ---- A tree */

TEST_IN_FOLDER(a_tree_is_copied)
{
	char target[10] = "";
	struct stat st;

	make_tree();
	CHECK_INT(mkfifo("t/fifo", 0600), ==, 0);
	CHECK_INT(chmod("t/a/b", 0500), ==, 0);
	CHECK_INT(simul_copy_tree("t", "u", NULL), ==, 0);
	check_file("u/file", "file");
	check_file("u/a/x", "x");
	check_file("u/a/b/y", "y");
	CHECK(is_there("u/empty"));
	CHECK_INT(readlink("u/link", target, sizeof target), ==, 1);
	CHECK_STR(target, "a");
	CHECK_INT(stat("u/a/b", &st), ==, 0);
	CHECK_INT(st.st_mode & 0777, ==, 0500);
	CHECK_INT(stat("u/fifo", &st), ==, 0);
	CHECK(S_ISFIFO(st.st_mode));
	CHECK_INT(chmod("t/a/b", 0700) | chmod("u/a/b", 0700), ==, 0);
}

TEST_IN_FOLDER(a_tree_is_copied_into_another_if_that_is_asked_for)
{
	make_tree();
	CHECK_INT(mkdir("u", 0755), ==, 0);
	make_file("u/file", "other");
	make_file("u/link", "in the way");
	CHECK_INT(simul_copy_tree("t/", "u", NULL), ==, -EEXIST);
	check_file("u/file", "other");
	CHECK_INT(simul_copy_tree("t/", "u", &merging), ==, 0);
	check_file("u/file", "file");
	check_file("u/link/x", "x");
	CHECK_INT(simul_copy_tree("t/file", "v", NULL), ==, -ENOTDIR);
	CHECK_INT(simul_copy_tree("missing", "v", NULL), ==, -ENOENT);
}

TEST_IN_FOLDER(what_links_lead_to_is_copied_if_that_is_asked_for)
{
	struct stat st;

	make_tree();
	CHECK_INT(simul_copy_tree("t", "u", &following), ==, 0);
	CHECK_INT(lstat("u/link", &st), ==, 0);
	CHECK(S_ISDIR(st.st_mode));
	check_file("u/link/b/y", "y");
}

TEST_IN_FOLDER(a_tree_is_not_copied_into_itself)
{
	make_tree();
	CHECK_INT(simul_copy_tree("t", "t/a/copy", NULL), ==, -EINVAL);
}

/* ---- Cancelled */

static int work_until_told(void *arg)
{
	const struct timespec pause = { 0, 1000000 };
	atomic_bool *stop = arg;

	while (!atomic_load(stop))
		nanosleep(&pause, NULL);
	return -ECANCELED;
}

static int work_long(void *arg)
{
	return smi_work_long(work_until_told, arg, arg);
}

TEST_VIRTUAL(work_that_takes_long_is_told_that_it_is_cancelled)
{
	atomic_bool stop = false;

	CHECK_INT(simul_wait_for(1, work_long, &stop), ==, -ETIMEDOUT);
	CHECK(atomic_load(&stop));
}

TEST_IN_FOLDER(a_copy_that_is_told_to_stop_stops)
{
	struct smi_copy copy = { .stop = true };

	make_file("a", "hello");
	CHECK_INT(smi_copy_file(&copy, AT_FDCWD, "a", 0, "b"), ==, -ECANCELED);
	CHECK_INT(size_of("b"), ==, 0);
}

/* ---- Sweeps */

static int copy_and_remove(void *arg)
{
	int r = simul_copy_file("t/file", "copy", NULL), removed;

	if (r >= 0)
		r = simul_copy_tree("t", "u", &with_metadata);
	removed = simul_remove_tree("u");
	if (removed == -ENOENT)
		removed = 0;
	return r < 0 ? r : removed;
}

static void clean_up(void)
{
	CHECK_INT(system("rm -rf u copy"), ==, 0);
}

static void run_copy_and_remove(void)
{
	run_virtual(copy_and_remove, NULL);
	clean_up();
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
	clean_up();
}

TEST(copying_trees_survives_every_refused_allocation)
{
	enter_folder();
	make_tree();
	sweep_allocations(run_copy_and_remove);
	leave_folder();
}

TEST(copying_trees_survives_a_cancellation_at_every_suspension)
{
	enter_folder();
	make_tree();
	sweep_cancellations(copy_and_remove, 1, check_cancelled_or_done);
	leave_folder();
}
