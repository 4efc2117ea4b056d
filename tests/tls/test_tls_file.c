/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_file.c - files through TLS, with simul_copy. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <simul/file.h>
#include <simul/gather.h>

#include "io/stream.h"
#include "tls/both.h"
#include "tls/folder.h"
#include "tls/pattern.h"

enum { SIZE = 8 << 20 };

static char path[128];
static uint64_t copied;

static simul_stream *open_file(int flags)
{
	simul_stream *s;

	CHECK_INT(simul_open(path, flags, 0600, &s), ==, 0);
	return s;
}

static void write_big_file(void)
{
	static unsigned char bytes[SIZE];
	FILE *f = fopen(path, "we");

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = byte_at(i);
	CHECK(f && fwrite(bytes, SIZE, 1, f) == 1);
	fclose(f);
}

static void begin(void)
{
	make_contexts();
	connect_both();
	in_folder("big", path);
	copied = 0;
}

static void end(void)
{
	close_both();
	free_contexts();
	remove_folder();
}

/* Copies the file to the client's stream, and says that this was all. */
static int send_file(void *arg)
{
	simul_stream *file = arg;
	int r = simul_copy(file, client, UINT64_MAX, &copied);

	return r < 0 ? r : simul_shutdown_write(client);
}

/* ---- Into TLS */

TEST_VIRTUAL(a_file_goes_through_tls_and_arrives_whole)
{
	simul_stream *file;
	simul_task *t;

	begin();
	write_big_file();
	file = open_file(O_RDONLY);
	t = simul_create_task(send_file, file);
	CHECK_INT(compare(server, 0, 0), ==, SIZE);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, SIZE);
	CHECK_INT(simul_close(file), ==, 0);
	end();
}

TEST_VIRTUAL(a_slow_reader_of_tls_slows_down_the_file)
{
	simul_stream *file;
	simul_task *t;

	begin();
	write_big_file();
	file = open_file(O_RDONLY);
	t = simul_create_task(send_file, file);
	simul_sleep(60);
	/* The pair's, what leaves, what waits, and what comes. */
	CHECK_INT(copied, <, 5 * 65536);
	CHECK_INT(compare(server, 0, 1), ==, SIZE);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(file), ==, 0);
	end();
}

/* What was counted arrives, and what was not is still in the file. */
TEST_VIRTUAL(a_copy_into_tls_that_is_cancelled_goes_on_later)
{
	simul_stream *file;
	simul_task *t;
	uint64_t before;
	int n;

	begin();
	write_big_file();
	file = open_file(O_RDONLY);
	t = simul_create_task(send_file, file);
	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	before = copied;
	CHECK_INT(before, >, 0);
	t = simul_create_task(send_file, file);
	n = compare(server, 0, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(n, ==, SIZE);
	CHECK_INT(copied, ==, SIZE);
	CHECK_INT(simul_close(file), ==, 0);
	end();
}

TEST_VIRTUAL(a_copy_into_tls_ends_when_the_peer_is_gone)
{
	simul_stream *file;
	simul_task *t;
	char some[100000];

	begin();
	write_big_file();
	file = open_file(O_RDONLY);
	t = simul_create_task(send_file, file);
	CHECK_INT(simul_read_exactly(server, some, sizeof some), ==, 1);
	simul_abort(server);
	CHECK_INT(simul_await(t), ==, -ECONNRESET);
	CHECK_INT(copied, <, SIZE);
	simul_abort(client);
	CHECK_INT(simul_close(file), ==, 0);
	free_contexts();
	remove_folder();
}

/* ---- Out of TLS */

static int send_much(void *s)
{
	unsigned char piece[8192];

	for (size_t at = 0; at < SIZE; at += sizeof piece) {
		int r;

		for (size_t i = 0; i < sizeof piece; i++)
			piece[i] = byte_at(at + i);
		r = simul_write(s, piece, sizeof piece);
		if (r < 0)
			return r;
	}
	return simul_shutdown_write(s);
}

static int receive_file(void *file)
{
	return simul_copy(server, file, UINT64_MAX, &copied);
}

static void check_file(size_t n)
{
	simul_stream *file = open_file(O_RDONLY);

	CHECK_INT(compare(file, 0, 0), ==, n);
	CHECK_INT(simul_close(file), ==, 0);
}

TEST_VIRTUAL(a_file_comes_through_tls_and_is_whole)
{
	simul_stream *file;
	simul_task *t;

	begin();
	file = open_file(O_WRONLY | O_CREAT);
	t = simul_create_task(send_much, client);
	CHECK_INT(receive_file(file), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, SIZE);
	CHECK_INT(simul_close(file), ==, 0);
	check_file(SIZE);
	end();
}

TEST_VIRTUAL(a_copy_out_of_tls_that_is_cancelled_goes_on_later)
{
	simul_stream *file;
	simul_task *t;
	const uint64_t half = SIZE / 2;

	begin();
	file = open_file(O_WRONLY | O_CREAT);
	t = simul_create_task(receive_file, file);
	simul_sleep(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	t = simul_create_task(send_much, client);
	CHECK_INT(simul_copy(server, file, half, &copied), ==, 0);
	CHECK_INT(copied, ==, half);
	CHECK_INT(receive_file(file), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(file), ==, 0);
	check_file(SIZE);
	end();
}

/* What was cut off must not look like a whole file. */
TEST_VIRTUAL(a_copy_out_of_tls_fails_when_it_is_cut_off)
{
	simul_stream *file;

	begin();
	file = open_file(O_WRONLY | O_CREAT);
	say(client, "some");
	CHECK_INT(simul_flush(client), ==, 0);
	CHECK_INT(simul_shutdown_write(client_plain), ==, 0);
	CHECK_INT(receive_file(file), ==, -SIMUL_ETRUNCATED);
	CHECK_INT(copied, ==, 4);
	simul_abort(client);
	simul_abort(server);
	CHECK_INT(simul_close(file), ==, 0);
	free_contexts();
	remove_folder();
}
