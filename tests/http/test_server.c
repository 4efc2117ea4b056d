/* SPDX-License-Identifier: MIT
 * tests/http/test_server.c - requests are handed out as they came, and what is
 * answered arrives in order. */
#include <errno.h>
#include <time.h>

#include "base/alloc.h"
#include "http/date.h"
#include "io/stream.h"
#include "talk.h"

#define OK_HELLO                                                               \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"                      \
	"Content-Length: 6\r\n\r\nhello\n"

/* ---- Requests */

TEST_VIRTUAL(a_request_is_handed_out_as_it_came)
{
	check_talk(talk_echo,
		   "GET /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\n"
		   "Empty:\r\nspaced: \t a  b \t\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n"
		   "GET /a%20b c=d&e\nHost=x\nEmpty=\nspaced=a  b\n");
}

TEST_VIRTUAL(a_target_has_a_path_in_whatever_form_it_is)
{
	check_talk(talk_echo, "GET http://h HTTP/1.1\r\nHost: x\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"
		   "GET / -\nHost=x\n");
	check_talk(talk_echo, "GET http://h/p?q HTTP/1.1\r\nHost: x\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n"
		   "GET /p q\nHost=x\n");
	check_talk(talk_echo, "GET http://h?q HTTP/1.1\r\nHost: x\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"
		   "GET / q\nHost=x\n");
	check_talk(talk_echo, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n"
		   "OPTIONS * -\nHost=x\n");
}

static int look_fields_up(simul_http_request *request, void *arg)
{
	const char *name;

	CHECK_STR(simul_http_request_header(request, "HOST"), "x");
	CHECK_STR(simul_http_request_header(request, "twice"), "1");
	CHECK_STR(simul_http_request_header(request, "twice"), "1");
	CHECK_STR(simul_http_request_header(request, "none"), NULL);
	CHECK_STR(simul_http_request_header(request, ""), NULL);
	CHECK(simul_http_request_field(request, 2, &name, NULL));
	CHECK_STR(name, "Twice");
	CHECK(!simul_http_request_field(request, 3, &name, NULL));
	CHECK_STR(name, "Twice");
	CHECK_INT(simul_http_request_minor(request), ==, 1);
	CHECK_STR(simul_http_request_query(request), NULL);
	CHECK(!simul_http_request_has_body(request));
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(fields_are_found_by_name_and_number)
{
	check_talk(look_fields_up,
		   "GET / HTTP/1.1\r\nHost: x\r\ntwice: 1\r\nTwice: 2\r\n\r\n",
		   OK_HELLO);
}

/* ---- Connections */

TEST_VIRTUAL(answers_come_in_the_order_of_the_requests)
{
	check_talk(talk_echo,
		   "GET /1 HTTP/1.1\r\nHost:\r\n\r\n"
		   "POST /2 HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\n\r\nabc"
		   "GET /3 HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"
		   "GET /1 -\nHost=\n"
		   "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n"
		   "POST /2 -\nHost=\nContent-Length=3\nabc"
		   "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"
		   "GET /3 -\nHost=\n");
}

static struct smi_stream_ops counting;
static ptrdiff_t (*write_really)(simul_stream *s, const void *bytes, size_t n);
static int writes;

static ptrdiff_t count_write(simul_stream *s, const void *bytes, size_t n)
{
	writes++;
	return write_really(s, bytes, n);
}

static int count_writes(simul_http_request *request, void *arg)
{
	simul_stream *s = *(simul_stream **)arg;

	if (s->ops != &counting) {
		counting = *s->ops;
		write_really = counting.write;
		counting.write = count_write;
		s->ops = &counting;
	}
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(the_answers_to_pipelined_requests_leave_together)
{
	simul_stream *client, *server;
	char buffer[8192];
	simul_task *t;

	CHECK_INT(simul_stream_pair(&client, &server), ==, 0);
	for (int i = 0; i < 16; i++)
		CHECK_INT(simul_write(client, "GET / HTTP/1.1\r\nHost:\r\n\r\n",
				      25),
			  ==, 0);
	CHECK_INT(simul_flush(client), ==, 0);
	t = simul_go(talk_serve, .stream = server, .handler = count_writes,
		     .arg = &server);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(writes, ==, 1);
	buffer[simul_read(client, buffer, sizeof buffer - 1)] = 0;
	CHECK_INT(talk_count(buffer, "hello\n"), ==, 16);
	simul_close(client);
	CHECK_INT(simul_await(t), ==, 0);
}

static int count_blocks(simul_http_request *request, void *arg)
{
	long *counts = arg;

	counts[counts[1] > 0] = atomic_load(&smi_alloc_probe->calls);
	counts[1] += counts[1] == 0;
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(a_request_takes_no_memory_of_its_own)
{
	long counts[2] = { 0 }; /* after the first, and after the last */
	struct talk t;

	talk_begin(&t, count_blocks, counts, NULL);
	for (int i = 0; i < 64; i++)
		talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\nA: b\r\n\r\n");
	CHECK_INT(simul_shutdown_write(t.client), ==, 0);
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_count(t.seen, "hello\n"), ==, 64);
	/* What gathers in the stream grows by doubling. */
	CHECK_INT(counts[1] - counts[0], <=, 8);
	CHECK_INT(talk_end(&t), ==, 0);
}

TEST_VIRTUAL(requests_may_come_byte_by_byte)
{
	static const char text[] =
		"\r\nPOST /1?2 HTTP/1.1\r\nHost: x\r\n"
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n"
		"0\r\nTrailer: t\r\n\r\n"
		"GET /3 HTTP/1.1\r\nHost: x\r\n\r\n";
	struct talk t;

	talk_begin(&t, talk_echo, NULL, NULL);
	for (size_t i = 0; i < sizeof text - 1; i++) {
		CHECK_INT(simul_write(t.client, text + i, 1), ==, 0);
		CHECK_INT(simul_sleep(0.001), ==, 0);
	}
	talk_expect(&t, "POST /1 2\nHost=x\nTransfer-Encoding=chunked\nabcd");
	talk_expect(&t, "GET /3 -\nHost=x\n");
	CHECK_INT(talk_end(&t), ==, 0);
}

TEST_VIRTUAL(a_client_that_wants_it_gets_its_connection_closed)
{
	struct talk t;
	size_t calls = 0;

	talk_begin(&t, talk_hello, &calls, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\nConnection: Close\r\n\r\n"
		     "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_count(t.seen, "Connection: close\r\n"), ==, 1);
	CHECK_INT(calls, ==, 1);
	CHECK_INT(talk_end(&t), ==, 0);
}

TEST_VIRTUAL(old_clients_keep_their_connection_if_they_ask_to)
{
	check_talk(talk_hello,
		   "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		   "GET / HTTP/1.0\r\n\r\n"
		   "GET / HTTP/1.0\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		   "Content-Length: 6\r\nConnection: keep-alive\r\n\r\nhello\n"
		   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		   "Content-Length: 6\r\nConnection: close\r\n\r\nhello\n");
}

TEST_VIRTUAL(a_connection_serves_no_more_requests_than_it_may)
{
	simul_http_server_options two = { .max_requests = 2 };
	size_t calls = 0;
	char *seen = talk_about(talk_hello, &calls, &two,
				"GET / HTTP/1.1\r\nHost:\r\n\r\n"
				"GET / HTTP/1.1\r\nHost:\r\n\r\n"
				"GET / HTTP/1.1\r\nHost:\r\n\r\n");

	CHECK_INT(calls, ==, 2);
	CHECK_INT(talk_count(seen, "hello\n"), ==, 2);
	CHECK_INT(talk_count(seen, "Connection: close\r\n"), ==, 1);
	free(seen);
}

static int close_after(simul_http_request *request, void *arg)
{
	CHECK_INT(simul_http_reply_close(request), ==, 0);
	return talk_hello(request, NULL);
}

TEST_VIRTUAL(a_handler_may_close_the_connection)
{
	check_talk(close_after,
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		   "Content-Length: 6\r\nConnection: close\r\n\r\nhello\n");
}

/* ---- Answers */

TEST_VIRTUAL(the_answer_to_head_has_no_body)
{
	check_talk(talk_hello,
		   "HEAD / HTTP/1.1\r\nHost:\r\n\r\n"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		   "Content-Length: 6\r\n\r\n" OK_HELLO);
}

TEST_VIRTUAL(an_answer_says_what_time_it_is)
{
	char before[SMI_HTTP_DATE_LENGTH], after[SMI_HTTP_DATE_LENGTH];
	struct talk t;
	char *date;

	smi_http_date(time(NULL), before);
	talk_begin(&t, talk_hello, NULL, NULL);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
	while (!t.seen || !strstr(t.seen, "hello\n"))
		CHECK_INT(talk_hear(&t), ==, 1);
	smi_http_date(time(NULL), after);
	date = strstr(t.seen, "\r\nDate: ") + 8;
	CHECK(memcmp(date, before, sizeof before) == 0 ||
	      memcmp(date, after, sizeof after) == 0);
	CHECK_INT(talk_end(&t), ==, 0);
}

static int in_pieces(simul_http_request *request, void *arg)
{
	CHECK_INT(simul_http_reply_begin(request, 200, "a/b", -1), ==, 0);
	CHECK_INT(simul_http_reply_write(request, "one", 3), ==, 0);
	CHECK_INT(simul_http_reply_write(request, "", 0), ==, 0);
	CHECK_INT(simul_sleep(1), ==, 0);
	CHECK_INT(simul_http_reply_write(request, "twenty characters !!", 20),
		  ==, 0);
	return 0; /* the end goes without saying */
}

TEST_VIRTUAL(an_answer_of_unknown_length_comes_in_chunks)
{
	check_talk(in_pieces,
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n"
		   "HEAD / HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n"
		   "3\r\none\r\n14\r\ntwenty characters !!\r\n0\r\n\r\n"
		   "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n");
}

TEST_VIRTUAL(for_an_old_client_it_ends_with_the_connection)
{
	check_talk(in_pieces,
		   "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		   "GET / HTTP/1.0\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n"
		   "Connection: close\r\n\r\n"
		   "onetwenty characters !!");
}

static int with_length(simul_http_request *request, void *arg)
{
	CHECK_INT(simul_http_reply_write(request, "1", 1), ==, -EINVAL);
	CHECK_INT(simul_http_reply_end(request), ==, -EINVAL);
	CHECK_INT(simul_http_reply_begin(request, 200, NULL, 5), ==, 0);
	CHECK_INT(simul_http_reply_write(request, "123", 3), ==, 0);
	CHECK_INT(simul_http_reply_end(request), ==, -EMSGSIZE);
	CHECK_INT(simul_http_reply_write(request, "456", 3), ==, -EMSGSIZE);
	CHECK_INT(simul_http_reply_write(request, "45", 2), ==, 0);
	CHECK_INT(simul_http_reply_end(request), ==, 0);
	CHECK_INT(simul_http_reply_end(request), ==, -EALREADY);
	CHECK_INT(simul_http_reply_write(request, "6", 1), ==, -EALREADY);
	CHECK_INT(simul_http_reply(request, 200, NULL, "x", 1), ==, -EALREADY);
	CHECK_INT(simul_http_reply_header(request, "A", "b"), ==, -EALREADY);
	CHECK_INT(simul_http_reply_close(request), ==, -EALREADY);
	return 0;
}

TEST_VIRTUAL(an_answer_is_as_long_as_was_said)
{
	check_talk(with_length,
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n"
		   "HEAD / HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"
		   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

static int with_fields(simul_http_request *request, void *arg)
{
	CHECK_INT(simul_http_reply_header(request, "A", "b"), ==, 0);
	CHECK_INT(simul_http_reply_header(request, "A", "c"), ==, 0);
	CHECK_INT(simul_http_reply_header(request, "A", "c\r\nD: e"), ==,
		  -EINVAL);
	CHECK_INT(simul_http_reply_header(request, "A b", "c"), ==, -EINVAL);
	CHECK_INT(simul_http_reply_header(request, "", "c"), ==, -EINVAL);
	CHECK_INT(simul_http_reply_header(request, "content-length", "7"), ==,
		  -EINVAL);
	CHECK_INT(simul_http_reply_header(request, "Transfer-encoding", "x"),
		  ==, -EINVAL);
	CHECK_INT(simul_http_reply(request, 200, "a\nb", "", 0), ==, -EINVAL);
	CHECK_INT(simul_http_reply(request, 199, NULL, "", 0), ==, -EINVAL);
	CHECK_INT(simul_http_reply(request, 1000, NULL, "", 0), ==, -EINVAL);
	CHECK_INT(simul_http_reply(request, 204, NULL, "x", 1), ==, -EINVAL);
	return simul_http_reply(request, 204, NULL, NULL, 0);
}

TEST_VIRTUAL(an_answer_has_the_fields_it_was_given)
{
	check_talk(with_fields,
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   "HTTP/1.1 204 No Content\r\nA: b\r\nA: c\r\n\r\n"
		   "HTTP/1.1 204 No Content\r\nA: b\r\nA: c\r\n\r\n");
}

enum { LONG = 1000 * 1000 + 7 };

static char *long_text(void)
{
	char *text = malloc(LONG);

	CHECK(text);
	for (int i = 0; i < LONG; i++)
		text[i] = (char)('a' + i % 23);
	return text;
}

static int long_answer(simul_http_request *request, void *arg)
{
	char *text = long_text();
	int r = simul_http_reply(request, 200, NULL, text, LONG);

	free(text);
	return r;
}

TEST_VIRTUAL(a_long_answer_arrives_whole)
{
	char *seen = talk_about(long_answer, NULL, NULL,
				"GET / HTTP/1.1\r\nHost:\r\n\r\n");
	char *text = long_text(), *body = strstr(seen, "\r\n\r\n") + 4;

	CHECK_INT(strlen(body), ==, LONG);
	CHECK_BYTES(body, text, LONG);
	free(text);
	free(seen);
}

/* ---- Handlers that fail */

#define SORRY                                                                  \
	"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n"   \
	"Content-Length: 26\r\n\r\n500 Internal Server Error\n"

static int fail(simul_http_request *request, void *arg)
{
	CHECK_INT(simul_http_reply_header(request, "Not", "this"), ==, 0);
	return -EIO;
}

static int say_nothing(simul_http_request *request, void *arg)
{
	return 0;
}

TEST_VIRTUAL(a_handler_that_fails_is_500_and_the_connection_goes_on)
{
	check_talk(fail,
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n"
		   "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 2\r\n\r\nab"
		   "GET / HTTP/1.1\r\nHost:\r\n\r\n",
		   SORRY SORRY SORRY);
	check_talk(say_nothing, "GET / HTTP/1.1\r\nHost:\r\n\r\n", SORRY);
}

static int break_off(simul_http_request *request, void *arg)
{
	const int64_t *length = arg;

	CHECK_INT(simul_http_reply_begin(request, 200, NULL, *length), ==, 0);
	CHECK_INT(simul_http_reply_write(request, "some", 4), ==, 0);
	return -EIO;
}

static int promise_more(simul_http_request *request, void *arg)
{
	break_off(request, arg);
	return 0;
}

static void check_breaks_off(simul_http_handler *handler, int64_t length,
			     const char *version, int how)
{
	struct talk t;

	talk_begin(&t, handler, &length, NULL);
	talk_say(&t, "GET / HTTP/1.");
	talk_say(&t, version);
	talk_say(&t, "\r\nHost:\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n");
	CHECK_INT(talk_hear_all(&t), ==, how);
	CHECK_INT(talk_count(t.seen, "some"), ==, 1);
	CHECK_INT(talk_count(t.seen, "HTTP/1.1 "), ==, 1);
	CHECK_STR(strstr(t.seen, "\r\n0\r\n\r\n"), NULL);
	CHECK_INT(talk_end(&t), <, 0);
}

TEST_VIRTUAL(a_client_can_tell_that_an_answer_broke_off)
{
	check_breaks_off(break_off, 1000, "1", 0);
	check_breaks_off(break_off, -1, "1", 0);
	check_breaks_off(promise_more, 1000, "1", 0);
	/* Where the end of the connection is the end of the body, it takes an
	 * error. */
	check_breaks_off(break_off, -1, "0", -ECONNRESET);
}
