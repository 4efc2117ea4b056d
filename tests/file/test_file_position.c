/* SPDX-License-Identifier: MIT
 * tests/file/test_file_position.c - where in a file is read and written: see
 * simul/file.h. */
#include <simul/error.h>
#include <simul/file.h>
#include <simul/gather.h>
#include <simul/task.h>

#include "folder.h"
#include "sweep.h"

static simul_stream *open_file(const char *path, int flags)
{
	simul_stream *f = NULL;

	CHECK_INT(simul_open(path, flags, 0600, &f), ==, 0);
	return f;
}

static void say(simul_stream *f, const char *text)
{
	CHECK_INT(simul_write(f, text, strlen(text)), ==, 0);
}

static void check_line(simul_stream *f, const char *text)
{
	char *line;

	CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
	CHECK_STR(line, text);
}

/* ---- Reading */

TEST_IN_FOLDER(tell_counts_what_was_taken_not_what_was_read_ahead)
{
	simul_stream *f;

	make_file("a", "one\ntwo\nthree\n");
	f = open_file("a", O_RDONLY);
	CHECK_INT(simul_tell(f), ==, 0);
	check_line(f, "one");
	CHECK_INT(simul_tell(f), ==, 4);
	check_line(f, "two");
	CHECK_INT(simul_tell(f), ==, 8);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(seek_goes_to_where_it_is_told)
{
	simul_stream *f;

	make_file("a", "one\ntwo\nthree\n");
	f = open_file("a", O_RDONLY);
	check_line(f, "one");
	CHECK_INT(simul_seek(f, 4, SEEK_CUR), ==, 8);
	check_line(f, "three");
	CHECK_INT(simul_seek(f, -6, SEEK_END), ==, 8);
	check_line(f, "three");
	CHECK_INT(simul_seek(f, 1, SEEK_SET), ==, 1);
	check_line(f, "ne");
	CHECK_INT(simul_seek(f, -4, SEEK_CUR), ==, 0);
	check_line(f, "one");
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(a_seek_that_can_not_be_leaves_us_where_we_are)
{
	simul_stream *f;

	make_file("a", "one\ntwo\n");
	f = open_file("a", O_RDONLY);
	check_line(f, "one");
	CHECK_INT(simul_seek(f, -1, SEEK_SET), ==, -EINVAL);
	CHECK_INT(simul_seek(f, -5, SEEK_CUR), ==, -EINVAL);
	CHECK_INT(simul_seek(f, INT64_MIN, SEEK_CUR), ==, -EINVAL);
	CHECK_INT(simul_seek(f, 0, 4711), ==, -EINVAL);
	CHECK_INT(simul_tell(f), ==, 4);
	check_line(f, "two");
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(holes_and_data_are_found)
{
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);

	CHECK_INT(simul_pwrite(f, "x", 1, 1 << 20), ==, 0);
	CHECK_INT(simul_seek(f, 0, SEEK_HOLE), ==, 0);
	CHECK_INT(simul_seek(f, 0, SEEK_DATA), >, 0);
	CHECK_INT(simul_seek(f, 2 << 20, SEEK_DATA), ==, -ENXIO);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(beyond_four_gib_reading_and_writing_work)
{
	const int64_t far = (INT64_C(9) << 30) + 5;
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);
	char text[8] = "";

	CHECK_INT(simul_seek(f, far, SEEK_SET), ==, far);
	say(f, "far\n");
	CHECK_INT(simul_tell(f), ==, far + 4);
	CHECK_INT(simul_pread(f, text, 8, far), ==, 4);
	CHECK_STR(text, "far\n");
	CHECK_INT(simul_seek(f, -4, SEEK_CUR), ==, far);
	check_line(f, "far");
	CHECK_INT(simul_file_size(f), ==, far + 4);
	CHECK_INT(simul_close(f), ==, 0);
	CHECK_INT(size_of("a"), ==, far + 4);
}

/* ---- Reading and writing */

TEST_IN_FOLDER(what_is_written_goes_where_the_last_read_has_ended)
{
	simul_stream *f;

	make_file("a", "one\ntwo\nthree\n");
	f = open_file("a", O_RDWR);
	check_line(f, "one");
	say(f, "TWO\n");
	check_line(f, "three");
	say(f, "four\n");
	CHECK_INT(simul_tell(f), ==, 19);
	CHECK_INT(simul_seek(f, 0, SEEK_SET), ==, 0);
	check_line(f, "one");
	check_line(f, "TWO");
	CHECK_INT(simul_close(f), ==, 0);
	check_file("a", "one\nTWO\nthree\nfour\n");
}

TEST_IN_FOLDER(what_is_written_before_a_seek_is_where_it_was_written)
{
	simul_stream *f;

	make_file("a", "..........");
	f = open_file("a", O_RDWR);
	say(f, "ab");
	CHECK_INT(simul_seek(f, 6, SEEK_SET), ==, 6);
	say(f, "cd");
	CHECK_INT(simul_tell(f), ==, 8);
	CHECK_INT(simul_seek(f, -4, SEEK_CUR), ==, 4);
	say(f, "ef");
	CHECK_INT(simul_close(f), ==, 0);
	check_file("a", "ab..efcd..");
}

TEST_IN_FOLDER(what_is_appended_can_be_read_in_the_same_stream)
{
	simul_stream *f;

	make_file("a", "one\ntwo\n");
	f = open_file("a", O_RDWR | O_APPEND);
	check_line(f, "one");
	say(f, "three\n");
	CHECK_INT(simul_tell(f), ==, 14);
	CHECK_INT(simul_seek(f, 4, SEEK_SET), ==, 4);
	check_line(f, "two");
	check_line(f, "three");
	CHECK_INT(simul_close(f), ==, 0);
	check_file("a", "one\ntwo\nthree\n");
}

/* A place where a task can be found at it: a file under /proc is slow enough
 * for nothing, so the reader is a task that waits for a thread. */
static int seek_to_end(void *arg)
{
	return (int)simul_seek(arg, 0, SEEK_END);
}

TEST_IN_FOLDER(while_one_task_is_at_a_file_for_both_another_is_told_so)
{
	simul_stream *f;
	simul_task *t;
	char c;

	make_file("a", "one\n");
	f = open_file("a", O_RDWR);
	t = simul_create_task(seek_to_end, f);
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_read(f, &c, 1), ==, -EBUSY);
	CHECK_INT(simul_write(f, &c, 1), ==, -EBUSY);
	CHECK_INT(simul_tell(f), ==, -EBUSY);
	CHECK_INT(simul_await(t), ==, 4);
	CHECK_INT(simul_close(f), ==, 0);
	check_file("a", "one\n");
}

TEST_IN_FOLDER(many_turns_between_reading_and_writing_lose_nothing)
{
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);
	char digits[16];

	for (int i = 0; i < 300; i++) {
		snprintf(digits, sizeof digits, "%06d\n", i);
		say(f, digits);
	}
	CHECK_INT(simul_seek(f, 0, SEEK_SET), ==, 0);
	for (int i = 0; i < 300; i += 3) {
		char *line;

		CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
		CHECK_INT(atoi(line), ==, i);
		say(f, "......\n");
		CHECK_INT(simul_read_line(f, &line, NULL), ==, 1);
		CHECK_INT(atoi(line), ==, i + 2);
	}
	CHECK_INT(simul_file_size(f), ==, 2100);
	CHECK_INT(simul_close(f), ==, 0);
}

/* ---- At a place of one's own */

TEST_IN_FOLDER(pread_and_pwrite_leave_the_position)
{
	simul_stream *f;
	char text[4] = "";

	make_file("a", "one\ntwo\nthree\n");
	f = open_file("a", O_RDWR);
	check_line(f, "one");
	CHECK_INT(simul_pread(f, text, 3, 8), ==, 3);
	CHECK_STR(text, "thr");
	CHECK_INT(simul_pwrite(f, "TWO", 3, 4), ==, 0);
	CHECK_INT(simul_tell(f), ==, 4);
	check_line(f, "TWO");
	CHECK_INT(simul_pread(f, text, 3, 100), ==, 0);
	CHECK_INT(simul_pread(f, text, 3, -1), ==, -EINVAL);
	CHECK_INT(simul_pwrite(f, text, 3, -1), ==, -EINVAL);
	CHECK_INT(simul_pwrite(f, NULL, 0, 0), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(pread_sees_what_was_written_before)
{
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);
	char text[6] = "";

	say(f, "hello");
	CHECK_INT(simul_pread(f, text, 5, 0), ==, 5);
	CHECK_STR(text, "hello");
	CHECK_INT(simul_close(f), ==, 0);
}

struct part {
	simul_stream *file;
	int number;
};

static int write_part(void *arg)
{
	const struct part *my = arg;
	char block[4096], seen[4096];

	memset(block, 'a' + my->number, sizeof block);
	CHECK_INT(
		simul_pwrite(my->file, block, sizeof block, my->number * 4096),
		==, 0);
	CHECK_INT(simul_pread(my->file, seen, sizeof seen, my->number * 4096),
		  ==, 4096);
	CHECK_BYTES(seen, block, sizeof block);
	return 0;
}

TEST_IN_FOLDER(many_tasks_read_and_write_a_file_at_once)
{
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);
	struct part parts[20];
	simul_task *tasks[20];

	for (int i = 0; i < 20; i++) {
		parts[i] = (struct part){ f, i };
		tasks[i] = simul_create_task(write_part, &parts[i]);
	}
	CHECK_INT(simul_gather(tasks, 20, NULL), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	CHECK_INT(size_of("a"), ==, 20 * 4096);
}

/* ---- Length */

TEST_IN_FOLDER(truncate_cuts_and_lengthens)
{
	simul_stream *f;
	char text[16];

	make_file("a", "one\ntwo\n");
	f = open_file("a", O_RDWR);
	check_line(f, "one");
	CHECK_INT(simul_truncate(f, 6), ==, 0);
	CHECK_INT(simul_tell(f), ==, 4);
	check_line(f, "tw");
	CHECK_INT(simul_truncate(f, 10), ==, 0);
	CHECK_INT(simul_read(f, text, sizeof text), ==, 4);
	CHECK_BYTES(text, "\0\0\0\0", 4);
	CHECK_INT(simul_truncate(f, -1), ==, -EINVAL);
	say(f, "end");
	CHECK_INT(simul_truncate(f, 2), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
	check_file("a", "on");
	f = open_file("a", O_RDONLY);
	CHECK_INT(simul_truncate(f, 0), ==, -EINVAL);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(room_is_allocated_on_the_disk)
{
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);
	struct stat st;

	CHECK_INT(simul_allocate(f, 0, 100000), ==, 0);
	CHECK_INT(simul_file_stat(f, &st), ==, 0);
	CHECK_INT(st.st_size, ==, 100000);
	CHECK_INT(st.st_blocks * 512, >=, 100000);
	CHECK_INT(simul_allocate(f, 0, 0), ==, -EINVAL);
	CHECK_INT(simul_allocate(f, -1, 1), ==, -EINVAL);
	CHECK_INT(simul_advise(f, 0, 0, POSIX_FADV_SEQUENTIAL), ==, 0);
	CHECK_INT(simul_advise(f, 0, 0, 4711), ==, -EINVAL);
	CHECK_INT(simul_close(f), ==, 0);
}

TEST_IN_FOLDER(sync_brings_it_to_its_disk)
{
	simul_stream *f = open_file("a", O_WRONLY | O_CREAT);

	say(f, "safe");
	CHECK_INT(simul_sync(f), ==, 0);
	check_file("a", "safe");
	say(f, ", too");
	CHECK_INT(simul_sync_data(f), ==, 0);
	check_file("a", "safe, too");
	CHECK_INT(simul_close(f), ==, 0);
}

/* ---- What has no position */

TEST_IN_FOLDER(a_stream_without_a_position_says_so)
{
	simul_stream *a, *b, *fifo;
	struct stat st;
	char c;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_seek(a, 0, SEEK_SET), ==, -ESPIPE);
	CHECK_INT(simul_tell(a), ==, -ESPIPE);
	CHECK_INT(simul_truncate(a, 0), ==, -ESPIPE);
	CHECK_INT(simul_pread(a, &c, 1, 0), ==, -ESPIPE);
	CHECK_INT(simul_pwrite(a, &c, 1, 0), ==, -ESPIPE);
	CHECK_INT(simul_file_stat(a, &st), ==, -EBADF);
	CHECK_INT(simul_file_size(a), ==, -EBADF);
	CHECK_INT(simul_sync(a), ==, -EBADF);
	CHECK_INT(simul_file_fd(a), ==, -EBADF);
	CHECK_INT(simul_flock(a, 2), ==, -EBADF);
	CHECK(!simul_is_terminal(a));
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);

	CHECK_INT(mkfifo("fifo", 0600), ==, 0);
	fifo = open_file("fifo", O_RDWR);
	CHECK_INT(simul_seek(fifo, 0, SEEK_SET), ==, -ESPIPE);
	CHECK_INT(simul_file_stat(fifo, &st), ==, 0);
	CHECK(S_ISFIFO(st.st_mode));
	say(fifo, "round\n");
	check_line(fifo, "round");
	CHECK_INT(simul_close(fifo), ==, 0);
}

TEST_VIRTUAL(a_terminal_is_told_from_a_file)
{
	simul_stream *f;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0)
		SKIP("there are no terminals here");
	CHECK_INT(unlockpt(terminal), ==, 0);
	CHECK_INT(simul_open(ptsname(terminal), O_RDWR | O_NOCTTY, 0, &f), ==,
		  0);
	CHECK(simul_is_terminal(f));
	CHECK_INT(simul_close(f), ==, 0);
	CHECK_INT(simul_open("/dev/null", O_RDWR, 0, &f), ==, 0);
	CHECK(!simul_is_terminal(f));
	CHECK_INT(simul_close(f), ==, 0);
	close(terminal);
}

/* ---- Sweeps */

static int turn_about(void *arg)
{
	simul_stream *f;
	char *line;
	int r = simul_open("a", O_RDWR | O_CREAT | O_TRUNC, 0600, &f), closed;

	if (r < 0)
		return r;
	r = simul_write(f, "one\ntwo\n", 8);
	if (r >= 0)
		r = (int)simul_seek(f, 0, SEEK_SET);
	if (r >= 0)
		r = simul_read_line(f, &line, NULL);
	if (r >= 0)
		r = simul_write(f, "TWO", 3);
	if (r >= 0)
		r = simul_pwrite(f, "O", 1, 0);
	if (r >= 0)
		r = (int)simul_seek(f, -1, SEEK_END);
	if (r >= 0)
		r = simul_truncate(f, 7);
	closed = simul_close(f);
	if (r >= 0 && closed >= 0)
		check_file("a", "One\nTWO");
	return r < 0 ? r : closed;
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

static void run_turn_about(void)
{
	run_virtual(turn_about, NULL);
}

TEST(a_file_for_both_survives_every_refused_allocation)
{
	enter_folder();
	sweep_allocations(run_turn_about);
	leave_folder();
}

TEST(a_file_for_both_survives_a_cancellation_at_every_suspension)
{
	enter_folder();
	sweep_cancellations(turn_about, 1, check_cancelled_or_done);
	leave_folder();
}

/* ---- Writers who may not */

static int write_byte(void *arg)
{
	return simul_write(arg, "w", 1);
}

static int read_byte(void *arg)
{
	char byte;

	return (int)simul_read(arg, &byte, 1);
}

TEST_IN_FOLDER(a_writer_that_a_reader_shuts_out_lets_in_the_next)
{
	static const char much[100000];
	simul_task *writers[3], *reader;
	simul_stream *f = open_file("a", O_RDWR | O_CREAT);

	CHECK_INT(simul_write(f, much, sizeof much), ==, 0);
	for (int i = 0; i < 3; i++)
		writers[i] = simul_create_task(write_byte, f);
	reader = simul_create_task(read_byte, f);
	CHECK_INT(simul_await(reader), >=, 0);
	for (int i = 0; i < 3; i++) {
		int r = simul_await(writers[i]);

		CHECK(r == 0 || r == -EBUSY);
	}
	CHECK_INT(simul_write(f, "x", 1), ==, 0);
	CHECK_INT(simul_close(f), ==, 0);
}
