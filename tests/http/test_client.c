/* SPDX-License-Identifier: MIT
 * tests/http/test_client.c - answers of all kinds are understood, or refused
 * in words. */
#include <errno.h>

#include "played.h"

#define OK	  "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n\r\n"
#define CHUNKED	  "Transfer-Encoding: chunked\r\n\r\n"

/* A server that gives this answer to each first request, and a session. */
static void answer_once(const char *answer, bool stay,
			void (*look)(simul_http_session *, const char *url))
{
	const struct part part = { { answer }, .stay = stay };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	look(session, url_on(&s, "/"));
	simul_http_session_close(session);
	server_stop(&s);
}

static void expect_body(const char *answer, bool stay, const char *body)
{
	const struct part part = { { answer }, .stay = stay };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, body);
	simul_http_session_close(session);
	server_stop(&s);
}

static void expect_failure(const char *answer, int error, const char *words)
{
	const struct part part = { .answers = { answer } };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_failure(session, url_on(&s, "/"), error, words);
	simul_http_session_close(session);
	server_stop(&s);
}

static void expect_bad_body(const char *answer, int error, const char *words)
{
	const struct part part = { .answers = { answer } };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session =
		new_session(&(simul_http_session_options){ .max_body = 1000 });

	server_start(&s);
	check_bad_body(session, url_on(&s, "/"), error, words);
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- Heads */

static void look_at_head(simul_http_session *session, const char *url)
{
	simul_http_response *response;
	const char *name, *value;

	CHECK_INT(simul_http_get(session, url, &response), ==, 0);
	CHECK_INT(simul_http_response_status(response), ==, 404);
	CHECK_STR(simul_http_response_reason(response), "Nothing Here");
	CHECK_STR(simul_http_response_url(response), url);
	CHECK_STR(simul_http_response_header(response, "x-ONE"), "first one");
	CHECK_STR(simul_http_response_header(response, "Empty"), "");
	CHECK_STR(simul_http_response_header(response, "Folded"), "a    b");
	CHECK_STR(simul_http_response_header(response, "No"), NULL);
	CHECK(simul_http_response_field(response, 1, &name, &value));
	CHECK_STR(name, "X-One");
	CHECK_STR(value, "second");
	CHECK(simul_http_response_field(response, 4, NULL, NULL));
	CHECK(!simul_http_response_field(response, 5, &name, &value));
	CHECK_STR(value, "second");
	simul_http_response_close(response);
}

TEST_VIRTUAL(the_head_of_an_answer_can_be_looked_at)
{
	answer_once("HTTP/1.1 404 Nothing Here\r\nX-One: first one \r\n"
		    "X-One: second\r\nEmpty:\r\nFolded: a\r\n  b\r\n" LENGTH(0),
		    true, look_at_head);
}

static void look_at_reason(simul_http_session *session, const char *url)
{
	simul_http_response *response;

	CHECK_INT(simul_http_get(session, url, &response), ==, 0);
	CHECK_STR(simul_http_response_reason(response), "Gone");
	simul_http_response_close(response);
}

TEST_VIRTUAL(a_reason_that_is_missing_is_the_standard_one)
{
	answer_once("HTTP/1.1 410\r\n" LENGTH(0), true, look_at_reason);
}

TEST_VIRTUAL(interim_answers_are_passed_over)
{
	expect_body(
		"HTTP/1.1 100 Continue\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK LENGTH(2) "hi",
		true, "hi");
}

TEST_VIRTUAL(interim_answers_without_end_are_an_error)
{
	char answer[3000] = "";

	for (int i = 0; i < 20; i++)
		strcat(answer, "HTTP/1.1 102 Processing\r\nA: b\r\n\r\n");
	strcat(answer, OK LENGTH(0));
	expect_failure(answer, -SIMUL_EPROTOCOL, "not proper HTTP");
}

TEST_VIRTUAL(a_protocol_nobody_asked_for_is_an_error)
{
	expect_failure("HTTP/1.1 101 Switching Protocols\r\n\r\n",
		       -SIMUL_EPROTOCOL, "not proper HTTP");
}

TEST_VIRTUAL(what_is_no_head_is_refused)
{
	expect_failure("220 mail.example.org ESMTP\r\n\r\n", -SIMUL_EPROTOCOL,
		       "not proper HTTP");
	expect_failure("HTTP/1.1 2OO OK\r\n\r\n", -SIMUL_EPROTOCOL,
		       "not proper HTTP");
	expect_failure(OK "name : value\r\n\r\n", -SIMUL_EPROTOCOL,
		       "not proper HTTP");
	expect_failure("HTTP/2.0 200 OK\r\n\r\n", -SIMUL_EUNSUPPORTED,
		       "version");
	expect_failure(OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
		       -SIMUL_EPROTOCOL, "not proper HTTP");
	expect_failure(OK "Content-Length: 3\r\n" CHUNKED, -SIMUL_EPROTOCOL,
		       "not proper HTTP");
	expect_failure(OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
		       -SIMUL_EUNSUPPORTED, "coding");
}

TEST_VIRTUAL(a_connection_that_ends_before_the_answer_is_an_error)
{
	expect_failure("", -SIMUL_EEOF, "without an answer");
	expect_failure("HTTP/1.1 20", -SIMUL_EEOF, "in the middle");
	expect_failure(OK "Content-Length: 5\r\n", -SIMUL_EEOF,
		       "in the middle");
}

TEST_VIRTUAL(a_connection_that_is_reset_before_the_answer_is_an_error)
{
	const struct part part = { { "" }, .reset = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_failure(session, url_on(&s, "/"), -ECONNRESET, "talk to 127");
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_head_is_limited)
{
	static char answer[100000];
	char *end = stpcpy(answer, OK);

	for (int i = 0; i < 200; i++)
		end += sprintf(end, "name-%d: value\r\n", i);
	stpcpy(end, "\r\n");
	expect_failure(answer, -SIMUL_ETOOLONG, "128 fields");

	end = stpcpy(answer, OK "name: ");
	memset(end, 'x', 70000);
	stpcpy(end + 70000, "\r\n\r\n");
	expect_failure(answer, -SIMUL_ETOOLONG, "32768 bytes");
}

/* ---- Bodies */

TEST_VIRTUAL(a_body_of_a_length_is_read)
{
	expect_body(OK LENGTH(5) "hello", true, "hello");
	expect_body(OK LENGTH(0), true, "");
	expect_body(OK LENGTH(5) "hello, and more", true, "hello");
}

TEST_VIRTUAL(a_body_until_the_connection_closes_is_read)
{
	expect_body(OK "\r\nhello", false, "hello");
	expect_body("HTTP/1.0 200\r\n\r\nhello", false, "hello");
	expect_body(OK "\r\n", false, "");
}

TEST_VIRTUAL(chunks_in_odd_pieces_are_put_together)
{
	static const size_t pieces[] = { 0, 1, 2, 3, 7, 50 };
	const char *answer =
		OK CHUNKED "5\r\nhello\r\n1;a=b\r\n,\r\n"
			   "00a\r\n wonderful\r\n0\r\nT: x\r\n\r\n";

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		const struct part part = { { answer, answer },
					   .piece = pieces[i] };
		struct server s = { .parts = &part, .count = 1 };
		simul_http_session *session = new_session(NULL);

		server_start(&s);
		check_get(session, url_on(&s, "/"), 200, "hello, wonderful");
		check_get(session, url_on(&s, "/"), 200, "hello, wonderful");
		CHECK_INT(s.connections, ==, 1);
		simul_http_session_close(session);
		server_stop(&s);
	}
}

static void read_bytewise(simul_http_session *session, const char *url)
{
	simul_http_response *response;
	char text[20] = "";
	size_t n = 0;

	CHECK_INT(simul_http_get(session, url, &response), ==, 0);
	CHECK_INT(simul_http_response_read(response, text, 0), ==, 0);
	while (simul_http_response_read(response, text + n, 1) > 0)
		n++;
	CHECK_STR(text, "hello, you");
	CHECK_INT(simul_http_response_read(response, text, 10), ==, 0);
	simul_http_response_close(response);
}

TEST_VIRTUAL(a_body_may_be_read_byte_by_byte)
{
	answer_once(OK CHUNKED "6\r\nhello,\r\n4\r\n you\r\n0\r\n\r\n", true,
		    read_bytewise);
	answer_once(OK LENGTH(10) "hello, you", true, read_bytewise);
	answer_once(OK "\r\nhello, you", false, read_bytewise);
}

TEST_VIRTUAL(a_body_with_zero_bytes_has_its_length)
{
	const struct part part = { { OK LENGTH(3) "a~b" },
				   .tilde_is_zero = true,
				   .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	size_t length;
	char *bytes;

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/"), &response), ==, 0);
	CHECK_INT(simul_http_response_read_all(response, &bytes, &length), ==,
		  0);
	CHECK_INT(length, ==, 3);
	CHECK_BYTES(bytes, "a\0b", 4);
	simul_http_response_close(response);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_body_that_is_cut_off_is_an_error)
{
	expect_bad_body(OK LENGTH(10) "hello", -SIMUL_EEOF,
			"after 5 of 10 bytes");
	expect_bad_body(OK CHUNKED "5\r\nhel", -SIMUL_EEOF, "after 3 bytes");
	expect_bad_body(OK CHUNKED "5\r\nhello\r\n", -SIMUL_EEOF,
			"after 5 bytes");
	expect_bad_body(OK CHUNKED "5\r\nhello\r\n0\r\n", -SIMUL_EEOF,
			"after 5 bytes");
	expect_bad_body(OK CHUNKED, -SIMUL_EEOF, "after 0 bytes");
}

TEST_VIRTUAL(bad_chunks_are_an_error)
{
	expect_bad_body(OK CHUNKED "5\r\nhello!!\r\n", -SIMUL_EPROTOCOL,
			"chunks");
	expect_bad_body(OK CHUNKED "hello", -SIMUL_EPROTOCOL, "chunks");
}

TEST_VIRTUAL(a_body_that_is_reset_is_an_error)
{
	const struct part part = { { OK LENGTH(10) "hello" }, .reset = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_bad_body(session, url_on(&s, "/"), -ECONNRESET, "reading");
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_body_is_limited)
{
	static char answer[5000];
	char *end;

	expect_bad_body(OK LENGTH(1001), -SIMUL_ETOOLONG, "over 1000 bytes");
	expect_bad_body(OK LENGTH(9223372036854775807), -SIMUL_ETOOLONG,
			"over 1000 bytes");
	end = stpcpy(answer, OK CHUNKED);
	for (int i = 0; i < 201; i++)
		end = stpcpy(end, "5\r\nhello\r\n");
	expect_bad_body(answer, -SIMUL_ETOOLONG, "over 1000 bytes");

	end = stpcpy(answer, OK "\r\n");
	memset(end, 'x', 1001);
	expect_bad_body(answer, -SIMUL_ETOOLONG, "over 1000 bytes");
}

TEST_VIRTUAL(a_body_of_exactly_the_limit_is_read)
{
	static char answer[2000], body[1001];
	const struct part part = { .answers = { answer } };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session =
		new_session(&(simul_http_session_options){ .max_body = 1000 });

	memset(body, 'x', 1000);
	sprintf(answer, OK "\r\n%s", body);
	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, body);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(answers_that_have_no_body_have_none)
{
	const struct part part = {
		{ "HTTP/1.1 204 No Content\r\n\r\n",
		  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		  OK LENGTH(5) },
		.stay = true
	};
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	char *bytes;

	server_start(&s);
	check_get(session, url_on(&s, "/"), 204, "");
	check_get(session, url_on(&s, "/"), 304, "");
	CHECK_INT(simul_http_send(session,
				  &(simul_http_call){ .url = url_on(&s, "/"),
						      .method = "HEAD" },
				  &response),
		  ==, 0);
	CHECK_STR(simul_http_response_header(response, "content-length"), "5");
	CHECK_INT(simul_http_response_read_all(response, &bytes, NULL), ==, 0);
	CHECK_STR(bytes, "");
	simul_http_response_close(response);
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- Time */

TEST_VIRTUAL(an_answer_that_does_not_come_is_not_waited_for_for_ever)
{
	const struct part part = { { OK LENGTH(0) }, .delay = 301 };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	double start = simul_now();

	server_start(&s);
	check_failure(session, url_on(&s, "/"), -ETIMEDOUT,
		      "timed out after 300 s while waiting for 127.0.0.1:");
	CHECK_NEAR(simul_now() - start, 300, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(the_time_limit_is_for_head_and_body_together)
{
	const struct part part = { { OK LENGTH(1000) "0123456789" },
				   .piece = 1,
				   .pause = 1,
				   .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session =
		new_session(&(simul_http_session_options){ .timeout = 45 });
	double start = simul_now();

	server_start(&s);
	check_bad_body(session, url_on(&s, "/"), -ETIMEDOUT,
		       "timed out after 45 s while reading the body");
	CHECK_NEAR(simul_now() - start, 45, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_slow_body_within_the_limit_is_read)
{
	const struct part part = { { OK CHUNKED "3\r\nabc\r\n0\r\n\r\n" },
				   .piece = 1,
				   .pause = 1 };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "abc");
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(an_outer_deadline_ends_a_call_and_costs_nothing_else)
{
	const struct part parts[] = { { { OK LENGTH(0) }, .delay = 60 },
				      { .answers = { OK LENGTH(2) "hi" } } };
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	simul_timeout limit;
	int r;

	server_start(&s);
	CHECK_INT(simul_timeout_open(&limit, 5), ==, 0);
	r = simul_http_get(session, url_on(&s, "/"), &response);
	CHECK_INT(r, ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&limit, r), ==, -ETIMEDOUT);
	CHECK(strstr(simul_http_session_error(session), "cancelled while"));
	check_get(session, url_on(&s, "/"), 200, "hi");
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(reading_that_was_cancelled_may_go_on)
{
	const struct part part = {
		{ OK LENGTH(4) "abcd" }, .piece = 1, .pause = 1, .stay = true
	};
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	int cancelled = 0, r;
	char *bytes;

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/"), &response), ==, 0);
	do {
		simul_timeout limit;

		CHECK_INT(simul_timeout_open(&limit, 0.7), ==, 0);
		r = simul_http_response_read_all(response, &bytes, NULL);
		if (r < 0)
			CHECK_INT(r, ==, -ECANCELED);
		cancelled += r < 0;
		r = simul_timeout_close(&limit, r);
	} while (r == -ETIMEDOUT);
	CHECK_INT(r, ==, 0);
	CHECK_STR(bytes, "abcd");
	CHECK_INT(cancelled, >, 2);
	simul_http_response_close(response);
	simul_http_session_close(session);
	server_stop(&s);
}
