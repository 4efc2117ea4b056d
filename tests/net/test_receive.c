/* SPDX-License-Identifier: MIT
 * tests/net/test_receive.c - what comes to a socket when nobody is reading, too
 * fast, or too late. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "net/loopback.h"
#include "net/receive.h"

static simul_stream *client, *server;

static void begin(void)
{
	listen_here();
	connect_both(&client, &server);
}

static void finish(void)
{
	simul_close(client);
	simul_close(server);
	simul_listener_close(listener);
}

static struct smi_socket *socket_of(simul_stream *s)
{
	return (struct smi_socket *)s;
}

/* From now on the stream receives, where the backend can, though nobody is
 * reading. */
static void start_receiving(void)
{
	say(client, "!");
	check_hears(server, "!");
}

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

/* ---- Nobody is reading */

/* Send as much as goes, past the stream. */
static size_t flood(simul_stream *s)
{
	unsigned char bytes[65536];
	size_t sent = 0;
	ssize_t n;

	for (int quiet = 0; quiet < 3;) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = pattern(sent + i);
		n = send(socket_of(s)->base.fd, bytes, sizeof bytes,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		quiet = n > 0 ? 0 : quiet + 1;
		simul_sleep(0.1);
	}
	return sent;
}

static void check_comes(simul_stream *s, size_t n)
{
	unsigned char bytes[5000];

	for (size_t at = 0; at < n;) {
		ptrdiff_t m = simul_read(s, bytes, sizeof bytes);

		CHECK_INT(m, >, 0);
		for (ptrdiff_t i = 0; i < m; i++)
			CHECK_INT(bytes[i], ==, pattern(at + (size_t)i));
		at += (size_t)m;
	}
}

TEST_VIRTUAL(a_flood_that_nobody_reads_is_stopped_and_lost_in_no_part)
{
	const size_t most = SMI_LATE_MOST + (1 << 20); /* and what was coming */
	size_t n;

	begin();
	start_receiving();
	n = flood(client);
	CHECK_INT(n, >, SMI_LATE_MOST);
	CHECK_INT(simul_stream_buffered(server), <=, most);
	check_comes(server, n);
	CHECK_INT(simul_stream_buffered(server), ==, 0);
	say(client, "and on");
	check_hears(server, "and on");
	finish();
}

TEST_VIRTUAL(who_reads_slowly_is_not_overrun)
{
	size_t n;

	begin();
	for (int i = 0; i < 3; i++) {
		start_receiving();
		n = flood(client);
		check_comes(server, n);
	}
	finish();
}

static int read_some(void *arg)
{
	char bytes[64];

	return (int)simul_read(arg, bytes, sizeof bytes);
}

static int read_line(void *arg)
{
	char *line;

	return simul_read_line(arg, &line, NULL);
}

static int read_much(void *arg)
{
	char bytes[5000];

	return simul_read_exactly(arg, bytes, sizeof bytes);
}

TEST_VIRTUAL(
	where_bytes_were_lost_for_want_of_memory_nothing_that_follows_is_read)
{
	static char some[3000];
	simul_task *t;
	char byte;
	int r;

	begin();
	start_receiving();
	t = simul_create_task(read_much, server);
	simul_sleep(0);
	CHECK_INT(simul_write(client, some, sizeof some), ==, 0);
	CHECK_INT(simul_flush(client), ==, 0);
	simul_sleep(1);
	simul_cancel(t);
	atomic_store(&smi_alloc_probe->calls, 0);
	smi_alloc_probe->fail_from = 1;
	smi_alloc_probe->fail_count = 1;
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	smi_alloc_probe->fail_from = 0;
	CHECK_INT(simul_write(client, "TAIL", 4), ==, 0);
	CHECK_INT(simul_flush(client), ==, 0);
	simul_sleep(1);
	r = (int)simul_read(server, &byte, 1);
	/* Where nothing was refused, nothing was lost. */
	CHECK(r == -ENOMEM || (r == 1 && byte == 0));
	if (r < 0)
		CHECK_INT(simul_read(server, &byte, 1), ==, -ENOMEM);
	finish();
}

TEST_VIRTUAL(what_comes_after_the_reader_was_cancelled_is_there_for_the_next)
{
	simul_fn *const reads[] = { read_some, read_line };

	begin();
	for (int i = 0; i < 2; i++) {
		CHECK_INT(simul_wait_for(1, reads[i], server), ==, -ETIMEDOUT);
		say(client, "late\n");
		simul_sleep(1);
		check_hears(server, "late\n");
	}
	finish();
}

TEST_VIRTUAL(a_read_that_is_cancelled_as_bytes_come_loses_none)
{
	begin();
	for (int i = 0; i < 100; i++) {
		char text[8], got[8] = "";
		simul_task *t = simul_create_task(read_some, server);
		int r;

		snprintf(text, sizeof text, "%03d", i);
		simul_sleep(0);
		say(client, text);
		CHECK_INT(simul_flush(client), ==, 0);
		for (int turns = 0; turns < i % 5; turns++)
			simul_sleep(0);
		simul_cancel(t);
		r = simul_await(t);
		CHECK(r == -ECANCELED || r == 3);
		if (r < 0)
			CHECK_INT(simul_read_exactly(server, got, 3), ==, 1);
		if (r < 0)
			CHECK_STR(got, text);
	}
	finish();
}

TEST_VIRTUAL(an_end_that_comes_when_nobody_reads_is_found_after_the_bytes)
{
	begin();
	start_receiving();
	say(client, "last words");
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	simul_sleep(1);
	check_hears(server, "last words");
	check_ends(server);
	check_ends(server);
	finish();
}

TEST_VIRTUAL(a_reset_that_comes_when_nobody_reads_is_an_error_and_stays_one)
{
	char c;

	begin();
	start_receiving();
	simul_abort(client);
	client = NULL;
	simul_sleep(1);
	CHECK_INT(simul_read(server, &c, 1), ==, -ECONNRESET);
	CHECK_INT(simul_read(server, &c, 1), ==, -ECONNRESET);
	finish();
}

/* ---- Closed meanwhile */

TEST_VIRTUAL(a_stream_that_receives_can_be_closed)
{
	begin();
	start_receiving();
	CHECK_INT(simul_close(server), ==, 0);
	check_ends(client);
	server = NULL;
	finish();
}

TEST_VIRTUAL(a_stream_that_bytes_are_coming_to_can_be_aborted)
{
	char c;

	begin();
	start_receiving();
	say(client, "nobody will ever read this");
	CHECK_INT(simul_flush(client), ==, 0);
	simul_abort(server);
	CHECK_INT(simul_read(client, &c, 1), ==, -ECONNRESET);
	server = NULL;
	finish();
}

static int wait_for_ever(void *arg)
{
	begin();
	start_receiving();
	simul_sleep(INFINITY);
	finish();
	return 0;
}

TEST(a_stream_that_nobody_reads_from_keeps_no_loop_alive)
{
	CHECK_INT(simul_run(wait_for_ever, NULL), ==, -EDEADLK);
}

/* ---- Many at once */

enum { MANY = 64, EACH = 60000 };

static int read_all(void *arg)
{
	check_comes(arg, EACH);
	return 0;
}

/* More comes in one turn than there are buffers for. */
TEST_VIRTUAL(when_all_buffers_are_taken_each_gets_its_own_bytes)
{
	simul_stream *here[MANY], *there[MANY];
	simul_task *t[MANY];
	unsigned char bytes[EACH];

	listen_here();
	for (size_t i = 0; i < EACH; i++)
		bytes[i] = pattern(i);
	for (int i = 0; i < MANY; i++) {
		connect_both(&here[i], &there[i]);
		t[i] = simul_create_task(read_all, there[i]);
	}
	simul_sleep(1);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(send(socket_of(here[i])->base.fd, bytes, EACH,
			       MSG_DONTWAIT),
			  ==, EACH);
	CHECK_INT(simul_gather(t, MANY, NULL), ==, 0);
	for (int i = 0; i < MANY; i++) {
		simul_close(here[i]);
		simul_close(there[i]);
	}
	simul_listener_close(listener);
}

/* ---- Memory */

static long blocks(void)
{
	return atomic_load(&smi_alloc_probe->live);
}

TEST_VIRTUAL(a_connection_that_waits_for_bytes_holds_no_buffer)
{
	simul_fn *const reads[] = { read_some, read_line };
	simul_task *t;
	long before = 0;

	begin();
	start_receiving();
	for (int i = 0; i < 4; i++) {
		t = simul_create_task(reads[i % 2], server);
		simul_sleep(1);
		if (i == 0)
			before = blocks();
		CHECK_INT(blocks(), <=, before);
		say(client, "x\n");
		CHECK_INT(simul_await(t), >, 0);
		simul_consume(server, simul_stream_buffered(server));
	}
	CHECK_INT(sizeof(struct smi_socket), <=, 900);
	finish();
}

static int read_ten_lines(void *arg)
{
	char *line;

	for (int i = 0; i < 10; i++)
		CHECK_INT(simul_read_line(server, &line, NULL), ==, 1);
	return 0;
}

/* Large pieces, and those that fill every block there is, promise more. */
TEST_VIRTUAL(a_connection_that_waits_after_a_flood_holds_no_buffer_either)
{
	static char line[SMI_INPUT_LARGE];
	simul_task *t;

	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	begin();
	t = simul_create_task(read_ten_lines, NULL);
	for (int i = 0; i < 9; i++) {
		CHECK_INT(simul_write(client, line, sizeof line), ==, 0);
		simul_sleep(1);
		CHECK(!server->in.block);
	}
	say(client, "end\n");
	CHECK_INT(simul_await(t), ==, 0);
	finish();
}

/* ---- A system that can't do it */

TEST_VIRTUAL(a_stream_is_read_as_well_where_the_system_can_not_receive)
{
	simul_task *t;
	size_t n;

	begin();
	socket_of(server)->deaf = true;
	start_receiving();
	CHECK(!socket_of(server)->armed);
	n = flood(client);
	CHECK_INT(simul_stream_buffered(server), ==, 0);
	check_comes(server, n);
	t = simul_create_task(read_line, server);
	simul_sleep(1);
	say(client, "line\n");
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(simul_wait_for(1, read_line, server), ==, -ETIMEDOUT);
	simul_abort(client);
	client = NULL;
	CHECK_INT(read_line(server), ==, -ECONNRESET);
	finish();
}
