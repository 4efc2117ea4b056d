/* SPDX-License-Identifier: MIT
 * tests/file/test_directory.c - what is in a directory. */
#include <simul/directory.h>
#include <simul/path.h>

#include "folder.h"
#include "sweep.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

TEST_IN_FOLDER(listdir_tells_all_names_but_the_dots)
{
	static const char *const expected[] = { ".hidden", "a", "b\nc",
						"\xff" };
	char **names;

	for (size_t i = 0; i < 4; i++)
		make_file(expected[i], "");
	CHECK_INT(simul_listdir(".", &names), ==, 4);
	CHECK(!names[4]);
	qsort(names, 4, sizeof *names, compare);
	for (size_t i = 0; i < 4; i++)
		CHECK_STR(names[i], expected[i]);
	simul_free(names);
}

TEST_IN_FOLDER(an_empty_directory_has_no_names)
{
	char **names;

	CHECK_INT(simul_listdir(".", &names), ==, 0);
	CHECK(!names[0]);
	simul_free(names);
}

TEST_IN_FOLDER(what_is_no_directory_is_not_listed)
{
	char **names = NULL;
	simul_directory *d = NULL;

	make_file("file", "");
	CHECK_INT(symlink(".", "link"), ==, 0);
	CHECK_INT(simul_listdir("file", &names), ==, -ENOTDIR);
	CHECK_INT(simul_listdir("missing", &names), ==, -ENOENT);
	CHECK_INT(simul_directory_open_at(AT_FDCWD, "link", O_NOFOLLOW, &d), <,
		  0);
	CHECK_INT(simul_directory_open_at(AT_FDCWD, "link", O_CREAT, &d), ==,
		  -EINVAL);
	CHECK_INT(simul_directory_close(NULL), ==, 0);
	CHECK(!names && !d);
}

TEST_IN_FOLDER(an_entry_tells_its_type_without_a_stat)
{
	simul_directory *d;
	simul_entry e;
	struct stat st;
	int n = 0, r;

	make_file("file", "");
	CHECK_INT(mkdir("directory", 0755), ==, 0);
	CHECK_INT(symlink("file", "link"), ==, 0);
	CHECK_INT(mkfifo("fifo", 0600), ==, 0);
	CHECK_INT(simul_directory_open(".", &d), ==, 0);
	while ((r = simul_directory_next(d, &e)) > 0) {
		CHECK_INT(simul_stat_at(simul_directory_fd(d), e.name,
					AT_SYMLINK_NOFOLLOW, &st),
			  ==, 0);
		CHECK_INT(e.inode, ==, st.st_ino);
		CHECK_INT(e.type, ==, st.st_mode & S_IFMT);
		n++;
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(n, ==, 4);
	CHECK_INT(simul_directory_next(d, &e), ==, 0);
	CHECK_INT(simul_directory_close(d), ==, 0);
}

TEST_IN_FOLDER(a_directory_of_many_entries_is_read_in_pieces)
{
	static bool seen[3000];
	simul_directory *d;
	simul_entry e;
	char name[100];
	int r;

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "%d-with-a-name-of-some-length", i);
		make_file(name, "");
	}
	CHECK_INT(simul_directory_open(".", &d), ==, 0);
	while ((r = simul_directory_next(d, &e)) > 0) {
		CHECK(!seen[atoi(e.name)]);
		seen[atoi(e.name)] = true;
	}
	CHECK_INT(r, ==, 0);
	CHECK_INT(simul_directory_close(d), ==, 0);
	for (int i = 0; i < 3000; i++)
		CHECK(seen[i]);
}

TEST_IN_FOLDER(a_directory_that_was_removed_is_at_its_end)
{
	simul_directory *d;
	simul_entry e;

	CHECK_INT(mkdir("d", 0755), ==, 0);
	CHECK_INT(simul_directory_open("d", &d), ==, 0);
	CHECK_INT(rmdir("d"), ==, 0);
	CHECK_INT(simul_directory_next(d, &e), ==, 0);
	CHECK_INT(simul_directory_close(d), ==, 0);
}

/* ---- Sweeps */

static int list(void *arg)
{
	char **names;
	int r = simul_listdir(".", &names);

	if (r >= 0)
		simul_free(names);
	return r;
}

static void run_list(void)
{
	run_virtual(list, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 1 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(listing_survives_every_refused_allocation)
{
	enter_folder();
	make_file("a", "");
	sweep_allocations(run_list);
	leave_folder();
}

TEST(listing_survives_a_cancellation_at_every_suspension)
{
	enter_folder();
	make_file("a", "");
	sweep_cancellations(list, 1, check_cancelled_or_done);
	leave_folder();
}
