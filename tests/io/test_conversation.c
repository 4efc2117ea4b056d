/* SPDX-License-Identifier: MIT
 * tests/io/test_conversation.c - two tasks at the ends of a pair, whatever
 * happens to them. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>
#include <simul/stream.h>
#include <simul/task.h>

#include "sweep.h"
#include "test.h"

/* Owns its stream. */
static int talk_back(void *arg)
{
	simul_stream *s = arg;
	char *line;
	int r, closed;

	while ((r = simul_read_line(s, &line, NULL)) > 0) {
		r = simul_write(s, line, strlen(line));
		if (r < 0)
			break;
		simul_sleep(0.1);
	}
	closed = simul_close(s);
	return r < 0 ? r : closed;
}

static int talk_to(simul_stream *s)
{
	char buffer[3000];
	int r;

	memset(buffer, 'a', sizeof buffer);
	buffer[1999] = '\n';
	r = simul_write(s, buffer, 2000);
	if (r >= 0)
		r = simul_write(s, "b\n", 2);
	if (r >= 0)
		r = simul_flush(s);
	if (r >= 0)
		r = simul_shutdown_write(s);
	if (r >= 0)
		r = simul_read_exactly(s, buffer, 1999);
	if (r >= 0)
		r = simul_read_exactly(s, buffer, 1);
	if (r > 0)
		CHECK_INT(buffer[0], ==, 'b');
	return r == 0 ? -SIMUL_EEOF : r;
}

static int conversation(void *arg)
{
	simul_stream *a, *b;
	simul_task *t;
	int r = simul_stream_pair(&a, &b), r2;

	if (r < 0)
		return r;
	t = simul_create_task(talk_back, b);
	if (t)
		r = talk_to(a);
	else
		simul_close(b);
	if (r < 0)
		simul_cancel(t);
	r2 = simul_await(t);
	simul_close(a);
	return r < 0 ? r : r2;
}

static void run_conversation(void)
{
	run_virtual(conversation, NULL);
}

TEST(a_conversation_survives_every_refused_allocation)
{
	CHECK_INT(run_virtual(conversation, NULL), ==, 0);
	sweep_allocations(run_conversation);
}

/* Cancelled itself, or left by a peer that was. */
static void check_outcome(void *state, int result)
{
	CHECK(result >= 0 || result == -ECANCELED || result == -ETIMEDOUT ||
	      result == -SIMUL_EEOF || result == -EPIPE ||
	      result == -ECONNRESET);
}

TEST(a_conversation_survives_a_cancellation_at_every_suspension)
{
	sweep_cancellations(conversation, 1, check_outcome);
}
