/* SPDX-License-Identifier: MIT
 * tests/http/test_message.c - fields are found, and lists taken apart. */
#include "http/message.h"

#include <simul/error.h>

#include "http/parser.h"
#include "slice_text.h"

static const char request[] = "GET / HTTP/1.1\r\n"
			      "Host: h\r\n"
			      "Accept: a, b\r\n"
			      "X-Empty:\r\n"
			      "aCCept: \"c, \\\" d\" ; q=1 ,,, E\r\n"
			      "\r\n";

static void parse(struct smi_http_message *m)
{
	struct smi_http_parser p = { 0 };

	CHECK_INT(smi_http_parse_request(&p, request, sizeof(request) - 1, m),
		  ==, sizeof(request) - 1);
}

TEST(a_field_is_found_whatever_the_case_of_its_name)
{
	struct smi_http_message m = { 0 };
	struct smi_slice value = smi_slice_of("untouched");

	parse(&m);
	CHECK_INT(m.count, ==, 4);
	CHECK(!smi_http_find(&m, smi_slice_of("Hos"), &value));
	CHECK_STR(text_of(value), "untouched");
	CHECK(smi_http_find(&m, smi_slice_of("HOST"), &value));
	CHECK_STR(text_of(value), "h");
	CHECK(smi_http_find(&m, smi_slice_of("x-empty"), &value));
	CHECK_STR(text_of(value), "");
	smi_http_message_done(&m);
}

TEST(fields_of_one_name_are_found_in_their_order)
{
	struct smi_http_message m = { 0 };
	struct smi_slice value;
	size_t at = 0;

	parse(&m);
	CHECK(smi_http_find_next(&m, smi_slice_of("accept"), &at, &value));
	CHECK_STR(text_of(value), "a, b");
	CHECK(smi_http_find_next(&m, smi_slice_of("accept"), &at, &value));
	CHECK_STR(text_of(value), "\"c, \\\" d\" ; q=1 ,,, E");
	CHECK(!smi_http_find_next(&m, smi_slice_of("accept"), &at, &value));
	smi_http_message_done(&m);
}

TEST(a_list_ends_its_elements_at_commas_outside_quotes)
{
	struct smi_slice list, element;

	list = smi_slice_of(" , a,b ,\tc d\t, \"e,\\\",f\";g=\"h,\" , ,");
	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "a");
	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "b");
	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "c d");
	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "\"e,\\\",f\";g=\"h,\"");
	CHECK(!smi_http_list_next(&list, &element));
	CHECK(!smi_http_list_next(&list, &element));
}

TEST(a_quote_that_is_not_closed_goes_to_the_end_of_the_list)
{
	struct smi_slice list = smi_slice_of("a, \"b, c\\"), element;

	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "a");
	CHECK(smi_http_list_next(&list, &element));
	CHECK_STR(text_of(element), "\"b, c\\");
	CHECK(!smi_http_list_next(&list, &element));
}

TEST(a_list_without_elements_has_none)
{
	struct smi_slice list = smi_slice(NULL, 0), element;

	CHECK(!smi_http_list_next(&list, &element));
	list = smi_slice_of(" ,\t, ");
	CHECK(!smi_http_list_next(&list, &element));
}

TEST(a_token_is_found_in_all_fields_of_a_name)
{
	struct smi_http_message m = { 0 };

	parse(&m);
	CHECK(smi_http_has(&m, smi_slice_of("accept"), smi_slice_of("B")));
	CHECK(smi_http_has(&m, smi_slice_of("accept"), smi_slice_of("e")));
	CHECK(!smi_http_has(&m, smi_slice_of("accept"), smi_slice_of("d")));
	CHECK(!smi_http_has(&m, smi_slice_of("host"), smi_slice_of("b")));
	smi_http_message_done(&m);
}

TEST(a_message_is_right_again_when_its_bytes_have_moved)
{
	struct smi_http_message m = { 0 };
	char moved[sizeof(request)];
	struct smi_slice value;

	parse(&m);
	memcpy(moved, request, sizeof(request));
	m.bytes = moved;
	CHECK(smi_http_find(&m, smi_slice_of("host"), &value));
	CHECK(value.at > moved && value.at < moved + sizeof(moved));
	CHECK_STR(text_of(value), "h");
	smi_http_message_done(&m);
}

static void add_many(void)
{
	struct smi_http_message m = { 0 };
	struct smi_http_field field = { .value = { 1, 2 } };
	int r = 0;

	for (uint32_t i = 0; i < 100 && r == 0; i++) {
		r = smi_http_message_add(&m, field, 100);
		CHECK_INT(m.count, ==, i + (r == 0));
	}
	if (r == 0) {
		CHECK_INT(smi_http_message_add(&m, field, 100), ==,
			  -SIMUL_ETOOLONG);
		CHECK_INT(m.fields[99].value.length, ==, 2);
	}
	smi_http_message_done(&m);
	CHECK_INT(m.count, ==, 0);
}

TEST(the_table_of_fields_grows_to_its_limit_or_says_that_it_can_not)
{
	sweep_allocations(add_many);
}
