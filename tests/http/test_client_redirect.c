/* SPDX-License-Identifier: MIT
 * tests/http/test_client_redirect.c - redirects are followed as far as is
 * safe. */
#include <errno.h>

#include "played.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define TO(status, location)                                                   \
	"HTTP/1.1 " #status " X\r\nLocation: " location                        \
	"\r\nContent-Length: 0\r\n\r\n"

/* Get http://server/dir/page?q, which is redirected to location. The path that
 * is asked for in the end must be this. */
static void check_location(const char *location, const char *path)
{
	const struct part part = { { location, OK }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	char line[100];

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/dir/page?q"), &response),
		  ==, 0);
	CHECK_INT(simul_http_response_status(response), ==, 200);
	CHECK_STR(simul_http_response_url(response), url_on(&s, path));
	simul_http_response_close(response);
	snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", path);
	CHECK_BYTES(s.requests[1], line, strlen(line));
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_location_may_be_relative)
{
	check_location(TO(301, "/"), "/");
	check_location(TO(302, "other"), "/dir/other");
	check_location(TO(303, "../up?x"), "/up?x");
	check_location(TO(307, "?r"), "/dir/page?r");
	check_location(TO(308, "a b"), "/dir/a%20b");
}

TEST_VIRTUAL(a_location_may_be_absolute)
{
	char location[200];
	struct part part = { { location, OK }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	snprintf(location, sizeof(location),
		 TO(302, "http://127.0.0.1:%d/there"), s.port);
	check_get(session, s.url, 200, "ok");
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_fragment_is_kept_unless_there_is_another)
{
	const struct part part = { { TO(302, "/a"), TO(302, "/b#new"), OK },
				   .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/#old"), &response), ==,
		  0);
	CHECK_STR(simul_http_response_url(response), url_on(&s, "/b#new"));
	simul_http_response_close(response);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(redirects_that_lead_nowhere_are_answers)
{
	static const char *const answers[] = {
		"HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 300 Choose\r\nLocation: /a\r\nContent-Length: 2\r\n"
		"\r\nok",
		"HTTP/1.1 201 Created\r\nLocation: /a\r\nContent-Length: 2\r\n"
		"\r\nok",
	};
	static const int statuses[] = { 302, 300, 201 };

	for (int i = 0; i < 3; i++) {
		const struct part part = { { answers[i] }, .stay = true };
		struct server s = { .parts = &part, .count = 1 };
		simul_http_session *session = new_session(NULL);

		server_start(&s);
		check_get(session, s.url, statuses[i], "ok");
		simul_http_session_close(session);
		server_stop(&s);
	}
}

/* ---- Methods */

/* Send a request of this method with a body, which is redirected; what the
 * second request begins with, and whether it had a body. */
static void check_method(const char *method, const char *answer,
			 const char *second, bool with_body)
{
	const struct part parts[] = {
		{ { answer }, .body = 5 },
		{ { OK }, .body = with_body ? 5 : 0, .stay = true },
	};
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session =
		new_session(&(simul_http_session_options){ .keep_alive = -1 });
	const simul_http_field type = { "Content-Type", "text/plain" };
	simul_http_call call = { .method = method,
				 .fields = &type,
				 .field_count = 1,
				 .body = "hello",
				 .body_length = 5 };
	simul_http_response *response;

	server_start(&s);
	call.url = s.url;
	CHECK_INT(simul_http_send(session, &call, &response), ==, 0);
	simul_http_response_close(response);
	CHECK_BYTES(s.requests[1], second, strlen(second));
	CHECK_INT(strstr(s.requests[1], "Content-Length: 5") != NULL, ==,
		  with_body);
	CHECK_INT(strstr(s.requests[1], "text/plain") != NULL, ==, with_body);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_post_may_become_a_get)
{
	check_method("POST", TO(301, "/a"), "GET /a ", false);
	check_method("POST", TO(302, "/a"), "GET /a ", false);
	check_method("POST", TO(303, "/a"), "GET /a ", false);
	check_method("POST", TO(307, "/a"), "POST /a ", true);
	check_method("POST", TO(308, "/a"), "POST /a ", true);
}

TEST_VIRTUAL(other_methods_become_a_get_only_if_the_server_says_so)
{
	check_method("PUT", TO(301, "/a"), "PUT /a ", true);
	check_method("PUT", TO(302, "/a"), "PUT /a ", true);
	check_method("PUT", TO(303, "/a"), "GET /a ", false);
	check_method("PUT", TO(307, "/a"), "PUT /a ", true);
}

TEST_VIRTUAL(head_stays_head)
{
	const struct part part = {
		{ "HTTP/1.1 303 X\r\nLocation: /a\r\n\r\n",
		  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
		.stay = true
	};
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;

	server_start(&s);
	CHECK_INT(simul_http_send(
			  session,
			  &(simul_http_call){ .url = s.url, .method = "HEAD" },
			  &response),
		  ==, 0);
	simul_http_response_close(response);
	CHECK_BYTES(s.requests[1], "HEAD /a ", 8);
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- Limits */

TEST_VIRTUAL(redirects_come_to_an_end)
{
	const struct part part = {
		{ TO(302, "/a"), TO(302, "/b"), TO(302, "/a"), TO(302, "/b"),
		  TO(302, "/a"), TO(302, "/b"), TO(302, "/a"), TO(302, "/b") },
		.stay = true
	};
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .max_redirects = 3 });

	server_start(&s);
	check_failure(session, s.url, -SIMUL_EREDIRECTS,
		      "more than 3 redirects");
	CHECK_INT(s.request_count, ==, 4);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(redirects_need_not_be_followed)
{
	const struct part part = { { TO(302, "/a") }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .max_redirects = -1 });
	simul_http_response *response;

	server_start(&s);
	CHECK_INT(simul_http_get(session, s.url, &response), ==, 0);
	CHECK_INT(simul_http_response_status(response), ==, 302);
	CHECK_STR(simul_http_response_header(response, "location"), "/a");
	simul_http_response_close(response);
	simul_http_session_close(session);
	server_stop(&s);
}

static void check_bad_location(const char *answer, int error, const char *words)
{
	const struct part part = { { answer }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_failure(session, s.url, error, words);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(bad_locations_are_told_of)
{
	check_bad_location(TO(302, "https://example.org/"), -SIMUL_EUNSUPPORTED,
			   "redirected to https://example.org/: https needs");
	check_bad_location(TO(302, "mailto:me"), -SIMUL_EURL,
			   "redirected to \"mailto:me\": its scheme");
	check_bad_location(TO(302, "http://"), -SIMUL_EURL, "it has no host");
	check_bad_location(TO(302, "http://a\tb/"), -SIMUL_EURL,
			   "redirected to");
	check_bad_location(TO(302, "http://127.0.0.1:1/"), -ECONNREFUSED,
			   "redirected to http://127.0.0.1:1/: connect to");
}

/* ---- Credentials */

/* Send credentials to one server, which redirects to another and that back
 * to the first. */
TEST_VIRTUAL(credentials_stay_with_whom_they_were_given_to)
{
	const simul_http_field fields[] = { { "Authorization", "secret" },
					    { "cookie", "secret" },
					    { "Proxy-Authorization", "secret" },
					    { "Host", "secret" },
					    { "X", "y" } };
	char there[200], back[200];
	struct part first = { { TO(302, "/again"), there, OK }, .stay = true };
	struct part second = { { back }, .stay = true };
	struct server s[2] = { { .parts = &first, .count = 1 },
			       { .parts = &second, .count = 1 } };
	simul_http_session *session = new_session(NULL);
	simul_http_call call = { .fields = fields, .field_count = 5 };
	simul_http_response *response;

	server_start(&s[0]);
	server_start(&s[1]);
	snprintf(there, sizeof(there), TO(302, "%s/"), s[1].url);
	snprintf(back, sizeof(back), TO(302, "%s/"), s[0].url);
	call.url = s[0].url;
	CHECK_INT(simul_http_send(session, &call, &response), ==, 0);
	simul_http_response_close(response);
	CHECK(strstr(s[0].requests[0], "Authorization: secret"));
	CHECK(strstr(s[0].requests[1], "cookie: secret"));
	CHECK(!strstr(s[1].requests[0], "secret"));
	CHECK(strstr(s[1].requests[0], "X: y"));
	CHECK(!strstr(s[0].requests[2], "secret"));
	CHECK_INT(s[0].connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s[0]);
	server_stop(&s[1]);
}
