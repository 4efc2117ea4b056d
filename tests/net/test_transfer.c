/* SPDX-License-Identifier: MIT
 * tests/net/test_transfer.c - from one stream into another. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/gather.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "io/stream.h"
#include "net/loopback.h"
#include "sweep.h"
#include "task/task.h"

enum { MUCH = 1000000 };

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

/* Two pairs: what is written to source is copied to sink. */
static simul_stream *source, *from, *to, *sink;
static uint64_t copied;

static void begin_pairs(void)
{
	CHECK_INT(simul_stream_pair(&source, &from), ==, 0);
	CHECK_INT(simul_stream_pair(&to, &sink), ==, 0);
	copied = 0;
}

static void begin_sockets(void)
{
	listen_here();
	connect_both(&source, &from);
	connect_both(&to, &sink);
	simul_listener_close(listener);
	copied = 0;
}

static void finish(void)
{
	simul_close(source);
	simul_close(from);
	simul_close(to);
	simul_close(sink);
}

static int copy_all(void *arg)
{
	int r = simul_copy(from, to, UINT64_MAX, &copied);

	return r < 0 ? r : simul_shutdown_write(to);
}

static int pour(void *arg)
{
	unsigned char bytes[7000];

	for (size_t at = 0; at < MUCH;) {
		size_t n = sizeof bytes < MUCH - at ? sizeof bytes : MUCH - at;

		for (size_t i = 0; i < n; i++)
			bytes[i] = pattern(at + i);
		CHECK_INT(simul_write(source, bytes, n), ==, 0);
		at += n;
	}
	return simul_shutdown_write(source);
}

static int drain(void *arg)
{
	unsigned char bytes[5000];
	size_t at = 0;
	ptrdiff_t n;

	while ((n = simul_read(sink, bytes, sizeof bytes)) > 0) {
		for (ptrdiff_t i = 0; i < n; i++)
			CHECK_INT(bytes[i], ==, pattern(at + (size_t)i));
		at += (size_t)n;
	}
	CHECK_INT(at, ==, MUCH);
	return (int)n;
}

static void copy_much(void)
{
	simul_task *t[] = { simul_create_task(pour, NULL),
			    simul_create_task(copy_all, NULL),
			    simul_create_task(drain, NULL) };

	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_INT(copied, ==, MUCH);
	finish();
}

TEST_VIRTUAL(a_copy_takes_all_there_is_from_one_stream_to_the_other)
{
	begin_pairs();
	copy_much();
}

TEST_VIRTUAL(a_copy_goes_from_socket_to_socket)
{
	begin_sockets();
	copy_much();
}

TEST_VIRTUAL(a_copy_goes_from_a_file_to_a_socket_and_back)
{
	char path[] = "/tmp/simul-copy-XXXXXX",
	     other[] = "/tmp/simul-copy-XXXXXX";
	simul_stream *in, *out;
	simul_task *t[2];

	begin_sockets();
	close(mkstemp(path));
	close(mkstemp(other));
	/* Into a file first, ... */
	CHECK_INT(simul_open(path, O_WRONLY, 0, &out), ==, 0);
	t[0] = simul_create_task(pour, NULL);
	CHECK_INT(simul_copy(from, out, UINT64_MAX, NULL), ==, 0);
	CHECK_INT(simul_await(t[0]), ==, 0);
	CHECK_INT(simul_close(out), ==, 0);
	/* ... then from file to file, ... */
	CHECK_INT(simul_open(path, O_RDONLY, 0, &in), ==, 0);
	CHECK_INT(simul_open(other, O_WRONLY, 0, &out), ==, 0);
	CHECK_INT(simul_copy(in, out, UINT64_MAX, NULL), ==, 0);
	CHECK_INT(simul_close(in), ==, 0);
	CHECK_INT(simul_close(out), ==, 0);
	/* ... and from there to a socket. */
	CHECK_INT(simul_open(other, O_RDONLY, 0, &in), ==, 0);
	t[1] = simul_create_task(drain, NULL);
	CHECK_INT(simul_copy(in, to, UINT64_MAX, &copied), ==, 0);
	CHECK_INT(copied, ==, MUCH);
	CHECK_INT(simul_shutdown_write(to), ==, 0);
	CHECK_INT(simul_await(t[1]), ==, 0);
	simul_close(in);
	unlink(path);
	unlink(other);
	finish();
}

TEST_VIRTUAL(a_copy_begins_with_what_was_read_ahead_and_follows_what_is_pending)
{
	const char *bytes;

	begin_pairs();
	say(source, "head, tail");
	CHECK_INT(simul_peek(from, 10, &bytes), ==, 10);
	check_hears(from, "head");
	say(to, "before");
	CHECK_INT(simul_copy(from, to, 6, &copied), ==, 0);
	say(to, ", after");
	check_hears(sink, "before, tail, after");
	finish();
}

TEST_VIRTUAL(a_copy_of_so_many_bytes_takes_no_more)
{
	begin_pairs();
	say(source, "0123456789");
	CHECK_INT(simul_copy(from, to, 4, &copied), ==, 0);
	CHECK_INT(simul_copy(from, to, 0, &copied), ==, 0);
	CHECK_INT(copied, ==, 4);
	check_hears(sink, "0123");
	check_hears(from, "456789");
	/* An end that comes earlier is not an error. */
	say(source, "xy");
	CHECK_INT(simul_shutdown_write(source), ==, 0);
	CHECK_INT(simul_copy(from, to, 10, &copied), ==, 0);
	CHECK_INT(copied, ==, 6);
	CHECK_INT(simul_copy(from, from, 1, NULL), ==, -EINVAL);
	finish();
}

TEST_VIRTUAL(a_copy_is_slowed_down_by_who_reads_it)
{
	simul_task *t[2];

	begin_pairs();
	t[0] = simul_create_task(pour, NULL);
	t[1] = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	CHECK_INT(copied, >, 65536);
	CHECK_INT(copied, <, 5 * 65536);
	CHECK_INT(drain(NULL), ==, 0);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	finish();
}

TEST_VIRTUAL(a_cancelled_copy_has_lost_nothing_and_says_how_much_went)
{
	char bytes[16];

	begin_pairs();
	for (int i = 0; i < 3; i++) {
		copied = 0;
		say(source, "some");
		CHECK_INT(simul_wait_for(1, copy_all, NULL), ==, -ETIMEDOUT);
		CHECK_INT(copied, ==, 4);
		say(source, "more");
		check_hears(from, "more");
		check_hears(sink, "some");
	}
	CHECK_INT(simul_stream_buffered(from), ==, 0);
	CHECK_INT(simul_shutdown_write(to), ==, 0);
	CHECK_INT(simul_read(sink, bytes, 1), ==, 0);
	finish();
}

TEST_VIRTUAL(what_can_not_be_written_is_still_to_be_read)
{
	simul_task *t;

	begin_pairs();
	t = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	CHECK_INT(simul_shutdown_write(to), ==, 0);
	say(source, "kept");
	CHECK_INT(simul_await(t), ==, -EPIPE);
	CHECK_INT(copied, ==, 0);
	check_hears(from, "kept");
	finish();
}

TEST_VIRTUAL(the_error_of_either_stream_ends_a_copy)
{
	simul_task *t;

	begin_sockets();
	t = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	simul_abort(source);
	CHECK_INT(simul_await(t), ==, -ECONNRESET);
	source = NULL;
	finish();

	begin_sockets();
	t = simul_create_task(copy_all, NULL);
	simul_abort(sink);
	for (int i = 0; i < 3; i++) {
		simul_write(source, "x", 1);
		simul_sleep(1);
	}
	CHECK_INT(simul_await(t), <, 0);
	sink = NULL;
	finish();
}

static int copy_other(void *arg)
{
	return simul_copy(arg, to, UINT64_MAX, NULL);
}

/* Two copies into one who is gone, from two who are silent. */
TEST_VIRTUAL(a_copy_to_one_who_is_gone_does_not_wait_for_one_who_is_silent)
{
	simul_stream *a, *b;
	simul_task *t[2];
	int r;

	begin_sockets();
	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	t[0] = simul_create_task(copy_all, NULL);
	t[1] = simul_create_task(copy_other, b);
	simul_sleep(1);
	simul_abort(sink);
	sink = NULL;
	simul_sleep(1);
	CHECK(!simul_task_is_done(t[0]));
	/* The first that is written after that finds out, or the second. */
	for (int i = 0; i < 2; i++) {
		simul_write(to, "x", 1);
		simul_sleep(1);
	}
	CHECK(simul_task_is_done(t[0]) && simul_task_is_done(t[1]));
	r = simul_await(t[0]);
	CHECK(r == -EPIPE || r == -ECONNRESET);
	CHECK_INT(simul_await(t[1]), ==, r);
	/* What comes now is still to be read. */
	say(source, "late");
	check_hears(from, "late");
	simul_close(a);
	simul_close(b);
	finish();
}

static ptrdiff_t say_cancelled(simul_stream *s, void *bytes, size_t n)
{
	return -ECANCELED;
}

/* Which is not to be taken for our own cancellation, nor for to's error. */
TEST_VIRTUAL(a_source_that_says_it_was_cancelled_is_believed)
{
	static struct smi_stream_ops ops;

	begin_pairs();
	ops = *from->ops;
	ops.read = say_cancelled;
	ops.await = NULL;
	from->ops = &ops;
	CHECK_INT(copy_all(NULL), ==, -ECANCELED);
	CHECK_INT(copied, ==, 0);
	say(to, "to goes on");
	check_hears(sink, "to goes on");
	finish();
}

/* Without the one that the loop has to spare for all. */
static long blocks(void)
{
	return atomic_load(&smi_alloc_probe->live) -
	       (smi_current_loop->loop.spares.large != NULL);
}

TEST_VIRTUAL(a_copy_between_idle_sockets_holds_no_memory)
{
	simul_task *t;
	long before = 0;

	begin_sockets();
	t = simul_create_task(copy_all, NULL);
	for (int i = 0; i < 3; i++) {
		simul_sleep(1);
		if (i == 1)
			before = blocks();
		say(source, "hello");
		check_hears(sink, "hello");
	}
	simul_sleep(1);
	CHECK_INT(blocks(), <=, before);
	simul_cancel(t);
	simul_await(t);
	finish();
}

static int say_much(void *arg)
{
	static const char piece[7000];

	for (size_t n = 0; n < MUCH; n += sizeof piece)
		CHECK_INT(simul_write(source, piece,
				      sizeof piece < MUCH - n ? sizeof piece
							      : MUCH - n),
			  ==, 0);
	return 0;
}

static void pass_much(void)
{
	static char bytes[65536];
	simul_task *speaker = simul_create_task(say_much, NULL);
	size_t heard = 0;

	/* By then all on the way is full. */
	simul_sleep(1);
	while (heard < MUCH)
		heard += (size_t)simul_read(sink, bytes, sizeof bytes);
	CHECK_INT(simul_await(speaker), ==, 0);
	simul_sleep(1);
}

/* But for what its loop keeps from the first time on, for all of them. */
TEST_VIRTUAL(a_copy_that_had_to_wait_holds_no_memory_when_it_is_idle)
{
	simul_task *copy;
	long before;

	begin_sockets();
	/* So it waits after the last piece, too. */
	simul_stream_set_high_water(to, 1);
	copy = simul_create_task(copy_all, NULL);
	pass_much();
	before = blocks();
	pass_much();
	CHECK_INT(blocks(), <=, before);
	simul_cancel(copy);
	simul_await(copy);
	finish();
}

/* ---- Sweeps: every byte that went in is in sink or still in from */

static int count_left(simul_stream *s)
{
	char bytes[64];
	int n = 0, r;

	while ((r = (int)simul_read(s, bytes, sizeof bytes)) > 0)
		n += r;
	return n;
}

static int written;

static int check_all_is_there(void *arg)
{
	int in_sink;

	simul_shutdown_write(source);
	simul_shutdown_write(to);
	in_sink = count_left(sink);
	CHECK_INT(in_sink, ==, copied);
	CHECK_INT(in_sink + count_left(from), ==, written);
	return 0;
}

static int copy_a_little(void *arg)
{
	simul_task *t;

	begin_pairs();
	simul_stream_set_high_water(to, 1);
	t = simul_create_task(copy_all, NULL);
	for (written = 0; written < 8; written++) {
		if (simul_write(source, "x", 1) < 0)
			break;
		simul_sleep(0);
	}
	simul_cancel(t);
	simul_await(t);
	simul_shield(check_all_is_there, NULL);
	finish();
	return 0;
}

static void check_outcome(void *state, int result)
{
	CHECK_INT(result, ==, 0);
}

TEST(a_copy_loses_nothing_at_a_cancellation_at_any_suspension)
{
	sweep_cancellations(copy_a_little, 1, check_outcome);
}

static int copy_without_memory(void *arg)
{
	if (simul_stream_pair(&source, &from) < 0)
		return -ENOMEM;
	if (simul_stream_pair(&to, &sink) >= 0) {
		copied = 0;
		written = simul_write(source, "12345678", 8) < 0 ? 0 : 8;
		simul_copy(from, to, 5, &copied);
		simul_copy(from, to, 3, &copied);
		CHECK_INT(copied, <=, written);
		simul_close(to);
		simul_close(sink);
	}
	simul_close(source);
	simul_close(from);
	return 0;
}

static void run_without_memory(void)
{
	run_virtual(copy_without_memory, NULL);
}

TEST(a_copy_survives_every_refused_allocation)
{
	sweep_allocations(run_without_memory);
}
