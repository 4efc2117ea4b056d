/* SPDX-License-Identifier: MIT
 * tests/net/test_connect.c - several addresses, of which the quickest wins. */
#include "dead.h"
#include "denied.h"
#include "loopback.h"

#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <simul/gather.h>
#include <simul/scope.h>

#include "sweep.h"

static simul_address address(const char *numbers, int port)
{
	simul_address a;

	CHECK_INT(simul_address_parse(numbers, port, &a), ==, 0);
	return a;
}

static int port_here(void)
{
	return simul_address_port(&where);
}

/* Where nobody listens. */
static int free_port(void)
{
	int port;

	listen_here();
	port = port_here();
	simul_listener_close(listener);
	return port;
}

/* Connect to one of two addresses, and be accepted. */
static int connect_to_either(const simul_connect_options *o,
			     const simul_address *a)
{
	simul_stream *client, *server;
	int r = simul_connect_any(o, a, 2, &client);

	if (r < 0)
		return r;
	CHECK_INT(simul_accept(listener, &server), ==, 0);
	say(client, "hello");
	CHECK_INT(simul_flush(client), ==, 0);
	check_hears(server, "hello");
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	return 0;
}

/* ---- A family that leads nowhere */

static simul_connect_report report;

static int connect_past(const char *numbers)
{
	const simul_connect_options o = { .report = &report };
	double began;

	listen_here();
	began = simul_now();
	CHECK_INT(connect_to_either(
			  &o, (simul_address[]){ address(numbers, 80), where }),
		  ==, 0);
	CHECK_NEAR(simul_now() - began, 0.25, 0.001);
	CHECK_INT(report.count, ==, 2);
	CHECK_INT(report.attempts[0].result, ==, -ECANCELED);
	CHECK_NEAR(report.attempts[0].seconds, 0.25, 0.001);
	CHECK_INT(report.attempts[1].result, ==, 0);
	CHECK_NEAR(report.attempts[1].seconds, 0, 0.001);
	CHECK_BYTES(&report.attempts[1].address, &where, sizeof where);
	simul_listener_close(listener);
	return 0;
}

static int connect_past_dead_families(void *arg)
{
	return connect_past("2001:db8::2") < 0 ? -1 : connect_past("10.9.9.2");
}

TEST(a_dead_family_costs_a_quarter_of_a_second)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(connect_past_dead_families, NULL), ==, 0);
	close(network);
}

static int connect_in_real_time(void *arg)
{
	double began = simul_now();

	listen_here();
	CHECK_INT(connect_to_either(
			  NULL, (simul_address[]){ address("2001:db8::2", 80),
						   where }),
		  ==, 0);
	CHECK(simul_now() - began >= 0.25);
	simul_listener_close(listener);
	return 0;
}

TEST(a_dead_family_costs_a_quarter_of_a_second_in_real_time)
{
	int network = enter_dead_network();

	CHECK_INT(simul_run(connect_in_real_time, NULL), ==, 0);
	close(network);
}

static int choose_the_delay(void *arg)
{
	simul_connect_options o = { .attempt_delay = 3 };
	simul_address a[2] = { address("10.9.9.2", 80) };
	simul_timeout timeout;
	double began;

	listen_here();
	a[1] = where;
	began = simul_now();
	CHECK_INT(connect_to_either(&o, a), ==, 0);
	CHECK_NEAR(simul_now() - began, 3, 0.001);
	/* One after the other: the system itself gives up after minutes. */
	o.attempt_delay = INFINITY;
	CHECK_INT(simul_timeout_open(&timeout, 60), ==, 0);
	CHECK_INT(simul_timeout_close(&timeout, connect_to_either(&o, a)), ==,
		  -ETIMEDOUT);
	simul_listener_close(listener);
	o.attempt_delay = (double)NAN;
	return connect_to_either(&o, a) == -EINVAL ? 0 : -1;
}

TEST(the_delay_between_attempts_can_be_chosen)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(choose_the_delay, NULL), ==, 0);
	close(network);
}

static int connect_to_the_dead(void *arg)
{
	const simul_address a[2] = { address("10.9.9.2", 80),
				     address("2001:db8::2", 80) };
	const simul_connect_options o = { .report = &report };
	simul_stream *s;

	return simul_connect_any(&o, a, 2, &s);
}

static int give_up_in_time(void *arg)
{
	return simul_wait_for(5, connect_to_the_dead, NULL);
}

TEST(attempts_that_lead_nowhere_end_with_the_callers_deadline)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(give_up_in_time, NULL), ==, -ETIMEDOUT);
	CHECK_INT(report.count, ==, 2);
	CHECK_INT(report.attempts[0].result, ==, -ECANCELED);
	CHECK_INT(report.attempts[1].result, ==, -ECANCELED);
	CHECK_NEAR(report.attempts[1].seconds, 4.75, 0.001);
	close(network);
}

/* ---- Failures */

TEST_VIRTUAL(an_attempt_that_fails_starts_the_next_at_once)
{
	int nobody = free_port();
	double began = simul_now();

	listen_here();
	CHECK_INT(connect_to_either(
			  NULL, (simul_address[]){ address("127.0.0.1", nobody),
						   where }),
		  ==, 0);
	CHECK_NEAR(simul_now() - began, 0, 0.001);
	simul_listener_close(listener);
}

static int fail_in_two_ways(void *arg)
{
	const simul_connect_options o = { .report = &report };
	simul_address a[3] = { address("203.0.113.1", 80),
			       address("127.0.0.1", free_port()),
			       address("2001:db8:1::1", 80) };
	simul_stream *s = NULL;

	CHECK_INT(simul_connect_any(&o, a, 3, &s), ==, -ECONNREFUSED);
	CHECK(s == NULL);
	CHECK_INT(report.count, ==, 3);
	for (int i = 0; i < 3; i++)
		CHECK_BYTES(&report.attempts[i].address, &a[i], sizeof a[i]);
	CHECK_INT(report.attempts[0].result, ==, -ENETUNREACH);
	CHECK_INT(report.attempts[1].result, ==, -ECONNREFUSED);
	CHECK_INT(report.attempts[2].result, ==, -ENETUNREACH);
	CHECK_INT(simul_connect_any(&o, a, 1, &s), ==, -ENETUNREACH);
	return 0;
}

TEST(every_attempts_error_is_told_and_the_one_that_tells_most_is_returned)
{
	int network = enter_dead_network();

	CHECK_INT(run_virtual(fail_in_two_ways, NULL), ==, 0);
	close(network);
}

TEST_VIRTUAL(no_address_at_all_is_a_mistake)
{
	simul_stream *s;

	CHECK_INT(simul_connect_any(NULL, NULL, 0, &s), ==, -EINVAL);
}

TEST_VIRTUAL(only_the_first_sixteen_addresses_are_tried)
{
	const simul_connect_options o = { .report = &report };
	simul_address a[20];
	simul_stream *s;
	int port = free_port();

	for (int i = 0; i < 20; i++)
		a[i] = address("127.0.0.1", port);
	CHECK_INT(simul_connect_any(&o, a, 20, &s), ==, -ECONNREFUSED);
	CHECK_INT(report.count, ==, 16);
}

TEST_VIRTUAL(without_descriptors_a_connection_says_so)
{
	struct rlimit old, none;
	simul_stream *s;

	listen_here();
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
	none = old;
	none.rlim_cur = 0;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	CHECK_INT(simul_connect_address(&where, &s), ==, -EMFILE);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
	CHECK_INT(simul_connect_address(&where, &s), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	simul_listener_close(listener);
}

static int turns;

static int count_turns(void *arg)
{
	for (;;) {
		if (simul_sleep(0) < 0)
			return 0;
		turns++;
	}
}

TEST_VIRTUAL(who_fails_again_and_again_to_connect_leaves_others_their_turn)
{
	const simul_connect_options far = { .local = &where };
	simul_task *t = simul_create_task(count_turns, NULL);
	simul_stream *s;
	simul_address u;

	CHECK_INT(simul_address_unix("@nowhere", &u), ==, 0);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(simul_connect_address(&u, &s), ==, -ECONNREFUSED);
		CHECK_INT(simul_connect_any(&far, &u, 1, &s), ==,
			  -EAFNOSUPPORT);
	}
	CHECK_INT(turns, >=, 100);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
}

TEST_VIRTUAL(options_that_make_no_sense_are_refused)
{
	const simul_connect_options wrong[] = {
		{ .keep_alive = { .idle = -1 } },
		{ .keep_alive = { .interval = -1 } },
		{ .keep_alive = { .count = -1 } },
		{ .attempt_delay = NAN },
	};
	simul_stream *s;

	listen_here();
	for (int i = 0; i < 4; i++) {
		CHECK_INT(simul_connect_any(&wrong[i], &where, 1, &s), ==,
			  -EINVAL);
		CHECK_INT(simul_connect_with(&wrong[i], "name.invalid", 80, &s),
			  ==, -EINVAL);
	}
	simul_listener_close(listener);
}

TEST_VIRTUAL(without_room_for_a_socket_a_connection_says_so)
{
	simul_address a = address("127.0.0.1", 80), u;
	simul_stream *s;

	CHECK_INT(simul_address_unix("@nowhere", &u), ==, 0);
	deny(SYS_socket, ENOBUFS);
	CHECK_INT(simul_connect_address(&a, &s), ==, -ENOBUFS);
	CHECK_INT(simul_connect_address(&u, &s), ==, -ENOBUFS);
}

/* ---- Options */

TEST_VIRTUAL(a_connection_may_come_from_an_address_of_choice)
{
	simul_address local = address("127.0.0.2", 0), peer, other;
	simul_connect_options o = { .local = &local };
	simul_stream *client, *server;

	listen_here();
	CHECK_INT(simul_connect_any(&o, &where, 1, &client), ==, 0);
	CHECK_INT(simul_accept(listener, &server), ==, 0);
	CHECK_INT(simul_peer_address(server, &peer), ==, 0);
	local = address("127.0.0.2", simul_address_port(&peer));
	CHECK_BYTES(&peer, &local, sizeof peer);
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	/* Neither of another family, nor of another machine. */
	other = address("::1", 0);
	o.local = &other;
	CHECK_INT(simul_connect_any(&o, &where, 1, &client), ==, -EAFNOSUPPORT);
	other = address("192.0.2.1", 0);
	CHECK_INT(simul_connect_any(&o, &where, 1, &client), ==,
		  -EADDRNOTAVAIL);
	simul_listener_close(listener);
}

TEST_VIRTUAL(all_attempts_may_come_from_one_port)
{
	simul_address local = address("127.0.0.2", free_port()), dead;
	const simul_connect_options o = { .local = &local, .report = &report };

	dead = address("127.0.0.1", free_port());
	listen_here();
	CHECK_INT(connect_to_either(&o, (simul_address[]){ dead, where }), ==,
		  0);
	CHECK_INT(report.attempts[0].result, ==, -ECONNREFUSED);
	CHECK_INT(report.attempts[1].result, ==, 0);
	simul_listener_close(listener);
}

static int option(const simul_stream *s, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt(simul_socket_fd(s), level, name, &value, &size);
	return value;
}

TEST_VIRTUAL(a_connection_may_be_kept_alive_and_gather_small_writes)
{
	const simul_connect_options o = {
		.keep_alive = { .idle = 60, .interval = 5, .count = 3 },
		.gather_small = true,
	};
	simul_stream *s;

	listen_here();
	CHECK_INT(simul_connect_any(&o, &where, 1, &s), ==, 0);
	CHECK_INT(option(s, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
	CHECK_INT(option(s, IPPROTO_TCP, TCP_KEEPIDLE), ==, 60);
	CHECK_INT(option(s, IPPROTO_TCP, TCP_KEEPINTVL), ==, 5);
	CHECK_INT(option(s, IPPROTO_TCP, TCP_KEEPCNT), ==, 3);
	CHECK_INT(option(s, IPPROTO_TCP, TCP_NODELAY), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	simul_listener_close(listener);
}

/* ---- Names */

static int connect_by_name(void *arg)
{
	simul_connect_options o = { .report = &report };
	simul_stream *client, *server;
	double began;

	listen_here();
	began = simul_now();
	CHECK_INT(simul_connect_with(&o, "both.example", port_here(), &client),
		  ==, 0);
	CHECK_NEAR(simul_now() - began, 0.25, 0.1);
	CHECK_INT(simul_accept(listener, &server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	/* Of three of one family and one of another, that one is second. */
	CHECK_INT(report.count, ==, 2);
	CHECK_INT(report.attempts[0].address.storage.ss_family, ==, AF_INET6);
	CHECK_INT(report.attempts[1].address.storage.ss_family, ==, AF_INET);
	o.family = AF_INET;
	CHECK_INT(simul_connect_with(&o, "both.example", port_here(), &client),
		  ==, 0);
	CHECK_INT(report.count, ==, 1);
	CHECK_INT(simul_close(client), ==, 0);
	simul_listener_close(listener);
	return 0;
}

TEST(the_families_of_a_name_are_tried_in_turn)
{
	int network = enter_dead_network();

	replace_file("/etc/hosts", "2001:db8::2 both.example\n"
				   "2001:db8::3 both.example\n"
				   "2001:db8::4 both.example\n"
				   "127.0.0.1 both.example\n");
	CHECK_INT(run_virtual(connect_by_name, NULL), ==, 0);
	close(network);
}

static int connect_to_localhost(void *arg)
{
	simul_stream *client, *server;

	listen_here(); /* on 127.0.0.1 only */
	CHECK_INT(simul_connect("localhost", port_here(), &client), ==, 0);
	CHECK_INT(simul_accept(listener, &server), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
	simul_listener_close(listener);
	return 0;
}

TEST(localhost_is_found_in_either_family)
{
	CHECK_INT(run_virtual(connect_to_localhost, NULL), ==, 0);
}

/* ---- Sweeps */

static int race(void *arg)
{
	simul_address a[2] = { address("2001:db8::2", 80) };
	simul_stream *client, *server;
	int r;

	listener = NULL;
	if (simul_address_parse("127.0.0.1", 0, &a[1]) < 0 ||
	    simul_listen(&a[1], NULL, &listener) < 0)
		return -ENOMEM;
	simul_listener_address(listener, &a[1]);
	r = simul_connect_any(NULL, a, 2, &client);
	if (r >= 0) {
		r = simul_accept(listener, &server);
		if (r >= 0)
			r = simul_close(server);
		simul_abort(client);
	}
	simul_listener_close(listener);
	return r;
}

static void run_race(void)
{
	run_virtual(race, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(a_race_survives_every_refused_allocation)
{
	int network = enter_dead_network();

	sweep_allocations(run_race);
	close(network);
}

TEST(a_race_survives_a_cancellation_at_every_suspension)
{
	int network = enter_dead_network();

	sweep_cancellations(race, 1, check_cancelled_or_done);
	close(network);
}
