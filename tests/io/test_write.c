/* SPDX-License-Identifier: MIT
 * tests/io/test_write.c - the writing half of simul/stream.h, and closing. */
#include <errno.h>
#include <stdlib.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "io/pair.h"
#include "io/stream.h"
#include "task/task.h"
#include "test.h"

enum { HIGH = 65536, BETWEEN = 65536 };

/* Fill the stream until a write would wait. */
static size_t fill(simul_stream *s)
{
	static const char piece[1024];
	size_t total = 0;

	while (simul_stream_unsent(s) <= HIGH) {
		CHECK_INT(simul_write(s, piece, sizeof piece), ==, 0);
		simul_sleep(0);
		total += sizeof piece;
	}
	return total;
}

/* Take n bytes. If they are many, no more than that is received. */
static void drain(simul_stream *s, size_t n)
{
	char *buffer = malloc(n);

	CHECK_INT(simul_read_exactly(s, buffer, n), ==, 1);
	free(buffer);
}

struct put {
	simul_stream *s;
	const char *text;
	size_t times;
};

static int put(void *arg)
{
	const struct put *my = arg;
	int r = 0;

	for (size_t i = 0; i < my->times && r >= 0; i++)
		r = simul_write(my->s, my->text, strlen(my->text));
	return r;
}

/* ---- When it leaves */

TEST_VIRTUAL(a_write_leaves_when_its_task_next_suspends)
{
	open_pair();
	say(here, "x");
	CHECK_INT(simul_stream_unsent(here), ==, 1);
	simul_sleep(1);
	CHECK_INT(simul_stream_unsent(here), ==, 0);
	check_hears(there, "x");
	close_pair();
}

TEST_VIRTUAL(small_writes_leave_together)
{
	char buffer[16];

	open_pair();
	say(here, "a");
	say(here, "b");
	say(here, "c");
	CHECK_INT(simul_read(there, buffer, sizeof buffer), ==, 3);
	CHECK_BYTES(buffer, "abc", 3);
	close_pair();
}

TEST_VIRTUAL(a_write_of_several_parts_is_one_piece)
{
	char one[] = "one ", two[] = "two";
	const struct iovec parts[] = { { one, 4 }, { NULL, 0 }, { two, 3 } };

	open_pair();
	CHECK_INT(simul_writev(here, parts, 3), ==, 0);
	CHECK_INT(simul_writev(here, parts, 0), ==, 0);
	check_hears(there, "one two");
	close_pair();
}

TEST_VIRTUAL(to_write_nothing_is_nothing)
{
	open_pair();
	CHECK_INT(simul_write(here, NULL, 0), ==, 0);
	CHECK_INT(simul_stream_unsent(here), ==, 0);
	CHECK_INT(simul_flush(here), ==, 0);
	close_pair();
}

TEST_VIRTUAL(formatted_text_is_written)
{
	char longer[2000];

	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = 0;
	open_pair();
	CHECK_INT(simul_printf(here, "%s is %d", "six", 6), ==, 0);
	check_hears(there, "six is 6");
	CHECK_INT(simul_printf(here, "%s", ""), ==, 0);
	CHECK_INT(simul_stream_unsent(here), ==, 0);
	/* Around the length up to which it is formatted on the stack. */
	for (int n = 510; n <= 514; n++) {
		CHECK_INT(simul_printf(here, "%.*s.", n, longer), ==, 0);
		drain(there, (size_t)n);
		check_hears(there, ".");
	}
	CHECK_INT(simul_printf(here, "%s", longer), ==, 0);
	drain(there, sizeof longer - 1);
	close_pair();
}

TEST_VIRTUAL(text_that_can_not_be_formatted_is_not_written)
{
	open_pair();
	CHECK_INT(simul_printf(here, "so: %ls", L"\x80000000"), ==, -EILSEQ);
	CHECK_INT(simul_stream_unsent(here), ==, 0);
	close_pair();
}

/* All of it, or nothing. */
static int print_long_text(void *arg)
{
	simul_stream *a, *b;
	int r = simul_stream_pair(&a, &b);

	if (r < 0)
		return r;
	r = simul_printf(a, "%1000d", 1);
	CHECK_INT(simul_stream_unsent(a), ==, r < 0 ? 0 : 1000);
	simul_abort(a);
	simul_abort(b);
	return r;
}

static void run_print(void)
{
	run_virtual(print_long_text, NULL);
}

TEST(formatted_text_survives_every_refused_allocation)
{
	CHECK_INT(run_virtual(print_long_text, NULL), ==, 0);
	sweep_allocations(run_print);
}

/* ---- Back-pressure */

TEST_VIRTUAL(a_writer_above_the_high_water_mark_waits_for_a_quarter_of_it)
{
	simul_task *t;
	size_t written;

	open_pair();
	written = fill(here);
	CHECK_INT(written, <=, HIGH + BETWEEN + 1024);
	t = simul_go(put, .s = here, .text = "x", .times = 1);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	while (simul_stream_unsent(here) > HIGH / 4) {
		CHECK(!simul_task_is_done(t));
		drain(there, 2048);
		written -= 2048;
		simul_sleep(1);
	}
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, 0);
	drain(there, written);
	check_hears(there, "x");
	close_pair();
}

TEST_VIRTUAL(the_high_water_mark_can_be_chosen)
{
	simul_task *t;

	open_pair();
	fill(here);
	simul_stream_set_high_water(here, 1000000);
	CHECK_INT(simul_write(here, "x", 1), ==, 0);
	simul_stream_set_high_water(here, 1);
	t = simul_go(put, .s = here, .text = "x", .times = 1);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	simul_cancel(t);
	simul_await(t);
	simul_abort(here);
	simul_abort(there);
}

TEST_VIRTUAL(writes_of_several_tasks_stay_in_one_piece_and_in_order)
{
	static const char *const words[] = { "one.", "two.", "six." };
	simul_task *t[3];
	size_t written;

	open_pair();
	written = fill(here);
	simul_stream_set_high_water(here, 4);
	for (int i = 0; i < 3; i++)
		t[i] = simul_go(put, .s = here, .text = words[i], .times = 2);
	simul_sleep(1);
	drain(there, written);
	for (int i = 0; i < 6; i++)
		check_hears(there, words[i % 3]);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	close_pair();
}

TEST_VIRTUAL(a_writer_never_overtakes_one_that_waits)
{
	simul_task *t[2];
	size_t written;

	open_pair();
	written = fill(here);
	t[0] = simul_go(put, .s = here, .text = "first", .times = 1);
	simul_sleep(1);
	simul_stream_set_high_water(here, 1000000);
	t[1] = simul_go(put, .s = here, .text = "later", .times = 1);
	drain(there, written);
	check_hears(there, "firstlater");
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	close_pair();
}

TEST_VIRTUAL(a_cancelled_write_wrote_nothing)
{
	simul_task *t[2];
	size_t written;

	open_pair();
	written = fill(here);
	t[0] = simul_go(put, .s = here, .text = "no", .times = 1);
	t[1] = simul_go(put, .s = here, .text = "yes", .times = 1);
	simul_sleep(1);
	simul_cancel(t[0]);
	drain(there, written);
	check_hears(there, "yes");
	CHECK_INT(simul_await(t[0]), ==, -ECANCELED);
	CHECK_INT(simul_await(t[1]), ==, 0);
	close_pair();
}

TEST_VIRTUAL(writing_in_a_cancelled_scope_writes_nothing)
{
	simul_timeout limit;

	open_pair();
	CHECK_INT(simul_timeout_open(&limit, 0), ==, 0);
	CHECK_INT(simul_write(here, "x", 1), ==, -ECANCELED);
	CHECK_INT(simul_flush(here), ==, -ECANCELED);
	CHECK_INT(simul_shutdown_write(here), ==, -ECANCELED);
	simul_timeout_close(&limit, 0);
	say(here, "y");
	check_hears(there, "y");
	close_pair();
}

/* ---- Flush */

static int flush(void *arg)
{
	return simul_flush(arg);
}

TEST_VIRTUAL(a_flush_waits_until_what_was_written_has_left)
{
	simul_task *t;
	size_t written;

	open_pair();
	written = fill(here);
	t = simul_create_task(flush, here);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	drain(there, written - BETWEEN - 2048);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	drain(there, 2048);
	simul_sleep(1);
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, 0);
	drain(there, BETWEEN);
	close_pair();
}

TEST_VIRTUAL(a_flush_does_not_wait_for_what_is_written_later)
{
	simul_task *t;
	size_t written;

	open_pair();
	written = fill(here);
	t = simul_create_task(flush, here);
	simul_sleep(1);
	simul_stream_set_high_water(here, 1000000);
	fill(there);
	put(&(struct put){ here, "more", 10000 });
	drain(there, written - BETWEEN);
	simul_sleep(1);
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_await(t), ==, 0);
	simul_abort(here);
	simul_abort(there);
}

TEST_VIRTUAL(what_a_cancelled_flush_waited_for_leaves_nevertheless)
{
	simul_timeout limit;
	size_t written;

	open_pair();
	written = fill(here);
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, simul_flush(here)), ==,
		  -ETIMEDOUT);
	drain(there, written);
	simul_sleep(0);
	CHECK_INT(simul_flush(here), ==, 0);
	close_pair();
}

/* Take a byte, and more has left, though not all of it. */
static void take_one(simul_stream *s)
{
	size_t unsent = simul_stream_unsent(here);
	char c;

	CHECK_INT(simul_read(s, &c, 1), ==, 1);
	CHECK_INT(simul_stream_unsent(here), <, unsent);
	CHECK_INT(simul_stream_unsent(here), >, 0);
}

TEST_VIRTUAL(a_flush_that_something_has_left_for_can_be_cancelled_at_once)
{
	simul_task *t;

	open_pair();
	fill(here);
	t = simul_create_task(flush, here);
	simul_sleep(1);
	take_one(there);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_abort(here);
	simul_abort(there);
}

/* ---- Half close */

TEST_VIRTUAL(a_half_closed_stream_still_reads)
{
	open_pair();
	say(here, "request");
	CHECK_INT(simul_shutdown_write(here), ==, 0);
	CHECK_INT(simul_shutdown_write(here), ==, 0);
	CHECK_INT(simul_write(here, "x", 1), ==, -EPIPE);
	check_hears(there, "request");
	check_ends(there);
	say(there, "answer");
	check_hears(here, "answer");
	close_pair();
}

static int shut(void *arg)
{
	return simul_shutdown_write(arg);
}

TEST_VIRTUAL(writers_that_wait_are_told_of_a_half_close)
{
	simul_task *writer, *closer;
	size_t written;

	open_pair();
	written = fill(here);
	writer = simul_go(put, .s = here, .text = "x", .times = 1);
	simul_sleep(1);
	closer = simul_create_task(shut, here);
	CHECK_INT(simul_await(writer), ==, -EPIPE);
	drain(there, written);
	CHECK_INT(simul_await(closer), ==, 0);
	check_ends(there);
	close_pair();
}

TEST_VIRTUAL(a_cancelled_half_close_leaves_the_stream_writable)
{
	simul_timeout limit;
	size_t written;

	open_pair();
	written = fill(here);
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, simul_shutdown_write(here)), ==,
		  -ETIMEDOUT);
	drain(there, written);
	say(here, "more");
	check_hears(there, "more");
	close_pair();
}

/* ---- A peer that is gone */

TEST_VIRTUAL(an_error_that_a_write_met_is_told_by_all_that_follows)
{
	char c;

	open_pair();
	CHECK_INT(simul_close(there), ==, 0);
	CHECK_INT(simul_write(here, "x", 1), ==, 0);
	simul_sleep(0);
	CHECK_INT(simul_write(here, "x", 1), ==, -EPIPE);
	CHECK_INT(simul_flush(here), ==, -EPIPE);
	CHECK_INT(simul_shutdown_write(here), ==, -EPIPE);
	CHECK_INT(simul_read(here, &c, 1), ==, -EPIPE); /* instead of 0 */
	CHECK_INT(simul_stream_unsent(here), ==, 0);
	CHECK_INT(simul_close(here), ==, -EPIPE);
}

TEST_VIRTUAL(close_tells_of_an_error_that_nobody_has_asked_for)
{
	open_pair();
	CHECK_INT(simul_close(there), ==, 0);
	say(here, "x");
	CHECK_INT(simul_close(here), ==, -EPIPE);
}

TEST_VIRTUAL(what_came_before_a_peer_was_gone_can_be_read)
{
	open_pair();
	say(there, "answer");
	CHECK_INT(simul_close(there), ==, 0);
	say(here, "x");
	simul_sleep(0);
	check_hears(here, "answer");
	CHECK_INT(simul_close(here), ==, -EPIPE);
}

TEST_VIRTUAL(writers_that_wait_are_told_when_the_peer_goes)
{
	simul_task *t[2];

	open_pair();
	fill(here);
	t[0] = simul_go(put, .s = here, .text = "x", .times = 1);
	t[1] = simul_create_task(flush, here);
	simul_sleep(1);
	CHECK_INT(simul_close(there), ==, 0);
	CHECK_INT(simul_await(t[0]), ==, -EPIPE);
	CHECK_INT(simul_await(t[1]), ==, -EPIPE);
	CHECK_INT(simul_close(here), ==, -EPIPE);
}

TEST_VIRTUAL(an_aborted_peer_is_an_error_not_an_end)
{
	char c;

	open_pair();
	say(there, "half");
	simul_sleep(0);
	simul_abort(there);
	check_hears(here, "half");
	CHECK_INT(simul_read(here, &c, 1), ==, -ECONNRESET);
	say(here, "x");
	CHECK_INT(simul_close(here), ==, -ECONNRESET);
}

/* ---- Close */

static int close_it(void *arg)
{
	return simul_close(arg);
}

TEST_VIRTUAL(close_flushes)
{
	simul_task *t;
	size_t written;

	open_pair();
	written = fill(here);
	t = simul_create_task(close_it, here);
	drain(there, written);
	check_ends(there);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(a_cancelled_close_closes_and_says_what_it_dropped)
{
	simul_timeout limit;
	size_t written;
	char c;

	open_pair();
	written = fill(here);
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit, simul_close(here)), ==,
		  -ETIMEDOUT);
	CHECK_INT(written, >, BETWEEN);
	drain(there, BETWEEN);
	CHECK_INT(simul_read(there, &c, 1), ==, -ECONNRESET);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(a_cancelled_close_with_nothing_to_drop_succeeds)
{
	simul_timeout limit;

	open_pair();
	CHECK_INT(simul_timeout_open(&limit, 0), ==, 0);
	CHECK_INT(simul_close(here), ==, 0);
	simul_timeout_close(&limit, 0);
	check_ends(there);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(an_abort_with_a_write_not_begun_drops_it)
{
	char c;

	open_pair();
	say(here, "x");
	simul_abort(here);
	CHECK_INT(simul_read(there, &c, 1), ==, -ECONNRESET);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(close_and_abort_accept_NULL)
{
	CHECK_INT(simul_close(NULL), ==, 0);
	simul_abort(NULL);
}

/* ---- Memory */

TEST_VIRTUAL(one_large_block_is_kept_for_whoever_writes_next)
{
	static char much[100000];
	const struct smi_spares *spares;
	void *block;

	open_pair();
	spares = &smi_current_loop->loop.spares;
	CHECK(!spares->large);
	CHECK_INT(simul_write(here, much, sizeof much), ==, 0);
	CHECK_INT(simul_read_exactly(there, much, sizeof much), ==, 1);
	block = spares->large;
	CHECK(block && here->pending.room <= 4096);
	CHECK_INT(simul_write(there, much, 10000), ==, 0);
	CHECK(!spares->large && there->pending.data == block);
	CHECK_INT(simul_read_exactly(here, much, 10000), ==, 1);
	CHECK(spares->large == block);
	/* Not of any size. */
	CHECK_INT(simul_write(here, much, sizeof much), ==, 0);
	CHECK_INT(simul_write(there, much, sizeof much), ==, 0);
	CHECK_INT(simul_read_exactly(there, much, sizeof much), ==, 1);
	CHECK_INT(simul_read_exactly(here, much, sizeof much), ==, 1);
	CHECK_INT(spares->large_size, <=, SMI_SPARE_LARGEST);
	close_pair();
}
