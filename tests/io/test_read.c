/* SPDX-License-Identifier: MIT
 * tests/io/test_read.c - the reading half of simul/stream.h. */
#include <errno.h>
#include <stdlib.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "base/alloc.h"
#include "io/pair.h"
#include "task/task.h"
#include "test.h"

/* Write a string one byte at a time, and end. */
struct trickle {
	simul_stream *s;
	const char *text;
};

static int trickle(void *arg)
{
	const struct trickle *my = arg;

	for (const char *c = my->text; *c; c++) {
		CHECK_INT(simul_write(my->s, c, 1), ==, 0);
		simul_sleep(1);
	}
	return simul_shutdown_write(my->s);
}

/* Write so many bytes of a pattern. */
struct pour {
	simul_stream *s;
	size_t n;
};

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static int pour(void *arg)
{
	const struct pour *my = arg;
	unsigned char piece[1000];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < my->n;) {
		size_t n = 0;

		while (n < sizeof piece && i < my->n)
			piece[n++] = pattern(i++);
		r = simul_write(my->s, piece, n);
	}
	return r < 0 ? r : simul_shutdown_write(my->s);
}

static void check_pattern(const unsigned char *bytes, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_INT(bytes[i], ==, pattern(from + i));
}

/* ---- Some */

TEST_VIRTUAL(a_read_returns_what_has_come)
{
	char buffer[16];

	open_pair();
	say(here, "hello");
	CHECK_INT(simul_read(there, buffer, sizeof buffer), ==, 5);
	CHECK_BYTES(buffer, "hello", 5);
	close_pair();
}

TEST_VIRTUAL(a_read_takes_no_more_than_was_asked_for)
{
	char buffer[3];

	open_pair();
	say(here, "hello");
	CHECK_INT(simul_read(there, buffer, 3), ==, 3);
	CHECK_BYTES(buffer, "hel", 3);
	CHECK_INT(simul_stream_buffered(there), ==, 2);
	check_hears(there, "lo");
	close_pair();
}

TEST_VIRTUAL(a_read_waits_for_bytes_to_come)
{
	open_pair();
	simul_go(trickle, .s = here, .text = "x");
	check_hears(there, "x");
	close_pair();
}

TEST_VIRTUAL(to_read_nothing_is_0)
{
	open_pair();
	CHECK_INT(simul_read(there, NULL, 0), ==, 0);
	close_pair();
}

TEST_VIRTUAL(the_end_of_the_stream_is_0_for_every_verb_and_again)
{
	char buffer[4096], *line;
	const char *bytes;

	open_pair();
	CHECK_INT(simul_close(here), ==, 0);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(simul_read(there, buffer, 1), ==, 0);
		CHECK_INT(simul_read(there, buffer, sizeof buffer), ==, 0);
		CHECK_INT(simul_read_exactly(there, buffer, 10), ==, 0);
		CHECK_INT(simul_read_exactly(there, buffer, 4096), ==, 0);
		CHECK_INT(simul_read_line(there, &line, NULL), ==, 0);
		CHECK_INT(simul_read_until(there, "x", 1, &line, NULL), ==, 0);
		CHECK_INT(simul_peek(there, 0, &bytes), ==, 0);
	}
	CHECK_INT(simul_close(there), ==, 0);
}

/* ---- Exactly */

static void check_exact(size_t n)
{
	unsigned char *buffer = malloc(n);

	open_pair();
	simul_go(pour, .s = here, .n = n + 10);
	CHECK_INT(simul_read_exactly(there, buffer, 5), ==, 1);
	check_pattern(buffer, 0, 5);
	CHECK_INT(simul_read_exactly(there, buffer, n), ==, 1);
	check_pattern(buffer, 5, n);
	CHECK_INT(simul_read_exactly(there, buffer, 5), ==, 1);
	check_pattern(buffer, n + 5, 5);
	check_ends(there);
	close_pair();
	free(buffer);
}

TEST_VIRTUAL(an_exact_read_gets_all_its_bytes)
{
	check_exact(5);
	check_exact(1024);
	check_exact(1025);
	check_exact(2048);
	check_exact(2049);
	check_exact(300000);
}

TEST_VIRTUAL(an_exact_read_of_nothing_succeeds)
{
	open_pair();
	CHECK_INT(simul_read_exactly(there, NULL, 0), ==, 1);
	close_pair();
}

/* So many come, of so many that are wanted. */
static void check_too_few(size_t come, size_t wanted)
{
	unsigned char *buffer = malloc(wanted);

	open_pair();
	simul_go(pour, .s = here, .n = come);
	CHECK_INT(simul_read_exactly(there, buffer, wanted), ==, -SIMUL_EEOF);
	CHECK_INT(simul_stream_buffered(there), ==, come);
	CHECK_INT(simul_read_exactly(there, buffer, come), ==, 1);
	check_pattern(buffer, 0, come);
	check_ends(there);
	close_pair();
	free(buffer);
}

TEST_VIRTUAL(an_end_within_an_exact_read_says_how_much_there_is_and_keeps_it)
{
	check_too_few(1, 2);
	check_too_few(900, 1024);
	check_too_few(1900, 2048);
	check_too_few(900, 100000);
	check_too_few(70000, 100000);
}

struct exactly {
	simul_stream *s;
	size_t n;
};

static int exactly(void *arg)
{
	const struct exactly *my = arg;
	char *buffer = malloc(my->n);
	int r = simul_read_exactly(my->s, buffer, my->n);

	free(buffer);
	return r;
}

TEST_VIRTUAL(a_cancelled_exact_read_has_taken_nothing)
{
	unsigned char buffer[3000];
	simul_task *t;

	open_pair();
	for (size_t wanted = 1000; wanted <= 3000; wanted += 2000) {
		t = simul_go(exactly, .s = there, .n = wanted);
		for (size_t i = 0; i < 900; i++)
			buffer[i] = pattern(i);
		CHECK_INT(simul_write(here, buffer, 900), ==, 0);
		simul_sleep(1);
		simul_cancel(t);
		CHECK_INT(simul_await(t), ==, -ECANCELED);
		CHECK_INT(simul_read_exactly(there, buffer, 900), ==, 1);
		check_pattern(buffer, 0, 900);
	}
	close_pair();
}

/* ---- Lines */

static void check_line(simul_stream *s, const char *expected)
{
	size_t length = 0;
	char *line = NULL;

	CHECK_INT(simul_read_line(s, &line, &length), ==, 1);
	CHECK_STR(line, expected);
	CHECK_INT(length, ==, strlen(expected));
}

TEST_VIRTUAL(lines_end_with_a_newline_perhaps_after_a_return)
{
	open_pair();
	say(here, "one\ntwo\r\n\n\r\nth\rree\r\r\n");
	check_line(there, "one");
	check_line(there, "two");
	check_line(there, "");
	check_line(there, "");
	check_line(there, "th\rree\r");
	close_pair();
}

TEST_VIRTUAL(what_follows_the_last_line_end_is_a_line)
{
	open_pair();
	say(here, "one\ntwo");
	CHECK_INT(simul_close(here), ==, 0);
	check_line(there, "one");
	check_line(there, "two");
	check_ends(there);
	CHECK_INT(simul_close(there), ==, 0);
}

TEST_VIRTUAL(a_line_may_come_byte_by_byte)
{
	open_pair();
	simul_go(trickle, .s = here, .text = "ab\r\n\ncd");
	check_line(there, "ab");
	check_line(there, "");
	check_line(there, "cd");
	check_ends(there);
	close_pair();
}

TEST_VIRTUAL(a_line_may_have_zero_bytes_in_it)
{
	size_t length;
	char *line;

	open_pair();
	CHECK_INT(simul_write(here, "a\0b\n", 4), ==, 0);
	CHECK_INT(simul_read_line(there, &line, &length), ==, 1);
	CHECK_INT(length, ==, 3);
	CHECK_BYTES(line, "a\0b", 4);
	close_pair();
}

static void say_xs(simul_stream *s, size_t n, const char *then)
{
	for (size_t i = 0; i < n; i++)
		say(s, "x");
	say(s, then);
}

TEST_VIRTUAL(a_line_as_long_as_the_limit_is_read)
{
	size_t length;
	char *line;

	open_pair();
	simul_stream_set_limit(there, 5);
	say_xs(here, 5, "\n");
	say_xs(here, 5, "\r\n");
	say_xs(here, 5, "");
	CHECK_INT(simul_shutdown_write(here), ==, 0);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(simul_read_line(there, &line, &length), ==, 1);
		CHECK_INT(length, ==, 5);
	}
	close_pair();
}

TEST_VIRTUAL(a_line_over_the_limit_is_an_error_that_loses_nothing)
{
	static const char *const ends[] = { "\n", "\r\n", "" };
	char *line = NULL;

	for (int i = 0; i < 3; i++) {
		open_pair();
		simul_stream_set_limit(there, 5);
		say_xs(here, 6, ends[i]);
		CHECK_INT(simul_shutdown_write(here), ==, 0);
		for (int j = 0; j < 2; j++)
			CHECK_INT(simul_read_line(there, &line, NULL), ==,
				  -SIMUL_ETOOLONG);
		CHECK(line == NULL);
		check_hears(there, "xxxxxx");
		check_hears(there, ends[i]);
		check_ends(there);
		close_pair();
	}
}

TEST_VIRTUAL(a_line_without_end_is_given_up_at_64_KiB)
{
	char *line;

	open_pair();
	for (int i = 0; i < 70; i++) {
		char piece[1024];

		memset(piece, 'x', sizeof piece);
		CHECK_INT(simul_write(here, piece, sizeof piece), ==, 0);
	}
	CHECK_INT(simul_read_line(there, &line, NULL), ==, -SIMUL_ETOOLONG);
	CHECK_INT(simul_stream_buffered(there), <=, 3 * 65536);
	simul_abort(there);
	simul_abort(here);
}

TEST_VIRTUAL(a_long_line_is_read_whole)
{
	char *line, *text = malloc(65537);
	size_t length;

	memset(text, 'y', 65536);
	text[65536] = '\n';
	open_pair();
	CHECK_INT(simul_write(here, text, 65537), ==, 0);
	CHECK_INT(simul_read_line(there, &line, &length), ==, 1);
	CHECK_INT(length, ==, 65536);
	CHECK_BYTES(line, text, 65536);
	close_pair();
	free(text);
}

TEST_VIRTUAL(a_cancelled_line_read_has_taken_nothing)
{
	simul_timeout limit;
	char *line;

	open_pair();
	say(here, "half a");
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&limit,
				      simul_read_line(there, &line, NULL)),
		  ==, -ETIMEDOUT);
	say(here, " line\n");
	check_line(there, "half a line");
	close_pair();
}

/* ---- Delimiters */

TEST_VIRTUAL(a_delimiter_may_be_split_anywhere)
{
	size_t length;
	char *bytes;

	open_pair();
	simul_go(trickle, .s = here, .text = "a-\r\n\r-\r\n\r\n--\r\n\r\n");
	CHECK_INT(simul_read_until(there, "\r\n\r\n", 4, &bytes, &length), ==,
		  1);
	CHECK_STR(bytes, "a-\r\n\r-");
	CHECK_INT(length, ==, 6);
	CHECK_INT(simul_read_until(there, "\r\n\r\n", 4, &bytes, NULL), ==, 1);
	CHECK_STR(bytes, "--");
	check_ends(there);
	close_pair();
}

TEST_VIRTUAL(an_end_before_the_delimiter_keeps_what_there_is)
{
	char *bytes;

	open_pair();
	simul_go(trickle, .s = here, .text = "abc");
	CHECK_INT(simul_read_until(there, ";", 1, &bytes, NULL), ==,
		  -SIMUL_EEOF);
	CHECK_INT(simul_stream_buffered(there), ==, 3);
	check_hears(there, "abc");
	check_ends(there);
	close_pair();
}

TEST_VIRTUAL(a_delimiter_beyond_the_limit_is_an_error_that_loses_nothing)
{
	char *bytes;

	open_pair();
	simul_stream_set_limit(there, 3);
	say(here, "abcd;abc;;");
	CHECK_INT(simul_read_until(there, ";;", 2, &bytes, NULL), ==,
		  -SIMUL_ETOOLONG);
	check_hears(there, "abcd;");
	CHECK_INT(simul_read_until(there, ";;", 2, &bytes, NULL), ==, 1);
	CHECK_STR(bytes, "abc");
	CHECK_INT(simul_read_until(there, "", 0, &bytes, NULL), ==, -EINVAL);
	close_pair();
}

/* ---- Looking */

TEST_VIRTUAL(a_peek_takes_nothing)
{
	const char *bytes;

	open_pair();
	say(here, "hello");
	for (int i = 0; i < 2; i++) {
		CHECK_INT(simul_peek(there, 0, &bytes), ==, 5);
		CHECK_BYTES(bytes, "hello", 5);
	}
	simul_consume(there, 2);
	CHECK_INT(simul_peek(there, 0, &bytes), ==, 3);
	CHECK_BYTES(bytes, "llo", 3);
	check_hears(there, "llo");
	close_pair();
}

TEST_VIRTUAL(a_peek_waits_for_as_much_as_is_asked_for)
{
	const char *bytes;

	open_pair();
	simul_go(trickle, .s = here, .text = "abcdef");
	for (int n = 1; n <= 6; n++) {
		CHECK_INT(simul_peek(there, (size_t)n, &bytes), ==, n);
		CHECK_BYTES(bytes, "abcdef", (size_t)n);
	}
	CHECK_INT(simul_peek(there, 7, &bytes), ==, 6); /* the end */
	simul_consume(there, 100);
	CHECK_INT(simul_peek(there, 7, &bytes), ==, 0);
	close_pair();
}

TEST_VIRTUAL(a_peek_beyond_the_limit_is_refused)
{
	const char *bytes = NULL;

	open_pair();
	CHECK_INT(simul_peek(there, 65537, &bytes), ==, -SIMUL_ETOOLONG);
	CHECK(bytes == NULL);
	simul_go(pour, .s = here, .n = 65536);
	CHECK_INT(simul_peek(there, 65536, &bytes), ==, 65536);
	check_pattern((const unsigned char *)bytes, 0, 65536);
	close_pair();
}

/* ---- Together */

static int read_byte(void *arg)
{
	char c;

	return (int)simul_read(arg, &c, 1);
}

TEST_VIRTUAL(a_second_reader_is_told_that_the_stream_is_busy)
{
	const char *bytes;
	simul_task *t;
	char *line;

	open_pair();
	t = simul_create_task(read_byte, there);
	simul_sleep(0);
	CHECK_INT(read_byte(there), ==, -EBUSY);
	CHECK_INT(simul_read_exactly(there, &line, 1), ==, -EBUSY);
	CHECK_INT(simul_read_line(there, &line, NULL), ==, -EBUSY);
	CHECK_INT(simul_read_until(there, ";", 1, &line, NULL), ==, -EBUSY);
	CHECK_INT(simul_peek(there, 1, &bytes), ==, -EBUSY);
	say(here, "x");
	CHECK_INT(simul_await(t), ==, 1);
	close_pair();
}

TEST_VIRTUAL(one_task_may_read_while_another_writes_both_ways)
{
	struct pour out = { here, 500000 }, back = { there, 500000 };
	simul_task *t[2];
	unsigned char c;

	open_pair();
	out.s = here;
	back.s = there;
	t[0] = simul_create_task(pour, &out);
	t[1] = simul_create_task(pour, &back);
	for (size_t i = 0; i < 500000; i++) {
		CHECK_INT(simul_read(here, &c, 1), ==, 1);
		CHECK_INT(c, ==, pattern(i));
		CHECK_INT(simul_read(there, &c, 1), ==, 1);
		CHECK_INT(c, ==, pattern(i));
	}
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	close_pair();
}

TEST_VIRTUAL(reading_in_a_cancelled_scope_fails_at_once_with_bytes_there)
{
	simul_timeout limit;

	open_pair();
	say(here, "x");
	simul_sleep(1);
	CHECK_INT(simul_timeout_open(&limit, 0), ==, 0);
	CHECK_INT(read_byte(there), ==, -ECANCELED);
	simul_timeout_close(&limit, 0);
	check_hears(there, "x");
	close_pair();
}

/* ---- Memory */

/* Without the one that the loop has to spare for all. */
static long blocks(void)
{
	return atomic_load(&smi_alloc_probe->live) -
	       (smi_current_loop->loop.spares.large != NULL);
}

TEST_VIRTUAL(a_stream_that_waits_for_bytes_holds_no_buffer)
{
	simul_task *t;
	char *line;
	long before;

	open_pair();
	t = simul_create_task(read_byte, there);
	simul_sleep(1);
	before = blocks();
	say(here, "x");
	CHECK_INT(simul_await(t), ==, 1);
	say_xs(here, 5000, "\n");
	CHECK_INT(simul_read_line(there, &line, NULL), ==, 1);
	CHECK_INT(simul_read_exactly(there, NULL, 0), ==, 1);
	t = simul_create_task(read_byte, there);
	simul_sleep(1);
	CHECK_INT(blocks(), <=, before);
	simul_cancel(t);
	simul_await(t);
	close_pair();
}

/* ---- After a read that was given up */

static int read_5000(void *arg)
{
	char buffer[5000];

	return simul_read_exactly(arg, buffer, sizeof buffer);
}

TEST_VIRTUAL(the_few_bytes_of_a_read_that_was_given_up_are_no_end)
{
	static const char *const parts[] = { "a", "ab", "abc", "abcd" };

	for (int i = 0; i < 4; i++) {
		char *line, whole[8];

		open_pair();
		say(here, parts[i]);
		CHECK_INT(simul_wait_for(1, read_5000, there), ==, -ETIMEDOUT);
		say(here, "z\n");
		CHECK_INT(simul_read_line(there, &line, NULL), ==, 1);
		snprintf(whole, sizeof whole, "%sz", parts[i]);
		CHECK_STR(line, whole);
		close_pair();
	}
}
