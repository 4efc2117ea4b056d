/* SPDX-License-Identifier: MIT
 * tests/net/test_select_streams.c - streams among what simul_select waits
 * for. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/future.h>
#include <simul/gather.h>
#include <simul/queue.h>
#include <simul/scope.h>
#include <simul/select.h>

#include "net/loopback.h"
#include "net/receive.h"
#include "sweep.h"

static simul_stream *a, *b, *c, *d; /* a talks to b, c to d */

static void begin_pairs(void)
{
	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_INT(simul_stream_pair(&c, &d), ==, 0);
}

static void begin_sockets(void)
{
	listen_here();
	connect_both(&a, &b);
	connect_both(&c, &d);
	simul_listener_close(listener);
}

static void begin_deaf_sockets(void)
{
	begin_sockets();
	((struct smi_socket *)b)->deaf = ((struct smi_socket *)d)->deaf = true;
}

static void finish(void)
{
	simul_close(a);
	simul_close(b);
	simul_close(c);
	simul_close(d);
}

static void (*const begins[])(void) = { begin_pairs, begin_sockets,
					begin_deaf_sockets };

enum { KINDS = sizeof begins / sizeof *begins };

/* Which of b and d has something: 0 or 1; 2: neither does in ten seconds. */
static int which(void)
{
	simul_case cases[] = { simul_case_stream(b), simul_case_stream(d),
			       simul_case_sleep(10) };
	int r = simul_select(cases, 3);

	if (r >= 0)
		CHECK_INT(cases[r].result, ==, 0);
	return r;
}

static int select_in_task(void *arg)
{
	return which();
}

TEST_VIRTUAL(a_stream_that_can_be_read_is_selected_and_nothing_is_taken)
{
	for (int i = 0; i < KINDS; i++) {
		simul_task *t;

		begins[i]();
		CHECK_INT(which(), ==, 2);
		for (int round = 0; round < 3; round++) {
			t = simul_create_task(select_in_task, NULL);
			simul_sleep(1);
			say(c, "to d");
			CHECK_INT(simul_await(t), ==, 1);
			CHECK_INT(which(), ==, 1); /* it is still so */
			say(a, "to b");
			simul_sleep(1);
			CHECK_INT(which(), ==, 0); /* in the order given */
			check_hears(b, "to b");
			check_hears(d, "to d");
			CHECK_INT(which(), ==, 2);
		}
		finish();
	}
}

TEST_VIRTUAL(what_was_read_ahead_counts_as_readable)
{
	const char *bytes;

	for (int i = 0; i < KINDS; i++) {
		begins[i]();
		say(c, "xy");
		CHECK_INT(simul_peek(d, 2, &bytes), ==, 2);
		simul_consume(d, 1);
		CHECK_INT(which(), ==, 1);
		finish();
	}
}

TEST_VIRTUAL(an_end_and_an_error_can_be_read)
{
	for (int i = 0; i < KINDS; i++) {
		simul_task *t;
		char byte;

		begins[i]();
		t = simul_create_task(select_in_task, NULL);
		simul_sleep(1);
		CHECK_INT(simul_shutdown_write(c), ==, 0);
		CHECK_INT(simul_await(t), ==, 1);
		CHECK_INT(simul_read(d, &byte, 1), ==, 0);
		CHECK_INT(which(), ==, 1);
		t = simul_create_task(select_in_task, NULL);
		simul_abort(a);
		a = NULL;
		simul_await(t);
		simul_sleep(1);
		CHECK_INT(which(), ==, 0);
		CHECK_INT(simul_read(b, &byte, 1), ==, -ECONNRESET);
		CHECK_INT(which(), ==, 0);
		finish();
	}
}

static int read_byte(void *arg)
{
	char byte;

	return (int)simul_read(arg, &byte, 1);
}

TEST_VIRTUAL(a_stream_that_another_task_reads_is_busy)
{
	for (int i = 0; i < KINDS; i++) {
		simul_case one;
		simul_task *t;

		begins[i]();
		t = simul_create_task(read_byte, b);
		simul_sleep(1);
		one = simul_case_stream(b);
		CHECK_INT(simul_select(&one, 1), ==, 0);
		CHECK_INT(one.result, ==, -EBUSY);
		simul_cancel(t);
		simul_await(t);
		finish();
	}
}

static int select_b(void *arg)
{
	simul_case one = simul_case_stream(b);
	int r = simul_select(&one, 1);

	return r < 0 ? r : one.result;
}

TEST_VIRTUAL(a_stream_is_busy_that_another_task_begins_to_read_meanwhile)
{
	for (int i = 0; i < KINDS; i++) {
		simul_task *selects, *reads;

		begins[i]();
		selects = simul_create_task(select_b, NULL);
		simul_sleep(1);
		reads = simul_create_task(read_byte, b);
		simul_sleep(1);
		say(a, "x");
		CHECK_INT(simul_await(selects), ==, -EBUSY);
		CHECK_INT(simul_await(reads), ==, 1);
		finish();
	}
}

TEST_VIRTUAL(an_item_of_a_queue_may_come_before_bytes_of_a_stream)
{
	for (int i = 0; i < KINDS; i++) {
		simul_queue queue = { 0 };
		void *item = NULL;
		simul_case cases[] = { simul_case_get(&queue, &item),
				       { 0 },
				       simul_case_sleep(10) };

		begins[i]();
		cases[1] = simul_case_stream(b);
		CHECK_INT(simul_queue_put(&queue, &queue), ==, 0);
		say(a, "x");
		CHECK_INT(simul_select(cases, 3), ==, 0);
		CHECK(item == &queue);
		CHECK_INT(simul_select(cases, 3), ==, 1);
		check_hears(b, "x");
		CHECK_INT(simul_select(cases, 3), ==, 2);
		simul_queue_done(&queue);
		finish();
	}
}

TEST_VIRTUAL(a_fifo_is_waited_for_and_a_file_is_ready)
{
	char folder[] = "/tmp/simul-select-XXXXXX", path[64];
	simul_stream *fifo, *file;
	simul_case cases[2];
	int writer;

	CHECK(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/fifo", folder);
	CHECK_INT(mkfifo(path, 0600), ==, 0);
	CHECK_INT(simul_open(path, O_RDONLY, 0, &fifo), ==, 0);
	CHECK_INT(simul_open("/proc/self/exe", O_RDONLY, 0, &file), ==, 0);
	writer = open(path, O_WRONLY | O_CLOEXEC);
	cases[0] = simul_case_stream(fifo);
	cases[1] = simul_case_stream(file);
	CHECK_INT(simul_select(cases, 2), ==, 1);
	cases[1] = simul_case_sleep(1);
	CHECK_INT(simul_select(cases, 2), ==, 1);
	CHECK_INT(write(writer, "x", 1), ==, 1);
	CHECK_INT(simul_select(cases, 2), ==, 0);
	check_hears(fifo, "x");
	close(writer);
	simul_close(fifo);
	simul_close(file);
	unlink(path);
	rmdir(folder);
}

static int wait_at_a_pair_for_ever(void *arg)
{
	simul_case one;
	int r;

	begin_pairs();
	one = simul_case_stream(b);
	r = simul_select(&one, 1);
	finish();
	return r;
}

TEST(who_selects_what_never_comes_is_in_a_deadlock)
{
	CHECK_INT(simul_run(wait_at_a_pair_for_ever, NULL), ==, -EDEADLK);
}

/* As when something comes that is not enough, while the descriptor is polled,
 * or is not. */
static void tell_of_nothing(simul_stream *s)
{
	for (int i = 0; i < 3; i++) {
		smi_stream_tell_watchers(s);
		CHECK_INT(simul_sleep(0), ==, 0);
	}
}

TEST_VIRTUAL(news_that_bring_nothing_end_no_wait)
{
	for (int i = 0; i < KINDS; i++) {
		simul_task *t;

		begins[i]();
		t = simul_create_task(select_in_task, NULL);
		simul_sleep(1);
		tell_of_nothing(b);
		tell_of_nothing(d);
		simul_sleep(1);
		CHECK(!simul_task_is_done(t));
		say(c, "to d");
		CHECK_INT(simul_await(t), ==, 1);
		check_hears(d, "to d");
		/* Nothing is left of it. */
		CHECK_INT(which(), ==, 2);
		finish();
	}
}

static int wait_for_good_news(void *arg)
{
	simul_case one = simul_case_stream(b);

	return simul_select(&one, 1);
}

static int hear_of_nothing_for_ever(void *begin)
{
	simul_task *t;
	int r;

	(*(void (**)(void))begin)();
	t = simul_create_task(wait_for_good_news, NULL);
	CHECK_INT(simul_sleep(0), ==, 0);
	tell_of_nothing(b);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	/* What has been counted as under way no more is. */
	r = simul_future_wait(&(simul_future){ 0 }, NULL);
	finish();
	return r;
}

TEST(news_that_bring_nothing_hide_no_deadlock)
{
	for (int i = 0; i < 2; i++)
		CHECK_INT(
			simul_run(hear_of_nothing_for_ever, (void *)&begins[i]),
			==, -EDEADLK);
}

/* ---- Sweeps */

static int written, read_back;

static int take_turns(void *arg)
{
	while (read_back < 6) {
		int r = which();

		if (r < 0)
			return r;
		if (r < 2 && read_byte(r ? d : b) > 0)
			read_back++;
	}
	return 0;
}

static int count_rest(void *arg)
{
	simul_shutdown_write(a);
	simul_shutdown_write(c);
	while (read_byte(b) > 0)
		read_back++;
	while (read_byte(d) > 0)
		read_back++;
	CHECK_INT(read_back, ==, written);
	return 0;
}

static int talk(void *arg)
{
	simul_task *t;

	begin_pairs();
	read_back = 0;
	t = simul_create_task(take_turns, NULL);
	for (written = 0; written < 6; written++) {
		if (simul_write(written % 2 ? a : c, "x", 1) < 0)
			break;
		simul_sleep(0);
	}
	if (written < 6)
		simul_cancel(t);
	simul_await(t);
	simul_shield(count_rest, NULL);
	finish();
	return 0;
}

static void check_outcome(void *state, int result)
{
	CHECK_INT(result, ==, 0);
}

TEST(a_selection_among_streams_loses_no_byte_when_cancelled_anywhere)
{
	sweep_cancellations(talk, 1, check_outcome);
}
