/* SPDX-License-Identifier: MIT
 * tests/net/test_splice_faults.c - what peers may do to bytes that go past us:
 * urgent data, and ends in between. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "denied.h"
#include "io/stream.h"
#include "net/loopback.h"
#include "net/receive.h"

static simul_stream *source, *from, *to, *sink;

static void begin(void)
{
	listen_here();
	connect_both(&source, &from);
	connect_both(&to, &sink);
	simul_listener_close(listener);
}

static void finish(void)
{
	simul_close(source);
	simul_close(from);
	simul_abort(to);
	simul_close(sink);
}

/* As if much had come before. */
static ptrdiff_t send_past_us(void)
{
	int way = to->ops->take_files(to);

	((struct smi_socket *)from)->direct = true;
	return from->ops->send_into(from, to, &way, UINT64_MAX);
}

/* ---- Urgent data, which is not for us: it is passed over */

static void send_raw(simul_stream *s, const char *bytes, size_t n, int flags)
{
	CHECK_INT(send(simul_socket_fd(s), bytes, n, flags | MSG_DONTWAIT), ==,
		  n);
}

static void say_with_alarm(void)
{
	send_raw(source, "before", 6, 0);
	send_raw(source, "!", 1, MSG_OOB);
	send_raw(source, "behind", 6, 0);
}

/* The system stops at it, each time. */
TEST_VIRTUAL(what_follows_urgent_data_is_read_without_waiting)
{
	begin();
	say_with_alarm();
	check_hears(from, "beforebehind");
	finish();
}

TEST_VIRTUAL(what_follows_urgent_data_is_copied_by_buffers)
{
	begin();
	say_with_alarm();
	CHECK_INT(send_past_us(), ==, 6);
	CHECK_INT(send_past_us(), ==, 0);
	CHECK_INT(simul_copy(from, to, 6, NULL), ==, 0);
	check_hears(sink, "beforebehind");
	finish();
}

/* ---- An end in between */

/* More pieces than go into a packet at once; and they don't become one on the
 * way, as they don't lie side by side. */
static void send_in_pieces(void)
{
	static const char bytes[6000];
	int most = 212992, come;

	setsockopt(simul_socket_fd(from), SOL_SOCKET, SO_RCVBUF, &most,
		   sizeof most);
	for (int i = 0; i < 25; i++) {
		send_raw(source, bytes, sizeof bytes, 0);
		send_raw(from, bytes, 100, 0);
	}
	CHECK_INT(ioctl(simul_socket_fd(from), FIONREAD, &come), ==, 0);
	CHECK_INT(come, >, 100000);
}

/* It is told of the end between one packet and the next, by a SIGPIPE, though
 * the call has sent something. */
TEST_VIRTUAL(a_peer_that_ends_amid_a_splice_is_no_signal)
{
	ptrdiff_t n;

	begin();
	send_in_pieces();
	simul_close(sink);
	sink = NULL;
	check_ends(to);
	n = send_past_us();
	CHECK(n > 0 || n == -EPIPE || n == -ECONNRESET);
	finish();
}

/* Both directions are over, which looks like an error. */
TEST_VIRTUAL(the_last_words_of_who_has_hung_up_need_no_splice)
{
	begin();
	CHECK_INT(simul_write(source, "last words", 10), ==, 0);
	CHECK_INT(simul_close(source), ==, 0);
	source = NULL;
	CHECK_INT(simul_shutdown_write(from), ==, 0);
	deny(SYS_splice, ENOSYS);
	CHECK_INT(send_past_us(), ==, 0);
	CHECK_INT(simul_copy(from, to, UINT64_MAX, NULL), ==, 0);
	check_hears(sink, "last words");
	finish();
}
