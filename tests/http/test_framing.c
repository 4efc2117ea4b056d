/* SPDX-License-Identifier: MIT
 * tests/http/test_framing.c - where a body ends is beyond dispute. */
#include "http/framing.h"

#include <stdlib.h>

#include <simul/error.h>

#include "http/parser.h"
#include "slice_text.h"

/* Frame a request that has these fields besides its first line. */
static int frame_request(const char *line, const char *fields,
			 struct smi_http_framing *framing)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	char text[1000];
	int n = snprintf(text, sizeof(text), "%s\r\n%s\r\n", line, fields);
	int r;

	CHECK_INT(smi_http_parse_request(&p, text, (size_t)n, &m), ==, n);
	r = smi_http_frame_request(&m, framing);
	smi_http_message_done(&m);
	return r;
}

static int frame_response(const char *line, const char *method,
			  const char *fields, struct smi_http_framing *framing)
{
	struct smi_http_message m = { 0 };
	struct smi_http_parser p = { 0 };
	char text[1000];
	int n = snprintf(text, sizeof(text), "%s\r\n%s\r\n", line, fields);
	int r;

	CHECK_INT(smi_http_parse_response(&p, text, (size_t)n, &m), ==, n);
	r = smi_http_frame_response(&m, smi_slice_of(method), framing);
	smi_http_message_done(&m);
	return r;
}

static struct smi_http_framing good_request(const char *line,
					    const char *fields)
{
	struct smi_http_framing f = { 0 };

	CHECK_INT(frame_request(line, fields, &f), ==, 0);
	return f;
}

static struct smi_http_framing
good_response(const char *line, const char *method, const char *fields)
{
	struct smi_http_framing f = { 0 };

	CHECK_INT(frame_response(line, method, fields, &f), ==, 0);
	return f;
}

#define POST  "POST / HTTP/1.1"
#define OK    "HTTP/1.1 200 OK"
#define OK_10 "HTTP/1.0 200 OK"

TEST(a_request_without_either_field_has_no_body)
{
	CHECK_INT(good_request(POST, "").kind, ==, SMI_HTTP_NO_BODY);
	CHECK_INT(good_request(POST, "Content-Length: 0\r\n").kind, ==,
		  SMI_HTTP_NO_BODY);
}

TEST(a_length_is_a_number)
{
	struct smi_http_framing f;

	f = good_request(POST, "content-LENGTH: \t12 \r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_LENGTH);
	CHECK_INT(f.length, ==, 12);
	f = good_request(POST, "Content-Length: 9223372036854775807\r\n");
	CHECK_INT(f.length, ==, INT64_MAX);
	f = good_request(POST, "Content-Length: 0007\r\n");
	CHECK_INT(f.length, ==, 7);
}

TEST(chunked_is_chunked)
{
	struct smi_http_framing f;

	f = good_request(POST, "Transfer-Encoding: chunked\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_CHUNKED);
	f = good_request(POST, "transfer-encoding:,ChunKED ,\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_CHUNKED);
	f = good_response(OK, "GET", "Transfer-Encoding: chunked\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_CHUNKED);
	CHECK(f.keep_alive);
}

/* Each of these has been used to smuggle a request past some server. */
TEST(what_two_readers_could_read_differently_is_refused)
{
	static const char *const bad[] = {
		"Content-Length:\r\n",
		"Content-Length: +5\r\n",
		"Content-Length: -5\r\n",
		"Content-Length: 0x5\r\n",
		"Content-Length: 5 5\r\n",
		"Content-Length: 5, 5\r\n",
		"Content-Length: 5,\r\n",
		"Content-Length: 5;\r\n",
		"Content-Length: 5.0\r\n",
		"Content-Length: \"5\"\r\n",
		"Content-Length: 9223372036854775808\r\n",
		"Content-Length: 18446744073709551621\r\n",
		"Content-Length: 99999999999999999999999999\r\n",
		"Content-Length: \xb5\r\n",
		"Content-Length: 5\r\nContent-Length: 5\r\n",
		"Content-Length: 5\r\nContent-Length: 6\r\n",
		"Content-Length: 0\r\ncontent-length: 5\r\n",
		"Transfer-Encoding:\r\n",
		"Transfer-Encoding: ,\r\n",
		"Transfer-Encoding: identity\r\n",
		"Transfer-Encoding: xchunked\r\n",
		"Transfer-Encoding: chunked;q=1\r\n",
		"Transfer-Encoding: \"chunked\"\r\n",
		"Transfer-Encoding: chunked chunked\r\n",
		"Transfer-Encoding: chunked, chunked\r\n",
		"Transfer-Encoding: chunked, identity\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"Content-Length: 5\r\nTransfer-Encoding: x\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct smi_http_framing f = { .length = 7 };

		CHECK_INT(frame_request(POST, bad[i], &f), ==,
			  -SIMUL_EPROTOCOL);
		CHECK_INT(frame_response(OK, "GET", bad[i], &f), ==,
			  -SIMUL_EPROTOCOL);
		CHECK_INT(f.length, ==, 7);
	}
}

TEST(a_coding_under_chunked_is_not_supported)
{
	struct smi_http_framing f;

	CHECK_INT(
		frame_request(POST, "Transfer-Encoding: gzip, chunked\r\n", &f),
		==, -SIMUL_EUNSUPPORTED);
	CHECK_INT(frame_response(OK, "GET",
				 "Transfer-Encoding: gzip\r\n"
				 "Transfer-Encoding: chunked\r\n",
				 &f),
		  ==, -SIMUL_EUNSUPPORTED);
}

TEST(http_1_0_has_no_chunks)
{
	struct smi_http_framing f;

	CHECK_INT(frame_request("POST / HTTP/1.0",
				"Transfer-Encoding: chunked\r\n", &f),
		  ==, -SIMUL_EPROTOCOL);
	CHECK_INT(frame_response(OK_10, "GET", "Transfer-Encoding: chunked\r\n",
				 &f),
		  ==, -SIMUL_EPROTOCOL);
}

TEST(a_response_without_either_field_goes_on_until_the_connection_closes)
{
	struct smi_http_framing f = good_response(OK, "GET", "");

	CHECK_INT(f.kind, ==, SMI_HTTP_UNTIL_CLOSE);
	CHECK(!f.keep_alive);
}

TEST(some_responses_have_no_body_whatever_their_fields_say)
{
	static const char *const fields[] = {
		"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
		"Content-Length: 5\r\nContent-Length: 6\r\n"
	};
	static const char *const responses[][2] = {
		{ OK, "HEAD" },
		{ "HTTP/1.1 204 No Content", "GET" },
		{ "HTTP/1.1 304 Not Modified", "GET" },
		{ "HTTP/1.1 100 Continue", "POST" },
		{ "HTTP/1.1 103 Early Hints", "GET" },
	};

	for (size_t i = 0; i < sizeof(responses) / sizeof(responses[0]); i++) {
		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]);
		     j++) {
			struct smi_http_framing f = good_response(
				responses[i][0], responses[i][1], fields[j]);

			CHECK_INT(f.kind, ==, SMI_HTTP_NO_BODY);
			CHECK(f.keep_alive);
		}
	}
}

TEST(a_connection_that_changes_protocol_is_no_longer_ours)
{
	struct smi_http_framing f;

	f = good_response("HTTP/1.1 101 Switching Protocols", "GET",
			  "Connection: upgrade\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_NO_BODY);
	CHECK(!f.keep_alive);
	f = good_response(OK, "CONNECT", "Content-Length: 5\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_NO_BODY);
	CHECK(!f.keep_alive);
	f = good_response("HTTP/1.1 407 No", "CONNECT",
			  "Content-Length: 5\r\n");
	CHECK_INT(f.kind, ==, SMI_HTTP_LENGTH);
	CHECK(f.keep_alive);
}

TEST(a_connection_is_kept_unless_somebody_says_otherwise)
{
	static const struct {
		const char *line, *fields;
		bool keep_alive;
	} requests[] = {
		{ "GET / HTTP/1.1", "", true },
		{ "GET / HTTP/1.1", "Connection: keep-alive\r\n", true },
		{ "GET / HTTP/1.1", "Connection: close\r\n", false },
		{ "GET / HTTP/1.1", "Connection: x, Close ,y\r\n", false },
		{ "GET / HTTP/1.1", "Connection: keep-alive, close\r\n",
		  false },
		{ "GET / HTTP/1.1", "connection: x\r\nconnection: close\r\n",
		  false },
		{ "GET / HTTP/1.1", "Connection: closed\r\n", true },
		{ "GET / HTTP/1.2", "", true },
		{ "GET / HTTP/1.0", "", false },
		{ "GET / HTTP/1.0", "Connection: Keep-Alive\r\n", true },
		{ "GET / HTTP/1.0", "Connection: close, keep-alive\r\n",
		  false },
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		CHECK_INT(good_request(requests[i].line, requests[i].fields)
				  .keep_alive,
			  ==, requests[i].keep_alive);
	CHECK(!good_response(OK_10, "GET", "Content-Length: 1\r\n").keep_alive);
	CHECK(good_response(OK_10, "GET",
			    "Content-Length: 1\r\nConnection: keep-alive\r\n")
		      .keep_alive);
	CHECK(!good_response(OK_10, "GET", "Connection: keep-alive\r\n")
		       .keep_alive);
}

TEST(only_a_client_of_http_1_1_expects_continue)
{
	const char *fields = "Expect: 100-Continue\r\nContent-Length: 1\r\n";

	CHECK(good_request(POST, fields).expects_continue);
	CHECK(!good_request("POST / HTTP/1.0", fields).expects_continue);
	CHECK(!good_request(POST, "Expect: x\r\n").expects_continue);
	CHECK(!good_request(POST, "").expects_continue);
}
