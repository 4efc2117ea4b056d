/* SPDX-License-Identifier: MIT
 * tests/http/test_client_pool.c - connections are used again when that is
 * right, and never when it is not; and there are no more than there may be. */
#include <errno.h>
#include <stdlib.h>

#include "played.h"
#include "sweep.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CLOSE                                                                  \
	"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

/* How many connections it takes to get so many pages, with pauses between. */
static size_t connections_for(const struct part *parts, size_t count, int times,
			      double pause)
{
	struct server s = { .parts = parts, .count = count };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	for (int i = 0; i < times; i++) {
		if (i > 0 && pause >= 0)
			simul_sleep(pause);
		check_get(session, url_on(&s, "/"), 200, "ok");
	}
	simul_http_session_close(session);
	server_stop(&s);
	return s.connections;
}

/* ---- Again or not */

TEST_VIRTUAL(a_connection_is_used_again)
{
	const struct part part = { { OK, OK, OK, OK, OK }, .stay = true };

	CHECK_INT(connections_for(&part, 1, 5, -1), ==, 1);
	CHECK_INT(connections_for(&part, 1, 5, 10), ==, 1);
}

TEST_VIRTUAL(a_connection_is_not_used_again_if_the_server_says_so)
{
	static const char old[] =
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const char kept[] = "HTTP/1.0 200 OK\r\nConnection: keep-alive"
				   "\r\nContent-Length: 2\r\n\r\nok";
	const struct part closes = { { CLOSE, OK }, .stay = true };
	const struct part is_old = { { old, OK }, .stay = true };
	const struct part keeps = { { kept, kept }, .stay = true };

	CHECK_INT(connections_for(&closes, 1, 2, -1), ==, 2);
	CHECK_INT(connections_for(&is_old, 1, 2, -1), ==, 2);
	CHECK_INT(connections_for(&keeps, 1, 2, -1), ==, 1);
}

TEST_VIRTUAL(a_connection_that_the_server_has_closed_is_not_used_again)
{
	const struct part part = { .answers = { OK } };

	CHECK_INT(connections_for(&part, 1, 3, 1), ==, 3);
	/* Perhaps it closes while the next request is on its way. */
	CHECK_INT(connections_for(&part, 1, 3, 0), ==, 3);
	CHECK_INT(connections_for(&part, 1, 3, -1), ==, 3);
}

TEST_VIRTUAL(a_connection_on_which_more_came_than_asked_for_is_not_used_again)
{
	const struct part at_once = { { OK "HTTP/1.1 200 OK\r\n", OK },
				      .stay = true };
	const struct part later = { { OK }, .stray = OK, .stay = true };

	CHECK_INT(connections_for(&at_once, 1, 2, -1), ==, 2);
	CHECK_INT(connections_for(&later, 1, 2, 2), ==, 2);
}

TEST_VIRTUAL(an_answer_before_the_question_is_not_taken_for_the_next_one)
{
	/* It is taken for the first: no client can tell. But what it leaves
	 * behind on the connection is never anybody's. */
	const struct part part = { { OK, OK }, .before = OK, .stay = true };

	CHECK_INT(connections_for(&part, 1, 3, 1), ==, 3);
}

TEST_VIRTUAL(an_idle_connection_is_closed_after_a_while)
{
	const struct part part = { { OK }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	double start;

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "ok");
	start = simul_now();
	simul_sleep(20);
	CHECK_INT(s.ended, ==, 1);
	CHECK_NEAR(s.last_end - start, 15, 0.5);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(keeping_can_be_switched_off)
{
	const struct part part = { { OK, OK }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session =
		new_session(&(simul_http_session_options){ .keep_alive = -1 });

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "ok");
	check_get(session, url_on(&s, "/"), 200, "ok");
	CHECK_INT(s.connections, ==, 2);
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- Bodies that are not read */

static size_t connections_without_reading(const char *answer)
{
	const struct part part = { { answer, OK }, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/"), &response), ==, 0);
	simul_http_response_close(response);
	check_get(session, url_on(&s, "/"), 200, NULL ? "" : "ok");
	simul_http_session_close(session);
	server_stop(&s);
	return s.connections;
}

TEST_VIRTUAL(a_body_that_has_come_is_passed_over)
{
	CHECK_INT(connections_without_reading(OK), ==, 1);
	CHECK_INT(
		connections_without_reading(
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n0\r\n\r\n"),
		==, 1);
}

TEST_VIRTUAL(a_body_that_is_incomplete_costs_the_connection)
{
	const struct part parts[] = {
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" },
		  .stay = true },
		{ { OK }, .stay = true },
	};
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;
	char byte;

	server_start(&s);
	CHECK_INT(simul_http_get(session, url_on(&s, "/"), &response), ==, 0);
	CHECK_INT(simul_http_response_read(response, &byte, 1), ==, 1);
	simul_http_response_close(response);
	simul_sleep(1);
	CHECK_INT(s.ended, ==, 1);
	check_get(session, url_on(&s, "/"), 200, "ok");
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- Once more */

TEST_VIRTUAL(a_get_that_met_a_closed_connection_is_sent_once_more)
{
	/* The second request on the first connection gets no answer. */
	const struct part parts[] = { { .answers = { OK, "" } },
				      { { OK }, .stay = true } };

	CHECK_INT(connections_for(parts, 2, 2, -1), ==, 2);
}

TEST_VIRTUAL(it_is_not_sent_a_third_time)
{
	const struct part parts[] = { { .answers = { OK, "" } },
				      { .answers = { "" } } };
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "ok");
	check_failure(session, url_on(&s, "/"), -SIMUL_EEOF,
		      "without an answer");
	CHECK_INT(s.connections, ==, 2);
	CHECK_INT(s.request_count, ==, 3);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_get_whose_answer_had_begun_is_not_sent_once_more)
{
	const struct part parts[] = { { .answers = { OK, "HTTP/1.1 2" } },
				      { .answers = { OK } } };
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session = new_session(NULL);

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "ok");
	check_failure(session, url_on(&s, "/"), -SIMUL_EEOF, "in the middle");
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

TEST_VIRTUAL(a_post_is_not_sent_once_more)
{
	const struct part parts[] = { { .answers = { OK, "" } },
				      { .answers = { OK } } };
	struct server s = { .parts = parts, .count = 2 };
	simul_http_session *session = new_session(NULL);
	simul_http_response *response;

	server_start(&s);
	check_get(session, url_on(&s, "/"), 200, "ok");
	CHECK_INT(simul_http_send(session,
				  &(simul_http_call){ .url = url_on(&s, "/"),
						      .method = "POST" },
				  &response),
		  ==, -SIMUL_EEOF);
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

/* ---- So many at a time */

struct get {
	simul_http_session *session;
	const char *url;
	int number;
	int together; /* so many connections are there to this server */
	int *done;    /* how many were before */
};

static int get(void *arg)
{
	const struct get *my = arg;

	check_get(my->session, my->url, 200, "ok");
	/* In which order those are served that were sent at once is up to the
	 * kernel. */
	CHECK_INT(my->number / my->together, ==, *my->done / my->together);
	++*my->done;
	return 0;
}

/* Get twelve pages at once from two servers, by so many connections to each;
 * the most that were open to the first of them, and to both. */
static void get_at_once(const simul_http_session_options *options, int together,
			size_t *ret_first, size_t *ret_both)
{
	const struct part part = { { OK, OK, OK, OK, OK, OK, OK, OK },
				   .delay = 1,
				   .stay = true };
	struct server s[2] = { { .parts = &part, .count = 1 },
			       { .parts = &part, .count = 1 } };
	simul_http_session *session = new_session(options);
	int done[2] = { 0 };
	simul_task *tasks[12];

	for (int i = 0; i < 2; i++)
		server_start(&s[i]);
	for (int i = 0; i < 12; i++)
		tasks[i] = simul_go(get, .session = session,
				    .url = s[i % 2].url, .number = i / 2,
				    .together = together, .done = &done[i % 2]);
	CHECK_INT(simul_gather(tasks, 12, NULL), ==, 0);
	simul_http_session_close(session);
	for (int i = 0; i < 2; i++)
		server_stop(&s[i]);
	*ret_first = s[0].most_open;
	*ret_both = s[0].most_open + s[1].most_open;
}

TEST_VIRTUAL(there_are_no_more_connections_than_allowed_and_nobody_overtakes)
{
	const simul_http_session_options options = { .max_connections = 4 };
	double start = simul_now();
	size_t first, both;

	get_at_once(&options, 2, &first, &both);
	CHECK_INT(both, ==, 4);
	CHECK_NEAR(simul_now() - start, 3, 0.5);
}

TEST_VIRTUAL(there_are_no_more_connections_to_a_host_than_allowed)
{
	const simul_http_session_options options = { .max_connections_per_host =
							     2 };
	double start = simul_now();
	size_t first, both;

	get_at_once(&options, 2, &first, &both);
	CHECK_INT(first, ==, 2);
	CHECK_INT(both, ==, 4);
	CHECK_NEAR(simul_now() - start, 3, 0.5);
}

TEST_VIRTUAL(those_that_wait_for_a_connection_get_it_in_turn)
{
	const simul_http_session_options options = { .max_connections_per_host =
							     1 };
	double start = simul_now();
	size_t first, both;

	get_at_once(&options, 1, &first, &both);
	CHECK_INT(first, ==, 1);
	CHECK_INT(both, ==, 2);
	CHECK_NEAR(simul_now() - start, 6, 0.5);
}

TEST_VIRTUAL(idle_connections_give_way_to_new_ones)
{
	const struct part part = { { OK, OK }, .stay = true };
	struct server s[3];
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .max_connections = 2 });

	for (int i = 0; i < 3; i++) {
		s[i] = (struct server){ .parts = &part, .count = 1 };
		server_start(&s[i]);
	}
	for (int i = 0; i < 3; i++)
		check_get(session, s[i].url, 200, "ok");
	simul_sleep(1);
	CHECK_INT(s[0].ended, ==, 1);
	CHECK_INT(s[1].ended, ==, 0);
	CHECK_INT(s[2].ended, ==, 0);
	check_get(session, s[1].url, 200, "ok");
	CHECK_INT(s[1].connections, ==, 1);
	simul_http_session_close(session);
	for (int i = 0; i < 3; i++)
		server_stop(&s[i]);
}

TEST_VIRTUAL(a_task_that_gives_up_waiting_leaves_its_place_to_the_next)
{
	const struct part part = { { OK, OK, OK }, .delay = 10, .stay = true };
	struct server s = { .parts = &part, .count = 1 };
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .max_connections = 1 });
	simul_http_response *response;
	simul_task *first, *last;
	simul_timeout limit;
	int done = 0;

	server_start(&s);
	first = simul_go(get, .session = session, .url = s.url, .number = 0,
			 .together = 1, .done = &done);
	simul_sleep(1);
	CHECK_INT(simul_timeout_open(&limit, 1), ==, 0);
	CHECK_INT(simul_http_get(session, s.url, &response), ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&limit, -ECANCELED), ==, -ETIMEDOUT);
	CHECK_STR(simul_http_session_error(session),
		  "cancelled while waiting for a connection");
	last = simul_go(get, .session = session, .url = s.url, .number = 1,
			.together = 1, .done = &done);
	CHECK_INT(simul_await(first), ==, 0);
	CHECK_INT(simul_await(last), ==, 0);
	CHECK_INT(s.connections, ==, 1);
	simul_http_session_close(session);
	server_stop(&s);
}

/* A listener whose queue is full doesn't answer. */
TEST_VIRTUAL(a_connection_that_is_not_made_in_time_is_an_error)
{
	const simul_listen_options small = { .backlog = 1 };
	simul_stream *streams[8];
	simul_listener *listener;
	simul_address address;
	simul_http_session *session = new_session(
		&(simul_http_session_options){ .connect_timeout = 0.5 });
	int count = 0;
	char url[64];

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &address), ==, 0);
	CHECK_INT(simul_listen(&address, &small, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &address), ==, 0);
	for (int r = 0; count < 8 && r >= 0; count += r >= 0) {
		simul_timeout limit;

		CHECK_INT(simul_timeout_open(&limit, 0.5), ==, 0);
		r = simul_connect_address(&address, &streams[count]);
		r = simul_timeout_close(&limit, r);
	}
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
		 simul_address_port(&address));
	CHECK(count < 8);
	check_failure(session, url, -ETIMEDOUT, "not within 0.5 s");
	while (count > 0)
		simul_abort(streams[--count]);
	simul_http_session_close(session);
	simul_listener_close(listener);
}

/* ---- Sweeps */

/* A redirect, a body in chunks, a connection kept, and one gone stale. */
static const struct part everything[] = {
	{ { "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\n0\r\n\r\n",
	    "" },
	  .piece = 30 },
	{ { OK }, .stay = true },
};

static int get_all(simul_http_session *session, const char *url)
{
	simul_http_response *response;
	char *bytes;
	int r = simul_http_get(session, url, &response);

	if (r < 0)
		return r;
	r = simul_http_response_read_all(response, &bytes, NULL);
	simul_http_response_close(response);
	return r;
}

static int use_everything(void *arg)
{
	struct server s = { .parts = everything, .count = 2 };
	simul_http_session *session;
	int r = server_try_start(&s);

	if (r < 0)
		return r;
	r = simul_http_session_open(NULL, &session);
	if (r >= 0) {
		r = get_all(session, s.url);
		if (r >= 0)
			r = get_all(session, s.url);
		simul_http_session_close(session);
	}
	server_stop(&s);
	return r;
}

static void run_everything(void)
{
	run_virtual(use_everything, NULL);
}

TEST(nothing_is_lost_for_want_of_memory)
{
	CHECK_INT(run_virtual(use_everything, NULL), ==, 0);
	sweep_allocations(run_everything);
}

static void check_nothing(void *state, int result)
{
}

TEST(a_cancellation_anywhere_loses_nothing)
{
	sweep_cancellations(use_everything, 1, check_nothing);
}
