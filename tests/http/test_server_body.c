/* SPDX-License-Identifier: MIT
 * tests/http/test_server_body.c - a handler reads what was sent, and nobody
 * can make one request look like two. */
#include <errno.h>

#include "talk.h"

#define HELLO                                                                  \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"                      \
	"Content-Length: 6\r\n\r\nhello\n"
#define HELLO_AND_CLOSE                                                        \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"                      \
	"Content-Length: 6\r\nConnection: close\r\n\r\nhello\n"

/* ---- Reading */

/* Read in pieces of three bytes; the strings of the head stay. */
static int read_in_threes(simul_http_request *request, void *arg)
{
	const char *path = simul_http_request_path(request);
	const char *field = simul_http_request_header(request, "Field");
	char text[100], three[3];
	size_t length = 0;
	ptrdiff_t n;

	CHECK(simul_http_request_has_body(request));
	CHECK_INT(simul_http_request_read(request, three, 0), ==, 0);
	while ((n = simul_http_request_read(request, three, 3)) > 0) {
		memcpy(text + length, three, (size_t)n);
		length += (size_t)n;
	}
	CHECK_INT(n, ==, 0);
	CHECK_INT(simul_http_request_read(request, three, 3), ==, 0);
	CHECK(!simul_http_request_has_body(request));
	CHECK_STR(path, "/path");
	CHECK_STR(field, "value");
	CHECK_STR(simul_http_request_header(request, "field"), "value");
	return simul_http_reply(request, 200, NULL, text, length);
}

static void check_threes(const char *text, bool slowly)
{
	struct talk t;

	talk_begin(&t, read_in_threes, NULL, NULL);
	for (const char *p = text; *p; p++) {
		CHECK_INT(simul_write(t.client, p, 1), ==, 0);
		if (slowly)
			CHECK_INT(simul_sleep(0.1), ==, 0);
	}
	talk_expect(&t, "Content-Length: 10\r\n\r\nabcdefghij");
	CHECK_INT(talk_end(&t), ==, 0);
}

TEST_VIRTUAL(a_body_is_read_however_it_comes)
{
	static const char *const texts[] = {
		"POST /path HTTP/1.1\r\nHost:\r\nField: value\r\n"
		"Content-Length: 10\r\n\r\nabcdefghij",
		"POST /path HTTP/1.1\r\nHost:\r\nField: value\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"4\r\nabcd\r\n5;x=y\r\nefghi\r\n1\r\nj\r\n0\r\nA: b\r\n\r\n"
	};

	for (int i = 0; i < 2; i++) {
		check_threes(texts[i], false);
		check_threes(texts[i], true);
	}
}

enum { LONG = 3 * 1000 * 1000 };

static int count_bytes(simul_http_request *request, void *arg)
{
	char text[100], *body;
	size_t length;
	int n, r;

	simul_http_request_allow(request, LONG);
	r = simul_http_request_read_all(request, &body, &length);
	if (r < 0)
		return r;
	CHECK_INT(body[length], ==, 0);
	for (size_t i = 0; i < length; i++)
		CHECK_INT(body[i], ==, (char)(i % 251));
	n = snprintf(text, sizeof text, "%zu bytes", length);
	return simul_http_reply(request, 200, NULL, text, (size_t)n);
}

static void send_long(struct talk *t, size_t piece)
{
	char head[32];
	char *bytes = malloc(piece);

	CHECK(bytes);
	for (size_t sent = 0; sent < LONG; sent += piece) {
		piece = LONG - sent < piece ? LONG - sent : piece;
		for (size_t i = 0; i < piece; i++)
			bytes[i] = (char)((sent + i) % 251);
		snprintf(head, sizeof head, "%zx\r\n", piece);
		talk_say(t, head);
		CHECK_INT(simul_write(t->client, bytes, piece), ==, 0);
		talk_say(t, "\r\n");
	}
	free(bytes);
	talk_say(t, "0\r\n\r\n");
}

TEST_VIRTUAL(a_long_body_is_read_whole)
{
	struct talk t;

	talk_begin(&t, count_bytes, NULL, NULL);
	for (size_t piece = 1000; piece < LONG; piece *= 13) {
		talk_say(&t, "PUT / HTTP/1.1\r\nHost:\r\n"
			     "Transfer-Encoding: chunked\r\n\r\n");
		send_long(&t, piece);
		talk_expect(&t, "\r\n\r\n3000000 bytes");
	}
	CHECK_INT(talk_end(&t), ==, 0);
}

/* ---- Bodies that nobody reads */

TEST_VIRTUAL(a_body_that_was_not_read_is_passed_over)
{
	check_talk(talk_hello,
		   "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\nbody"
		   "POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n"
		   "\r\n4\r\nbody\r\n0\r\n\r\n"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   HELLO HELLO HELLO);
}

static int read_two(simul_http_request *request, void *arg)
{
	char two[2];

	if (simul_http_request_has_body(request))
		CHECK_INT(simul_http_request_read(request, two, 2), ==, 2);
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(what_is_left_of_a_body_is_passed_over)
{
	check_talk(
		read_two,
		"POST / HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\nbody"
		"POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n"
		"4\r\nbody\r\n0\r\n\r\n"
		"GET / HTTP/1.1\r\nHost:\r\n\r\n",
		HELLO HELLO HELLO);
}

TEST_VIRTUAL(a_long_one_costs_the_connection)
{
	char *body = malloc(200 * 1000);
	struct talk t;
	size_t calls = 0;

	CHECK(body);
	memset(body, 'x', 200 * 1000);
	talk_begin(&t, talk_hello, &calls, NULL);
	talk_say(&t,
		 "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 200000\r\n\r\n");
	CHECK_INT(simul_write(t.client, body, 200 * 1000), ==, 0);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	CHECK_INT(talk_hear_all(&t), ==, 0);
	talk_drop_lines(t.seen, "Date: ");
	CHECK_STR(t.seen, HELLO_AND_CLOSE);
	CHECK_INT(calls, ==, 1);
	talk_end(&t);
	free(body);
}

/* ---- Limits */

#define TOO_LARGE                                                              \
	"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\n"       \
	"Content-Length: 22\r\nConnection: close\r\n\r\n"                      \
	"413 Content Too Large\n"

static void check_limited(const char *text, const char *expected)
{
	simul_http_server_options ten = { .max_body = 10 };
	char *seen = talk_about(talk_echo, NULL, &ten, text);

	CHECK_STR(seen, expected);
	free(seen);
}

TEST_VIRTUAL(a_body_that_is_too_long_is_413)
{
	check_limited("POST / HTTP/1.1\r\nHost:\r\n"
		      "Content-Length: 11\r\n\r\n12345678901",
		      TOO_LARGE);
	check_limited("POST / HTTP/1.1\r\nHost:\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n"
		      "5\r\n12345\r\n5\r\n67890\r\n1\r\n1\r\n0\r\n\r\n",
		      TOO_LARGE);
	check_limited("POST / HTTP/1.1\r\nHost:\r\n"
		      "Transfer-Encoding: chunked\r\n\r\n"
		      "5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n",
		      "HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n"
		      "POST / -\nHost=\nTransfer-Encoding=chunked\n1234567890");
}

TEST_VIRTUAL(its_length_alone_is_enough)
{
	simul_http_server_options ten = { .max_body = 10 };
	struct talk t;

	talk_begin(&t, talk_echo, NULL, &ten);
	talk_say(&t, "POST / HTTP/1.1\r\nHost:\r\n"
		     "Content-Length: 9223372036854775807\r\n\r\n");
	talk_expect(&t, "HTTP/1.1 413 ");
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_end(&t), ==, 0);
}

#define BAD                                                                    \
	"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"             \
	"Content-Length: 16\r\nConnection: close\r\n\r\n400 Bad Request\n"

TEST_VIRTUAL(a_body_that_is_wrong_is_400)
{
	check_talk(talk_echo,
		   "POST / HTTP/1.1\r\nHost:\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n5\r\n123456\r\n",
		   BAD);
	check_talk(talk_echo,
		   "POST / HTTP/1.1\r\nHost:\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n-5\r\n12345\r\n",
		   BAD);
	/* It ends before its end. */
	check_talk(talk_echo,
		   "POST / HTTP/1.1\r\nHost:\r\n"
		   "Content-Length: 5\r\n\r\n1234",
		   BAD);
}

TEST_VIRTUAL(a_body_that_does_not_go_on_is_408)
{
	double began = simul_now();
	struct talk t;

	talk_begin(&t, talk_echo, NULL, NULL);
	talk_say(&t, "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 5\r\n\r\n");
	simul_sleep(50);
	talk_say(&t, "1");
	simul_sleep(50);
	talk_say(&t, "2");
	talk_expect(&t, "HTTP/1.1 408 ");
	CHECK_NEAR(simul_now() - began, 160, 0.1);
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_end(&t), ==, 0);
}

static int keep_the_error(simul_http_request *request, void *arg)
{
	char c;

	CHECK_INT(simul_http_request_read(request, &c, 1), ==,
		  -SIMUL_EPROTOCOL);
	CHECK_INT(simul_http_request_read(request, &c, 1), ==,
		  -SIMUL_EPROTOCOL);
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(a_handler_may_answer_a_bad_body_itself)
{
	check_talk(keep_the_error,
		   "POST / HTTP/1.1\r\nHost:\r\n"
		   "Transfer-Encoding: chunked\r\n\r\nx"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   HELLO_AND_CLOSE);
}

/* ---- 100-continue */

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define EXPECTS                                                                \
	"POST / HTTP/1.1\r\nHost:\r\nContent-Length: 2\r\n"                    \
	"Expect: 100-continue\r\n\r\n"

TEST_VIRTUAL(a_client_is_told_to_go_on_when_the_body_is_wanted)
{
	struct talk t;

	talk_begin(&t, read_two, NULL, NULL);
	talk_say(&t, EXPECTS);
	talk_expect(&t, CONTINUE);
	CHECK_INT(t.length, ==, 0);
	talk_say(&t, "ab" EXPECTS);
	talk_expect(&t, "hello\n");
	talk_expect(&t, CONTINUE);
	talk_say(&t, "ab");
	talk_expect(&t, "hello\n");
	CHECK_INT(talk_end(&t), ==, 0);
}

TEST_VIRTUAL(a_client_that_does_not_wait_is_not_told)
{
	check_talk(read_two, EXPECTS "ab" EXPECTS "ab", HELLO HELLO);
}

TEST_VIRTUAL(a_body_that_was_never_asked_for_ends_the_connection)
{
	/* It may come or not, so nobody knows where the next request is. */
	check_talk(talk_hello, EXPECTS "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   HELLO_AND_CLOSE);
	check_talk(talk_hello,
		   "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n"
		   "Expect: 100-continue\r\n\r\n",
		   HELLO);
}

/* ---- Smuggling: one request in another's body */

static void check_refused(const char *head, int status)
{
	char text[2000], expected[32], *seen;
	size_t calls = 0;

	snprintf(text, sizeof text,
		 "%s\r\n0\r\n\r\nGET /secret HTTP/1.1\r\nHost: x\r\n\r\n",
		 head);
	snprintf(expected, sizeof expected, "HTTP/1.1 %d ", status);
	seen = talk_about(talk_hello, &calls, NULL, text);
	CHECK_INT(calls, ==, 0);
	CHECK_INT(talk_count(seen, "HTTP/1.1 "), ==, 1);
	CHECK(strncmp(seen, expected, strlen(expected)) == 0);
	CHECK_INT(talk_count(seen, "\r\nConnection: close\r\n"), ==, 1);
	free(seen);
}

#define POST	"POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

TEST_VIRTUAL(what_could_be_read_in_two_ways_is_refused)
{
	check_refused(POST CHUNKED "Content-Length: 4\r\n", 400);
	check_refused(POST "Content-Length: 4\r\n" CHUNKED, 400);
	check_refused(POST "Content-Length: 4\r\nContent-Length: 5\r\n", 400);
	check_refused(POST "Content-Length: 4\r\nContent-Length: 4\r\n", 400);
	check_refused(POST "Content-Length: 4, 4\r\n", 400);
	check_refused(POST "Content-Length: +4\r\n", 400);
	check_refused(POST "Content-Length: -4\r\n", 400);
	check_refused(POST "Content-Length: 0x4\r\n", 400);
	check_refused(POST "Content-Length: 4 4\r\n", 400);
	check_refused(POST "Content-Length:\r\n", 400);
	check_refused(POST "Content-Length: 99999999999999999999\r\n", 400);
	check_refused(POST "Content-Length : 4\r\n", 400);
	check_refused(POST " Content-Length: 4\r\n", 400);
	check_refused(POST "Content-Length: \x0b"
			   "4\r\n",
		      400);
	check_refused(POST "Transfer-Encoding: chunked, chunked\r\n", 400);
	check_refused(POST "Transfer-Encoding: xchunked\r\n", 400);
	check_refused(POST "Transfer-Encoding: chunked, identity\r\n", 400);
	check_refused(POST "Transfer-Encoding: identity\r\n", 400);
	check_refused(POST "Transfer-Encoding:\r\n", 400);
	check_refused(POST "Transfer-Encoding : chunked\r\n", 400);
	check_refused(POST "Transfer-Encoding\r\n : chunked\r\n", 400);
	check_refused(POST "X: y\n" CHUNKED, 400);
	check_refused(POST "X: y\r" CHUNKED, 400);
	check_refused(POST "X: y\r\n\tfolded\r\n" CHUNKED, 400);
	check_refused("POST / HTTP/1.0\r\n" CHUNKED, 400);
	check_refused("POST / HTTP/1.1\r\n" CHUNKED, 400);
	check_refused(POST "Host: y\r\n", 400);
	check_refused("POST / HTTP/1.1\r\nHost: x, y\r\n", 400);
	check_refused("POST / HTTP/1.1\r\nHost: x/y\r\n", 400);
	check_refused("GET /a b HTTP/1.1\r\nHost: x\r\n", 400);
	check_refused("GET  / HTTP/1.1\r\nHost: x\r\n", 400);
	check_refused("GET /#f HTTP/1.1\r\nHost: x\r\n", 400);
	check_refused("GET a HTTP/1.1\r\nHost: x\r\n", 400);
	check_refused("GET / HTTP/1.1\nHost: x\n", 400);
	check_refused("GET / HTTP/2.0\r\nHost: x\r\n", 505);
	check_refused("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n", 501);
	check_refused(POST "Transfer-Encoding: gzip, chunked\r\n", 501);
}
