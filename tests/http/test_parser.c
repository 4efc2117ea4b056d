/* SPDX-License-Identifier: MIT
 * tests/http/test_parser.c - heads are parsed strictly, however they arrive. */
#include "http/parser.h"

#include <errno.h>
#include <stdlib.h>

#include <simul/error.h>

#include "all_ways.h"
#include "base/alloc.h"
#include "slice_text.h"

static ptrdiff_t request(const char *text, struct smi_http_message *m)
{
	return parse_all_ways(parse_request, (struct smi_http_parser){ 0 },
			      text, strlen(text), m);
}

static ptrdiff_t response(const char *text, struct smi_http_message *m)
{
	return parse_all_ways(smi_http_parse_response,
			      (struct smi_http_parser){ 0 }, text, strlen(text),
			      m);
}

/* ---- Requests */

TEST(a_request_is_taken_apart)
{
	struct smi_http_message m = { 0 };
	const char *text =
		"GET /a?b HTTP/1.1\r\n"
		"Host: example.com\r\n"
		"X-Long-Value:  \t a value, of more than 8 bytes\t \r\n"
		"empty:\r\n"
		"!#$%&'*+-.^_`|~09azAZ: \t \r\n"
		"Utf-8: \xed\x95\x9c\tand tabs\tinside\r\n"
		"\r\n";

	CHECK_INT(request(text, &m), ==, strlen(text));
	CHECK_STR(text_of(smi_http_method(&m)), "GET");
	CHECK_STR(text_of(smi_http_slice(&m, m.target)), "/a?b");
	CHECK_INT(m.minor, ==, 1);
	CHECK_INT(m.count, ==, 5);
	CHECK_STR(text_of(smi_http_name(&m, 0)), "Host");
	CHECK_STR(text_of(smi_http_value(&m, 0)), "example.com");
	CHECK_STR(text_of(smi_http_name(&m, 1)), "X-Long-Value");
	CHECK_STR(text_of(smi_http_value(&m, 1)),
		  "a value, of more than 8 bytes");
	CHECK_STR(text_of(smi_http_value(&m, 2)), "");
	CHECK_STR(text_of(smi_http_name(&m, 3)), "!#$%&'*+-.^_`|~09azAZ");
	CHECK_STR(text_of(smi_http_value(&m, 3)), "");
	CHECK_STR(text_of(smi_http_value(&m, 4)),
		  "\xed\x95\x9c\tand tabs\tinside");
	smi_http_message_done(&m);
}

TEST(a_head_ends_with_its_empty_line)
{
	struct smi_http_message m = { 0 };
	const char *text = "GET / HTTP/1.0\r\n\r\nGET /next HTTP/1.1\r\n\r\n";

	CHECK_INT(request(text, &m), ==, 18);
	CHECK_INT(m.count, ==, 0);
	CHECK_INT(m.minor, ==, 0);
	CHECK_INT(request(text + 18, &m), ==, strlen(text) - 18);
	smi_http_message_done(&m);
}

TEST(a_parser_is_ready_for_the_next_head_when_one_is_complete)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	const char *text = "GET /1 HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n"
			   "GET /2 HTTP/1.1\r\nc: 3\r\n\r\n";

	CHECK_INT(smi_http_parse_request(&p, text, strlen(text), &m), ==, 31);
	CHECK_INT(m.count, ==, 2);
	text += 31;
	CHECK_INT(smi_http_parse_request(&p, text, 10, &m), ==, 0);
	CHECK_INT(smi_http_parse_request(&p, text, strlen(text), &m), ==,
		  strlen(text));
	CHECK_INT(m.count, ==, 1);
	CHECK_STR(text_of(smi_http_slice(&m, m.target)), "/2");
	CHECK_STR(text_of(smi_http_value(&m, 0)), "3");
	smi_http_message_done(&m);
}

TEST(a_head_that_is_cut_off_anywhere_is_incomplete)
{
	const char *text = "POST /a HTTP/1.1\r\nHost: h\r\nx: y\r\n\r\n";
	struct smi_http_message m = { 0 };
	char *copy;

	for (size_t i = 0; i < strlen(text); i++) {
		struct smi_http_parser p = { 0 };

		CHECK_INT(parse_copy(parse_request, &p, text, i, &m, &copy), ==,
			  0);
		free(copy);
	}
	CHECK_INT(request("", &m), ==, 0);
	smi_http_message_done(&m);
}

TEST(empty_lines_before_a_request_are_passed_over)
{
	struct smi_http_message m = { 0 };
	const char *text = "\r\n\r\nGET / HTTP/1.1\r\na: b\r\n\r\n";

	CHECK_INT(request(text, &m), ==, strlen(text));
	CHECK_STR(text_of(smi_http_method(&m)), "GET");
	CHECK_STR(text_of(smi_http_value(&m, 0)), "b");
	CHECK_INT(request("\r\n\r\n", &m), ==, 0);
	CHECK_INT(request("\n\nGET / HTTP/1.1\r\n\r\n", &m), ==,
		  -SIMUL_EPROTOCOL);
	CHECK_INT(request("\rGET / HTTP/1.1\r\n\r\n", &m), ==,
		  -SIMUL_EPROTOCOL);
	smi_http_message_done(&m);
}

TEST(what_is_no_request_is_refused)
{
	static const char *const bad[] = {
		" GET / HTTP/1.1\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		"GET /  HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1 \r\n\r\n",
		"GET\t/ HTTP/1.1\r\n\r\n",
		"GET /\tHTTP/1.1\r\n\r\n",
		"GET / a HTTP/1.1\r\n\r\n",
		"G(T / HTTP/1.1\r\n\r\n",
		"G\xc3\xa9T / HTTP/1.1\r\n\r\n",
		"/ HTTP/1.1\r\n\r\n",
		"GET HTTP/1.1\r\n\r\n",
		"GET /\r\n\r\n",
		"GET / \r\n    \r\n",
		"GET /\x01 HTTP/1.1\r\n\r\n",
		"GET /\x7f HTTP/1.1\r\n\r\n",
		"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
		"GET / http/1.1\r\n\r\n",
		"GET / HTTP/1,1\r\n\r\n",
		"GET / HTTP/x.1\r\n\r\n",
		"GET / HTTP/1.x\r\n\r\n",
		"GET / HTTP/1.10\r\n\r\n",
		"GET / HTTP/11.1\r\n\r\n",
		"GET / HTTPS/1.1\r\n\r\n",
		"GET / HTTP/1.1\n\r\n",
		"GET / HTTP/1.1\r\r\n\r\n",
		"GET / HTTP/1.1\rX: y\r\n\r\n",
	};
	struct smi_http_message m = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(request(bad[i], &m), ==, -SIMUL_EPROTOCOL);
	CHECK_INT(request("\x16\x03\x01\x02\x01\x01", &m), ==,
		  -SIMUL_EPROTOCOL);
	smi_http_message_done(&m);
}

TEST(another_major_version_is_not_supported)
{
	struct smi_http_message m = { 0 };

	CHECK_INT(request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &m), ==,
		  -SIMUL_EUNSUPPORTED);
	CHECK_INT(request("GET / HTTP/0.9\r\n\r\n", &m), ==,
		  -SIMUL_EUNSUPPORTED);
	CHECK_INT(response("HTTP/3.0 200 OK\r\n\r\n", &m), ==,
		  -SIMUL_EUNSUPPORTED);
	CHECK_INT(request("GET / HTTP/1.9\r\n\r\n", &m), ==, 18);
	CHECK_INT(m.minor, ==, 9);
	smi_http_message_done(&m);
}

/* What comes between the first line and the empty one. */
static const char *const bad_fields[] = {
	"no colon\r\n",
	"nocolon\r\n",
	": no name\r\n",
	"a : b\r\n",
	"a\t: b\r\n",
	" a: b\r\n",
	"a b: c\r\n",
	"a\r\n: b\r\n",
	"(a): b\r\n",
	"a\xc3\xa9: b\r\n",
	"a: b\rc: d\r\n",
	"a: b\r\r\n",
	"a: \x01\r\n",
	"a: 12345678\x1fxyz\r\n",
	"a: 1234567\x7fxyz\r\n",
	"a: b\x0b\r\n",
	"a\x0b: b\r\n",
	"Transfer-Encoding\x0b: chunked\r\n",
	"Transfer-Encoding : chunked\r\n",
	"Content-Length: 5\rTransfer-Encoding: chunked\r\n",
};

TEST(what_is_no_field_is_refused_in_requests_and_responses)
{
	struct smi_http_message m = { 0 };
	char text[200];

	for (size_t i = 0; i < sizeof(bad_fields) / sizeof(bad_fields[0]);
	     i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n",
			 bad_fields[i]);
		CHECK_INT(request(text, &m), ==, -SIMUL_EPROTOCOL);
		snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n",
			 bad_fields[i]);
		CHECK_INT(response(text, &m), ==, -SIMUL_EPROTOCOL);
	}
	smi_http_message_done(&m);
}

TEST(folded_lines_and_lone_line_feeds_are_refused_in_requests)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n",
		"GET / HTTP/1.1\r\na: b\r\n\tc\r\n\r\n",
		"GET / HTTP/1.1\r\na: b\r\n \r\n\r\n",
		"GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n",
		"GET / HTTP/1.1\r\na: b\r\n\n",
		"GET / HTTP/1.1\na: b\r\n\r\n",
	};
	struct smi_http_message m = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(request(bad[i], &m), ==, -SIMUL_EPROTOCOL);
	smi_http_message_done(&m);
}

TEST(a_zero_byte_is_refused_wherever_it_is)
{
	const char text[] = "GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n\n";
	struct smi_http_message m = { 0 };

	for (size_t i = 0; i < sizeof(text) - 2; i++) {
		char with_zero[sizeof(text)];

		memcpy(with_zero, text, sizeof(text));
		with_zero[i] = '\0';
		CHECK_INT(parse_all_ways(parse_request,
					 (struct smi_http_parser){ 0 },
					 with_zero, sizeof(text) - 1, &m),
			  ==, -SIMUL_EPROTOCOL);
	}
	smi_http_message_done(&m);
}

/* Only these bytes may be in a value, wherever in a word they are. */
TEST(a_value_has_no_control_characters_but_tabs)
{
	struct smi_http_message m = { 0 };

	for (int c = 0; c < 256; c++) {
		bool good = (c >= 0x20 && c != 0x7f) || c == '\t';

		for (size_t at = 0; at < 18; at++) {
			struct smi_http_parser p = { 0 };
			char text[] = "A / HTTP/1.1\r\n"
				      "a:123456789abcdefghi\r\n\r\n";
			ptrdiff_t n;

			text[16 + at] = (char)c;
			n = smi_http_parse_request(&p, text, sizeof(text) - 1,
						   &m);
			CHECK_INT(n, ==,
				  good ? (int)sizeof(text) - 1
				       : -SIMUL_EPROTOCOL);
		}
	}
	smi_http_message_done(&m);
}

/* ---- Responses */

TEST(a_response_is_taken_apart)
{
	struct smi_http_message m = { 0 };
	const char *text = "HTTP/1.1 404 Not \tF\xc3\xb6und\r\n"
			   "Server: x\r\n\r\nbody";

	CHECK_INT(response(text, &m), ==, strlen(text) - 4);
	CHECK_INT(m.status, ==, 404);
	CHECK_INT(m.minor, ==, 1);
	CHECK_STR(text_of(smi_http_slice(&m, m.reason)), "Not \tF\xc3\xb6und");
	CHECK_INT(m.count, ==, 1);
	smi_http_message_done(&m);
}

TEST(a_reason_may_be_missing)
{
	struct smi_http_message m = { 0 };

	CHECK_INT(response("HTTP/1.0 200 \r\n\r\n", &m), ==, 17);
	CHECK_STR(text_of(smi_http_slice(&m, m.reason)), "");
	CHECK_INT(response("HTTP/1.0 999\r\n\r\n", &m), ==, 16);
	CHECK_STR(text_of(smi_http_slice(&m, m.reason)), "");
	CHECK_INT(m.status, ==, 999);
	smi_http_message_done(&m);
}

TEST(what_is_no_response_is_refused)
{
	static const char *const bad[] = {
		"\r\nHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 -20 OK\r\n\r\n",
		"HTTP/1.1\t200 OK\r\n\r\n",
		"HTTP/1.1 200\tOK\r\n\r\n",
		"HTTP/1.1 200OK\r\n\r\n",
		"HTTP/1.1 200 O\x01K\r\n\r\n",
		"HTTP/1.1 200 OK\r\r\n\r\n",
		"http/1.1 200 OK\r\n\r\n",
		"ICY 200 OK\r\n12345\r\n",
		"<html><body>Hello\n",
		"HTTP/1.1 200 OK\r\n folded: first\r\n\r\n",
	};
	struct smi_http_message m = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(response(bad[i], &m), ==, -SIMUL_EPROTOCOL);
	smi_http_message_done(&m);
}

TEST(folded_lines_of_a_response_are_joined_with_spaces)
{
	struct smi_http_message m = { 0 };
	const char *text = "HTTP/1.1 200 OK\r\n"
			   "a: one\r\n two \r\n\t three\r\n"
			   "b:\r\n \r\n  late\r\n"
			   "c: x \r\n \r\n\t\r\n y\r\n"
			   "d: e\r\n   \r\n\r\n";

	CHECK_INT(response(text, &m), ==, strlen(text));
	CHECK_INT(m.count, ==, 4);
	CHECK_STR(text_of(smi_http_value(&m, 0)), "one   two     three");
	CHECK_STR(text_of(smi_http_value(&m, 1)), "late");
	CHECK_STR(text_of(smi_http_value(&m, 2)), "x          y");
	CHECK_STR(text_of(smi_http_value(&m, 3)), "e");
	smi_http_message_done(&m);
}

TEST(lines_of_a_response_may_end_in_line_feeds_alone)
{
	struct smi_http_message m = { 0 };
	const char *text = "HTTP/1.1 200 OK\na: b\nc:\n d\r\n\n";

	CHECK_INT(response(text, &m), ==, strlen(text));
	CHECK_STR(text_of(smi_http_slice(&m, m.reason)), "OK");
	CHECK_INT(m.count, ==, 2);
	CHECK_STR(text_of(smi_http_value(&m, 0)), "b");
	CHECK_STR(text_of(smi_http_value(&m, 1)), "d");
	CHECK_INT(response("HTTP/1.1 200\n\n", &m), ==, 14);
	smi_http_message_done(&m);
}

/* ---- Limits */

TEST(a_head_may_be_as_long_as_its_limit_and_no_longer)
{
	const char *text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	struct smi_http_message m = { 0 };

	for (uint32_t limit = 1; limit < 40; limit++) {
		struct smi_http_parser p = { .head_limit = limit };

		CHECK_INT(parse_all_ways(parse_request, p, text, strlen(text),
					 &m),
			  ==, limit < 27 ? -SIMUL_ETOOLONG : 27);
	}
	smi_http_message_done(&m);
}

TEST(an_error_is_the_same_however_near_it_is_to_the_limit)
{
	const char *text = "GET / HTTP/1.1\r\nHost: h\x01\r\n\r\n";
	struct smi_http_message m = { 0 };

	for (uint32_t limit = 1; limit < 40; limit++) {
		struct smi_http_parser p = { .head_limit = limit };

		CHECK_INT(parse_all_ways(parse_request, p, text, strlen(text),
					 &m),
			  ==, limit < 24 ? -SIMUL_ETOOLONG : -SIMUL_EPROTOCOL);
	}
	smi_http_message_done(&m);
}

TEST(an_endless_head_ends_at_the_usual_limit)
{
	size_t size = SMI_HTTP_HEAD_LIMIT + 1000;
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	char *text = malloc(size);

	CHECK(text);
	memset(text, 'a', size);
	CHECK_INT(smi_http_parse_request(&p, text, size, &m), ==,
		  -SIMUL_ETOOLONG);
	CHECK(!p.started);
	for (size_t i = 0; i < size; i += 2)
		memcpy(text + i, "\r\n", 2);
	p = (struct smi_http_parser){ 0 };
	CHECK_INT(smi_http_parse_request(&p, text, size, &m), ==,
		  -SIMUL_ETOOLONG);
	free(text);
	smi_http_message_done(&m);
}

TEST(a_head_has_as_many_fields_as_its_limit_and_no_more)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { .field_limit = 2 };
	const char *two = "GET / HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n";
	const char *three = "GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n";

	CHECK_INT(parse_all_ways(parse_request, p, two, strlen(two), &m), ==,
		  strlen(two));
	CHECK_INT(parse_all_ways(parse_request, p, three, strlen(three), &m),
		  ==, -SIMUL_ETOOLONG);
	CHECK_INT(smi_http_parse_request(&p, three, strlen(three), &m), ==,
		  -SIMUL_ETOOLONG);
	CHECK(p.started);
	smi_http_message_done(&m);
}

/* Were every byte to cost a look at all before it, this would take minutes. */
TEST(a_head_that_comes_byte_by_byte_costs_no_more_than_its_length)
{
	enum { SIZE = 4 * 1024 * 1024 };

	struct smi_http_parser p = { .head_limit = SIZE + 100 };
	struct smi_http_message m = { 0 };
	char *text = malloc(SIZE + 100);
	size_t length;

	CHECK(text);
	length = (size_t)sprintf(text, "GET / HTTP/1.1\r\nlong: ");
	memset(text + length, 'x', SIZE);
	length += SIZE;
	memcpy(text + length, "\r\n\r\n", 4);
	length += 4;
	for (size_t i = 1; i < length; i++)
		CHECK_INT(smi_http_parse_request(&p, text, i, &m), ==, 0);
	CHECK_INT(smi_http_parse_request(&p, text, length, &m), ==, length);
	CHECK_INT(m.fields[0].value.length, ==, SIZE);
	smi_http_message_done(&m);
	free(text);
}

/* ---- Memory */

static void parse_many_fields(void)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	char text[2000];
	size_t length = (size_t)sprintf(text, "GET / HTTP/1.1\r\n");
	ptrdiff_t n;

	for (int i = 0; i < 100; i++)
		length += (size_t)sprintf(text + length, "n%d: v\r\n", i);
	length += (size_t)sprintf(text + length, "\r\n");
	n = smi_http_parse_request(&p, text, length, &m);
	if (n == -ENOMEM) /* again, as the header says */
		n = smi_http_parse_request(&p, text, length, &m);
	if (n > 0) {
		CHECK_INT(n, ==, length);
		CHECK_INT(m.count, ==, 100);
		for (size_t i = 0; i < 100; i++) {
			char name[10];

			snprintf(name, sizeof(name), "n%zu", i);
			CHECK_STR(text_of(smi_http_name(&m, i)), name);
		}
	} else {
		CHECK_INT(n, ==, -ENOMEM);
	}
	smi_http_message_done(&m);
}

TEST(without_memory_a_head_is_not_parsed_but_may_be_later)
{
	sweep_allocations(parse_many_fields);
}

TEST(a_second_head_allocates_nothing)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	const char *text = "GET / HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n";
	long calls;

	CHECK_INT(smi_http_parse_request(&p, text, strlen(text), &m), >, 0);
	calls = smi_alloc_probe->calls;
	CHECK_INT(smi_http_parse_request(&p, text, strlen(text), &m), >, 0);
	CHECK_INT(smi_alloc_probe->calls, ==, calls);
	smi_http_message_done(&m);
}
