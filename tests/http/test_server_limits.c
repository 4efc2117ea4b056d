/* SPDX-License-Identifier: MIT
 * tests/http/test_server_limits.c - a peer can be neither slow nor large
 * without end. */
#include <errno.h>
#include <math.h>

#include <simul/scope.h>

#include "talk.h"

/* What comes if nothing more is said until the end, and when that is. */
static void check_end(struct talk *t, const char *expected, double seconds)
{
	double began = simul_now();
	int r = talk_hear_all(t);

	CHECK_INT(r, ==, 0);
	CHECK_NEAR(simul_now() - began, seconds, 0.1);
	CHECK_INT(t->length >= strlen(expected), ==, true);
	CHECK_BYTES(t->seen, expected, strlen(expected));
	if (!*expected)
		CHECK_INT(t->length, ==, 0);
	CHECK_INT(talk_end(t), ==, 0);
}

/* ---- Slow */

TEST_VIRTUAL(a_client_that_says_nothing_is_left)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	check_end(&t, "", 30);
}

TEST_VIRTUAL(a_head_that_takes_too_long_is_408)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	simul_sleep(10);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n");
	check_end(&t, "HTTP/1.1 408 ", 20);
}

TEST_VIRTUAL(bytes_that_trickle_in_do_not_count)
{
	struct talk t;
	int i;

	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n");
	for (i = 0; i < 100; i++) {
		if (simul_write(t.client, "a:b\r\n", 5) < 0)
			break;
		simul_sleep(1);
	}
	CHECK_INT(i, >=, 29);
	CHECK_INT(i, <=, 34);
	talk_expect(&t, "HTTP/1.1 408 ");
	talk_end(&t);
}

TEST_VIRTUAL(a_connection_that_is_idle_is_left_without_a_word)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	talk_expect(&t, "hello\n");
	check_end(&t, "", 75);
}

TEST_VIRTUAL(the_next_head_has_its_own_time)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	talk_expect(&t, "hello\n");
	simul_sleep(74);
	talk_say(&t, "G");
	simul_sleep(29);
	talk_say(&t, "ET / HTTP/1.1\r\nHost:\r\n\r\n");
	talk_expect(&t, "hello\n");
	simul_sleep(1);
	talk_say(&t, "\r\n");
	check_end(&t, "HTTP/1.1 408 ", 30);
}

TEST_VIRTUAL(half_of_the_next_head_behind_a_request_has_its_own_time_too)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\nGET /");
	talk_expect(&t, "hello\n");
	check_end(&t, "HTTP/1.1 408 ", 30);
}

TEST_VIRTUAL(times_are_what_the_options_say)
{
	simul_http_server_options options = { .head_timeout = INFINITY,
					      .idle_timeout = 5 };
	struct talk t;

	talk_begin(&t, talk_hello, NULL, &options);
	simul_sleep(1000000);
	talk_say(&t, "GET / HTTP/1.1\r\n");
	simul_sleep(1000000);
	talk_say(&t, "Host:\r\n\r\n");
	talk_expect(&t, "hello\n");
	check_end(&t, "", 5);
}

/* Each page is long, and the client reads none. */
static int long_answer(simul_http_request *request, void *arg)
{
	static char text[1000 * 1000];
	int *result = arg;

	*result = simul_http_reply(request, 200, NULL, text, sizeof text);
	return *result;
}

TEST_VIRTUAL(a_client_that_does_not_read_is_left)
{
	double began = simul_now();
	int result = 1;
	struct talk t;

	talk_begin(&t, long_answer, &result, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	CHECK_INT(simul_await(t.server), ==, -ETIMEDOUT);
	CHECK_INT(result, ==, -ETIMEDOUT);
	/* A minute for the handler to send, two seconds for the client to see
	 * that this was all, and a minute for what was sent to leave. */
	CHECK_NEAR(simul_now() - began, 122, 1);
	simul_close(t.client);
}

/* ---- Large */

/* A head with so many bytes more than it needs, in these fields. */
static void send_head(struct talk *t, size_t target, size_t field, int fields)
{
	char *filler = malloc(target + field + 1);

	CHECK(filler);
	memset(filler, 'a', target + field);
	talk_say(t, "GET /");
	CHECK_INT(simul_write(t->client, filler, target), ==, 0);
	talk_say(t, " HTTP/1.1\r\nHost:\r\n");
	for (int i = 0; i < fields; i++) {
		talk_say(t, "a:");
		CHECK_INT(simul_write(t->client, filler, field), ==, 0);
		talk_say(t, "\r\n");
	}
	talk_say(t, "\r\n");
	free(filler);
}

static void check_head(const simul_http_server_options *options, size_t target,
		       size_t field, int fields, const char *expected)
{
	struct talk t;

	talk_begin(&t, talk_hello, NULL, options);
	send_head(&t, target, field, fields);
	simul_shutdown_write(t.client);
	check_end(&t, expected, 0);
}

TEST_VIRTUAL(a_head_that_is_too_large_is_refused)
{
	check_head(NULL, 32 * 1024 - 100, 0, 0, "HTTP/1.1 200 ");
	check_head(NULL, 32 * 1024, 0, 0, "HTTP/1.1 414 ");
	check_head(NULL, 1000 * 1000, 0, 0, "HTTP/1.1 414 ");
	check_head(NULL, 0, 32 * 1024 - 100, 1, "HTTP/1.1 200 ");
	check_head(NULL, 0, 32 * 1024, 1, "HTTP/1.1 431 ");
	check_head(NULL, 0, 100, 1000, "HTTP/1.1 431 ");
	check_head(NULL, 0, 1, 127, "HTTP/1.1 200 ");
	check_head(NULL, 0, 1, 128, "HTTP/1.1 431 ");
}

TEST_VIRTUAL(a_head_may_be_as_large_as_the_options_say)
{
	simul_http_server_options small = { .max_head = 100, .max_fields = 3 };
	simul_http_server_options large = { .max_head = 1000 * 1000,
					    .max_fields = 2000 };

	check_head(&small, 70, 0, 0, "HTTP/1.1 200 ");
	check_head(&small, 100, 0, 0, "HTTP/1.1 414 ");
	check_head(&small, 0, 1, 2, "HTTP/1.1 200 ");
	check_head(&small, 0, 1, 3, "HTTP/1.1 431 ");
	check_head(&large, 900 * 1000, 0, 0, "HTTP/1.1 200 ");
	check_head(&large, 0, 400, 1999, "HTTP/1.1 200 ");
	check_head(&large, 0, 1000 * 1000, 1, "HTTP/1.1 431 ");
}

TEST_VIRTUAL(garbage_is_400)
{
	static const char *const garbage[] = {
		"\x16\x03\x01\x02\x01\x01\xfc\x03\x03", /* TLS */
		"HELLO WORLD\r\n\r\n",
		"\n\n\n",
		"GET\r\n\r\n",
		"GET / HTTP/1.1\r\n: x\r\n\r\n",
		"GET / HTTP/1.1\r\nH\x80st: x\r\n\r\n",
		"GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
		"{\"json\": true}\r\n",
	};

	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		char *seen = talk_about(talk_hello, NULL, NULL, garbage[i]);

		CHECK_BYTES(seen, "HTTP/1.1 400 ", 13);
		free(seen);
	}
}

TEST_VIRTUAL(half_a_request_is_nothing)
{
	char *seen = talk_about(talk_hello, NULL, NULL,
				"GET / HTTP/1.1\r\nHost: x\r\n");

	CHECK_STR(seen, "");
	free(seen);
	seen = talk_about(talk_hello, NULL, NULL, "");
	CHECK_STR(seen, "");
	free(seen);
}

TEST_VIRTUAL(what_is_before_the_garbage_is_answered)
{
	char *seen = talk_about(talk_hello, NULL, NULL,
				"GET / HTTP/1.1\r\nHost:\r\n\r\n"
				"GET / HTTP/1.1\r\nHost:\r\n\r\n"
				"garbage\r\n\r\n"
				"GET / HTTP/1.1\r\nHost:\r\n\r\n");

	CHECK_INT(talk_count(seen, "hello\n"), ==, 2);
	CHECK_INT(talk_count(seen, "HTTP/1.1 "), ==, 3);
	CHECK_INT(talk_count(seen, "HTTP/1.1 400 "), ==, 1);
	free(seen);
}

/* The client goes on sending, so it would lose the answer if we closed. */
TEST_VIRTUAL(a_refusal_can_be_read_by_who_is_still_sending)
{
	double began = simul_now();
	struct talk t;

	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "garbage\r\n");
	simul_sleep(1);
	for (int i = 0; i < 100; i++)
		talk_say(&t, "more of it\r\n");
	simul_sleep(0.5);
	talk_expect(&t, "HTTP/1.1 400 ");
	CHECK_INT(talk_hear_all(&t), ==, 0);
	/* But not for ever. */
	CHECK_INT(simul_await(t.server), ==, 0);
	CHECK_NEAR(simul_now() - began, 2, 0.1);
	simul_close(t.client);
	free(t.seen);
}

/* ---- Anything at all */

static unsigned seed = 1;

static unsigned below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Some bytes are others, some are missing, some come twice. */
static size_t spoil(const char *text, char *to)
{
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		unsigned fate = below(60);

		if (fate == 0)
			continue;
		to[n++] = fate == 1 ? (char)below(256) : *p;
		if (fate == 2)
			to[n++] = *p;
	}
	return n;
}

static void send_spoiled(struct talk *t, const char *text)
{
	char bytes[1000];
	size_t n = spoil(text, bytes), some;

	for (size_t i = 0; i < n; i += some) {
		some = 1 + below(40);
		some = some < n - i ? some : n - i;
		if (simul_write(t->client, bytes + i, some) < 0)
			return;
		simul_sleep(0.01);
	}
}

TEST_VIRTUAL(whatever_comes_it_ends_well)
{
	static const char text[] =
		"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
		"Expect: 100-continue\r\n\r\nbodyGET http://h/p HTTP/1.1\r\n"
		"Host: y\r\nConnection: keep-alive\r\n\r\n"
		"PUT / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n"
		"\r\n3;a=b\r\nabc\r\n0\r\nTrailer: x\r\n\r\n"
		"GET / HTTP/1.0\r\n\r\n";
	size_t whole = 0;

	for (int i = 0; i < 500; i++) {
		struct talk t;

		talk_begin(&t, talk_echo, NULL, NULL);
		send_spoiled(&t, text);
		CHECK_INT(talk_hear_all(&t), ==, 0);
		if (t.length)
			CHECK_BYTES(t.seen, "HTTP/1.1 ", 9);
		whole += t.seen && talk_count(t.seen, "HTTP/1.1 200") == 4;
		talk_end(&t);
	}
	CHECK_INT(whole, <, 500);
}

/* ---- Options that make no sense */

TEST_VIRTUAL(options_that_make_no_sense_are_refused)
{
	static const simul_http_server_options bad[] = {
		{ .head_timeout = -1 },	   { .idle_timeout = NAN },
		{ .stall_timeout = -0.1 }, { .grace = NAN },
		{ .max_head = SIZE_MAX },
	};
	simul_stream *a, *b;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK_INT(simul_http_serve_stream(a, talk_hello, NULL, &bad[i]),
			  ==, -EINVAL);
		CHECK_INT(simul_http_serve(NULL, talk_hello, NULL, &bad[i]), ==,
			  -EINVAL);
	}
	simul_close(a);
	simul_close(b);
}
