/* SPDX-License-Identifier: MIT
 * tests/http/test_server_serve.c - many connections at once, and their end. */
#include <errno.h>
#include <math.h>

#include <simul/net.h>
#include <simul/scope.h>

#include "sweep.h"
#include "talk.h"

/* ---- A server on a free port */

struct serve {
	simul_listener *listener;
	simul_http_handler *handler;
	void *arg;
	const simul_http_server_options *options;
};

static int serve(void *arg)
{
	const struct serve *my = arg;

	return simul_http_serve(my->listener, my->handler, my->arg,
				my->options);
}

static simul_listener *listener;
static simul_address address;
static simul_task *server;

static void start(simul_http_handler *handler, void *arg,
		  const simul_http_server_options *options)
{
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &address), ==, 0);
	CHECK_INT(simul_listen(&address, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &address), ==, 0);
	server = simul_go(serve, .listener = listener, .handler = handler,
			  .arg = arg, .options = options);
	CHECK(server);
}

static void stop(void)
{
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(listener);
}

static void dial(struct talk *t)
{
	*t = (struct talk){ 0 };
	CHECK_INT(simul_connect_address(&address, &t->client), ==, 0);
}

static void hang_up(struct talk *t)
{
	simul_close(t->client);
	free(t->seen);
}

#define GET "GET / HTTP/1.1\r\nHost:\r\n\r\n"

/* A test in a loop, in real time. */
#define TEST_REAL(sentence)                                                    \
	static int sentence##_inside(void *arg);                               \
	TEST(sentence)                                                         \
	{                                                                      \
		CHECK_INT(simul_run(sentence##_inside, NULL), ==, 0);          \
	}                                                                      \
	static int sentence##_inside(void *arg)

/* ---- Serving */

TEST_REAL(a_server_serves_one_connection_after_the_other)
{
	struct talk t;

	start(talk_hello, NULL, NULL);
	for (int i = 0; i < 10; i++) {
		dial(&t);
		for (int k = 0; k < 10; k++) {
			talk_say(&t, GET GET);
			talk_expect(&t, "hello\n");
			talk_expect(&t, "hello\n");
		}
		hang_up(&t);
	}
	stop();
	return 0;
}

static int count_at_once(simul_http_request *request, void *arg)
{
	static int now;
	int *most = arg;
	int r;

	if (++now > *most)
		*most = now;
	r = simul_sleep(0.05);
	now--;
	return r < 0 ? r : talk_hello(request, NULL);
}

static int ask_once(void *arg)
{
	struct talk t;

	dial(&t);
	talk_say(&t, "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n");
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_count(t.seen, "hello\n"), ==, 1);
	hang_up(&t);
	return 0;
}

static void ask_at_once(int n)
{
	simul_task *tasks[100];

	for (int i = 0; i < n; i++)
		tasks[i] = simul_create_task(ask_once, NULL);
	CHECK_INT(simul_gather(tasks, (size_t)n, NULL), ==, 0);
}

TEST_REAL(connections_are_served_at_once)
{
	int most = 0;

	start(count_at_once, &most, NULL);
	ask_at_once(100);
	CHECK_INT(most, >, 50);
	stop();
	return 0;
}

TEST_REAL(but_no_more_than_may_be)
{
	simul_http_server_options three = { .max_connections = 3 };
	int most = 0;

	start(count_at_once, &most, &three);
	ask_at_once(20);
	CHECK_INT(most, ==, 3);
	stop();
	return 0;
}

static int who_asks(simul_http_request *request, void *arg)
{
	simul_address peer;
	char text[SIMUL_ADDRESS_TEXT];
	int n;

	CHECK_INT(simul_http_request_peer(request, &peer), ==, 0);
	n = simul_address_format(&peer, text, sizeof text);
	return simul_http_reply(request, 200, NULL, text, (size_t)n);
}

TEST_REAL(a_handler_knows_who_asks)
{
	simul_address mine;
	char text[SIMUL_ADDRESS_TEXT];
	struct talk t;

	start(who_asks, NULL, NULL);
	dial(&t);
	CHECK_INT(simul_local_address(t.client, &mine), ==, 0);
	simul_address_format(&mine, text, sizeof text);
	talk_say(&t, GET);
	talk_expect(&t, text);
	hang_up(&t);
	stop();
	return 0;
}

/* ---- The end */

TEST_REAL(connections_that_are_idle_end_with_the_server)
{
	double began = simul_now();
	struct talk silent, idle;

	start(talk_hello, NULL, NULL);
	dial(&silent);
	dial(&idle);
	talk_say(&idle, GET);
	talk_expect(&idle, "hello\n");
	stop();
	CHECK(simul_now() - began < 1);
	CHECK_INT(talk_hear_all(&silent), ==, 0);
	CHECK_INT(talk_hear_all(&idle), ==, 0);
	CHECK_INT(silent.length + idle.length, ==, 0);
	hang_up(&silent);
	hang_up(&idle);
	return 0;
}

static int slow_hello(simul_http_request *request, void *arg)
{
	const double *seconds = arg;
	int r = simul_sleep(*seconds);

	return r < 0 ? r : talk_hello(request, NULL);
}

TEST_REAL(requests_that_have_begun_may_finish)
{
	simul_http_server_options options = { .grace = 5 };
	double seconds = 0.2;
	struct talk t;

	start(slow_hello, &seconds, &options);
	dial(&t);
	talk_say(&t, GET GET);
	simul_sleep(0.1);
	stop();
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_count(t.seen, "hello\n"), ==, 1);
	CHECK_INT(talk_count(t.seen, "Connection: close\r\n"), ==, 1);
	hang_up(&t);
	return 0;
}

TEST_REAL(a_server_that_is_stopped_lets_them_finish_too)
{
	simul_server hold = { 0 };
	simul_http_server_options options = { .server = &hold, .grace = 5 };
	double seconds = 0.2;
	struct talk t, idle;

	start(slow_hello, &seconds, &options);
	dial(&t);
	dial(&idle);
	talk_say(&t, GET);
	while (simul_server_connections(&hold) < 2)
		simul_sleep(0.01);
	simul_sleep(0.1);
	simul_server_stop(&hold);
	CHECK_INT(simul_await(server), ==, 0);
	CHECK_INT(simul_server_connections(&hold), ==, 0);
	CHECK_INT(talk_hear_all(&t), ==, 0);
	CHECK_INT(talk_count(t.seen, "hello\n"), ==, 1);
	CHECK_INT(talk_hear_all(&idle), ==, 0);
	hang_up(&t);
	hang_up(&idle);
	simul_listener_close(listener);
	return 0;
}

static int told, told_count;

static void tell(simul_stream *s, int error, void *arg)
{
	CHECK(s);
	told = error;
	told_count++;
}

TEST_REAL(a_connection_that_broke_off_is_told_and_no_other)
{
	simul_http_server_options options = { .failed = tell };
	struct talk t;

	start(talk_hello, NULL, &options);
	dial(&t);
	talk_say(&t, GET);
	talk_expect(&t, "hello\n");
	hang_up(&t);
	dial(&t);
	talk_say(&t, "GET / HTTP/1.1\r\nHo");
	simul_flush(t.client);
	simul_sleep(0.1);
	simul_abort(t.client);
	while (told_count == 0)
		simul_sleep(0.01);
	dial(&t);
	talk_say(&t, "GET / HTTP/1.1\r\n");
	simul_flush(t.client);
	stop();
	hang_up(&t);
	CHECK_INT(told_count, ==, 1);
	CHECK_INT(told, ==, -ECONNRESET);
	return 0;
}

static void check_cut(double grace, double least, double most)
{
	simul_http_server_options options = { .grace = grace };
	double seconds = 1000, began = simul_now();
	struct talk t;

	start(slow_hello, &seconds, &options);
	dial(&t);
	talk_say(&t, GET);
	simul_sleep(0.1);
	stop();
	CHECK(simul_now() - began >= least);
	CHECK(simul_now() - began < most);
	CHECK_INT(talk_hear_all(&t), <=, 0);
	CHECK_INT(t.length, ==, 0);
	hang_up(&t);
}

TEST_REAL(but_not_for_ever)
{
	check_cut(0.3, 0.3, 1);
	check_cut(-1, 0, 0.3);
	return 0;
}

TEST_REAL(a_server_that_is_cancelled_before_it_begins_ends)
{
	start(talk_hello, NULL, NULL);
	stop();
	return 0;
}

/* The server's own end is not for want of a deadline around it. */
TEST_REAL(a_deadline_ends_a_server)
{
	simul_timeout limit;
	int r;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &address), ==, 0);
	CHECK_INT(simul_listen(&address, NULL, &listener), ==, 0);
	CHECK_INT(simul_timeout_open(&limit, 0.05), ==, 0);
	r = simul_http_serve(listener, talk_hello, NULL, NULL);
	CHECK_INT(simul_timeout_close(&limit, r), ==, -ETIMEDOUT);
	simul_listener_close(listener);
	return 0;
}

/* ---- Sweeps, without a network in between */

static int mixed(simul_http_request *request, void *arg)
{
	const char *path = simul_http_request_path(request);
	char *body;
	size_t length;
	int r = simul_http_request_read_all(request, &body, &length);

	if (r >= 0)
		r = simul_sleep(1);
	if (r >= 0)
		r = simul_http_reply_header(request, "X", "y");
	if (r < 0)
		return r;
	if (strcmp(path, "/all") == 0)
		return simul_http_reply(request, 200, "a/b", body, length);
	r = simul_http_reply_begin(request, 200, "a/b", -1);
	for (int i = 0; i < 3 && r >= 0; i++) {
		r = simul_http_reply_write(request, body, length);
		if (r >= 0)
			r = simul_sleep(1);
	}
	if (strcmp(path, "/broken") == 0)
		return -EIO;
	return r;
}

static const char *const asked[] = {
	"POST /all HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\nbody",
	"POST /some HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n"
	"4\r\nbo",
	"dy\r\n0\r\n\r\nGET /none HTTP/1.1\r\nHost:\r\n",
	"\r\nPOST /broken HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n"
	"Expect: 100-continue\r\n\r\n",
	"body",
};

static int ask(void *arg)
{
	simul_stream *s = arg;
	char buffer[1000];
	ptrdiff_t n = 0;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0] && n >= 0; i++) {
		n = simul_write(s, asked[i], strlen(asked[i]));
		if (n >= 0)
			n = simul_sleep(0.1);
	}
	while (n >= 0 && (n = simul_read(s, buffer, sizeof buffer)) > 0)
		continue;
	return (int)n;
}

struct result {
	int served;
	int asked;
	bool ran;
};

static int ask_and_answer(void *arg)
{
	struct result *result = arg;
	simul_stream *a, *b;
	simul_task *client, *t;
	int r = simul_stream_pair(&a, &b);

	if (r < 0)
		return r;
	result->ran = true;
	client = simul_create_task(ask, a);
	t = simul_go(talk_serve, .stream = b, .handler = mixed);
	if (!t)
		simul_abort(b);
	result->served = simul_await(t);
	result->asked = simul_await(client);
	simul_close(a);
	return result->served < 0 ? result->served : result->asked;
}

static void check_result(void *state, int result)
{
	const struct result *r = state;

	CHECK(r->ran);
	/* The last request breaks its connection off, if it comes so far. */
	CHECK(result < 0 || r->asked == 0);
	CHECK(r->served == 0 || r->served == -EIO || r->served == -ECANCELED ||
	      r->served == -ECONNRESET || r->served == -EPIPE);
}

TEST(a_connection_can_be_cancelled_anywhere)
{
	sweep_cancellations(ask_and_answer, sizeof(struct result),
			    check_result);
}

static void run_ask_and_answer(void)
{
	struct result result = { 0 };

	run_virtual(ask_and_answer, &result);
}

TEST(a_connection_survives_want_of_memory)
{
	sweep_allocations(run_ask_and_answer);
}

static int serve_and_ask(void *arg)
{
	simul_listener *l;
	simul_task *s;
	simul_stream *c;
	int r = simul_address_parse("127.0.0.1", 0, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &l);
	if (r < 0)
		return r;
	r = simul_listener_address(l, &address);
	s = simul_go(serve, .listener = l, .handler = talk_hello);
	if (r >= 0)
		r = simul_connect_address(&address, &c);
	if (r >= 0) {
		r = simul_write(c, GET, strlen(GET));
		if (r >= 0)
			simul_wait_for(1, ask, c);
		simul_close(c);
	}
	simul_cancel(s);
	simul_await(s);
	simul_listener_close(l);
	return r;
}

static void run_serve_and_ask(void)
{
	run_virtual(serve_and_ask, NULL);
}

TEST(a_server_survives_want_of_memory)
{
	sweep_allocations(run_serve_and_ask);
}
