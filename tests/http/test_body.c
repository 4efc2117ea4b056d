/* SPDX-License-Identifier: MIT
 * tests/http/test_body.c - a body's data is found, and its end. */
#include "http/body.h"

#include <stdlib.h>

#include <simul/error.h>

#include "slice_text.h"

static struct smi_http_body body_of(enum smi_http_body_kind kind,
				    uint64_t length)
{
	struct smi_http_framing f = { .kind = kind, .length = length };

	return smi_http_body(&f);
}

/* Everything that these bytes say: how many belong to the body (or an error),
 * and the data among them, appended to *data. */
static ptrdiff_t drain(struct smi_http_body *b, const char *bytes, size_t n,
		       struct smi_buffer *data)
{
	size_t used = 0;

	while (used < n && !smi_http_body_is_done(b)) {
		uint64_t run = smi_http_body_run(b);
		struct smi_slice found;
		char *copy = malloc(n - used);
		ptrdiff_t taken;

		CHECK(copy);
		memcpy(copy, bytes + used, n - used);
		taken = smi_http_body_next(b, copy, n - used, &found);
		if (taken >= 0) {
			CHECK(taken > 0);
			CHECK(found.length == 0 ||
			      found.at + found.length == copy + taken);
			if (run)
				CHECK_INT(found.length, ==,
					  run < n - used ? run : n - used);
			CHECK_INT(
				smi_buffer_append(data, found.at, found.length),
				==, 0);
			used += (size_t)taken;
		}
		free(copy);
		if (taken < 0)
			return taken;
	}
	return (ptrdiff_t)used;
}

/* Feed a body in one piece, in every two and byte by byte. It must be taken
 * up to `used`, or give an error; have this data; and be done or not. */
static void check_body(struct smi_http_body start, const char *bytes, size_t n,
		       ptrdiff_t used, const char *expected, bool done)
{
	for (size_t first = 0; first <= n + 1; first++) {
		size_t step = first <= n ? n : 1; /* the last: byte by byte */
		struct smi_http_body b = start;
		struct smi_buffer data = { 0 };
		ptrdiff_t r = 0, all = 0;

		if (first <= n)
			all = r = drain(&b, bytes, first, &data);
		while (r >= 0 && (size_t)all < n &&
		       !smi_http_body_is_done(&b)) {
			size_t rest = n - (size_t)all;

			r = drain(&b, bytes + all, rest < step ? rest : step,
				  &data);
			all += r;
		}
		CHECK_INT(r < 0 ? r : all, ==, used);
		if (used >= 0) {
			CHECK_STR(text_in(&data), expected);
			CHECK_INT(smi_http_body_is_done(&b), ==, done);
		}
		smi_buffer_done(&data);
	}
}

static void check_chunks(const char *text, const char *rest,
			 const char *expected)
{
	char all[1000];
	int n = snprintf(all, sizeof(all), "%s%s", text, rest);

	check_body(body_of(SMI_HTTP_CHUNKED, 0), all, (size_t)n,
		   (ptrdiff_t)strlen(text), expected, true);
}

/* ---- Other kinds */

TEST(no_body_is_done_at_once)
{
	struct smi_http_body b = body_of(SMI_HTTP_NO_BODY, 0);
	struct smi_slice data;

	CHECK(smi_http_body_is_done(&b));
	CHECK_INT(smi_http_body_next(&b, "next", 4, &data), ==, 0);
	CHECK_INT(data.length, ==, 0);
	CHECK_INT(smi_http_body_close(&b), ==, 0);
}

TEST(a_body_of_a_length_has_that_length)
{
	struct smi_http_body b = body_of(SMI_HTTP_LENGTH, 5);

	check_body(b, "hello, next", 11, 5, "hello", true);
	check_body(b, "hell", 4, 4, "hell", false);
	check_body(b, "hello", 5, 5, "hello", true);
	CHECK_INT(smi_http_body_close(&b), ==, -SIMUL_EEOF);
}

TEST(a_body_until_close_takes_all_and_ends_with_the_connection)
{
	struct smi_http_body b = body_of(SMI_HTTP_UNTIL_CLOSE, 0);
	struct smi_slice data;

	check_body(b, "anything", 8, 8, "anything", false);
	CHECK_INT(smi_http_body_next(&b, "more", 4, &data), ==, 4);
	CHECK_STR(text_of(data), "more");
	CHECK_INT(smi_http_body_close(&b), ==, 0);
	CHECK(smi_http_body_is_done(&b));
}

TEST(a_body_longer_than_memory_is_counted_right)
{
	struct smi_http_body b = body_of(SMI_HTTP_LENGTH, INT64_MAX);
	struct smi_slice data;

	CHECK_INT(smi_http_body_next(&b, "1234", 4, &data), ==, 4);
	CHECK_INT(smi_http_body_run(&b), ==, INT64_MAX - 4);
}

/* ---- Chunks */

TEST(chunks_are_put_together)
{
	check_chunks("5\r\nhello\r\n0\r\n\r\n", "next", "hello");
	check_chunks("1\r\na\r\n02\r\nbc\r\n0003\r\ndef\r\n000\r\n\r\n", "",
		     "abcdef");
	check_chunks("0\r\n\r\n", "0\r\n\r\n", "");
	check_chunks("a\r\n0123456789\r\nA\r\n\r\n0\r\n\r\n\r\n\r\r\n0\r\n\r\n",
		     "", "0123456789\r\n0\r\n\r\n\r\n\r");
}

TEST(extensions_are_passed_over)
{
	check_chunks("3;a\r\nabc\r\n0;b=c;d=\"e f\"\r\n\r\n", "x", "abc");
	check_chunks("3 \t; a = b\r\nabc\r\n0\t;\r\n\r\n", "x", "abc");
	check_chunks("3;\xc3\xa9=\"\\\"\r\nabc\r\n0\r\n\r\n", "x", "abc");
}

TEST(trailers_are_passed_over)
{
	check_chunks("1\r\na\r\n0\r\nName: value\r\nother:\r\n\r\n", "x", "a");
}

TEST(a_chunked_body_that_is_cut_off_is_not_done)
{
	const char *text = "5;a\r\nhello\r\n0\r\nb: c\r\n\r\n";

	for (size_t i = 0; i < strlen(text); i++) {
		struct smi_http_body b = body_of(SMI_HTTP_CHUNKED, 0);
		struct smi_buffer data = { 0 };

		CHECK_INT(drain(&b, text, i, &data), ==, i);
		CHECK(!smi_http_body_is_done(&b));
		CHECK_INT(smi_http_body_close(&b), ==, -SIMUL_EEOF);
		smi_buffer_done(&data);
	}
}

TEST(bad_chunks_are_refused)
{
	static const char *const bad[] = {
		"\r\n",
		" 5\r\nhello\r\n",
		"g\r\n",
		"-1\r\n",
		"+1\r\n",
		"0x5\r\nhello\r\n",
		"5x\r\nhello\r\n",
		"5 \r\nhello\r\n",
		"5 5\r\nhello\r\n",
		"5,\r\nhello\r\n",
		";a\r\n",
		"5\nhello\r\n",
		"5\rhello\r\n",
		"5\r\nhello0\r\n",
		"5\r\nhello\n0\r\n\r\n",
		"5\r\nhello\r0\r\n\r\n",
		"5\r\nhello\r\n\r\n",
		"5;a\nhello\r\n",
		"5;a\rb\r\nhello\r\n",
		"5;a\x01\r\nhello\r\n",
		"5;a\x7f\r\nhello\r\n",
		"0\r\n\n",
		"0\r\n\rx",
		"0\r\n x: y\r\n\r\n",
		"0\r\nx\r\n\r\n",
		"0\r\nx : y\r\n\r\n",
		"0\r\n: y\r\n\r\n",
		"0\r\nx: y\n\r\n",
		"0\r\nx: y\rz\r\n\r\n",
		"0\r\nx: \x0b\r\n\r\n",
		"8000000000000000\r\n",
		"10000000000000000\r\n",
		"ffffffffffffffff1\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_body(body_of(SMI_HTTP_CHUNKED, 0), bad[i], strlen(bad[i]),
			   -SIMUL_EPROTOCOL, NULL, false);
}

TEST(a_zero_byte_is_refused_in_all_but_data)
{
	const char text[] = "5;ab=\"c\"\r\nhello\r\n0;d\r\nx: y\r\n\r\n";

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		struct smi_http_body b = body_of(SMI_HTTP_CHUNKED, 0);
		struct smi_buffer data = { 0 };
		char with_zero[sizeof(text)];
		bool in_data = i >= 10 && i < 15;

		memcpy(with_zero, text, sizeof(text));
		with_zero[i] = '\0';
		CHECK_INT(drain(&b, with_zero, sizeof(text) - 1, &data), ==,
			  in_data ? (int)sizeof(text) - 1 : -SIMUL_EPROTOCOL);
		smi_buffer_done(&data);
	}
}

TEST(a_chunk_may_be_as_large_as_a_file)
{
	struct smi_http_body b = body_of(SMI_HTTP_CHUNKED, 0);
	struct smi_slice data;

	CHECK_INT(smi_http_body_next(&b, "7fffffffffffffff\r\nab", 20, &data),
		  ==, 20);
	CHECK_STR(text_of(data), "ab");
	CHECK_INT(smi_http_body_run(&b), ==, INT64_MAX - 2);
}

/* Feed this over and over; how many bytes were taken before it was refused as
 * too long. */
static size_t bytes_before_refusal(const char *first, const char *again)
{
	struct smi_http_body b = body_of(SMI_HTTP_CHUNKED, 0);
	struct smi_buffer data = { 0 };
	ptrdiff_t r = drain(&b, first, strlen(first), &data);
	size_t all = 0;

	while (r >= 0 && all < 1000000) {
		all += (size_t)r;
		r = drain(&b, again, strlen(again), &data);
		CHECK(r >= 0 || r == -SIMUL_ETOOLONG);
	}
	smi_buffer_done(&data);
	return all;
}

TEST(extensions_trailers_and_zeros_come_to_an_end)
{
	CHECK_INT(bytes_before_refusal("1", ";a=b"), <=, 16384);
	CHECK_INT(bytes_before_refusal("0\r\nx: ", "yyyy"), <=, 16400);
	CHECK_INT(bytes_before_refusal("0\r\n", "x:\r\n"), <=, 16400);
	CHECK_INT(bytes_before_refusal("", "0000"), <=, 16384);
	CHECK_INT(bytes_before_refusal("", "1;0123456789012345678901234567\r\n"
					   "x\r\n"),
		  <, 50000);
}

TEST(many_small_chunks_and_modest_extensions_never_end)
{
	CHECK_INT(bytes_before_refusal("", "1\r\nx\r\n"), >=, 1000000);
	CHECK_INT(bytes_before_refusal("", "1;name=value\r\nx\r\n"), >=,
		  1000000);
}

/* ---- Sending */

TEST(the_head_of_a_chunk_is_its_size)
{
	char head[SMI_HTTP_CHUNK_HEAD_ROOM];
	size_t n;

	n = smi_http_chunk_head(head, 1);
	CHECK_STR(text_of(smi_slice(head, n)), "1\r\n");
	n = smi_http_chunk_head(head, 0x10);
	CHECK_STR(text_of(smi_slice(head, n)), "10\r\n");
	n = smi_http_chunk_head(head, 0xabcdef);
	CHECK_STR(text_of(smi_slice(head, n)), "abcdef\r\n");
	n = smi_http_chunk_head(head, UINT64_MAX);
	CHECK_INT(n, ==, sizeof(head));
	CHECK_STR(text_of(smi_slice(head, n)), "ffffffffffffffff\r\n");
}

TEST(what_is_sent_in_chunks_is_received)
{
	char text[1000], head[SMI_HTTP_CHUNK_HEAD_ROOM], data[300];
	size_t n = 0, head_length = smi_http_chunk_head(head, sizeof(data) - 1);

	memset(data, 'x', sizeof(data) - 1);
	data[sizeof(data) - 1] = '\0';
	memcpy(text, head, head_length);
	n += head_length;
	memcpy(text + n, data, sizeof(data) - 1);
	n += sizeof(data) - 1;
	memcpy(text + n, smi_http_chunk_tail().at, 2);
	n += smi_http_chunk_tail().length;
	memcpy(text + n, smi_http_chunks_end().at, 5);
	n += smi_http_chunks_end().length;
	check_body(body_of(SMI_HTTP_CHUNKED, 0), text, n, (ptrdiff_t)n, data,
		   true);
}
