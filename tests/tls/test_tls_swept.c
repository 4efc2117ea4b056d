/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_swept.c - whatever fails or is cancelled, and wherever
 * the connection is cut. */
#include <errno.h>

#include "sweep.h"
#include "tls/both.h"
#include "tls/swept.h"

/* ---- A conversation, that begins with nothing and ends with nothing */

static int converse(void *arg)
{
	simul_stream *here, *there;
	simul_task *t;
	int r = simul_stream_pair(&here, &there), answered;

	if (r < 0)
		return r;
	t = simul_create_task(answer, there);
	if (!t)
		simul_close(there);
	r = ask(here, 20000);
	answered = t ? simul_await(t) : -ENOMEM;
	return r < 0 ? r : answered;
}

static int make_and_converse(void *arg)
{
	simul_tls_options c = { .ca_pem = ca.pem }, s = { 0 };
	int r;

	s.identity.certificate_pem = leaf.pem;
	client_tls = server_tls = NULL;
	r = simul_tls_new_client(&c, &client_tls);
	if (r >= 0)
		r = simul_tls_new_server(&s, &server_tls);
	if (r >= 0)
		r = simul_tls_reload(server_tls);
	if (r >= 0)
		r = converse(NULL);
	free_contexts();
	return r;
}

/* Nobody waits for ever. */
static void run_all(void)
{
	CHECK_INT(run_virtual(make_and_converse, NULL), !=, -EDEADLK);
}

TEST(tls_survives_every_refused_allocation)
{
	issue_usual();
	CHECK_INT(run_virtual(make_and_converse, NULL), ==, 0);
	sweep_allocations(run_all);
}

TEST(tls_survives_a_cancellation_at_every_suspension)
{
	issue_usual();
	sweep_cancellations(make_and_converse, 1, check_outcome);
}

/* ---- The connection is cut after so many bytes, wherever that is */

static size_t most, passed;
static simul_stream *near_server, *near_client;

/* What the server says goes to the client, up to a point; then it ends, in due
 * form as far as what lies below is concerned. */
static int pass_on(void *arg)
{
	const char *bytes;
	ptrdiff_t n;

	passed = 0;
	while (passed < most && (n = simul_peek(near_server, 1, &bytes)) > 0) {
		if ((size_t)n > most - passed)
			n = (ptrdiff_t)(most - passed);
		if (simul_write(near_client, bytes, (size_t)n) < 0)
			return -EPIPE;
		simul_consume(near_server, (size_t)n);
		passed += (size_t)n;
	}
	return simul_shutdown_write(near_client);
}

static int pass_back(void *arg)
{
	char buffer[1000];
	ptrdiff_t n;

	while ((n = simul_read(near_client, buffer, sizeof buffer)) > 0)
		if (simul_write(near_server, buffer, (size_t)n) < 0)
			return -EPIPE;
	return 0;
}

/* Two records, and goodbye. */
static int tell(void *arg)
{
	simul_stream *s;
	int r = simul_start_tls(server_tls, server_plain, NULL, &s);

	if (r < 0)
		return simul_close(server_plain);
	simul_write(s, "one", 3);
	simul_flush(s);
	simul_write(s, "two", 3);
	return simul_close(s);
}

/* What the client hears when it is cut; *ret_n bytes before. */
static int listen_until_cut(size_t *ret_n)
{
	char buffer[8];
	ptrdiff_t n;
	int r = simul_start_tls(client_tls, client_plain, &asked, &client);

	*ret_n = 0;
	if (r < 0) {
		simul_abort(client_plain);
		return r;
	}
	while ((n = simul_read(client, buffer, sizeof buffer)) > 0)
		*ret_n += (size_t)n;
	simul_abort(client);
	return (int)n;
}

static int cut_after(size_t n, size_t *ret_heard)
{
	simul_task *t[3];
	int r;

	most = n;
	CHECK_INT(simul_stream_pair(&client_plain, &near_client), ==, 0);
	CHECK_INT(simul_stream_pair(&near_server, &server_plain), ==, 0);
	t[0] = simul_create_task(pass_on, NULL);
	t[1] = simul_create_task(pass_back, NULL);
	t[2] = simul_create_task(tell, NULL);
	r = listen_until_cut(ret_heard);
	for (int i = 0; i < 3; i++)
		simul_cancel(t[i]);
	simul_gather(t, 3, NULL);
	simul_abort(near_client);
	simul_abort(near_server);
	return r;
}

TEST_VIRTUAL(wherever_a_connection_is_cut_it_is_known)
{
	size_t all, heard;

	client_options.no_resumption = true;
	make_contexts();
	CHECK_INT(cut_after(SIZE_MAX, &heard), ==, 0);
	CHECK_INT(heard, ==, 6);
	all = passed;
	/* Certificates and signatures are not of the same length each time, so
	 * stay away from the end. */
	for (size_t n = 0; n < all - 24 - 8; n += 1 + n % 3) {
		CHECK_INT(cut_after(n, &heard), ==, -SIMUL_ETRUNCATED);
		CHECK(heard == 0 || heard == 3 || heard == 6);
	}
	free_contexts();
}
