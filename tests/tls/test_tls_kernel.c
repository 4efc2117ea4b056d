/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_kernel.c - the kernel encrypts what is sent, where it can;
 * and where it can't, the same holds without it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/tls.h>

#include <simul/file.h>
#include <simul/socket.h>

#include "denied.h"
#include "tls/folder.h"
#include "tls/kernel.h"
#include "tls/kinds.h"
#include "tls/offload.h"
#include "tls/pattern.h"

enum { SIZE = 8 << 20 };

static bool has_kernel;
static long count_before;

static void make_kernel_contexts(void)
{
	has_kernel = kernel_has_tls();
	client_options.use_kernel = server_options.use_kernel = true;
	make_contexts();
	count_before = kernel_count();
}

/* So many connections are encrypted by the kernel, if it can do it. (Others may
 * run beside us.) */
static void check_count(long n)
{
	if (has_kernel)
		CHECK_INT(kernel_count() - count_before, >=, n);
}

static void begin_kernel(void)
{
	make_kernel_contexts();
	below_sockets();
	connect_below();
	CHECK_INT(simul_tls_uses_kernel(client), ==, has_kernel);
	CHECK_INT(simul_tls_uses_kernel(server), ==, has_kernel);
	check_count(2);
}

static const unsigned char *all_bytes(void)
{
	static unsigned char bytes[SIZE];

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = byte_at(i);
	return bytes;
}

/* ---- Who encrypts */

static void speak(int version, const char *suite, const char *cipher)
{
	SSL_CTX *ctx = smi_tls_context_of(client_tls)->material->ctx;

	CHECK(SSL_CTX_set_max_proto_version(ctx, version));
	CHECK(SSL_CTX_set_ciphersuites(ctx, suite));
	CHECK(SSL_CTX_set_cipher_list(ctx, cipher));
	below_sockets();
	connect_below();
	CHECK_INT(SSL_version(ssl_of(client)), ==, version);
	CHECK_INT(simul_tls_uses_kernel(client), ==, has_kernel);
	CHECK_INT(simul_tls_uses_kernel(server), ==, has_kernel);
	for (int i = 0; i < 3; i++) {
		say(client, "hello");
		check_hears(server, "hello");
		say(server, "good day");
		check_hears(client, "good day");
	}
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	check_ends(server);
	say(server, "more");
	check_hears(client, "more");
	close_both();
}

TEST_VIRTUAL(the_kernel_encrypts_with_all_ciphers_that_are_spoken)
{
	static const char *const suites[] = { "TLS_AES_128_GCM_SHA256",
					      "TLS_AES_256_GCM_SHA384",
					      "TLS_CHACHA20_POLY1305_SHA256" };
	static const char *const ciphers[] = { "ECDHE+AES128+AESGCM",
					       "ECDHE+AES256+AESGCM",
					       "ECDHE+CHACHA20" };

	make_kernel_contexts();
	for (int i = 0; i < 3; i++) {
		speak(TLS1_3_VERSION, suites[i], ciphers[i]);
		speak(TLS1_2_VERSION, suites[i], ciphers[i]);
	}
	check_count(12);
	free_contexts();
}

/* Nobody could wait for the end of it. As before Linux 5.16. */
TEST_VIRTUAL(where_the_kernel_can_not_tell_what_it_has_sent_it_does_nothing)
{
	bool had_kernel;

	make_kernel_contexts();
	deny_descriptor(SYS_getsockopt, 2, TLS_TX_ZEROCOPY_RO, ENOPROTOOPT);
	had_kernel = has_kernel;
	has_kernel = false;
	speak(TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", "ECDHE+CHACHA20");
	speak(TLS1_2_VERSION, "TLS_CHACHA20_POLY1305_SHA256", "ECDHE+CHACHA20");
	has_kernel = had_kernel;
	speak(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", "ECDHE+AES128+AESGCM");
	free_contexts();
}

TEST_VIRTUAL(who_does_not_ask_for_the_kernel_does_without)
{
	make_contexts();
	below_sockets();
	connect_below();
	CHECK(!simul_tls_uses_kernel(client));
	CHECK(!simul_tls_uses_kernel(server));
	CHECK(!simul_tls_uses_kernel(client_plain));
	close_both();
	free_contexts();
}

TEST_VIRTUAL(over_what_is_no_connection_the_kernel_does_nothing)
{
	make_kernel_contexts();
	below_a_pair();
	connect_below();
	CHECK(!simul_tls_uses_kernel(client));
	close_both();

	below_sockets();
	connect_below();
	client_plain = client;
	server_plain = server;
	connect_below();
	CHECK(!simul_tls_uses_kernel(client));
	CHECK_INT(simul_tls_uses_kernel(client_plain), ==, has_kernel);
	say(client, "hello");
	check_hears(server, "hello");
	CHECK_INT(simul_shutdown_write(client), ==, 0);
	check_ends(server);
	CHECK_INT(simul_close(server), ==, 0);
	check_ends(client);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

/* Its tickets come after the handshake, and are records that are no data. */
TEST_VIRTUAL(sessions_are_resumed_though_the_kernel_encrypts)
{
	make_kernel_contexts();
	for (int i = 0; i < 2; i++) {
		below_sockets();
		connect_below();
		CHECK_INT(simul_tls_was_resumed(client), ==, i);
		say(server, "hello");
		check_hears(client, "hello");
		close_both();
	}
	check_count(4);
	free_contexts();
}

/* ---- Much */

static int write_much(void *bytes)
{
	int r = simul_write(server, bytes, SIZE);

	return r < 0 ? r : simul_close(server);
}

static int write_little_by_little(void *arg)
{
	const char *bytes = arg;
	size_t n = 1;
	int r = 0;

	for (size_t at = 0; at < SIZE && r >= 0; at += n) {
		n = at * 7919 % 5000 + 1;
		if (n > SIZE - at)
			n = SIZE - at;
		r = simul_write(server, bytes + at, n);
	}
	return r < 0 ? r : simul_close(server);
}

/* To close says that this was all, and all of it comes, though much of it is
 * with the kernel then, and the peer in no hurry. */
static void check_all_comes(simul_fn *write, double pause)
{
	simul_task *t;

	begin_kernel();
	t = simul_create_task(write, (void *)all_bytes());
	if (pause > 0)
		simul_sleep(10 * pause);
	CHECK_INT(compare(client, 0, pause), ==, SIZE);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

TEST_VIRTUAL(much_arrives_and_so_does_the_end)
{
	check_all_comes(write_much, 0);
}

TEST_VIRTUAL(many_small_writes_arrive_and_so_does_the_end)
{
	check_all_comes(write_little_by_little, 0);
}

static int all_comes_to_the_slow(void *arg)
{
	check_all_comes(write_much, 0.005);
	return 0;
}

TEST(nothing_is_lost_when_who_has_written_much_closes_at_once)
{
	CHECK_INT(simul_run(all_comes_to_the_slow, NULL), ==, 0);
}

/* ---- Files */

static uint64_t copied;

static int send_file(void *path)
{
	simul_stream *file;
	int r = simul_open(path, O_RDONLY, 0, &file);

	if (r < 0)
		return r;
	copied = 0;
	r = simul_copy(file, server, UINT64_MAX, &copied);
	CHECK_INT(simul_close(file), ==, 0);
	/* Most of it did not come here. */
	CHECK_INT(server->past, >=, has_kernel ? SIZE / 2 : 0);
	CHECK_INT(server->past, <=, has_kernel ? SIZE : 0);
	return r < 0 ? r : simul_close(server);
}

static void check_file_comes(double pause)
{
	char path[128];
	FILE *f = fopen(in_folder("big", path), "we");
	simul_task *t;

	CHECK(f && fwrite(all_bytes(), SIZE, 1, f) == 1);
	fclose(f);
	begin_kernel();
	t = simul_create_task(send_file, path);
	CHECK_INT(compare(client, 0, pause), ==, SIZE);
	CHECK_INT(simul_await(t), ==, 0);
	CHECK_INT(copied, ==, SIZE);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
	remove_folder();
}

TEST_VIRTUAL(a_file_goes_through_the_kernel_and_arrives_whole)
{
	check_file_comes(0);
}

static int file_comes_to_the_slow(void *arg)
{
	check_file_comes(0.005);
	return 0;
}

TEST(a_file_arrives_whole_where_it_is_read_slowly)
{
	CHECK_INT(simul_run(file_comes_to_the_slow, NULL), ==, 0);
}

/* What comes by a connection takes no way past us into this one: it would go in
 * parts. */
static int pass_on(void *from)
{
	int r = simul_copy(from, server, UINT64_MAX, NULL);

	CHECK_INT(simul_close(from), ==, 0);
	return r < 0 ? r : simul_close(server);
}

static int give(void *to)
{
	int r = simul_write(to, all_bytes(), SIZE);

	return r < 0 ? r : simul_close(to);
}

TEST_VIRTUAL(what_comes_by_a_connection_goes_through_the_kernel_whole)
{
	simul_stream *giver, *taker;
	simul_task *t[2];

	below_sockets();
	giver = client_plain;
	taker = server_plain;
	begin_kernel();
	t[0] = simul_create_task(give, giver);
	t[1] = simul_create_task(pass_on, taker);
	CHECK_INT(compare(client, 0, 0), ==, SIZE);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	CHECK_INT(simul_close(client), ==, 0);
	free_contexts();
}

/* ---- No room in the socket */

static size_t fill_once(void)
{
	struct iovec part = { (void *)all_bytes(), 60000 };
	size_t sum = 0;
	ptrdiff_t n;

	while ((n = smi_tls_kernel_send(smi_tls_stream(server), &part, 1)) > 0)
		sum += (size_t)n;
	CHECK_INT(n, ==, -EAGAIN);
	return sum;
}

/* Fill it, and what receives it on the other side by itself: how many bytes. */
static size_t fill(void)
{
	size_t sum = 0, n;

	for (int in_vain = 0; in_vain < 5; in_vain++) {
		n = fill_once();
		sum += n;
		if (n > 0)
			in_vain = 0;
		CHECK_INT(simul_sleep(0.02), ==, 0);
	}
	return sum;
}

static int count(simul_stream *s)
{
	static char piece[100000];
	int sum = 0;
	ptrdiff_t n;

	while ((n = simul_read(s, piece, sizeof piece)) > 0)
		sum += (int)n;
	return n < 0 ? (int)n : sum;
}

/* Without the kernel the stream has tests of its own for this. */
static int goodbye_waits(void *arg)
{
	size_t n;

	begin_kernel();
	if (has_kernel) {
		n = fill();
		CHECK_INT(simul_shutdown_write(server), ==, 0);
		CHECK_INT(smi_tls_kernel_unsent(smi_tls_stream(server)), >, 0);
		CHECK_INT(simul_sleep(0.05), ==, 0);
		CHECK_INT(count(client), ==, n);
		say(client, "all of it");
		check_hears(server, "all of it");
	}
	close_both();
	free_contexts();
	return 0;
}

TEST(a_goodbye_waits_for_room_behind_what_was_written)
{
	CHECK_INT(simul_run(goodbye_waits, NULL), ==, 0);
}

static int close_gives_up(void *arg)
{
	server_options.shutdown_timeout = 0.1;
	begin_kernel();
	if (has_kernel) {
		fill();
		CHECK_INT(simul_close(server), ==, -ETIMEDOUT);
		CHECK_INT(count(client), <, 0);
		simul_abort(client);
	} else {
		close_both();
	}
	free_contexts();
	return 0;
}

TEST(who_does_not_read_is_left_and_who_closes_knows_it)
{
	CHECK_INT(simul_run(close_gives_up, NULL), ==, 0);
}

static int abort_does_not_wait(void *arg)
{
	begin_kernel();
	if (has_kernel)
		fill();
	simul_abort(server);
	CHECK_INT(count(client), <, 0);
	simul_abort(client);
	free_contexts();
	return 0;
}

TEST(who_aborts_waits_for_nobody_and_the_peer_knows_it)
{
	CHECK_INT(simul_run(abort_does_not_wait, NULL), ==, 0);
}

/* ---- The peer */

static void begin_with_client_of_openssl(void)
{
	has_kernel = kernel_has_tls();
	server_options.use_kernel = true;
	make_contexts();
	below_sockets();
	connect_below();
	CHECK_INT(simul_tls_uses_kernel(server), ==, has_kernel);
}

TEST_VIRTUAL(a_peer_changes_its_own_key)
{
	begin_with_client_of_openssl();
	for (int i = 0; i < 3; i++) {
		CHECK(SSL_key_update(ssl_of(client),
				     SSL_KEY_UPDATE_NOT_REQUESTED));
		say(client, "hello");
		check_hears(server, "hello");
		say(server, "good day");
		check_hears(client, "good day");
	}
	close_both();
	free_contexts();
}

TEST_VIRTUAL(a_key_that_the_kernel_keeps_ends_the_connection)
{
	char c;

	begin_with_client_of_openssl();
	say(client, "hello");
	CHECK_INT(simul_flush(client), ==, 0);
	CHECK(SSL_key_update(ssl_of(client), SSL_KEY_UPDATE_REQUESTED));
	say(client, "world");
	check_hears(server, "hello");
	if (has_kernel) {
		CHECK_INT(simul_read(server, &c, 1), ==, -SIMUL_EPROTOCOL);
		CHECK_INT(simul_write(server, &c, 1), ==, 0);
		CHECK_INT(simul_flush(server), ==, -SIMUL_EPROTOCOL);
		CHECK_STR(simul_tls_stream_error(server),
			  "the peer asks for a new key, which the kernel "
			  "can't have");
		CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EALERT);
		CHECK_STR(simul_tls_stream_error(client),
			  "the peer says: internal error");
		simul_abort(client);
		simul_abort(server);
	} else {
		check_hears(server, "world");
		say(server, "good day");
		check_hears(client, "good day");
		close_both();
	}
	free_contexts();
}

TEST_VIRTUAL(a_cut_connection_is_known_though_the_kernel_encrypts)
{
	char c;

	begin_kernel();
	say(client, "hello");
	CHECK_INT(simul_flush(client), ==, 0);
	check_hears(server, "hello");
	CHECK_INT(shutdown(simul_socket_fd(client), SHUT_WR), ==, 0);
	CHECK_INT(simul_read(server, &c, 1), ==, -SIMUL_ETRUNCATED);
	simul_abort(client);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(a_peer_that_resets_ends_what_is_written)
{
	int r = 0;

	begin_kernel();
	simul_abort(client);
	for (int i = 0; i < 1000 && r >= 0; i++) {
		r = simul_write(server, all_bytes(), 100000);
		if (r >= 0)
			r = simul_flush(server);
	}
	CHECK(r == -EPIPE || r == -ECONNRESET);
	simul_close(server);
	free_contexts();
}
