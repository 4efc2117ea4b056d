/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_kernel_swept.c - the kernel encrypts, where it can, and
 * whatever fails or is cancelled. */
#include <errno.h>

#include <simul/net.h>

#include "sweep.h"
#include "tls/both.h"
#include "tls/swept.h"

/* ---- A conversation over sockets, that begins and ends with nothing */

static int connect_sockets(simul_stream **ret_here, simul_stream **ret_there)
{
	simul_listener *listener;
	simul_address where;
	int r = simul_address_parse("127.0.0.1", 0, &where);

	if (r >= 0)
		r = simul_listen(&where, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_listener_address(listener, &where);
	if (r >= 0)
		r = simul_connect_address(&where, ret_here);
	if (r >= 0) {
		r = simul_accept(listener, ret_there);
		if (r < 0)
			simul_close(*ret_here);
	}
	simul_listener_close(listener);
	return r;
}

static int converse(void)
{
	simul_stream *here, *there;
	simul_task *t;
	int r = connect_sockets(&here, &there), answered;

	if (r < 0)
		return r;
	t = simul_create_task(answer, there);
	if (!t)
		simul_close(there);
	r = ask(here, 40000);
	answered = t ? simul_await(t) : -ENOMEM;
	return r < 0 ? r : answered;
}

static int make_and_converse(void *arg)
{
	simul_tls_options c = { .ca_pem = ca.pem, .use_kernel = true };
	simul_tls_options s = { .identity.certificate_pem = leaf.pem,
				.use_kernel = true };
	int r;

	client_tls = server_tls = NULL;
	r = simul_tls_new_client(&c, &client_tls);
	if (r >= 0)
		r = simul_tls_new_server(&s, &server_tls);
	if (r >= 0)
		r = converse();
	free_contexts();
	return r;
}

static void run_all(void)
{
	run_virtual(make_and_converse, NULL);
}

TEST(the_kernel_encrypts_whatever_allocation_is_refused)
{
	issue_usual();
	CHECK_INT(run_virtual(make_and_converse, NULL), ==, 0);
	sweep_allocations(run_all);
}

TEST(the_kernel_encrypts_whatever_is_cancelled)
{
	issue_usual();
	sweep_cancellations(make_and_converse, 1, check_outcome);
}
