/* SPDX-License-Identifier: MIT
 * tests/net/test_chaos.c - a client and a server with a bad network between
 * them: the answer is right, or there is a clear error. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/scope.h>
#include <simul/server.h>
#include <simul/task.h>

#include "chaos.h"
#include "net/loopback.h"
#include "test.h"

/* ---- A small exchange: numbers to be added up, and their sum */

enum { PATIENCE = 60 /* seconds */ };

static const char *const questions[] = { "17 25\n", "1000000 234567\n",
					 "1 2\n" };
static const char *const answers[] = { "42", "1234567", "3" };

enum { QUESTIONS = sizeof questions / sizeof *questions };

/* A line that was cut off is no line: so simul_read_until. */
static int read_whole_line(simul_stream *s, char **ret_line)
{
	return simul_read_until(s, "\n", 1, ret_line, NULL);
}

static int serve_sums(simul_stream *s, void *arg)
{
	char *line, sum[32];
	int r;

	while ((r = read_whole_line(s, &line)) > 0) {
		long a, b;

		CHECK_INT(sscanf(line, "%ld %ld", &a, &b), ==, 2);
		snprintf(sum, sizeof sum, "%ld\n", a + b);
		r = simul_write(s, sum, strlen(sum));
		if (r < 0)
			break;
	}
	return r;
}

static int ask_sums(void *arg)
{
	simul_stream *s = arg;
	char *line;
	int r = 0;

	for (int i = 0; i < QUESTIONS && r >= 0; i++) {
		r = simul_write(s, questions[i], strlen(questions[i]));
		if (r >= 0)
			r = read_whole_line(s, &line);
		if (r == 0)
			r = -SIMUL_EEOF;
		if (r > 0)
			CHECK_STR(line, answers[i]);
	}
	return r;
}

static bool is_clear(int result)
{
	return result == -ECONNRESET || result == -EPIPE ||
	       result == -SIMUL_EEOF || result == -ETIMEDOUT;
}

/* How it went is one of these; and if nothing happened, well. */
static void check_outcome(const struct chaos *chaos, int asked, int served)
{
	CHECK(asked >= 0 || is_clear(asked));
	CHECK(served >= 0 || is_clear(served) || served == -ECANCELED);
	if (chaos->fault == CHAOS_NONE) {
		CHECK_INT(asked, >=, 0);
		CHECK_INT(served, ==, 0);
	}
}

/* ---- In memory, on the virtual clock */

static int serve_pair(void *stream)
{
	int r = serve_sums(stream, NULL), closed = simul_close(stream);

	return r < 0 ? r : closed;
}

static int run_pair(const struct chaos *chaos)
{
	simul_stream *client, *client_far, *server, *server_far;
	simul_task *serving, *line;
	int asked, served;

	CHECK_INT(simul_stream_pair(&client, &client_far), ==, 0);
	CHECK_INT(simul_stream_pair(&server, &server_far), ==, 0);
	serving = simul_create_task(serve_pair, server);
	line = simul_go(chaos_line, .chaos = chaos, .client = client_far,
			.server = server_far);
	asked = simul_wait_for(PATIENCE, ask_sums, client);
	simul_close(client);
	/* Where nothing arrives, the server waits for ever. */
	simul_sleep(PATIENCE);
	simul_cancel(line);
	simul_await(line);
	served = simul_await(serving);
	check_outcome(chaos, asked, served);
	return asked;
}

static size_t total(const char *const *lines, size_t newlines)
{
	size_t n = 0;

	for (int i = 0; i < QUESTIONS; i++)
		n += strlen(lines[i]) + newlines;
	return n;
}

/* Each fault at each byte, each way; count how often it went well. */
static int sweep(int (*run)(const struct chaos *), struct chaos chaos,
		 size_t step)
{
	const size_t lengths[] = { [CHAOS_TO_SERVER] = total(questions, 0),
				   [CHAOS_TO_CLIENT] = total(answers, 1) };
	int well = 0;

	for (int way = 0; way < 2; way++)
		for (size_t at = 0; at <= lengths[way]; at += step) {
			chaos.way = (enum chaos_way)way;
			chaos.at = at;
			well += run(&chaos) >= 0;
		}
	return well;
}

TEST_VIRTUAL(a_good_network_gives_right_answers)
{
	struct chaos chaos = { 0 };

	for (size_t slice = 0; slice < 20; slice++) {
		chaos.slice = slice;
		run_pair(&chaos);
	}
}

TEST_VIRTUAL(a_slow_network_gives_right_answers_later)
{
	struct chaos chaos = { .slice = 1, .latency = 0.1 };
	double begun = simul_now();

	run_pair(&chaos);
	CHECK(simul_now() - begun >=
	      0.1 * (double)(total(questions, 0) + total(answers, 1)));
	chaos = (struct chaos){ .bandwidth = 5, .close_delay = 7 };
	begun = simul_now();
	run_pair(&chaos);
	CHECK(simul_now() - begun >=
	      0.2 * (double)(total(questions, 0) + total(answers, 1)));
}

TEST_VIRTUAL(a_network_too_slow_is_told_from_one_that_answers)
{
	struct chaos chaos = {
		.slice = 1, .latency = 10, .fault = CHAOS_DROP, .at = 1000
	};

	CHECK_INT(run_pair(&chaos), ==, -ETIMEDOUT);
}

/* Only a fault at the very end, when the last answer is through, does no harm;
 * a half close by the client does not, either, once it has asked. */
static void sweep_pair(enum chaos_fault fault, int most_well)
{
	int well;

	well = sweep(run_pair, (struct chaos){ .fault = fault }, 1);
	CHECK_INT(well, >=, 1);
	CHECK_INT(well, <=, most_well);
	well = sweep(
		run_pair,
		(struct chaos){ .fault = fault, .slice = 1, .latency = 0.01 },
		1);
	CHECK_INT(well, <=, most_well);
}

TEST_VIRTUAL(a_reset_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_pair(CHAOS_RESET, 2);
}

TEST_VIRTUAL(an_end_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_pair(CHAOS_CLOSE, 2);
}

TEST_VIRTUAL(a_half_close_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_pair(CHAOS_HALF_CLOSE, 2);
}

TEST_VIRTUAL(silence_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_pair(CHAOS_DROP, 2);
}

/* ---- Over loopback, with a server and a proxy */

static int served_last;

static int serve_and_tell(simul_stream *s, void *arg)
{
	served_last = serve_sums(s, arg);
	return served_last;
}

static int serve_loopback(void *arg)
{
	return simul_serve(listener, serve_and_tell, NULL,
			   &(simul_serve_options){ .close_timeout = 1 });
}

static struct {
	simul_listener *listener;
	simul_address address;
} proxy;

static void listen_as_proxy(void)
{
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &proxy.address), ==, 0);
	CHECK_INT(simul_listen(&proxy.address, NULL, &proxy.listener), ==, 0);
	CHECK_INT(simul_listener_address(proxy.listener, &proxy.address), ==,
		  0);
}

static int run_loopback(const struct chaos *chaos)
{
	simul_task *line = simul_go(chaos_proxy, .chaos = chaos,
				    .listener = proxy.listener, .to = where);
	simul_stream *s;
	int r;

	CHECK_INT(simul_connect_address(&proxy.address, &s), ==, 0);
	r = simul_wait_for(PATIENCE, ask_sums, s);
	CHECK(r >= 0 || is_clear(r));
	simul_close(s);
	simul_sleep(0.01);
	simul_cancel(line);
	simul_await(line);
	CHECK(served_last >= 0 || is_clear(served_last));
	return r;
}

static void sweep_loopback(enum chaos_fault fault, size_t step)
{
	simul_task *server;

	listen_here();
	listen_as_proxy();
	server = simul_create_task(serve_loopback, NULL);
	sweep(run_loopback, (struct chaos){ .fault = fault }, step);
	/* It has survived all of this. */
	CHECK_INT(run_loopback(&(struct chaos){ 0 }), >=, 0);
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(proxy.listener);
	simul_listener_close(listener);
}

TEST_VIRTUAL(over_tcp_a_reset_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_loopback(CHAOS_RESET, 1);
}

TEST_VIRTUAL(over_tcp_an_end_at_any_byte_is_an_error_or_comes_too_late)
{
	sweep_loopback(CHAOS_CLOSE, 1);
	sweep_loopback(CHAOS_HALF_CLOSE, 1);
}

TEST_VIRTUAL(over_tcp_silence_is_an_error)
{
	sweep_loopback(CHAOS_DROP, 5);
}

/* ---- Much, through all of it at once */

enum { MUCH = 100000 };

static int send_much(void *stream)
{
	char bytes[1000];
	int r = 0;

	for (int sent = 0; sent < MUCH && r >= 0; sent += (int)sizeof bytes) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)((sent + (int)i) * 7 % 251);
		r = simul_write(stream, bytes, sizeof bytes);
	}
	return r < 0 ? r : simul_shutdown_write(stream);
}

static int hear_much(void *stream)
{
	char bytes[777];
	ptrdiff_t n;
	int seen = 0;

	while ((n = simul_read(stream, bytes, sizeof bytes)) > 0)
		for (ptrdiff_t i = 0; i < n; i++, seen++)
			CHECK_INT(bytes[i], ==, (char)(seen * 7 % 251));
	return n < 0 ? (int)n : seen;
}

static void run_much(uint64_t seed)
{
	const struct chaos chaos = { .seed = seed,
				     .slice = 3000,
				     .latency = 0.5,
				     .bandwidth = 1e5,
				     .close_delay = 3 };
	simul_stream *a, *a_far, *b, *b_far;
	simul_task *t[5];
	int results[5];

	CHECK_INT(simul_stream_pair(&a, &a_far), ==, 0);
	CHECK_INT(simul_stream_pair(&b, &b_far), ==, 0);
	t[0] = simul_go(chaos_line, .chaos = &chaos, .client = a_far,
			.server = b_far);
	t[1] = simul_create_task(send_much, a);
	t[2] = simul_create_task(send_much, b);
	t[3] = simul_create_task(hear_much, a);
	t[4] = simul_create_task(hear_much, b);
	CHECK_INT(simul_gather(t, 5, results), ==, 0);
	CHECK_INT(results[3], ==, MUCH);
	CHECK_INT(results[4], ==, MUCH);
	simul_close(a);
	simul_close(b);
}

TEST_VIRTUAL(whatever_the_network_does_bytes_come_whole_and_in_order)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		run_much(seed);
}
