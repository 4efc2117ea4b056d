/* SPDX-License-Identifier: MIT
 * tests/net/test_splice.c - bytes that go from descriptor to descriptor without
 * us. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/pipe.h>
#include <simul/scope.h>

#include "denied.h"
#include "io/stream.h"
#include "net/loopback.h"
#include "net/receive.h"
#include "peers.h"
#include "sweep.h"

enum { MUCH = 3000000, PIECE = 70000 };

static simul_stream *source, *from, *to, *sink;
static uint64_t copied, written;

/* Of a length that is no part of any buffer's. */
static unsigned char pattern(uint64_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void begin(void)
{
	listen_here();
	connect_both(&source, &from);
	connect_both(&to, &sink);
	simul_listener_close(listener);
	copied = written = 0;
}

static void begin_pipe(void)
{
	listen_here();
	connect_both(&to, &sink);
	simul_listener_close(listener);
	CHECK_INT(simul_pipe(&from, &source), ==, 0);
	copied = written = 0;
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

/* Write until so many bytes were, or it fails. */
static int pour_up_to(uint64_t end)
{
	static unsigned char bytes[PIECE];

	while (written < end) {
		size_t n = sizeof bytes;
		int r;

		if (n > end - written)
			n = (size_t)(end - written);
		for (size_t i = 0; i < n; i++)
			bytes[i] = pattern(written + i);
		r = simul_write(source, bytes, n);
		if (r < 0)
			return r;
		written += n;
	}
	return 0;
}

static int pour(void *arg)
{
	int r = pour_up_to(MUCH);

	return r < 0 ? r : simul_shutdown_write(source);
}

/* Read from s to its end, or an error, what begins with the at-th byte. Where
 * does it end? */
static uint64_t check_follows(simul_stream *s, uint64_t at)
{
	unsigned char bytes[50000];
	ptrdiff_t n;

	while ((n = simul_read(s, bytes, sizeof bytes)) > 0)
		for (ptrdiff_t i = 0; i < n; i++)
			CHECK_INT(bytes[i], ==, pattern(at++));
	return at;
}

static int drain(void *arg)
{
	CHECK_INT(check_follows(sink, 0), ==, MUCH);
	return 0;
}

static void copy_much(void)
{
	simul_task *t[] = { simul_create_task(pour, NULL),
			    simul_create_task(copy_all, NULL),
			    simul_create_task(drain, NULL) };

	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_INT(copied, ==, MUCH);
}

/* ---- That it is done */

static const struct smi_stream_ops *under;
static uint64_t past; /* how many went past us */

static ptrdiff_t count(simul_stream *s, simul_stream *into, int *way,
		       uint64_t most)
{
	ptrdiff_t n = under->send_into(s, into, way, most);

	if (n > 0)
		past += (uint64_t)n;
	return n;
}

static void count_from(void)
{
	static struct smi_stream_ops counting;

	under = from->ops;
	counting = *under;
	counting.send_into = count;
	from->ops = &counting;
	past = 0;
}

TEST_VIRTUAL(what_comes_fast_goes_from_socket_to_socket_past_us)
{
	begin();
	count_from();
	copy_much();
	CHECK_INT(past, >, MUCH / 2);
	finish();
}

TEST_VIRTUAL(a_pipe_goes_into_a_socket_past_us)
{
	begin_pipe();
	count_from();
	copy_much();
	CHECK_INT(past, >, MUCH / 4);
	finish();
}

static int say_little(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		CHECK_INT(simul_write(source, "0123456789", 10), ==, 0);
		simul_sleep(0);
		check_hears(sink, "0123456789");
	}
	return simul_shutdown_write(source);
}

TEST_VIRTUAL(what_comes_in_small_pieces_goes_by_buffers)
{
	simul_task *t;

	begin();
	count_from();
	/* It may have been otherwise before. */
	t = simul_create_task(copy_all, NULL);
	CHECK_INT(pour_up_to(MUCH / 10), ==, 0);
	for (int i = 0; i < MUCH / 10; i += 10)
		CHECK_INT(simul_read_exactly(sink, (char[10]){ 0 }, 10), ==, 1);
	simul_sleep(1);
	past = 0;
	say_little(NULL);
	CHECK_INT(past, <, 100);
	CHECK_INT(simul_await(t), ==, 0);
	finish();
}

static int count_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Two for all, not for each. */
TEST_VIRTUAL(connections_share_one_pipe)
{
	int before;

	begin();
	copy_much();
	before = count_descriptors();
	finish();
	begin();
	copy_much();
	CHECK_INT(count_descriptors(), ==, before);
	finish();
}

/* Others may have it, too, and expect to wait. */
TEST_VIRTUAL(sockets_that_were_spliced_are_as_they_were)
{
	int flags;

	begin();
	flags = fcntl(simul_socket_fd(from), F_GETFL);
	copy_much();
	CHECK_INT(fcntl(simul_socket_fd(from), F_GETFL), ==, flags);
	CHECK_INT(fcntl(simul_socket_fd(to), F_GETFL), ==, flags);
	finish();
}

/* ---- Fast and slow */

static int pour_without_end(void *arg)
{
	return pour_up_to(UINT64_MAX);
}

static int shut_source(void *arg)
{
	return simul_shutdown_write(source);
}

static int read_late(void *arg)
{
	simul_task *copy, *t;
	uint64_t before;

	begin();
	copy = simul_create_task(copy_all, NULL);
	t = simul_create_task(pour_without_end, NULL);
	/* Or this has no end. */
	do {
		before = copied;
		simul_sleep(0.1);
	} while (before == 0 || copied > before);
	simul_cancel(t);
	simul_await(t);
	simul_cancel(copy);
	CHECK_INT(simul_await(copy), ==, -ECANCELED);
	/* What was copied is in sink, and what follows is not lost. */
	t = simul_create_task(shut_source, NULL);
	copy = simul_create_task(copy_all, NULL);
	CHECK_INT(check_follows(sink, 0), ==, written);
	CHECK_INT(simul_await(copy), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, written);
	finish();
	return 0;
}

TEST(a_spliced_copy_is_as_slow_as_its_reader)
{
	CHECK_INT(simul_run(read_late, NULL), ==, 0);
}

static int drain_without_end(void *arg)
{
	static char bytes[65536];

	while (simul_read(sink, bytes, sizeof bytes) > 0)
		;
	return 0;
}

static int flood(void *arg)
{
	simul_task *t[3];

	begin();
	t[0] = simul_create_task(pour_without_end, NULL);
	t[1] = simul_create_task(copy_all, NULL);
	t[2] = simul_create_task(drain_without_end, NULL);
	while (copied < MUCH)
		simul_sleep(0.001);
	for (int i = 0; i < 3; i++)
		simul_cancel(t[i]);
	for (int i = 0; i < 3; i++)
		simul_await(t[i]);
	finish();
	return 0;
}

TEST(a_copy_that_never_waits_lets_others_have_their_turn)
{
	CHECK_INT(simul_run(flood, NULL), ==, 0);
}

/* ---- Where it can't be done */

/* splice(2) has the descriptors first and third. */
enum { IN = 0, OUT = 2 };

TEST_VIRTUAL(where_the_system_can_not_splice_bytes_go_by_buffers)
{
	begin();
	deny(SYS_splice, ENOSYS);
	count_from();
	copy_much();
	CHECK_INT(past, ==, 0);
	finish();
	begin_pipe();
	copy_much();
	finish();
}

TEST_VIRTUAL(what_came_into_the_pipe_and_may_not_leave_by_it_arrives)
{
	begin();
	deny_descriptor(SYS_splice, OUT, simul_socket_fd(to), EINVAL);
	count_from();
	copy_much();
	CHECK_INT(past, >, 0);
	CHECK_INT(past, <, MUCH / 2);
	finish();
}

/* As if there were less room than was said, each time. */
TEST_VIRTUAL(what_has_no_room_waits_in_the_stream)
{
	begin();
	deny_descriptor(SYS_splice, OUT, simul_socket_fd(to), EAGAIN);
	count_from();
	copy_much();
	CHECK_INT(past, >, MUCH / 4);
	finish();
}

TEST_VIRTUAL(without_descriptors_for_a_pipe_bytes_go_by_buffers)
{
	struct rlimit before, none = { .rlim_cur = 1 }; /* for poll(2) */

	begin();
	count_from();
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	none.rlim_max = before.rlim_max;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	copy_much();
	CHECK_INT(past, ==, 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	finish();
}

/* ---- Errors */

/* What has come is much, and more may come. */
static void flow(void)
{
	CHECK_INT(pour_up_to(2 * PIECE), ==, 0);
	CHECK_INT(simul_copy(from, to, PIECE, &copied), ==, 0);
	while (simul_stream_buffered(from) > 0)
		CHECK_INT(simul_copy(from, to, 1, &copied), ==, 0);
	simul_flush(to);
	((struct smi_socket *)from)->direct = true;
	CHECK(!((struct smi_socket *)from)->armed);
}

static ptrdiff_t send_past_us(void)
{
	int way = to->ops->take_files(to);

	return from->ops->send_into(from, to, &way, MUCH);
}

/* Which the system tells only once. */
TEST_VIRTUAL(a_reset_of_the_source_is_remembered)
{
	ptrdiff_t n;
	char c;

	begin();
	flow();
	simul_abort(source);
	source = NULL;
	while ((n = send_past_us()) > 0)
		((struct smi_socket *)from)->direct = true;
	CHECK_INT(n, ==, -ECONNRESET);
	CHECK_INT(simul_read(from, &c, 1), ==, -ECONNRESET);
	CHECK_INT(simul_write(to, "x", 1), ==, 0);
	finish();
}

static void check_nothing_is_lost(void)
{
	uint64_t before = copied;
	ptrdiff_t r;

	CHECK_INT(pour_up_to(3 * PIECE), ==, 0);
	CHECK_INT(simul_flush(source), ==, 0);
	r = send_past_us();
	CHECK(r == -ECONNRESET || r == -EPIPE);
	CHECK_INT(simul_write(to, "x", 1), ==, r);
	CHECK_INT(simul_shutdown_write(source), ==, 0);
	CHECK_INT(check_follows(from, before), ==, written);
	finish();
}

TEST_VIRTUAL(what_a_broken_connection_did_not_take_is_still_to_be_read)
{
	begin();
	flow();
	simul_abort(sink);
	sink = NULL;
	check_nothing_is_lost();
}

/* Where the reader was told that it is broken, the writer gets a SIGPIPE. */
TEST_VIRTUAL(to_splice_into_a_broken_connection_is_no_signal)
{
	char c;

	begin();
	flow();
	simul_abort(sink);
	sink = NULL;
	CHECK_INT(simul_read(to, &c, 1), ==, -ECONNRESET);
	check_nothing_is_lost();
}

TEST_VIRTUAL(a_pipe_into_a_broken_connection_is_no_signal)
{
	char c;

	begin_pipe();
	CHECK_INT(simul_write(source, "kept", 4), ==, 0);
	CHECK_INT(simul_flush(source), ==, 0);
	simul_abort(sink);
	sink = NULL;
	CHECK_INT(simul_read(to, &c, 1), ==, -ECONNRESET);
	CHECK_INT(send_past_us(), ==, -EPIPE);
	check_hears(from, "kept");
	finish();
}

static int copy_back(void *arg)
{
	int r = simul_copy(to, from, UINT64_MAX, NULL);

	return r < 0 ? r : simul_shutdown_write(from);
}

static int echo(void *arg)
{
	static char bytes[40000];
	ptrdiff_t n;

	while ((n = simul_read(sink, bytes, sizeof bytes)) > 0)
		CHECK_INT(simul_write(sink, bytes, (size_t)n), ==, 0);
	return n < 0 ? (int)n : simul_shutdown_write(sink);
}

static int hear_all(void *arg)
{
	CHECK_INT(check_follows(source, 0), ==, MUCH);
	return 0;
}

TEST_VIRTUAL(two_directions_are_spliced_at_once)
{
	simul_task *t[5];

	begin();
	t[0] = simul_create_task(pour, NULL);
	t[1] = simul_create_task(copy_all, NULL);
	t[2] = simul_create_task(echo, NULL);
	t[3] = simul_create_task(copy_back, NULL);
	t[4] = simul_create_task(hear_all, NULL);
	CHECK_INT(simul_gather(t, 5, NULL), ==, 0);
	finish();
}

/* ---- Programs that are not ours */

enum { NUMBERS = 22888896 }; /* bytes that seq says */

static int relay(void *arg)
{
	struct peer speaker, hearer;
	int port;

	listen_here();
	port = simul_address_port(&where);
	speaker = start_peer("seq 3000000 | socat -u STDIN TCP:127.0.0.1:$PORT",
			     port);
	CHECK_INT(simul_accept(listener, &from), ==, 0);
	hearer = start_peer(
		"test \"$(socat -u TCP:127.0.0.1:$PORT STDOUT | cksum)\" = "
		"\"$(seq 3000000 | cksum)\"",
		port);
	CHECK_INT(simul_accept(listener, &to), ==, 0);
	simul_listener_close(listener);
	copied = 0;
	CHECK_INT(copy_all(NULL), ==, 0);
	CHECK_INT(copied, ==, NUMBERS);
	await_peer(&speaker);
	await_peer(&hearer);
	simul_close(from);
	return simul_close(to);
}

TEST(what_one_socat_says_another_hears)
{
	need("socat");
	CHECK_INT(simul_run(relay, NULL), ==, 0);
}

/* ---- Sweeps: every byte that went in is in sink or still in from */

enum { LITTLE = 300000 };

static int begin_little(void *arg)
{
	begin();
	CHECK_INT(pour_up_to(LITTLE), ==, 0);
	return simul_shutdown_write(source);
}

static int check_all_is_there(void *arg)
{
	simul_shutdown_write(to);
	CHECK_INT(check_follows(sink, 0), ==, copied);
	CHECK_INT(check_follows(from, copied), ==, LITTLE);
	finish();
	return 0;
}

static int copy_a_little(void *arg)
{
	simul_shield(begin_little, NULL);
	simul_await(simul_create_task(copy_all, NULL));
	return simul_shield(check_all_is_there, NULL);
}

static void check_outcome(void *state, int result)
{
	CHECK_INT(result, ==, 0);
}

TEST(a_spliced_copy_loses_nothing_at_a_cancellation_at_any_suspension)
{
	sweep_cancellations(copy_a_little, 1, check_outcome);
}

static int copy_without_memory(void *arg)
{
	int r = simul_socket_pair(&source, &from);

	if (r < 0)
		return r;
	r = simul_socket_pair(&to, &sink);
	if (r >= 0) {
		copied = written = 0;
		if (pour_up_to(180000) >= 0) {
			r = simul_copy(from, to, 180000, &copied);
			CHECK(r == -ENOMEM || copied == 180000);
		}
		simul_close(to);
		simul_close(sink);
	}
	simul_close(source);
	simul_close(from);
	return r;
}

static void run_without_memory(void)
{
	run_virtual(copy_without_memory, NULL);
}

TEST(a_spliced_copy_survives_every_refused_allocation)
{
	sweep_allocations(run_without_memory);
}
