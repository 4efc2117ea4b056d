/* SPDX-License-Identifier: MIT
 * tests/io/test_quiet.c - is there anything to be read? */
#include <errno.h>

#include <simul/net.h>
#include <simul/pipe.h>

#include "denied.h"
#include "io/stream.h"
#include "net/loopback.h"
#include "test.h"

static void check_is_quiet_until_something_comes(simul_stream *here,
						 simul_stream *there)
{
	CHECK(smi_stream_is_quiet(here));
	say(there, "two\n");
	CHECK_INT(simul_flush(there), ==, 0);
	CHECK(!smi_stream_is_quiet(here));
	check_hears(here, "two");
	CHECK(!smi_stream_is_quiet(here)); /* there is a rest */
	check_hears(here, "\n");
	CHECK(smi_stream_is_quiet(here));
	CHECK_INT(simul_close(there), ==, 0);
	CHECK(!smi_stream_is_quiet(here));
	CHECK_INT(simul_close(here), ==, 0);
}

TEST_VIRTUAL(a_pair_is_quiet_until_something_comes)
{
	simul_stream *here, *there;

	CHECK_INT(simul_stream_pair(&here, &there), ==, 0);
	check_is_quiet_until_something_comes(here, there);
}

TEST_VIRTUAL(a_connection_is_quiet_until_something_comes)
{
	simul_stream *here, *there;

	listen_here();
	connect_both(&here, &there);
	check_is_quiet_until_something_comes(here, there);
	simul_listener_close(listener);
}

TEST_VIRTUAL(what_waits_for_room_at_its_reader_is_no_quiet)
{
	static char much[200000];
	simul_stream *here, *there;

	CHECK_INT(simul_stream_pair(&here, &there), ==, 0);
	CHECK_INT(simul_write(there, much, sizeof much), ==, 0);
	simul_sleep(0);
	for (size_t n = 0; n < sizeof much; n += 50000) {
		CHECK(!smi_stream_is_quiet(here));
		CHECK_INT(simul_read_exactly(here, much, 50000), ==, 1);
	}
	CHECK(smi_stream_is_quiet(here));
	CHECK_INT(simul_close(there), ==, 0);
	CHECK_INT(simul_close(here), ==, 0);
}

static int check_through_signals(void *arg)
{
	simul_stream *here, *there, *in, *out;

	(void)arg;
	listen_here();
	connect_both(&here, &there);
	CHECK_INT(simul_pipe(&in, &out), ==, 0);
	CHECK(smi_stream_is_quiet(here));
	CHECK(smi_stream_is_quiet(in));
	deny(SYSTEM_POLL, EINTR);
	CHECK(smi_stream_is_quiet(here));
	CHECK(smi_stream_is_quiet(in));
	simul_abort(here);
	simul_abort(there);
	simul_abort(in);
	simul_abort(out);
	simul_listener_close(listener);
	return 0;
}

/* poll(2) says that it was interrupted where it has found nothing. */
TEST(a_signal_is_nothing_to_read)
{
	CHECK_INT(run_virtual(check_through_signals, NULL), ==, 0);
}
