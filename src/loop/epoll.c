/* SPDX-License-Identifier: MIT
 * loop/epoll.c - operations by epoll(7), for kernels that deny io_uring.
 *
 * Sockets of ours are registered once, edge-triggered, for both directions. We
 * remember which direction has something to say: a read is tried at once only
 * if data is there as far as we know, and the knowledge ends with a read that
 * was short, where that means something. So an operation costs one system call,
 * not two, and no call ends in EAGAIN as a rule.
 *
 * Descriptors of others are registered only while somebody waits for them, as
 * we would not be told when they are closed. What epoll can't wait for, files,
 * is done by the worker threads.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arch/valgrind.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "loop/blocking.h"
#include "loop/loop.h"

enum { EVENTS = 256 };

/* What is said of the mailbox's eventfd: no slot has such a number. */
static const uint64_t WAKE = UINT64_MAX;

/* Where an operation is. */
enum { QUEUED, AT_WORK };

struct fifo {
	struct smi_op *first;
	struct smi_op *last;
};

/* What we know of a descriptor. */
struct slot {
	struct fifo readers;
	struct fifo writers;
	uint32_t generation; /* how often the number was closed */
	bool registered;
	bool ours;	   /* closed by us: stays registered until then */
	bool short_is_all; /* a short read means that there is no more */
	bool readable;
	bool writable;
	bool ended; /* an error or a hang-up: always worth a try */
};

struct epoll {
	struct smi_loop *loop;
	int fd;
	struct slot *slots; /* by descriptor */
	size_t room;
	bool coarse; /* there is no epoll_pwait2 */
};

static void append(struct fifo *f, struct smi_op *op)
{
	op->stage = QUEUED;
	op->next = NULL;
	op->prev = f->last;
	if (f->last)
		f->last->next = op;
	else
		f->first = op;
	f->last = op;
}

static void unlink_op(struct fifo *f, struct smi_op *op)
{
	if (op->prev)
		op->prev->next = op->next;
	else
		f->first = op->next;
	if (op->next)
		op->next->prev = op->prev;
	else
		f->last = op->prev;
}

/* ---- Slots */

static int find_slot(struct epoll *e, int fd, struct slot **ret_slot)
{
	size_t room = e->room ? e->room : 64;
	struct slot *slots;

	if (fd < 0)
		return -EBADF;
	if ((size_t)fd >= e->room) {
		while (room <= (size_t)fd)
			room *= 2;
		slots = smi_resize(e->slots, room * sizeof *slots);
		if (!slots)
			return -ENOMEM;
		memset(slots + e->room, 0, (room - e->room) * sizeof *slots);
		e->slots = slots;
		e->room = room;
	}
	*ret_slot = &e->slots[fd];
	return 0;
}

static int control(const struct epoll *e, int what, const struct slot *slot,
		   int fd)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
		.data.u64 = (uint64_t)slot->generation << 32 | (uint32_t)fd,
	};

	return epoll_ctl(e->fd, what, fd, &event) < 0 ? -errno : 0;
}

static int enroll(struct epoll *e, struct slot *slot, int fd)
{
	int r;

	if (slot->registered && slot->ours)
		return 0;
	if (slot->registered) {
		if (control(e, EPOLL_CTL_MOD, slot, fd) == 0)
			return 0;
		/* It was closed while somebody waited for it, and this is
		 * another with its number. */
		slot->registered = false;
		slot->generation++;
	}
	r = control(e, EPOLL_CTL_ADD, slot, fd);
	/* It had this number before, and a duplicate kept it alive. */
	if (r == -EEXIST)
		r = control(e, EPOLL_CTL_MOD, slot, fd);
	if (r < 0)
		return r;
	slot->registered = true;
	slot->readable = false; /* we are told if it is */
	slot->writable = true;	/* it nearly always is */
	slot->ended = false;
	return 0;
}

/* From now on we are who closes it. */
static void take_over(struct slot *slot, int fd)
{
	int protocol = 0;
	socklen_t size = sizeof protocol;

	if (slot->ours)
		return;
	slot->ours = true;
	/* Unix sockets stop behind each message with descriptors. */
	slot->short_is_all = getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol,
					&size) == 0 &&
			     protocol == IPPROTO_TCP;
}

/* Forget a descriptor that is not ours when nobody waits for it. */
static void retire(struct epoll *e, struct slot *slot, int fd)
{
	if (slot->ours || !slot->registered || slot->readers.first ||
	    slot->writers.first)
		return;
	epoll_ctl(e->fd, EPOLL_CTL_DEL, fd, NULL);
	slot->registered = false;
}

/* ---- Trying */

/* A datagram says nothing about whether there is another. */
static bool took_all(const struct slot *slot, const struct smi_op *op,
		     ssize_t n)
{
	return slot->short_is_all && !(op->flags & MSG_PEEK) && n > 0 &&
	       (size_t)n < op->length;
}

static ssize_t receive(const struct smi_op *op)
{
	int flags = op->flags | MSG_DONTWAIT;
	ssize_t n = op->kind == SMI_OP_RECVMSG
			    ? recvmsg(op->fd, op->buffer, flags)
			    : recv(op->fd, op->buffer, op->length, flags);

	return n < 0 ? -errno : n;
}

static ssize_t transmit(const struct smi_op *op)
{
	int flags = op->flags | MSG_DONTWAIT;

	return op->kind == SMI_OP_SENDMSG
		       ? sendmsg(op->fd, op->buffer, flags)
		       : send(op->fd, op->buffer, op->length, flags);
}

static ssize_t receive_by_need(struct smi_op *op)
{
	ssize_t n = op->provide(op);

	if (n < 0)
		return n;
	n = receive(op);
	if (n == -EAGAIN) {
		op->buffer = NULL;
		op->withdraw(op);
	}
	return n;
}

static int try_receive(struct slot *slot, struct smi_op *op)
{
	ssize_t n;

	if (!slot->readable && !slot->ended)
		return -EAGAIN;
	n = op->buffer ? receive(op) : receive_by_need(op);
	/* There is no more just now, and we will be told when there is. */
	if (n == -EAGAIN || took_all(slot, op, n))
		slot->readable = false;
	return (int)n;
}

static int try_send(struct slot *slot, struct smi_op *op)
{
	ssize_t n;

	if (!slot->writable && !slot->ended)
		return -EAGAIN;
	n = transmit(op);
	if (n < 0)
		n = -errno;
	if (n == -EAGAIN || (n > 0 && (size_t)n < op->length))
		slot->writable = false;
	return (int)n;
}

static int try_accept(struct slot *slot, struct smi_op *op)
{
	int fd;

	if (!slot->readable && !slot->ended)
		return -EAGAIN;
	fd = accept4(op->fd, NULL, NULL, op->flags | SOCK_NONBLOCK);
	if (fd >= 0)
		return fd;
	if (errno == EAGAIN)
		slot->readable = false;
	return -errno;
}

/* A connection is begun once; then its socket becomes writable, for better or
 * for worse. */
static int try_connect(struct slot *slot, struct smi_op *op)
{
	int error = 0;
	socklen_t size = sizeof error;

	if (op->mode == 0) {
		op->mode = 1;
		if (connect(op->fd, op->buffer, (socklen_t)op->length) == 0)
			return 0;
		/* A Unix socket's backlog is full, and nothing would tell us
		 * when it is not. */
		if (errno == EAGAIN)
			return -ECONNREFUSED;
		if (errno != EINPROGRESS)
			return -errno;
		slot->writable = slot->ended = false;
	}
	if (!slot->writable && !slot->ended)
		return -EAGAIN;
	if (getsockopt(op->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

static int try_poll(struct slot *slot, struct smi_op *op)
{
	struct pollfd p = { .fd = op->fd, .events = (short)op->flags };

	(void)slot;
	if (poll(&p, 1, 0) < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return p.revents ? p.revents : -EAGAIN;
}

/* -EAGAIN: not yet. */
static int try_op(struct slot *slot, struct smi_op *op)
{
	switch (op->kind) {
	case SMI_OP_AWAIT:
		return slot->readable || slot->ended ? POLLIN : -EAGAIN;
	case SMI_OP_RECV:
	case SMI_OP_RECVMSG:
		return try_receive(slot, op);
	case SMI_OP_SEND:
	case SMI_OP_SENDMSG:
		return try_send(slot, op);
	case SMI_OP_ACCEPT:
		return try_accept(slot, op);
	case SMI_OP_CONNECT:
		return try_connect(slot, op);
	default:
		return try_poll(slot, op);
	}
}

static struct fifo *fifo_of(struct slot *slot, const struct smi_op *op)
{
	bool writes = op->kind == SMI_OP_SEND || op->kind == SMI_OP_SENDMSG ||
		      op->kind == SMI_OP_CONNECT ||
		      (op->kind == SMI_OP_POLL && !(op->flags & POLLIN));

	return writes ? &slot->writers : &slot->readers;
}

/* ---- Submission */

/* Who came first is served first; but a poll takes nothing from others. */
static bool must_queue(const struct fifo *fifo, const struct smi_op *op)
{
	const struct smi_op *before = fifo->first;

	while (before && before->kind == SMI_OP_POLL)
		before = before->next;
	return before && op->kind != SMI_OP_POLL;
}

static int submit_to_slot(struct epoll *e, struct smi_op *op)
{
	struct slot *slot;
	struct fifo *fifo;
	int r = find_slot(e, op->fd, &slot);

	if (r < 0)
		return r;
	op->mode = 0;
	r = enroll(e, slot, op->fd);
	if (r == -EPERM && op->kind == SMI_OP_POLL)
		r = 0; /* a file: always ready */
	if (r < 0)
		return r;
	if (op->kind != SMI_OP_POLL)
		take_over(slot, op->fd);
	fifo = fifo_of(slot, op);
	r = must_queue(fifo, op) ? -EAGAIN : try_op(slot, op);
	if (r == -EAGAIN && !slot->registered)
		return -EPERM; /* nor would we ever be told */
	if (r == -EAGAIN) {
		append(fifo, op);
		return 0;
	}
	retire(e, slot, op->fd);
	op->result = r;
	return 1;
}

static int submit_to_workers(struct epoll *e, struct smi_op *op)
{
	op->stage = AT_WORK;
	return smi_op_offload(e->loop, op);
}

/* Closing a socket doesn't block, and must not fail for want of a thread. */
static int submit_close(struct epoll *e, struct smi_op *op)
{
	struct slot *slot = NULL;
	bool ours = (size_t)op->fd < e->room && e->slots[op->fd].registered;

	if (ours) {
		slot = &e->slots[op->fd];
		slot->registered = slot->ours = false;
		slot->generation++;
	} else if (submit_to_workers(e, op) == 0) {
		return 0;
	}
	smi_op_block(&op->work);
	return 1;
}

static int submit(void *state, struct smi_op *op)
{
	if (op->kind == SMI_OP_CLOSE)
		return submit_close(state, op);
	if (op->kind == SMI_OP_RECEIVE)
		return -EOPNOTSUPP;
	return op->kind > SMI_OP_CLOSE ? submit_to_workers(state, op)
				       : submit_to_slot(state, op);
}

static void cancel(void *state, struct smi_op *op)
{
	struct epoll *e = state;
	struct slot *slot;

	if (op->stage == AT_WORK) {
		smi_op_offload_cancel(e->loop, op);
		return;
	}
	slot = &e->slots[op->fd];
	unlink_op(fifo_of(slot, op), op);
	retire(e, slot, op->fd);
	smi_op_finish(e->loop, op, -ECANCELED);
}

static void forget(void *state, int fd)
{
	struct epoll *e = state;
	struct slot *slot;

	if ((size_t)fd >= e->room || !e->slots[fd].registered)
		return;
	slot = &e->slots[fd];
	epoll_ctl(e->fd, EPOLL_CTL_DEL, fd, NULL);
	slot->registered = slot->ours = false;
	slot->generation++;
}

/* ---- Collection */

/* The first that can be finished, and its result. Polls don't wait for each
 * other, nor do others wait for them. */
static struct smi_op *first_to_finish(struct slot *slot,
				      const struct fifo *fifo, int *ret_result)
{
	bool blocked = false;
	struct smi_op *op;
	int r;

	for (op = fifo->first; op; op = op->next) {
		if (blocked && op->kind != SMI_OP_POLL)
			continue;
		r = try_op(slot, op);
		if (r != -EAGAIN) {
			*ret_result = r;
			break;
		}
		blocked = blocked || op->kind != SMI_OP_POLL;
	}
	return op;
}

/* Finish what can be finished, in order. done functions may submit more, and
 * so move the slots. */
static void serve(struct epoll *e, int fd, bool writers)
{
	for (;;) {
		struct slot *slot = &e->slots[fd];
		struct fifo *fifo = writers ? &slot->writers : &slot->readers;
		int result = 0;
		struct smi_op *op = first_to_finish(slot, fifo, &result);

		if (!op)
			return;
		unlink_op(fifo, op);
		smi_op_finish(e->loop, op, result);
	}
}

static void handle(struct epoll *e, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	struct slot *slot = &e->slots[fd];

	/* About a descriptor that was closed meanwhile. */
	if (slot->generation != event->data.u64 >> 32 || !slot->registered)
		return;
	if (event->events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
		slot->ended = true;
	if (event->events & (EPOLLIN | EPOLLPRI))
		slot->readable = true;
	/* A read stops at urgent data, with more behind it. */
	if (event->events & EPOLLPRI)
		slot->short_is_all = false;
	if (event->events & EPOLLOUT)
		slot->writable = true;
	/* Most often only one of them waits. The slots may have moved. */
	if (slot->readers.first)
		serve(e, fd, false);
	if (e->slots[fd].writers.first)
		serve(e, fd, true);
	retire(e, &e->slots[fd], fd);
}

/* For kernels before 5.11, and for valgrind: a wait to the millisecond. */
static int ask_coarsely(struct epoll *e, struct epoll_event *events,
			uint64_t timeout)
{
	uint64_t ms = timeout / 1000000 + (timeout % 1000000 != 0);

	return epoll_wait(e->fd, events, EVENTS,
			  timeout == SMI_NEVER ? -1
			  : ms > INT32_MAX     ? INT32_MAX
					       : (int)ms);
}

static int ask(struct epoll *e, struct epoll_event *events, uint64_t timeout)
{
	struct timespec span = { .tv_sec = (time_t)(timeout / 1000000000),
				 .tv_nsec = (long)(timeout % 1000000000) };
	int n = -1;

	if (!e->coarse) {
		n = epoll_pwait2(e->fd, events, EVENTS,
				 timeout == SMI_NEVER ? NULL : &span, NULL);
		/* EPERM is what sandboxes say that have never heard of it. */
		e->coarse = n < 0 && (errno == ENOSYS || errno == EPERM);
	}
	if (e->coarse)
		n = ask_coarsely(e, events, timeout);
	return n < 0 ? -errno : n;
}

static int wait(void *state, uint64_t timeout)
{
	struct epoll *e = state;
	struct epoll_event events[EVENTS];
	int n = ask(e, events, timeout);

	for (int i = 0; i < n; i++)
		if (events[i].data.u64 != WAKE)
			handle(e, &events[i]);
	return n < 0 && n != -EINTR ? n : 0;
}

static int descriptor(void *state)
{
	const struct epoll *e = state;

	return e->fd;
}

/* ---- Life */

/* Edge-triggered: each write to the eventfd is told, though nobody reads it. */
static int open_to_wake(int wake_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET,
				     .data.u64 = WAKE };
	int fd = epoll_create1(EPOLL_CLOEXEC), r = fd;

	if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, wake_fd, &event) < 0) {
		r = -errno;
		close(fd);
	}
	return fd < 0 ? -errno : r;
}

static int open_epoll(struct smi_loop *loop, void **ret_state)
{
	struct epoll *e = smi_alloc_zero(sizeof *e);

	if (!e)
		return -ENOMEM;
	e->loop = loop;
	e->coarse = smi_on_valgrind();
	e->fd = open_to_wake(loop->mailbox.wake_fd);
	if (e->fd < 0) {
		int r = e->fd;

		smi_free(e);
		return r;
	}
	*ret_state = e;
	return 0;
}

static void close_epoll(void *state)
{
	struct epoll *e = state;

	close(e->fd);
	smi_free(e->slots);
	smi_free(e);
}

const struct smi_backend smi_epoll_backend = {
	.name = "epoll",
	.socket_flags = SOCK_NONBLOCK,
	.provides = true,
	.open = open_epoll,
	.close = close_epoll,
	.submit = submit,
	.cancel = cancel,
	.forget = forget,
	.wait = wait,
	.descriptor = descriptor,
};
