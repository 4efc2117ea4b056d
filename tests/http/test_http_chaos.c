/* SPDX-License-Identifier: MIT
 * tests/http/test_http_chaos.c - HTTP over a bad network: the whole answer, or
 * a clear error. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>
#include <simul/http_client.h>
#include <simul/http_server.h>
#include <simul/task.h>

#include "chaos.h"
#include "net/loopback.h"
#include "test.h"

static const char page[] = "What is cut off must not be taken for the whole.";

enum { PAGE = sizeof page - 1 };

/* /length announces its length, /chunks comes in pieces. */
static int answer(simul_http_request *request, void *arg)
{
	int r;

	if (strcmp(simul_http_request_path(request), "/length") == 0)
		return simul_http_reply(request, 200, "text/plain", page, PAGE);
	r = simul_http_reply_begin(request, 200, "text/plain", -1);
	for (int i = 0; i < PAGE && r >= 0; i += 16)
		r = simul_http_reply_write(request, page + i, 16);
	return r;
}

static int serve(void *arg)
{
	return simul_http_serve(listener, answer, NULL, NULL);
}

static simul_listener *proxy_listener;
static simul_address proxy_address;
static const char *path;

static bool is_clear(int result)
{
	return result == -ECONNRESET || result == -EPIPE ||
	       result == -SIMUL_EEOF || result == -ETIMEDOUT;
}

/* 400: the server has seen half of a question. */
static int hear(simul_http_response *response)
{
	char *text;
	int status = simul_http_response_status(response);
	int r = simul_http_response_read_all(response, &text, NULL);

	CHECK(status == 200 || status == 400 || status == 408);
	if (r >= 0 && status == 200)
		CHECK_STR(text, page);
	simul_http_response_close(response);
	return r < 0 ? r : status == 200 ? 0 : -SIMUL_EEOF;
}

static int ask(const char *url)
{
	static const simul_http_session_options options = { .timeout = 20 };
	simul_http_session *session;
	simul_http_response *response;
	int r = simul_http_session_open(&options, &session);

	CHECK_INT(r, ==, 0);
	r = simul_http_get(session, url, &response);
	if (r >= 0)
		r = hear(response);
	simul_http_session_close(session);
	CHECK(r == 0 || is_clear(r));
	return r;
}

static int ask_through(const struct chaos *chaos)
{
	simul_task *line = simul_go(chaos_proxy, .chaos = chaos,
				    .listener = proxy_listener, .to = where);
	char url[100];
	int r;

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s",
		 simul_address_port(&proxy_address), path);
	r = ask(url);
	simul_cancel(line);
	simul_await(line);
	return r;
}

/* Until nothing is hit any more: then it was longer than the conversation. */
static void sweep_way(enum chaos_fault fault, enum chaos_way way, size_t step)
{
	struct chaos chaos = { .fault = fault, .way = way };
	int well = 0;

	while (well < 3) {
		CHECK_INT(chaos.at, <, 1000);
		well = ask_through(&chaos) >= 0 ? well + 1 : 0;
		chaos.at += step;
	}
	CHECK_INT(chaos.at, >, 40);
}

static void sweep(enum chaos_fault fault, size_t step)
{
	static const char *const paths[] = { "/length", "/chunks" };
	simul_task *server;

	listen_here();
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &proxy_address), ==, 0);
	CHECK_INT(simul_listen(&proxy_address, NULL, &proxy_listener), ==, 0);
	CHECK_INT(simul_listener_address(proxy_listener, &proxy_address), ==,
		  0);
	server = simul_create_task(serve, NULL);
	for (int i = 0; i < 2; i++) {
		path = paths[i];
		sweep_way(fault, CHAOS_TO_SERVER, step);
		sweep_way(fault, CHAOS_TO_CLIENT, step);
		CHECK_INT(ask_through(&(struct chaos){ .slice = 1 }), ==, 0);
	}
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(proxy_listener);
	simul_listener_close(listener);
}

TEST_VIRTUAL(a_reset_at_any_byte_gives_no_wrong_page)
{
	sweep(CHAOS_RESET, 1);
}

TEST_VIRTUAL(an_end_at_any_byte_gives_no_wrong_page)
{
	sweep(CHAOS_CLOSE, 1);
}

TEST_VIRTUAL(a_half_close_at_any_byte_gives_no_wrong_page)
{
	sweep(CHAOS_HALF_CLOSE, 1);
}

TEST_VIRTUAL(silence_gives_no_wrong_page)
{
	sweep(CHAOS_DROP, 19);
}
