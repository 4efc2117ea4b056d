/* SPDX-License-Identifier: MIT
 * tests/http/test_url.c - URLs are parsed, resolved and written. */
#include "http/url.h"

#include <errno.h>

#include <simul/error.h>

#include "base/alloc.h"
#include "slice_text.h"

static struct smi_url url_of(const char *text)
{
	struct smi_url url;

	CHECK_STR(smi_url_complaint(smi_slice_of(text)), NULL);
	CHECK_INT(smi_url_parse(smi_slice_of(text), &url), ==, 0);
	return url;
}

/* ---- Parsing */

TEST(a_url_is_taken_apart)
{
	struct smi_url u = url_of("http://me:pw@example.com:8080/a/b?c=d&e#f");

	CHECK_STR(text_of(u.scheme), "http");
	CHECK_STR(text_of(u.authority), "me:pw@example.com:8080");
	CHECK_STR(text_of(u.userinfo), "me:pw");
	CHECK_STR(text_of(u.host), "example.com");
	CHECK_INT(u.port, ==, 8080);
	CHECK_STR(text_of(u.path), "/a/b");
	CHECK_STR(text_of(u.query), "c=d&e");
	CHECK_STR(text_of(u.fragment), "f");
	CHECK(!u.secure);
}

TEST(what_a_url_does_not_have_is_absent_and_what_is_empty_is_empty)
{
	struct smi_url u = url_of("https://example.com");

	CHECK_STR(text_of(u.userinfo), NULL);
	CHECK_STR(text_of(u.path), "");
	CHECK_STR(text_of(u.query), NULL);
	CHECK_STR(text_of(u.fragment), NULL);
	CHECK_INT(u.port, ==, 443);
	CHECK(u.secure);

	u = url_of("http://@example.com:/?#");
	CHECK_STR(text_of(u.userinfo), "");
	CHECK_STR(text_of(u.host), "example.com");
	CHECK_STR(text_of(u.path), "/");
	CHECK_STR(text_of(u.query), "");
	CHECK_STR(text_of(u.fragment), "");
	CHECK_INT(u.port, ==, 80);
}

TEST(a_host_is_a_name_or_an_address)
{
	CHECK_STR(text_of(url_of("http://127.0.0.1:80").host), "127.0.0.1");
	CHECK_STR(text_of(url_of("http://[::1]").host), "::1");
	CHECK_STR(text_of(url_of("http://[::1]:81/x").host), "::1");
	CHECK_INT(url_of("http://[::1]:81/x").port, ==, 81);
	CHECK_STR(text_of(url_of("http://[::ffff:1.2.3.4]?q").host),
		  "::ffff:1.2.3.4");
	CHECK_STR(text_of(url_of("http://a_b-c.d.").host), "a_b-c.d.");
}

TEST(the_parts_end_where_the_next_begin)
{
	struct smi_url u = url_of("http://host?a/b#c?d#/e");

	CHECK_STR(text_of(u.host), "host");
	CHECK_STR(text_of(u.path), "");
	CHECK_STR(text_of(u.query), "a/b");
	CHECK_STR(text_of(u.fragment), "c?d#/e");
	u = url_of("http://host/a@b:c");
	CHECK_STR(text_of(u.userinfo), NULL);
	CHECK_STR(text_of(u.path), "/a@b:c");
}

TEST(scheme_and_surrounding_white_space_are_no_obstacle)
{
	struct smi_url u = url_of(" \t\r\nHtTpS://Example.COM/ \n");

	CHECK(u.secure);
	CHECK_STR(text_of(u.scheme), "HtTpS");
	CHECK_STR(text_of(u.path), "/");
}

TEST(what_is_no_url_is_refused_with_the_reason)
{
	static const struct {
		const char *text, *complaint;
	} bad[] = {
		{ "", "it does not begin with http:// or https://" },
		{ "   ", "it does not begin with http:// or https://" },
		{ "example.com/",
		  "it does not begin with http:// or https://" },
		{ "/path", "it does not begin with http:// or https://" },
		{ "//host/", "it does not begin with http:// or https://" },
		{ "://host/", "it does not begin with http:// or https://" },
		{ "1http://h", "it does not begin with http:// or https://" },
		{ "ftp://host/", "its scheme is neither http nor https" },
		{ "httpx://host/", "its scheme is neither http nor https" },
		{ "mailto:me@host", "its scheme is neither http nor https" },
		{ "http:host", "there is no // behind its scheme" },
		{ "http:/host", "there is no // behind its scheme" },
		{ "http:\\\\host", "there is no // behind its scheme" },
		{ "http://", "it has no host" },
		{ "http:///path", "it has no host" },
		{ "http://:80/", "it has no host" },
		{ "http://me@/", "it has no host" },
		{ "http://me@:80/", "it has no host" },
		{ "http://h:x/", "its port is not a number" },
		{ "http://h:-1/", "its port is not a number" },
		{ "http://h:80:80/", "its port is not a number" },
		{ "http://::1/", "it has no host" },
		{ "http://h:65536/", "its port is over 65535" },
		{ "http://h:99999999999999999999/", "its port is over 65535" },
		{ "http://h:0/", "its port is 0" },
		{ "http://a@b@c/", "it has more than one @ before its path" },
		{ "http://a\\@b/", "it has a backslash before its path" },
		{ "http://a\\b/", "its host has a character that no host has" },
		{ "http://a b/", "its host has a character that no host has" },
		{ "http://a%2eb/",
		  "its host has a character that no host has" },
		{ "http://a[b/", "its host has a character that no host has" },
		{ "http://\xc3\xa9.fr/",
		  "its host has a character that is not ASCII" },
		{ "http://[::1/", "its host has no closing bracket" },
		{ "http://[]/", "what is in brackets is not an IPv6 address" },
		{ "http://[::g]/",
		  "what is in brackets is not an IPv6 address" },
		{ "http://[1.2.3.4]/",
		  "what is in brackets is not an IPv6 address" },
		{ "http://[fe80::1%25eth0]/",
		  "what is in brackets is not an IPv6 address" },
		{ "http://[::1]80/",
		  "there is something between its host and its port" },
		{ "http://h/a\nb", "it has a control character in it" },
		{ "http://h/a\tb", "it has a control character in it" },
		{ "http://h/a\x7f", "it has a control character in it" },
		{ "ht\rtp://h/", "it has a control character in it" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct smi_url u = { .port = 7 };

		CHECK_STR(smi_url_complaint(smi_slice_of(bad[i].text)),
			  bad[i].complaint);
		CHECK_INT(smi_url_parse(smi_slice_of(bad[i].text), &u), ==,
			  -SIMUL_EURL);
		CHECK_INT(u.port, ==, 7);
	}
}

TEST(nothing_at_all_is_no_url)
{
	struct smi_url u;

	CHECK_INT(smi_url_parse(smi_slice(NULL, 0), &u), ==, -SIMUL_EURL);
}

TEST(a_zero_byte_is_refused_wherever_it_is)
{
	const char text[] = "http://host/path?query#fragment";
	struct smi_url u;

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char with_zero[sizeof(text)];

		memcpy(with_zero, text, sizeof(text));
		with_zero[i] = '\0';
		CHECK_INT(smi_url_parse(smi_slice(with_zero, sizeof(text) - 1),
					&u),
			  ==, -SIMUL_EURL);
	}
}

TEST(a_url_has_at_most_so_many_bytes_and_its_host_255)
{
	static char text[SMI_URL_LIMIT + 1] = "http://h/";
	char host[7 + 256] = "http://";
	struct smi_url u;

	memset(text + 9, 'x', sizeof(text) - 9);
	CHECK_INT(smi_url_parse(smi_slice(text, SMI_URL_LIMIT), &u), ==, 0);
	CHECK_INT(smi_url_parse(smi_slice(text, SMI_URL_LIMIT + 1), &u), ==,
		  -SIMUL_EURL);
	CHECK_STR(smi_url_complaint(smi_slice(text, SMI_URL_LIMIT + 1)),
		  "it is longer than 16384 bytes");
	memset(host + 7, 'h', 256);
	CHECK_INT(smi_url_parse(smi_slice(host, 7 + 255), &u), ==, 0);
	CHECK_INT(smi_url_parse(smi_slice(host, 7 + 256), &u), ==, -SIMUL_EURL);
}

TEST(a_host_with_or_without_a_port_is_parsed_alone)
{
	struct smi_slice host = smi_slice_of("untouched");
	uint16_t port = 1;

	CHECK_INT(smi_url_parse_host(smi_slice_of("h"), &host, &port), ==, 0);
	CHECK_STR(text_of(host), "h");
	CHECK_INT(port, ==, 0);
	CHECK_INT(smi_url_parse_host(smi_slice_of("[::1]:65535"), &host, &port),
		  ==, 0);
	CHECK_STR(text_of(host), "::1");
	CHECK_INT(port, ==, 65535);
	CHECK_INT(smi_url_parse_host(smi_slice_of("u@h"), &host, &port), ==,
		  -SIMUL_EURL);
	CHECK_INT(smi_url_parse_host(smi_slice_of("h/x"), &host, &port), ==,
		  -SIMUL_EURL);
	CHECK_INT(smi_url_parse_host(smi_slice(NULL, 0), &host, &port), ==,
		  -SIMUL_EURL);
	CHECK_STR(text_of(host), "::1");
	CHECK_INT(port, ==, 65535);
}

/* ---- Resolving */

static void check_resolves(const char *base_text, const char *reference,
			   const char *expected)
{
	struct smi_url base = url_of(base_text);
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, ">", 1), ==, 0);
	CHECK_INT(smi_url_resolve(&base, smi_slice_of(reference), &b), ==, 0);
	CHECK_STR(text_in(&b) + 1, expected);
	smi_buffer_done(&b);
}

TEST(the_standards_normal_examples_resolve)
{
	static const char *const examples[][2] = {
		{ "g:h", "g:h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q#s" },
		{ "g#s", "http://a/b/c/g#s" },
		{ "g?y#s", "http://a/b/c/g?y#s" },
		{ ";x", "http://a/b/c/;x" },
		{ "g;x", "http://a/b/c/g;x" },
		{ "g;x?y#s", "http://a/b/c/g;x?y#s" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../", "http://a/" },
		{ "../../g", "http://a/g" },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		check_resolves("http://a/b/c/d;p?q", examples[i][0],
			       examples[i][1]);
}

TEST(the_standards_abnormal_examples_resolve)
{
	static const char *const examples[][2] = {
		{ "../../../g", "http://a/g" },
		{ "../../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ ".g", "http://a/b/c/.g" },
		{ "g..", "http://a/b/c/g.." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/./y", "http://a/b/c/g;x=1/y" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/./x", "http://a/b/c/g?y/./x" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "g#s/./x", "http://a/b/c/g#s/./x" },
		{ "g#s/../x", "http://a/b/c/g#s/../x" },
		{ "http:g", "http:g" },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		check_resolves("http://a/b/c/d;p?q", examples[i][0],
			       examples[i][1]);
}

TEST(references_resolve_against_a_base_without_a_path)
{
	check_resolves("http://a", "g", "http://a/g");
	check_resolves("http://a", "../g", "http://a/g");
	check_resolves("http://a", "?y", "http://a?y");
	check_resolves("http://a", "", "http://a");
	check_resolves("http://a?q", "#s", "http://a?q#s");
	check_resolves("http://a?q", "?", "http://a?");
	check_resolves("http://u@a:81/x#old", "y", "http://u@a:81/y");
}

TEST(odd_paths_resolve)
{
	check_resolves("http://a/b/", "c//d", "http://a/b/c//d");
	check_resolves("http://a/b//c", "../d", "http://a/b/d");
	check_resolves("http://a//b//c", ".", "http://a//b//");
	check_resolves("http://a/b", "/..", "http://a/");
	check_resolves("http://a/b", "/.", "http://a/");
	check_resolves("http://a/b", "//c/d/../..", "http://c/");
	check_resolves("http://a/b", "x:../y", "x:y");
	check_resolves("http://a/b", "x:./..", "x:");
	check_resolves("http://a/b", "x:.", "x:");
	check_resolves("http://a/b", "http://c/d/./e/../f", "http://c/d/f");
	check_resolves("http://a/b", "./1:2", "http://a/1:2");
	check_resolves("http://a/b", "...", "http://a/...");
}

TEST(what_people_write_in_references_is_encoded)
{
	check_resolves("http://a/", " b c ", "http://a/b%20c");
	check_resolves("http://a/", "\xed\x95\x9c", "http://a/%ED%95%9C");
	check_resolves("http://a/", "b%20c%zz%4", "http://a/b%20c%25zz%254");
	check_resolves("http://a/", "x?<\"y z\">[1]|\\^`{}#'a b'",
		       "http://a/x?%3C%22y%20z%22%3E%5B1%5D%7C%5C%5E%60%7B%7D"
		       "#'a%20b'");
	check_resolves("http://a/", "//u v@h/", "http://u%20v@h/");
	check_resolves("http://a/", "\\\\h\\x", "http://a/%5C%5Ch%5Cx");
}

TEST(a_reference_can_not_smuggle_in_a_host)
{
	struct smi_url base = url_of("http://a/b");
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, "kept", 4), ==, 0);
	CHECK_INT(smi_url_resolve(&base, smi_slice_of("http:/.//evil/"), &b),
		  ==, -SIMUL_EURL);
	CHECK_INT(smi_url_resolve(&base, smi_slice_of("x:/y/..//evil/"), &b),
		  ==, -SIMUL_EURL);
	CHECK_INT(smi_url_resolve(&base, smi_slice_of("a\r\nb"), &b), ==,
		  -SIMUL_EURL);
	CHECK_STR(text_in(&b), "kept");
	smi_buffer_done(&b);
	check_resolves("http://a/b", "/.//evil/", "http://a//evil/");
	check_resolves("http://a/b", ".//evil/", "http://a//evil/");
}

TEST(a_reference_that_is_nothing_is_the_base)
{
	struct smi_url base = url_of("http://a/b?c#d");
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_url_resolve(&base, smi_slice(NULL, 0), &b), ==, 0);
	CHECK_STR(text_in(&b), "http://a/b?c");
	smi_buffer_done(&b);
}

/* ---- Writing */

typedef int write_url(const struct smi_url *url, struct smi_buffer *to);

static void check_writes(write_url *write, const char *text,
			 const char *expected)
{
	struct smi_url u = url_of(text);
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, ">", 1), ==, 0);
	CHECK_INT(write(&u, &b), ==, 0);
	CHECK_STR(text_in(&b) + 1, expected);
	smi_buffer_done(&b);
}

TEST(a_url_is_written_as_it_was_but_for_what_must_be_encoded)
{
	check_writes(smi_url_write, "HTTP://U:p@H:80/./a b?c d#e f",
		     "HTTP://U:p@H:80/./a%20b?c%20d#e%20f");
	check_writes(smi_url_write, "http://h", "http://h");
	check_writes(smi_url_write, "http://h?#", "http://h?#");
}

TEST(the_normal_form_is_the_same_for_all_that_mean_the_same)
{
	static const char *const same[] = {
		"http://example.com/~a/b?c",
		"HTTP://EXAMPLE.com/~a/b?c",
		"http://example.com:80/~a/b?c",
		"http://example.com:/~a/b?c",
		"http://example.com/%7Ea/b?c",
		"http://example.com/%7ea/%62?%63",
		"http://example.com/./~a/x/../b?c",
		"http://example.com/%2E/~a/x/%2e%2E/b?c#d",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		check_writes(smi_url_write_normal, same[i],
			     "http://example.com/~a/b?c");
}

TEST(the_normal_form_has_a_path_and_keeps_what_matters)
{
	check_writes(smi_url_write_normal, "https://H:443", "https://h/");
	check_writes(smi_url_write_normal, "https://H:80?", "https://h:80/?");
	check_writes(smi_url_write_normal, "http://[::1]:80", "http://[::1]/");
	check_writes(smi_url_write_normal, "http://[::A]:8", "http://[::a]:8/");
	check_writes(smi_url_write_normal, "http://U%3a@h/a%2fb%c3%a9 %",
		     "http://U%3A@h/a%2Fb%C3%A9%20%25");
	check_writes(smi_url_write_normal, "http://h/..", "http://h/");
	check_writes(smi_url_write_normal, "http://h/a/../../b", "http://h/b");
}

TEST(target_and_host_are_what_a_request_has_in_it)
{
	check_writes(smi_url_write_target, "http://h", "/");
	check_writes(smi_url_write_target, "http://h?q#f", "/?q");
	check_writes(smi_url_write_target, "http://h/a b?c d", "/a%20b?c%20d");
	check_writes(smi_url_write_host, "http://u@H:80/", "h");
	check_writes(smi_url_write_host, "https://h:80/", "h:80");
	check_writes(smi_url_write_host, "http://[::1]:443/", "[::1]:443");
}

TEST(an_origin_is_scheme_host_and_port)
{
	struct smi_url a = url_of("http://u@h/x"), b = url_of("HTTP://H:80/y");

	CHECK(smi_url_same_origin(&a, &b));
	b = url_of("https://h:80/");
	CHECK(!smi_url_same_origin(&a, &b));
	b = url_of("http://h:81/");
	CHECK(!smi_url_same_origin(&a, &b));
	b = url_of("http://hh/");
	CHECK(!smi_url_same_origin(&a, &b));
}

static void write_all(void)
{
	static char reference[2000] = "//h/";
	struct smi_url u = url_of("http://u@[::1]:81/b c?d e#f");
	struct smi_buffer b = { 0 };
	int r;

	memset(reference + 4, ' ', sizeof(reference) - 6);
	reference[sizeof(reference) - 2] = 'x';
	r = smi_url_resolve(&u, smi_slice_of(reference), &b);
	CHECK(r == 0 || (r == -ENOMEM && smi_buffer_length(&b) == 0));
	smi_buffer_done(&b);
	r = smi_url_write(&u, &b);
	CHECK(r == 0 || (r == -ENOMEM && smi_buffer_length(&b) == 0));
	smi_buffer_done(&b);
	r = smi_url_write_normal(&u, &b);
	CHECK(r == 0 || (r == -ENOMEM && smi_buffer_length(&b) == 0));
	smi_buffer_done(&b);
	r = smi_url_write_target(&u, &b);
	CHECK(r == 0 || (r == -ENOMEM && smi_buffer_length(&b) == 0));
	smi_buffer_done(&b);
	r = smi_url_write_host(&u, &b);
	CHECK(r == 0 || (r == -ENOMEM && smi_buffer_length(&b) == 0));
	smi_buffer_done(&b);
}

TEST(without_memory_nothing_is_written)
{
	sweep_allocations(write_all);
}
