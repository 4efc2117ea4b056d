/* SPDX-License-Identifier: MIT
 * tests/net/test_large_write.c - what is large goes to a socket from where it
 * is. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "net/loopback.h"
#include "sweep.h"

enum { LARGE = 50000, HUGE = 20000000 };

static simul_stream *client, *server;
static unsigned char *bytes; /* HUGE of them */

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void begin(void)
{
	bytes = malloc(HUGE);
	for (size_t i = 0; i < HUGE; i++)
		bytes[i] = pattern(i);
	listen_here();
	connect_both(&client, &server);
	simul_listener_close(listener);
}

static void finish(void)
{
	simul_close(client);
	simul_close(server);
	free(bytes);
}

static void check_comes(size_t n)
{
	unsigned char piece[50000];

	for (size_t at = 0; at < n;) {
		size_t most = n - at < sizeof piece ? n - at : sizeof piece;
		ptrdiff_t m = simul_read(server, piece, most);

		CHECK_INT(m, >, 0);
		CHECK_BYTES(piece, bytes + at, (size_t)m);
		at += (size_t)m;
	}
}

TEST_VIRTUAL(a_large_write_leaves_at_once_and_is_not_copied)
{
	long calls;

	begin();
	calls = atomic_load(&smi_alloc_probe->calls);
	CHECK_INT(simul_write(client, bytes, LARGE), ==, 0);
	CHECK_INT(simul_stream_unsent(client), ==, 0);
	CHECK_INT(atomic_load(&smi_alloc_probe->calls), ==, calls);
	check_comes(LARGE);
	finish();
}

TEST_VIRTUAL(a_large_write_goes_behind_small_ones_and_before_others)
{
	struct iovec parts[] = { { (char *)"one", 3 },
				 { NULL, 0 },
				 { NULL, LARGE },
				 { (char *)"two", 3 } };

	begin();
	parts[2].iov_base = bytes;
	say(client, "before");
	CHECK_INT(simul_writev(client, parts, 4), ==, 0);
	say(client, "after");
	check_hears(server, "beforeone");
	check_comes(LARGE);
	check_hears(server, "twoafter");
	finish();
}

TEST_VIRTUAL(a_large_write_may_have_many_parts)
{
	struct iovec parts[40];

	begin();
	for (int i = 0; i < 40; i++)
		parts[i] = (struct iovec){ bytes + i * 1000, 1000 };
	CHECK_INT(simul_writev(client, parts, 40), ==, 0);
	check_comes(40000);
	for (int i = 0; i < 40; i++)
		parts[i] = (struct iovec){ bytes, (size_t)(i < 6 ? 8000 : 0) };
	CHECK_INT(simul_writev(client, parts, 8), ==, 0);
	for (int i = 0; i < 6; i++)
		check_comes(8000);
	finish();
}

/* More than a system ever holds. */
TEST_VIRTUAL(of_a_large_write_only_that_waits_for_which_there_is_no_room)
{
	begin();
	say(client, "before");
	CHECK_INT(simul_write(client, bytes, HUGE), ==, 0);
	CHECK_INT(simul_stream_unsent(client), >, 0);
	CHECK_INT(simul_stream_unsent(client), <, HUGE);
	check_hears(server, "before");
	check_comes(HUGE);
	CHECK_INT(simul_flush(client), ==, 0);
	CHECK_INT(simul_stream_unsent(client), ==, 0);
	finish();
}

static int write_twice(void *arg)
{
	CHECK_INT(simul_write(client, bytes, HUGE), ==, 0);
	return simul_write(client, bytes, HUGE);
}

TEST_VIRTUAL(who_makes_large_writes_is_slowed_down_by_who_reads)
{
	simul_task *t;

	begin();
	t = simul_create_task(write_twice, NULL);
	simul_sleep(1);
	CHECK(!simul_task_is_done(t));
	check_comes(HUGE);
	check_comes(HUGE);
	CHECK_INT(simul_await(t), ==, 0);
	finish();
}

TEST_VIRTUAL(a_large_write_that_was_cancelled_before_has_written_nothing)
{
	simul_timeout over;

	begin();
	CHECK_INT(simul_timeout_open(&over, 0), ==, 0);
	CHECK_INT(simul_write(client, bytes, LARGE), ==, -ECANCELED);
	CHECK_INT(simul_timeout_close(&over, 0), ==, 0);
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	check_ends(server);
	finish();
}

TEST_VIRTUAL(an_error_that_a_large_write_meets_is_told_by_it_and_ever_after)
{
	int r = 0;

	begin();
	simul_abort(server);
	server = NULL;
	for (int i = 0; i < 3 && r >= 0; i++) {
		simul_sleep(1);
		r = simul_write(client, bytes, LARGE);
	}
	CHECK(r == -ECONNRESET || r == -EPIPE);
	CHECK_INT(simul_write(client, "x", 1), ==, r);
	CHECK_INT(simul_flush(client), ==, r);
	CHECK_INT(simul_close(client), ==, r);
	client = NULL;
	finish();
}

static int count_turns(void *arg)
{
	int *turns = arg;

	while (simul_sleep(0) >= 0)
		++*turns;
	return 0;
}

static void *swallow(void *arg)
{
	static char piece[1 << 20];
	int fd = *(int *)arg;

	while (recv(fd, piece, sizeof piece, 0) > 0)
		continue;
	return NULL;
}

static int pour_while_others_count(void *arg)
{
	int ends[2], turns = 0;
	pthread_t thread;
	simul_task *t;

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==,
		  0);
	CHECK_INT(pthread_create(&thread, NULL, swallow, &ends[0]), ==, 0);
	CHECK_INT(simul_socket_adopt(ends[1], &client), ==, 0);
	bytes = calloc(1, LARGE);
	t = simul_create_task(count_turns, &turns);
	for (int i = 0; i < 200; i++)
		CHECK_INT(simul_write(client, bytes, LARGE), ==, 0);
	CHECK_INT(turns, >=, 10);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	pthread_join(thread, NULL);
	close(ends[0]);
	free(bytes);
	return 0;
}

/* However quick the peer is, in a thread of its own. */
TEST(who_makes_large_writes_leaves_others_their_turn)
{
	CHECK_INT(simul_run(pour_while_others_count, NULL), ==, 0);
}

/* ---- Sweeps */

static size_t written, came;

static int make_pair(void *arg)
{
	const int small = 4096;

	CHECK_INT(simul_socket_pair(&client, &server), ==, 0);
	setsockopt(simul_socket_fd(client), SOL_SOCKET, SO_SNDBUF, &small,
		   sizeof small);
	written = came = 0;
	return 0;
}

static int write_large(void *arg)
{
	static const char zeros[LARGE];

	for (int i = 0; i < 4; i++)
		if (simul_write(client, zeros, LARGE) >= 0)
			written += LARGE;
	return 0;
}

/* Nobody may be reading any more. */
static int write_for_a_while(void *arg)
{
	return simul_wait_for(5, write_large, NULL);
}

static int read_a_little(void *arg)
{
	char piece[20000];
	ptrdiff_t n;

	while ((n = simul_read(server, piece, sizeof piece)) > 0)
		came += (size_t)n;
	return 0;
}

static int check_all_comes(void *arg)
{
	char piece[20000];

	while (came < written) {
		ptrdiff_t n = simul_read(server, piece, sizeof piece);

		CHECK_INT(n, >, 0);
		came += (size_t)n;
	}
	CHECK_INT(came, ==, written);
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	check_ends(server);
	simul_close(client);
	simul_close(server);
	return 0;
}

static int exchange(void *arg)
{
	simul_task *t[2];

	simul_shield(make_pair, NULL);
	t[0] = simul_create_task(write_for_a_while, NULL);
	t[1] = simul_create_task(read_a_little, NULL);
	simul_await(t[0]);
	simul_cancel(t[1]);
	simul_await(t[1]);
	return simul_shield(check_all_comes, NULL);
}

static void check_outcome(void *state, int result)
{
	CHECK_INT(result, ==, 0);
}

TEST(large_writes_are_all_or_nothing_at_a_cancellation_at_any_suspension)
{
	sweep_cancellations(exchange, 1, check_outcome);
}

static int write_without_memory(void *arg)
{
	const int small = 4096;
	int r = simul_socket_pair(&client, &server);

	if (r < 0)
		return r;
	setsockopt(simul_socket_fd(client), SOL_SOCKET, SO_SNDBUF, &small,
		   sizeof small);
	bytes = calloc(1, LARGE);
	r = simul_write(client, bytes, LARGE);
	free(bytes);
	/* Half of it may have gone. */
	if (r < 0)
		CHECK_INT(simul_write(client, "x", 1), ==, -ENOMEM);
	simul_abort(client);
	simul_close(server);
	return r;
}

static void run_without_memory(void)
{
	run_virtual(write_without_memory, NULL);
}

TEST(large_writes_survive_every_refused_allocation)
{
	sweep_allocations(run_without_memory);
}
