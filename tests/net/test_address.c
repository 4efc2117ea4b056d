/* SPDX-License-Identifier: MIT
 * tests/net/test_address.c - addresses in numbers and as text. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <simul/net.h>

#include "test.h"

/* text, with this port, is written like this. */
static void check(const char *text, int port, const char *expected)
{
	char written[SIMUL_ADDRESS_TEXT];
	simul_address a;

	CHECK_INT(simul_address_parse(text, port, &a), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, port);
	CHECK_INT(simul_address_format(&a, written, sizeof written), ==,
		  strlen(expected));
	CHECK_STR(written, expected);
}

TEST(addresses_in_numbers_are_understood)
{
	check("127.0.0.1", 80, "127.0.0.1:80");
	check("255.255.255.255", 65535, "255.255.255.255:65535");
	check("0.0.0.0", 0, "0.0.0.0:0");
	check("::1", 80, "[::1]:80");
	check("[::1]", 80, "[::1]:80");
	check("::", 0, "[::]:0");
	check("2001:0DB8:0:0:0:0:0:1", 443, "[2001:db8::1]:443");
	check("::ffff:10.0.0.1", 1, "[::ffff:10.0.0.1]:1");
}

TEST(an_address_may_name_its_interface)
{
	check("fe80::1%lo", 80, "[fe80::1%lo]:80");
	check("[fe80::1%lo]", 80, "[fe80::1%lo]:80");
}

TEST(what_is_no_address_is_refused)
{
	static const char *const texts[] = {
		"",
		"localhost",
		"1",
		"127.1",
		"127.0.0.1 ",
		" 127.0.0.1",
		"256.0.0.1",
		"127.0.0.1:80",
		"[127.0.0.1]",
		"[",
		"]",
		"[]",
		"[::1",
		"::1]",
		":::",
		"1::2::3",
		"12345::",
		"::1%",
		"::1%nosuchinterface",
		"%lo",
		"0x7f.0.0.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
		"1111:2222:3333:4444:5555:6666:7777:8888%nosuchinterfaceatall",
	};
	simul_address a = { .length = 7 };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		CHECK_INT(simul_address_parse(texts[i], 80, &a), ==, -EINVAL);
	CHECK_INT(simul_address_parse("127.0.0.1", -1, &a), ==, -EINVAL);
	CHECK_INT(simul_address_parse("127.0.0.1", 65536, &a), ==, -EINVAL);
	CHECK_INT(a.length, ==, 7); /* untouched */
}

static void check_unix(const char *path)
{
	char written[SIMUL_ADDRESS_TEXT];
	simul_address a;

	CHECK_INT(simul_address_unix(path, &a), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, 0);
	CHECK_INT(simul_address_format(&a, written, sizeof written), ==,
		  strlen(path));
	CHECK_STR(written, path);
}

TEST(unix_sockets_have_paths_or_abstract_names)
{
	char longest[109];
	simul_address a;

	memset(longest, 'x', sizeof longest);
	longest[107] = 0;
	check_unix("/run/x");
	check_unix("relative");
	check_unix("@name");
	check_unix("@");
	check_unix(longest);
	longest[107] = 'x';
	longest[108] = 0;
	CHECK_INT(simul_address_unix(longest, &a), ==, -ENAMETOOLONG);
	CHECK_INT(simul_address_unix("", &a), ==, -EINVAL);
}

TEST(an_address_that_is_none_is_written_as_a_dash)
{
	simul_address a = { .length = sizeof(sa_family_t) };
	char written[8];

	CHECK_INT(simul_address_format(&a, written, sizeof written), ==, 1);
	CHECK_STR(written, "-");
	a.storage.ss_family = AF_UNIX;
	CHECK_INT(simul_address_format(&a, written, sizeof written), ==, 1);
	CHECK_STR(written, "-");
}

TEST(text_that_does_not_fit_is_cut_off)
{
	simul_address a;
	char written[8];

	CHECK_INT(simul_address_parse("127.0.0.1", 80, &a), ==, 0);
	CHECK_INT(simul_address_format(&a, written, sizeof written), ==, 12);
	CHECK_STR(written, "127.0.0");
}

TEST(a_port_can_be_set_where_there_is_one)
{
	simul_address a;

	CHECK_INT(simul_address_parse("127.0.0.1", 80, &a), ==, 0);
	CHECK_INT(simul_address_set_port(&a, 65535), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, 65535);
	CHECK_INT(simul_address_set_port(&a, 65536), ==, -EINVAL);
	CHECK_INT(simul_address_set_port(&a, -1), ==, -EINVAL);
	CHECK_INT(simul_address_port(&a), ==, 65535);
	CHECK_INT(simul_address_parse("::1", 80, &a), ==, 0);
	CHECK_INT(simul_address_set_port(&a, 0), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, 0);
	CHECK_INT(simul_address_unix("@x", &a), ==, 0);
	CHECK_INT(simul_address_set_port(&a, 1), ==, -EINVAL);
}
