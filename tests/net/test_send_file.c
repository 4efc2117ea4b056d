/* SPDX-License-Identifier: MIT
 * tests/net/test_send_file.c - files that go into sockets without us. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/gather.h>
#include <simul/scope.h>

#include "denied.h"
#include "file/send_file.h"
#include "io/stream.h"
#include "net/loopback.h"
#include "sweep.h"

enum { MUCH = 5000000, LITTLE = 300000 };

static simul_stream *file, *to, *sink;
static uint64_t copied;

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void fill(int fd, size_t n)
{
	unsigned char *bytes = malloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = pattern(i);
	CHECK_INT(write(fd, bytes, n), ==, n);
	free(bytes);
}

static void begin_with(size_t n, int flags)
{
	char path[] = "/tmp/simul-send-XXXXXX";
	int fd = mkstemp(path);

	fill(fd, n);
	close(fd);
	CHECK_INT(simul_open(path, flags, 0, &file), ==, 0);
	unlink(path);
	listen_here();
	connect_both(&to, &sink);
	simul_listener_close(listener);
	copied = 0;
}

static void begin(size_t n)
{
	begin_with(n, O_RDONLY);
}

static void finish(void)
{
	simul_close(file);
	simul_close(to);
	simul_close(sink);
}

static int copy_all(void *arg)
{
	int r = simul_copy(file, to, UINT64_MAX, &copied);

	return r < 0 ? r : simul_shutdown_write(to);
}

/* n bytes, of which the first is the at-th of the file. */
static void check_comes(size_t at, size_t n)
{
	unsigned char bytes[50000];

	while (n > 0) {
		ptrdiff_t m = simul_read(sink, bytes,
					 n < sizeof bytes ? n : sizeof bytes);

		CHECK_INT(m, >, 0);
		for (ptrdiff_t i = 0; i < m; i++)
			CHECK_INT(bytes[i], ==, pattern(at++));
		n -= (size_t)m;
	}
}

TEST_VIRTUAL(a_file_goes_into_a_socket_without_us)
{
	int way;

	begin(LITTLE);
	way = to->ops->take_files(to);
	CHECK_INT(way, >=, 0);
	CHECK_INT(smi_send_file(file, to, &way, 1000), ==, 1000);
	CHECK_INT(smi_send_file(file, to, &way, LITTLE), ==, LITTLE - 1000);
	CHECK_INT(smi_send_file(file, to, &way, LITTLE), ==, 0);
	CHECK_INT(way, >=, 0);
	check_comes(0, LITTLE);
	CHECK_INT(simul_stream_buffered(file), ==, 0);
	CHECK_INT(simul_tell(file), ==, LITTLE);
	finish();
}

TEST_VIRTUAL(other_streams_go_by_buffers)
{
	simul_stream *a, *b;

	begin(1);
	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK(!a->ops->take_files);
	CHECK(!a->ops->send_into);
	simul_close(a);
	simul_close(b);
	finish();
}

TEST_VIRTUAL(every_byte_of_a_large_file_arrives)
{
	simul_task *t;

	begin(MUCH);
	t = simul_create_task(copy_all, NULL);
	check_comes(0, MUCH);
	check_ends(sink);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, MUCH);
	finish();
}

/* Others may have it, too, and know of no time limit. */
TEST_VIRTUAL(a_socket_that_had_a_file_is_as_it_was)
{
	struct timeval before = { .tv_sec = 5 }, after = { 0 };
	socklen_t size = sizeof after;
	int fd;

	begin(LITTLE);
	fd = simul_socket_fd(to);
	CHECK_INT(
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before),
		==, 0);
	CHECK_INT(simul_copy(file, to, UINT64_MAX, &copied), ==, 0);
	CHECK_INT(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &after, &size), ==,
		  0);
	CHECK_INT(after.tv_sec, ==, 5);
	CHECK_INT(after.tv_usec, ==, 0);
	check_comes(0, LITTLE);
	finish();
}

TEST_VIRTUAL(what_was_shut_down_is_not_written_past_the_stream)
{
	begin(1);
	CHECK_INT(simul_shutdown_write(to), ==, 0);
	CHECK(!smi_stream_seize(to));
	CHECK_INT(simul_copy(file, to, UINT64_MAX, &copied), ==, -EPIPE);
	CHECK_INT(simul_close(to), ==, 0);
	to = NULL;
	finish();
}

TEST_VIRTUAL(no_more_of_a_file_goes_than_was_asked_for)
{
	begin(LITTLE);
	CHECK_INT(simul_seek(file, 1000, SEEK_SET), ==, 1000);
	CHECK_INT(simul_copy(file, to, 200001, &copied), ==, 0);
	CHECK_INT(copied, ==, 200001);
	CHECK_INT(simul_tell(file), ==, 201001);
	CHECK_INT(simul_copy(file, to, LITTLE, &copied), ==, 0);
	CHECK_INT(copied, ==, LITTLE - 1000);
	check_comes(1000, LITTLE - 1000);
	finish();
}

/* Its position is the system's, and is another's, too. */
TEST_VIRTUAL(a_file_that_is_shared_goes_on_from_where_it_is)
{
	begin_with(LITTLE, O_RDWR | O_APPEND);
	CHECK_INT(simul_copy(file, to, UINT64_MAX, &copied), ==, 0);
	CHECK_INT(copied, ==, LITTLE);
	check_comes(0, LITTLE);
	CHECK_INT(simul_write(file, "more", 4), ==, 0);
	CHECK_INT(simul_seek(file, LITTLE, SEEK_SET), ==, LITTLE);
	CHECK_INT(simul_copy(file, to, UINT64_MAX, &copied), ==, 0);
	CHECK_INT(copied, ==, LITTLE + 4);
	check_hears(sink, "more");
	finish();
}

TEST_VIRTUAL(a_slow_reader_slows_a_file_down)
{
	simul_task *t;
	uint64_t before;

	begin(MUCH * 4);
	t = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	before = copied;
	CHECK_INT(before, <, MUCH * 4);
	simul_sleep(1);
	CHECK_INT(copied, ==, before);
	for (size_t at = 0; at < MUCH * 4; at += MUCH / 4) {
		check_comes(at, MUCH / 4);
		simul_sleep(0.1);
	}
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, MUCH * 4);
	finish();
}

/* The reader is slow: the first ends in the middle. */
TEST_VIRTUAL(a_file_that_was_cancelled_on_its_way_tells_how_much_went)
{
	simul_task *t;
	uint64_t went;

	begin(MUCH * 4);
	CHECK_INT(simul_wait_for(1, copy_all, NULL), ==, -ETIMEDOUT);
	went = copied;
	CHECK_INT(went, >, 65536);
	CHECK_INT(went, <, MUCH * 4);
	CHECK_INT(simul_tell(file), ==, went);
	check_comes(0, went);
	CHECK(smi_stream_is_quiet(sink));
	t = simul_create_task(copy_all, NULL);
	check_comes(went, MUCH * 4 - went);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, MUCH * 4);
	finish();
}

TEST_VIRTUAL(a_file_stops_when_the_peer_is_gone)
{
	simul_task *t;
	int r;

	begin(MUCH * 4);
	t = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	simul_abort(sink);
	sink = NULL;
	r = simul_await(t);
	CHECK(r == -ECONNRESET || r == -EPIPE);
	CHECK_INT(copied, <, MUCH * 4);
	/* As by any other write. */
	CHECK_INT(simul_write(to, "x", 1), ==, r);
	CHECK_INT(simul_close(to), ==, r);
	to = NULL;
	finish();
}

static int say_in_between(void *arg)
{
	int said = 0;

	while (said < 1000 && simul_write(to, "between", 7) >= 0) {
		said++;
		simul_flush(to);
		simul_sleep(0);
	}
	return said;
}

/* What others write goes in one piece, before a piece of the file or after. */
TEST_VIRTUAL(others_may_write_while_a_file_goes)
{
	static unsigned char all[MUCH + 100000];
	size_t n = 0, at = 0, heard = 0;
	simul_task *copy, *other;
	ptrdiff_t m;

	begin(MUCH);
	copy = simul_create_task(copy_all, NULL);
	other = simul_create_task(say_in_between, NULL);
	while ((m = simul_read(sink, all + n, sizeof all - n)) > 0)
		n += (size_t)m;
	for (size_t i = 0; i < n;) {
		if (n - i >= 7 && memcmp(all + i, "between", 7) == 0) {
			heard++;
			i += 7;
		} else {
			CHECK_INT(all[i++], ==, pattern(at++));
		}
	}
	CHECK_INT(at, ==, MUCH);
	CHECK_INT(heard, >, 1);
	CHECK_INT(simul_await(copy), ==, 0);
	CHECK_INT(simul_await(other), ==, heard);
	finish();
}

static int shut(void *arg)
{
	return simul_shutdown_write(to);
}

TEST_VIRTUAL(to_shut_down_waits_for_the_piece_that_is_going)
{
	simul_task *t, *copy;
	char c[1];

	begin(MUCH * 4);
	copy = simul_create_task(copy_all, NULL);
	while (copied < LITTLE)
		simul_sleep(0);
	t = simul_create_task(shut, NULL);
	simul_sleep(0);
	CHECK_INT(simul_await(copy), ==, -EPIPE);
	CHECK_INT(simul_await(t), ==, 0);
	check_comes(0, copied);
	CHECK_INT(simul_read(sink, c, 1), ==, 0);
	CHECK_INT(simul_tell(file), ==, copied);
	finish();
}

TEST_VIRTUAL(where_the_system_can_not_send_a_file_it_goes_by_buffers)
{
	simul_task *t;

	begin(MUCH);
	deny(SYS_sendfile, EINVAL);
	t = simul_create_task(copy_all, NULL);
	check_comes(0, MUCH);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, MUCH);
	finish();
}

/* Until the copy waits for its reader. */
static simul_task *begin_to_copy(void)
{
	simul_task *t;

	begin(MUCH * 4);
	t = simul_create_task(copy_all, NULL);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	return t;
}

/* The stream's descriptor is for reading. */
static void cut(off_t length)
{
	char name[64];

	snprintf(name, sizeof name, "/proc/self/fd/%d", simul_file_fd(file));
	CHECK_INT(truncate(name, length), ==, 0);
}

/* What is on its way from the part that is cut may be zero: the system sends
 * pages, not what was in them. */
TEST_VIRTUAL(a_file_that_is_cut_on_its_way_ends_there)
{
	simul_task *t = begin_to_copy();
	static char bytes[65536];
	uint64_t heard = 0;
	ptrdiff_t n;

	cut(4096);
	while ((n = simul_read(sink, bytes, sizeof bytes)) > 0)
		heard += (uint64_t)n;
	CHECK_INT(n, ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(heard, ==, copied);
	CHECK_INT(heard, <, MUCH * 4);
	finish();
}

TEST_VIRTUAL(a_file_that_fails_on_its_way_leaves_the_socket_as_it_is)
{
	simul_task *t = begin_to_copy();
	int directory = open("/", O_RDONLY | O_CLOEXEC);
	uint64_t went = copied;

	CHECK_INT(dup3(directory, simul_file_fd(file), O_CLOEXEC), >=, 0);
	close(directory);
	check_comes(0, went);
	CHECK_INT(simul_await(t), ==, -EISDIR);
	CHECK_INT(simul_write(to, "and so on", 9), ==, 0);
	check_comes(went, copied - went);
	check_hears(sink, "and so on");
	finish();
}

static int write_more(void *arg)
{
	return simul_write(file, "x", 1);
}

TEST_VIRTUAL(a_file_that_is_going_is_busy)
{
	simul_task *t;
	char c;

	begin_with(MUCH, O_RDWR);
	t = simul_create_task(copy_all, NULL);
	while (copied < LITTLE)
		simul_sleep(0);
	CHECK_INT(simul_read(file, &c, 1), ==, -EBUSY);
	CHECK_INT(write_more(NULL), ==, -EBUSY);
	check_comes(0, MUCH);
	CHECK_INT(simul_await(t), ==, 0);
	finish();
}

/* ---- Sweeps */

static int check_all_is_there(void *arg)
{
	simul_shutdown_write(to);
	check_comes(0, copied);
	check_ends(sink);
	CHECK_INT(simul_tell(file), ==, copied);
	return 0;
}

static int begin_little(void *arg)
{
	begin(LITTLE);
	return 0;
}

static int finish_little(void *arg)
{
	finish();
	return 0;
}

static int send_little(void *arg)
{
	simul_shield(begin_little, NULL);
	simul_await(simul_create_task(copy_all, NULL));
	simul_shield(check_all_is_there, NULL);
	return simul_shield(finish_little, NULL);
}

static void check_outcome(void *state, int result)
{
	CHECK_INT(result, ==, 0);
}

TEST(a_file_loses_nothing_at_a_cancellation_at_any_suspension)
{
	sweep_cancellations(send_little, 1, check_outcome);
}

static char path[] = "/tmp/simul-send-XXXXXX";

static int send_without_memory(void *arg)
{
	int r = simul_open(path, O_RDONLY, 0, &file);

	if (r < 0)
		return r;
	r = simul_socket_pair(&to, &sink);
	if (r >= 0) {
		copied = 0;
		r = simul_copy(file, to, 150000, &copied);
		CHECK(r == -ENOMEM || copied == 150000);
		simul_close(to);
		simul_close(sink);
	}
	simul_close(file);
	return r;
}

static void run_without_memory(void)
{
	run_virtual(send_without_memory, NULL);
}

TEST(a_file_survives_every_refused_allocation)
{
	int fd = mkstemp(path);

	fill(fd, LITTLE);
	close(fd);
	sweep_allocations(run_without_memory);
	unlink(path);
}
