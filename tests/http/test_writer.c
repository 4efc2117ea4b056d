/* SPDX-License-Identifier: MIT
 * tests/http/test_writer.c - heads are written whole, or not at all. */
#include "http/writer.h"

#include <errno.h>
#include <time.h>

#include "http/date.h"
#include "http/parser.h"
#include "slice_text.h"

static struct smi_slice s(const char *text)
{
	return smi_slice_of(text);
}

TEST(a_request_is_written)
{
	struct smi_buffer b = { 0 };
	struct smi_http_writer w = smi_http_writer(&b);

	smi_http_write_request(&w, s("GET"), s("/a?b"));
	smi_http_write_field(&w, s("Host"), s("example.com"));
	smi_http_write_field(&w, s("X-Empty"), smi_slice(NULL, 0));
	CHECK_INT(smi_http_write_end(&w), ==, 0);
	CHECK_STR(text_in(&b), "GET /a?b HTTP/1.1\r\n"
			       "Host: example.com\r\n"
			       "X-Empty: \r\n\r\n");
	smi_buffer_done(&b);
}

TEST(a_response_is_written)
{
	struct smi_buffer b = { 0 };
	struct smi_http_writer w = smi_http_writer(&b);

	smi_http_write_status(&w, 200, s(""));
	smi_http_write_length(&w, 0);
	CHECK_INT(smi_http_write_end(&w), ==, 0);
	w = smi_http_writer(&b);
	smi_http_write_status(&w, 299, s("F\xc3\xa4st\tgood"));
	smi_http_write_length(&w, UINT64_MAX);
	CHECK_INT(smi_http_write_end(&w), ==, 0);
	w = smi_http_writer(&b);
	smi_http_write_status(&w, 299, s(""));
	CHECK_INT(smi_http_write_end(&w), ==, 0);
	CHECK_STR(text_in(&b), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
			       "HTTP/1.1 299 F\xc3\xa4st\tgood\r\n"
			       "Content-Length: 18446744073709551615\r\n\r\n"
			       "HTTP/1.1 299 \r\n\r\n");
	smi_buffer_done(&b);
}

static struct smi_http_writer begin(struct smi_buffer *b)
{
	struct smi_http_writer w = smi_http_writer(b);

	smi_http_write_status(&w, 200, s(""));
	return w;
}

/* It was refused, and nothing of the head is left. */
static void check_refused(struct smi_http_writer w)
{
	smi_http_write_field(&w, s("Good"), s("field"));
	CHECK_INT(smi_http_write_end(&w), ==, -EINVAL);
	CHECK_STR(text_in(w.to), "before");
}

TEST(what_would_be_another_field_is_refused)
{
	static const char *const bad_names[] = {
		"",    "a b",	    "a:",  "a\r\nb", "a\n",
		"\ta", "a\xc3\xa9", "(a)", "a\x7f",
	};
	static const char *const bad_values[] = {
		"a\r\nb: c", "a\nb: c", "a\r", "\n", "a\x01", "12345678\x7f",
	};
	struct smi_buffer b = { 0 };
	struct smi_http_writer w;

	CHECK_INT(smi_buffer_append(&b, "before", 6), ==, 0);
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(char *); i++) {
		w = begin(&b);
		smi_http_write_field(&w, s(bad_names[i]), s("value"));
		check_refused(w);
	}
	for (size_t i = 0; i < sizeof(bad_values) / sizeof(char *); i++) {
		w = begin(&b);
		smi_http_write_field(&w, s("name"), s(bad_values[i]));
		check_refused(w);
	}
	w = begin(&b);
	smi_http_write_field(&w, s("name"), smi_slice("a\0b", 3));
	check_refused(w);
	smi_buffer_done(&b);
}

TEST(what_would_be_another_first_line_is_refused)
{
	static const char *const bad[][2] = {
		{ "", "/" },	    { "GET", "" },
		{ "G T", "/" },	    { "GET", "/a b" },
		{ "GET\r\n", "/" }, { "GET", "/\r\nHost: evil" },
		{ "GET", "/\t" },   { "GET", "/\xc3\xa9" },
	};
	struct smi_buffer b = { 0 };
	struct smi_http_writer w;

	CHECK_INT(smi_buffer_append(&b, "before", 6), ==, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = smi_http_writer(&b);
		smi_http_write_request(&w, s(bad[i][0]), s(bad[i][1]));
		check_refused(w);
	}
	w = smi_http_writer(&b);
	smi_http_write_status(&w, 200, s("OK\r\nSet-Cookie: evil"));
	check_refused(w);
	w = smi_http_writer(&b);
	smi_http_write_status(&w, 99, s("x"));
	check_refused(w);
	w = smi_http_writer(&b);
	smi_http_write_status(&w, 1000, s("x"));
	check_refused(w);
	smi_buffer_done(&b);
}

static void write_long_head(void)
{
	struct smi_buffer b = { 0 };
	struct smi_http_writer w = smi_http_writer(&b);
	int r;

	smi_http_write_request(&w, s("GET"), s("/"));
	for (int i = 0; i < 200; i++)
		smi_http_write_field(&w, s("name"), s("some value"));
	r = smi_http_write_end(&w);
	CHECK(r == 0 || r == -ENOMEM);
	CHECK_INT(smi_buffer_length(&b), ==, r < 0 ? 0 : 200 * 18 + 18);
	smi_buffer_done(&b);
}

TEST(without_memory_nothing_is_written)
{
	sweep_allocations(write_long_head);
}

TEST(what_is_written_is_parsed)
{
	struct smi_buffer b = { 0 };
	struct smi_http_writer w = smi_http_writer(&b);
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };

	smi_http_write_status(&w, 404, s(""));
	smi_http_write_field(&w, s("A"), s("b\xff\t "));
	smi_http_write_length(&w, 1234567890);
	CHECK_INT(smi_http_write_end(&w), ==, 0);
	CHECK_INT(smi_http_parse_response(&p, smi_buffer_bytes(&b),
					  smi_buffer_length(&b), &m),
		  ==, smi_buffer_length(&b));
	CHECK_INT(m.status, ==, 404);
	CHECK_STR(text_of(smi_http_slice(&m, m.reason)), "Not Found");
	CHECK_STR(text_of(smi_http_value(&m, 0)), "b\xff");
	CHECK_STR(text_of(smi_http_value(&m, 1)), "1234567890");
	smi_http_message_done(&m);
	smi_buffer_done(&b);
}

TEST(a_status_has_the_standards_words)
{
	CHECK_STR(text_of(smi_http_reason(100)), "Continue");
	CHECK_STR(text_of(smi_http_reason(200)), "OK");
	CHECK_STR(text_of(smi_http_reason(511)),
		  "Network Authentication Required");
	CHECK_STR(text_of(smi_http_reason(0)), "");
	CHECK_STR(text_of(smi_http_reason(299)), "");
	CHECK_STR(text_of(smi_http_reason(512)), "");
	CHECK_STR(text_of(smi_http_reason(9999)), "");
}

/* ---- Dates */

static const char *date_of(int64_t seconds)
{
	static char text[SMI_HTTP_DATE_LENGTH];

	smi_http_date(seconds, text);
	return text_of(smi_slice(text, sizeof(text)));
}

TEST(dates_are_written_as_the_standard_has_them)
{
	CHECK_STR(date_of(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	CHECK_STR(date_of(0), "Thu, 01 Jan 1970 00:00:00 GMT");
	CHECK_STR(date_of(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
	CHECK_STR(date_of(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
	CHECK_STR(date_of(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
	CHECK_STR(date_of(2147483648), "Tue, 19 Jan 2038 03:14:08 GMT");
}

TEST(dates_that_can_not_be_written_are_the_nearest_that_can)
{
	CHECK_STR(date_of(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
	CHECK_STR(date_of(253402300800), "Fri, 31 Dec 9999 23:59:59 GMT");
	CHECK_STR(date_of(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
	CHECK_STR(date_of(INT64_MIN), "Mon, 01 Jan 0001 00:00:00 GMT");
}

TEST(every_day_of_four_centuries_is_what_the_c_library_says_it_is)
{
	for (int64_t day = -100000; day < 100000; day++) {
		time_t seconds = day * 86400 + (day & 0xffff);
		char expected[64];
		struct tm tm;

		CHECK(gmtime_r(&seconds, &tm));
		strftime(expected, sizeof(expected),
			 "%a, %d %b %Y %H:%M:%S GMT", &tm);
		CHECK_STR(date_of(seconds), expected);
	}
}
