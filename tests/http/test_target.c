/* SPDX-License-Identifier: MIT
 * tests/http/test_target.c - what a request asks for, and of whom. */
#include "http/target.h"

#include <simul/error.h>

#include "http/parser.h"
#include "slice_text.h"

/* The target has slices of this. */
static char text[1000];

static int read_target(const char *line, const char *fields,
		       struct smi_http_target *target)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	int n = snprintf(text, sizeof(text), "%s\r\n%s\r\n", line, fields);
	int r;

	CHECK_INT(smi_http_parse_request(&p, text, (size_t)n, &m), ==, n);
	r = smi_http_read_target(&m, target);
	smi_http_message_done(&m);
	return r;
}

static struct smi_http_target good(const char *line, const char *fields)
{
	struct smi_http_target t;

	CHECK_INT(read_target(line, fields, &t), ==, 0);
	return t;
}

TEST(a_path_and_query_are_asked_of_the_host_in_the_field)
{
	struct smi_http_target t;

	t = good("GET /a//b?c=%20?d HTTP/1.1", "Host: h:81\r\n");
	CHECK_INT(t.form, ==, SMI_HTTP_ORIGIN);
	CHECK_STR(text_of(t.host), "h");
	CHECK_INT(t.port, ==, 81);
	CHECK_STR(text_of(t.path), "/a//b");
	CHECK_STR(text_of(t.query), "c=%20?d");

	t = good("GET / HTTP/1.1", "Host: [::1]\r\n");
	CHECK_STR(text_of(t.host), "::1");
	CHECK_INT(t.port, ==, 0);
	CHECK_STR(text_of(t.path), "/");
	CHECK_STR(text_of(t.query), NULL);

	t = good("GET //evil/? HTTP/1.1", "Host:\r\n");
	CHECK_STR(text_of(t.host), "");
	CHECK_STR(text_of(t.path), "//evil/");
	CHECK_STR(text_of(t.query), "");
}

TEST(an_absolute_target_names_the_host_itself)
{
	struct smi_http_target t;

	t = good("GET http://real:82/x?y HTTP/1.1", "Host: other\r\n");
	CHECK_INT(t.form, ==, SMI_HTTP_ABSOLUTE);
	CHECK_STR(text_of(t.host), "real");
	CHECK_INT(t.port, ==, 82);
	CHECK_STR(text_of(t.path), "/x");
	CHECK_STR(text_of(t.query), "y");
	t = good("GET http://real HTTP/1.1", "Host: real\r\n");
	CHECK_STR(text_of(t.path), "/");
}

TEST(connect_has_an_authority_and_options_may_have_an_asterisk)
{
	struct smi_http_target t;

	t = good("CONNECT far.example:443 HTTP/1.1", "Host: far.example\r\n");
	CHECK_INT(t.form, ==, SMI_HTTP_AUTHORITY);
	CHECK_STR(text_of(t.host), "far.example");
	CHECK_INT(t.port, ==, 443);
	t = good("OPTIONS * HTTP/1.1", "Host: h\r\n");
	CHECK_INT(t.form, ==, SMI_HTTP_ASTERISK);
	CHECK_STR(text_of(t.path), NULL);
}

TEST(http_1_0_needs_no_host)
{
	struct smi_http_target t = good("GET / HTTP/1.0", "");

	CHECK_STR(text_of(t.host), "");
}

TEST(a_target_that_is_none_is_refused)
{
	static const char *const bad[] = {
		"GET * HTTP/1.1",
		"GET path HTTP/1.1",
		"GET ?q HTTP/1.1",
		"GET /a#b HTTP/1.1",
		"GET /a?b#c HTTP/1.1",
		"GET ftp://h/ HTTP/1.1",
		"GET http:///x HTTP/1.1",
		"GET http://h/#f HTTP/1.1",
		"GET http://u@h/ HTTP/1.1",
		"GET h:80 HTTP/1.1",
		"OPTIONS ** HTTP/1.1",
		"CONNECT / HTTP/1.1",
		"CONNECT h HTTP/1.1",
		"CONNECT h: HTTP/1.1",
		"CONNECT http://h:80/ HTTP/1.1",
	};
	struct smi_http_target t = { .port = 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(read_target(bad[i], "Host: h\r\n", &t), ==,
			  -SIMUL_EPROTOCOL);
	CHECK_INT(t.port, ==, 7);
}

TEST(a_request_has_one_host_field_and_it_is_a_host)
{
	static const char *const bad[] = {
		"",
		"Host: a\r\nHost: a\r\n",
		"Host: a\r\nhost: b\r\n",
		"Host: a b\r\n",
		"Host: a, b\r\n",
		"Host: u@a\r\n",
		"Host: a/b\r\n",
		"Host: a:99999\r\n",
		"Host: :80\r\n",
		"Host: [::1\r\n",
		"Host: a\\b\r\n",
		"Host: \xc3\xa9\r\n",
	};
	struct smi_http_target t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(read_target("GET / HTTP/1.1", bad[i], &t), ==,
			  -SIMUL_EPROTOCOL);
}
