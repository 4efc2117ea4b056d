/* SPDX-License-Identifier: MIT
 * tests/net/test_listen.c - listeners that are in use. */
#include "loopback.h"

#include <errno.h>

#include <simul/run.h>

#include "task/dies.h"

static int accept_any(void *arg)
{
	simul_stream *s;
	int r = simul_accept(listener, &s);

	(void)arg;
	if (r >= 0)
		simul_abort(s);
	return r;
}

static int close_too_early(void *arg)
{
	(void)arg;
	listen_here();
	simul_create_named_task("acceptor", accept_any, NULL);
	simul_sleep(0);
	simul_listener_close(listener);
	return 0;
}

static void run_close_too_early(void)
{
	simul_run(close_too_early, NULL);
}

/* The number may soon be that of another's socket. */
TEST(to_close_a_listener_that_somebody_waits_at_is_a_bug_that_aborts)
{
	CHECK_DIES(run_close_too_early,
		   "closes a listener that others wait at");
}

TEST_VIRTUAL(a_listener_that_nobody_waits_at_any_more_can_be_closed)
{
	simul_task *t;

	listen_here();
	t = simul_create_task(accept_any, NULL);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_listener_close(listener);
}
