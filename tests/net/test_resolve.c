/* SPDX-License-Identifier: MIT
 * tests/net/test_resolve.c - from names to addresses, with a resolver of our
 * own in place of the system's. */
#include "resolver.h"

#include <dirent.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/net.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

/* ---- Names */

static int resolve_first(const char *host, simul_address *address)
{
	return simul_resolve(host, 80, address, 1);
}

static void check_written(const simul_address *a, const char *expected)
{
	char text[SIMUL_ADDRESS_TEXT];

	simul_address_format(a, text, sizeof text);
	CHECK_STR(text, expected);
}

TEST_VIRTUAL(a_name_has_addresses_in_order)
{
	simul_address a[4];

	CHECK_INT(simul_resolve("two", 80, a, 4), ==, 2);
	check_written(&a[0], "127.0.0.2:80");
	check_written(&a[1], "127.0.0.1:80");
	CHECK_INT(simul_resolve("two", 81, a, 1), ==, 1);
	check_written(&a[0], "127.0.0.2:81");
	CHECK_INT(given_back, ==, looked_up);
}

TEST_VIRTUAL(no_more_addresses_are_stored_than_there_is_room_for)
{
	simul_address a[5] = { 0 };

	CHECK_INT(simul_resolve("many", 80, a, 4), ==, 4);
	CHECK_INT(a[4].length, ==, 0);
}

static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2; /* . and .. */

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST_VIRTUAL(addresses_in_numbers_are_not_looked_up)
{
	int before = threads();
	simul_address a;

	CHECK_INT(resolve_first("127.0.0.9", &a), ==, 1);
	check_written(&a, "127.0.0.9:80");
	CHECK_INT(resolve_first("[::1]", &a), ==, 1);
	check_written(&a, "[::1]:80");
	CHECK_INT(looked_up, ==, 0);
	CHECK_INT(threads(), ==, before);
}

TEST_VIRTUAL(a_name_that_can_not_be_found_says_why)
{
	simul_address a = { .length = 7 };

	CHECK_INT(resolve_first("nowhere", &a), ==, -SIMUL_ENONAME);
	CHECK_INT(resolve_first("nodata", &a), ==, -SIMUL_ENONAME);
	CHECK_INT(resolve_first("later", &a), ==, -SIMUL_ERESOLVE);
	CHECK_INT(resolve_first("broken", &a), ==, -SIMUL_ERESOLVE);
	CHECK_INT(resolve_first("memory", &a), ==, -ENOMEM);
	CHECK_INT(resolve_first("system", &a), ==, -EMFILE);
	CHECK_INT(a.length, ==, 7);
}

TEST_VIRTUAL(what_can_be_no_name_is_not_looked_up)
{
	char name[300];
	simul_address a;

	memset(name, 'x', sizeof name);
	name[255] = 0;
	CHECK_INT(resolve_first("", &a), ==, -SIMUL_ENONAME);
	CHECK_INT(resolve_first(name, &a), ==, -SIMUL_ENONAME);
	CHECK_INT(simul_resolve("two", -1, &a, 1), ==, -EINVAL);
	CHECK_INT(simul_resolve("two", 65536, &a, 1), ==, -EINVAL);
	CHECK_INT(simul_resolve("two", 80, &a, 0), ==, -EINVAL);
	CHECK_INT(looked_up, ==, 0);
}

static int resolve_slow(void *arg)
{
	char name[] = "slow";
	simul_address a;
	int r = resolve_first(name, &a);

	memset(name, 'x', sizeof name - 1);
	return r;
}

static int cancel_slow(void *arg)
{
	simul_task *t = simul_create_task(resolve_slow, NULL);

	while (looked_up == 0)
		simul_sleep(0.001);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	may_end = true;
	return 0;
}

/* And what it has found is given back: nothing leaks. */
TEST(a_look_up_that_was_cancelled_is_waited_for_by_nobody_but_the_loop)
{
	CHECK_INT(simul_run(cancel_slow, NULL), ==, 0);
	CHECK_INT(looked_up, ==, 1);
	CHECK_INT(given_back, ==, 1);
}

static int cancel_many(void *arg)
{
	simul_task *t[40];

	for (int i = 0; i < 40; i++)
		t[i] = simul_create_task(resolve_slow, NULL);
	while (looked_up == 0)
		simul_sleep(0.001);
	for (int i = 0; i < 40; i++)
		simul_cancel(t[i]);
	CHECK_INT(simul_gather(t, 40, NULL), ==, -ECANCELED);
	may_end = true;
	return 0;
}

TEST(a_look_up_that_has_not_begun_when_it_is_cancelled_never_begins)
{
	CHECK_INT(simul_run(cancel_many, NULL), ==, 0);
	CHECK_INT(looked_up, <, 40);
	CHECK_INT(given_back, ==, looked_up);
}

/* ---- Connecting to names */

static simul_listener *listen_on(const char *numbers, int *ret_port)
{
	simul_listener *l = NULL;
	simul_address a;

	CHECK_INT(simul_address_parse(numbers, 0, &a), ==, 0);
	CHECK_INT(simul_listen(&a, NULL, &l), ==, 0);
	CHECK_INT(simul_listener_address(l, &a), ==, 0);
	*ret_port = simul_address_port(&a);
	return l;
}

TEST_VIRTUAL(the_addresses_of_a_name_are_tried_in_turn)
{
	simul_stream *s;
	simul_address a;
	int port;
	simul_listener *l = listen_on("127.0.0.1", &port);

	CHECK_INT(simul_connect("two", port, &s), ==, 0);
	CHECK_INT(simul_peer_address(s, &a), ==, 0);
	CHECK_INT(simul_address_port(&a), ==, port);
	CHECK_INT(simul_close(s), ==, 0);
	simul_listener_close(l);
}

TEST_VIRTUAL(a_connection_that_fails_at_all_addresses_says_why)
{
	simul_stream *s = NULL;
	int port;
	simul_listener *l = listen_on("127.0.0.1", &port);

	simul_listener_close(l);
	CHECK_INT(simul_connect("two", port, &s), ==, -ECONNREFUSED);
	CHECK_INT(simul_connect("nowhere", port, &s), ==, -SIMUL_ENONAME);
	CHECK(s == NULL);
}

/* ---- Sweeps */

static int look_around(void *arg)
{
	simul_address a[2];
	int r = simul_resolve("two", 80, a, 2);

	return r < 0 ? r : simul_resolve("two", 80, a, 2);
}

static void run_look_around(void)
{
	run_virtual(look_around, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 2 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(a_look_up_survives_every_refused_allocation)
{
	sweep_allocations(run_look_around);
}

TEST(a_look_up_survives_a_cancellation_at_every_suspension)
{
	sweep_cancellations(look_around, 1, check_cancelled_or_done);
}
