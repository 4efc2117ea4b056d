/* SPDX-License-Identifier: MIT
 * net/receive.c - how the bytes of a socket come into its stream. */
#include "net/receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "io/perform.h"
#include "io/splice.h"
#include "io/way.h"
#include "task/wait.h"

static struct smi_loop *loop_of(struct smi_socket *socket)
{
	return &socket->base.stream.loop->loop;
}

/* The system tells once of an error of the connection, and then that it has
 * ended, which is something else. So it is we who remember. */
static bool is_over(int error)
{
	return error < 0 && error != -ECANCELED && error != -ENOMEM &&
	       error != -ENOBUFS;
}

static int remember(struct smi_socket *socket, int r)
{
	if (is_over(r))
		socket->base.broken = r;
	return r;
}

/* ---- What comes */

static void wake(struct smi_socket *socket, int result)
{
	struct smi_reader *reader = socket->reader;

	smi_stream_tell_watchers(&socket->base.stream);
	if (!reader || !reader->task)
		return;
	smi_resume(reader->task, result);
	reader->task = NULL;
}

static void cancel(struct smi_socket *socket)
{
	if (!socket->armed || socket->stopping)
		return;
	socket->stopping = true;
	smi_op_cancel(loop_of(socket), &socket->receive);
}

static void read_directly_now(struct smi_socket *socket)
{
	socket->direct = true;
	cancel(socket);
}

/* Nobody has asked for these yet. */
static void put_aside(struct smi_socket *socket, const char *bytes, size_t n)
{
	struct smi_buffer *late = &socket->base.stream.late;

	if (socket->base.broken)
		return;
	/* Mostly it is little, and nothing is there. */
	if (!late->data && n < SMI_SPARE_SIZE) {
		late->data = smi_spare_take(&loop_of(socket)->spares);
		late->room = late->data ? SMI_SPARE_SIZE : 0;
	}
	/* One more than needed, for the zero behind a line. If there is no
	 * memory they are lost, so what follows them must not be read. */
	if (smi_buffer_reserve(late, n + 1) < 0) {
		socket->base.broken = -ENOMEM;
		cancel(socket);
		return;
	}
	smi_buffer_append(late, bytes, n);
	if (smi_buffer_length(late) > SMI_LATE_MOST)
		read_directly_now(socket);
}

/* A reader who has been woken but has not run yet can have more. */
static void put(struct smi_socket *socket, const char *bytes, size_t n)
{
	struct smi_reader *reader = socket->reader;
	size_t part = 0;

	if (reader && smi_buffer_length(&socket->base.stream.late) == 0) {
		part = reader->room - reader->got;
		part = part < n ? part : n;
	}
	if (part > 0) {
		memcpy(reader->bytes + reader->got, bytes, part);
		reader->got += part;
	}
	if (part < n)
		put_aside(socket, bytes + part, n - part);
	if (n >= SMI_LARGE_PIECE)
		read_directly_now(socket);
	wake(socket, 0);
}

/* Is there nothing in it that the reader must know, who may try again? */
static bool is_trifle(struct smi_socket *socket, int result)
{
	switch (result) {
	case -ENOBUFS: /* others have them all: its own memory will do */
		socket->direct = true;
		return true;
	case -EOPNOTSUPP:
		socket->deaf = true;
		return true;
	case -ECANCELED:
	case -EINTR:
		return true;
	default:
		return result > 0;
	}
}

static void ended(struct smi_socket *socket, int result)
{
	socket->armed = socket->stopping = false;
	if (is_trifle(socket, result))
		wake(socket, -EAGAIN);
	else
		wake(socket, remember(socket, result));
}

static void came(struct smi_op *op)
{
	struct smi_socket *socket = op->owner;
	int result = op->result;

	if (result > 0)
		put(socket, op->buffer, (size_t)result);
	if (!op->more)
		ended(socket, result);
}

static int arm(struct smi_socket *socket)
{
	int r;

	if (socket->armed)
		return 0;
	socket->receive = (struct smi_op){ .kind = SMI_OP_RECEIVE,
					   .fd = socket->base.fd,
					   .done = came,
					   .owner = socket };
	r = smi_op_submit(loop_of(socket), &socket->receive);
	socket->armed = r == 0;
	return r < 0 && is_trifle(socket, r) ? -EAGAIN : r;
}

/* ---- Waiting for it */

static void leave(struct simul_task *task, void *on)
{
	struct smi_socket *socket = on;

	(void)task;
	wake(socket, -ECANCELED);
}

static const struct smi_wait waiting = { "bytes from a socket", leave };

/* 0: something has come, or the end; -EAGAIN: try again. */
static int wait_as(struct smi_socket *socket, struct smi_reader *reader)
{
	int r = smi_may_suspend();

	if (r >= 0)
		r = arm(socket);
	if (r < 0)
		return r;
	reader->task = smi_current;
	socket->reader = reader;
	smi_loop_expect(loop_of(socket));
	r = smi_suspend(&waiting, socket);
	smi_loop_unexpect(loop_of(socket));
	socket->reader = NULL;
	return r;
}

static ptrdiff_t receive(struct smi_socket *socket, void *bytes, size_t n)
{
	struct smi_reader reader = { .bytes = bytes, .room = n };
	int r = wait_as(socket, &reader);

	if (reader.got > 0)
		return (ptrdiff_t)reader.got;
	return r;
}

/* ---- Reading directly */

static bool is_direct(const struct smi_socket *socket)
{
	return socket->deaf || (socket->direct && !socket->armed);
}

static ptrdiff_t read_directly(struct smi_socket *socket, void *bytes, size_t n)
{
	struct smi_op op = { .kind = SMI_OP_RECV,
			     .fd = socket->base.fd,
			     .buffer = bytes,
			     .length = n };
	int r = smi_perform(&op);

	if (r > 0 && (size_t)r < n && r < SMI_SMALL_PIECE)
		socket->direct = false;
	return remember(socket, r);
}

/* A receipt into the stream, which has nothing: there is memory for it when
 * something has come. */
struct receipt {
	struct smi_op op;
	struct smi_input *in;
};

static int provide(struct smi_op *op)
{
	struct smi_input *in = ((struct receipt *)op)->in;
	int r = smi_input_prepare(in);

	op->buffer = smi_input_tail(in);
	op->length = smi_input_space(in);
	return r;
}

static void withdraw(struct smi_op *op)
{
	smi_input_rest(((struct receipt *)op)->in);
}

/* Where that can't be done, wait for something first. */
static int await_directly(struct smi_socket *socket)
{
	bool provides = loop_of(socket)->backend->provides;
	struct receipt receipt = {
		.op = { .kind = provides ? SMI_OP_RECV : SMI_OP_AWAIT,
			.fd = socket->base.fd,
			.provide = provide,
			.withdraw = withdraw },
		.in = &socket->base.stream.in,
	};
	int r = smi_perform(&receipt.op);

	if (r > 0 && provides)
		smi_input_commit(receipt.in, (size_t)r);
	return remember(socket, r);
}

/* ---- For the stream */

ptrdiff_t smi_socket_read(simul_stream *s, void *bytes, size_t n)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	ptrdiff_t r;

	do {
		if (socket->base.broken)
			return socket->base.broken;
		r = is_direct(socket) ? read_directly(socket, bytes, n)
				      : receive(socket, bytes, n);
	} while (r == -EAGAIN);
	return r;
}

ptrdiff_t smi_socket_read_now(simul_stream *s, void *bytes, size_t n)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	ssize_t r;

	if (socket->base.broken)
		return socket->base.broken;
	if (socket->armed)
		return -EAGAIN;
	do
		r = recv(socket->base.fd, bytes, n, MSG_DONTWAIT);
	while (r < 0 && errno == EINTR);
	if (r >= 0)
		return r;
	return errno == EAGAIN ? -EAGAIN : remember(socket, -errno);
}

static int await_once(struct smi_socket *socket)
{
	struct smi_reader reader = { 0 };
	simul_stream *s = &socket->base.stream;

	if (!is_direct(socket))
		return wait_as(socket, &reader);
	return smi_stream_is_quiet(s) ? await_directly(socket) : 0;
}

int smi_socket_await(simul_stream *s)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	int r;

	do {
		if (socket->base.broken)
			return socket->base.broken;
		r = socket->deaf ? await_directly(socket) : await_once(socket);
	} while (r == -EAGAIN);
	return r < 0 ? r : 0;
}

/* ---- Past us */

static bool can_be_passed(const struct smi_socket *socket)
{
	return !socket->base.broken && is_direct(socket) &&
	       !socket->base.stream.seized;
}

static void learn(struct smi_socket *socket, ptrdiff_t n,
		  const simul_stream *to)
{
	if (n > 0 && n < SMI_SMALL_PIECE)
		socket->direct = false;
	if (n < 0 && n != -EAGAIN && !to->write_error)
		remember(socket, (int)n);
}

static ptrdiff_t send_now(struct smi_socket *socket, simul_stream *to, int *way,
			  uint64_t most)
{
	simul_stream *s = &socket->base.stream;
	ptrdiff_t n = smi_way_clear(s, to, *way);

	/* Much may have happened meanwhile. */
	if (n <= 0 || !can_be_passed(socket))
		return n < 0 ? n : 0;
	n = smi_splice_over(s, socket->base.fd, to, way, most);
	learn(socket, n, to);
	if (n > 0)
		smi_give_way();
	return n;
}

ptrdiff_t smi_socket_send_into(simul_stream *s, simul_stream *to, int *way,
			       uint64_t most)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	bool awaited = false;
	ptrdiff_t n = 0;

	while (n >= 0 && can_be_passed(socket)) {
		n = send_now(socket, to, way, most);
		if (n != -EAGAIN)
			return n;
		/* It is there, behind urgent data: only a read passes that. */
		if (awaited)
			return 0;
		n = smi_way_await(s, socket->base.fd, to);
		awaited = true;
	}
	return n < 0 ? n : 0;
}

/* ---- Watching */

int smi_socket_watch(simul_stream *s)
{
	struct smi_socket *socket = (struct smi_socket *)s;
	int r = is_direct(socket) ? -EAGAIN : arm(socket);

	if (r == -EAGAIN)
		return socket->base.fd;
	if (r < 0)
		return r;
	smi_loop_expect(loop_of(socket));
	return -EAGAIN;
}

void smi_socket_unwatch(simul_stream *s)
{
	smi_loop_unexpect(&s->loop->loop);
}

/* ---- The end */

void smi_socket_stop(struct smi_socket *socket)
{
	socket->base.broken = -ECANCELED;
	cancel(socket);
}

void smi_socket_rest(simul_stream *s)
{
	struct smi_socket *socket = (struct smi_socket *)s;

	cancel(socket);
	smi_socket_settle(socket);
}

void smi_socket_settle(struct smi_socket *socket)
{
	static const struct smi_wait ending = { "the end of a receipt", NULL };
	struct smi_reader reader = { 0 };

	while (socket->armed) {
		reader.task = smi_current;
		socket->reader = &reader;
		smi_loop_expect(loop_of(socket));
		smi_suspend(&ending, socket);
		smi_loop_unexpect(loop_of(socket));
		socket->reader = NULL;
	}
}
