/* SPDX-License-Identifier: MIT
 * tests/http/test_client_call.c - what a client sends, and what it doesn't. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "played.h"

#define OK	  "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n\r\n"

TEST_VIRTUAL(a_get_says_what_it_must)
{
	const struct part part = { .answers = { OK LENGTH(0) } };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .user_agent = "tester/1" });
	char expected[200];

	server_start(&s);
	check_get(session, url_on(&s, "/a b?c=\xc3\xa4#d"), 200, "");
	snprintf(expected, sizeof(expected),
		 "GET /a%%20b?c=%%C3%%A4 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		 "User-Agent: tester/1\r\nAccept: */*",
		 s.port);
	CHECK_STR(s.requests[0], expected);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_call_may_have_a_method_fields_and_a_body)
{
	const struct part part = { { "HTTP/1.1 201 Created\r\n" LENGTH(0) },
				   .body = 5 };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	const simul_http_field fields[] = { { "Host", "other" },
					    { "X", "y z" },
					    { "accept", "text/plain" } };
	const simul_http_call call = { .url = "",
				       .method = "PUT",
				       .fields = fields,
				       .field_count = 3,
				       .body = "hello",
				       .body_length = 5 };
	simul_http_call at_server = call;
	simul_http_response *response;

	server_start(&s);
	at_server.url = url_on(&s, "/x");
	CHECK_INT(simul_http_send(session, &at_server, &response), ==, 0);
	CHECK_INT(simul_http_response_status(response), ==, 201);
	simul_http_response_close(response);
	CHECK_STR(s.requests[0],
		  "PUT /x HTTP/1.1\r\nUser-Agent: Simul/0.1.0\r\n"
		  "Host: other\r\nX: y z\r\naccept: text/plain\r\n"
		  "Content-Length: 5");
	simul_http_session_close(session);
	server_stop(&s);
}

static int try(simul_http_session *session, const char *method,
	       const char *name, const char *value)
{
	const simul_http_field field = { name, value };
	simul_http_response *response;

	return simul_http_send(session,
			       &(simul_http_call){ .url = "http://127.0.0.1:1/",
						   .method = method,
						   .fields = &field,
						   .field_count = 1 },
			       &response);
}

TEST_VIRTUAL(what_can_not_be_sent_is_refused)
{
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;

	CHECK_INT(try(session, "GET", "A", "b\r\nC: d"), ==, -EINVAL);
	CHECK_INT(try(session, "GET", "A b", "c"), ==, -EINVAL);
	CHECK_INT(try(session, "G T", "A", "b"), ==, -EINVAL);
	CHECK_INT(try(session, "", "A", "b"), ==, -EINVAL);
	CHECK_INT(try(session, "CONNECT", "A", "b"), ==, -EINVAL);
	CHECK_INT(try(session, "GET", "transfer-Encoding", "chunked"), ==,
		  -EINVAL);
	CHECK_INT(try(session, "POST", "Content-Length", "3"), ==, -EINVAL);
	CHECK(strstr(simul_http_session_error(session), "Content-Length"));
	CHECK_INT(simul_http_send(
			  session,
			  &(simul_http_call){ .url = "http://127.0.0.1:1/",
					      .timeout = -1 },
			  &response),
		  ==, -EINVAL);
	check_failure(session, "https://127.0.0.1/", -SIMUL_EUNSUPPORTED,
		      "https needs .tls");
	check_failure(session, "mailto:me", -SIMUL_EURL, "neither http nor");
	check_failure(session, "", -SIMUL_EURL, "not a URL: ");
	check_failure(session, "http://127.0.0.1:1/", -ECONNREFUSED,
		      "connect to 127.0.0.1:1: Connection refused");
	simul_http_session_close(session);
}

TEST(options_that_make_no_sense_are_refused)
{
	static const simul_http_session_options bad[] = {
		{ .timeout = -1 },	    { .timeout = NAN },
		{ .connect_timeout = -1 },  { .keep_alive = NAN },
		{ .user_agent = "a\r\nb" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		simul_http_session *session;

		CHECK_INT(simul_http_session_open(&bad[i], &session), ==,
			  -EINVAL);
	}
	simul_http_session_close(NULL);
	simul_http_response_close(NULL);
}

TEST_VIRTUAL(a_server_may_answer_before_it_has_read_a_large_body)
{
	enum { SIZE = 8 * 1024 * 1024 };
	const struct part part = { { "HTTP/1.1 413 Too Large\r\n"
				     "Connection: close\r\n" LENGTH(3) "no!" },
				   .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	char *body = calloc(1, SIZE), *bytes;

	server_start(&s);
	CHECK_INT(simul_http_send(session,
				  &(simul_http_call){ .url = url_on(&s, "/"),
						      .method = "POST",
						      .body = body,
						      .body_length = SIZE },
				  &response),
		  ==, 0);
	CHECK_INT(simul_http_response_status(response), ==, 413);
	CHECK_INT(simul_http_response_read_all(response, &bytes, NULL), ==, 0);
	CHECK_STR(bytes, "no!");
	simul_http_response_close(response);
	simul_http_session_close(session);
	server_stop(&s);
	free(body);
}

/* ---- URLs */

TEST(a_url_can_be_checked)
{
	const char *why = "";

	CHECK_INT(simul_url_check("http://example.org/a?b", NULL), ==, 0);
	CHECK_INT(simul_url_check(" https://[::1]:8080 ", &why), ==, 0);
	CHECK_STR(why, "");
	CHECK_INT(simul_url_check("http://", &why), ==, -SIMUL_EURL);
	CHECK_STR(why, "it has no host");
	CHECK_INT(simul_url_check("", NULL), ==, -SIMUL_EURL);
	CHECK_INT(simul_url_check("/a", NULL), ==, -SIMUL_EURL);
}

TEST(a_reference_is_made_absolute)
{
	const char *base = "http://h/a/b?c#d";
	char text[100];

	CHECK_INT(simul_url_join(base, "../x y", text, sizeof(text)), ==, 14);
	CHECK_STR(text, "http://h/x%20y");
	CHECK_INT(simul_url_join(base, "mailto:me", text, sizeof(text)), ==, 9);
	CHECK_STR(text, "mailto:me");
	CHECK_INT(simul_url_join(base, "//g", text, 5), ==, 8);
	CHECK_STR(text, "http");
	CHECK_INT(simul_url_join(base, "z", NULL, 0), ==, 12);
	CHECK_INT(simul_url_join("a", "z", text, 5), ==, -SIMUL_EURL);
	CHECK_INT(simul_url_join(base, "a\nb", text, 5), ==, -SIMUL_EURL);
	CHECK_STR(text, "http");
}
