/* SPDX-License-Identifier: MIT
 * loop/uring.c - operations by io_uring(7).
 *
 * The kernel's interface is ours: an operation becomes one submission queue
 * entry. Everything that was submitted during a turn goes to the kernel by one
 * system call, the same that waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "loop/blocking.h"
#include "loop/loop.h"
#include "loop/uring_buffers.h"
#include "loop/uring_open.h"
#include "loop/uring_prepare.h"

enum { ENTRIES = 512, COMPLETIONS = 4096 };

/* Where an operation is. */
enum { SUBMITTED, WAITING, CANCEL_WAITING, GIVEN_UP, AT_WORK };

struct uring {
	struct io_uring ring;
	struct smi_loop *loop;
	uint64_t able;	/* the kinds of operations that the kernel has */
	bool listening; /* to the mailbox's eventfd */
	/* Operations for which there was no entry: to be submitted, or to be
	 * cancelled, before the next wait. */
	struct smi_op *first;
	struct smi_op *last;
	struct smi_uring_buffers buffers; /* for SMI_OP_RECEIVE, ... */
	bool deaf;			  /* ... which can't be done */
};

/* ---- Submission */

static void enqueue(struct uring *u, struct smi_op *op, unsigned char stage)
{
	op->stage = stage;
	op->next = NULL;
	op->prev = u->last;
	if (u->last)
		u->last->next = op;
	else
		u->first = op;
	u->last = op;
}

static void dequeue(struct uring *u, struct smi_op *op)
{
	if (op->prev)
		op->prev->next = op->next;
	else
		u->first = op->next;
	if (op->next)
		op->next->prev = op->prev;
	else
		u->last = op->prev;
}

/* A free entry; if there is none, the kernel is given what we have. */
static struct io_uring_sqe *get_entry(struct uring *u)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

	if (!sqe && io_uring_submit(&u->ring) > 0)
		sqe = io_uring_get_sqe(&u->ring);
	return sqe;
}

static bool start(struct uring *u, struct smi_op *op)
{
	struct io_uring_sqe *sqe = get_entry(u);

	if (!sqe)
		return false;
	smi_uring_prepare(sqe, op);
	io_uring_sqe_set_data(sqe, op);
	return true;
}

/* The answer to the cancellation itself is of no interest: that of the
 * operation will come. */
static bool start_cancel(struct uring *u, struct smi_op *op)
{
	struct io_uring_sqe *sqe = get_entry(u);

	if (!sqe)
		return false;
	io_uring_prep_cancel(sqe, op, 0);
	io_uring_sqe_set_data(sqe, NULL);
	return true;
}

/* What may make or cut a file is opened by a thread of the kernel's, which
 * would wait at a FIFO for its other end. */
static bool may_be_stuck(const struct smi_op *op)
{
	return (op->flags & (O_CREAT | O_TRUNC)) &&
	       !(op->flags & (O_EXCL | O_NONBLOCK));
}

static bool is_for_worker(const struct uring *u, const struct smi_op *op)
{
	if (!(u->able & UINT64_C(1) << op->kind))
		return true;
	switch (op->kind) {
	case SMI_OP_READ:
	case SMI_OP_WRITE:
		return op->flags & SMI_OP_APART;
	case SMI_OP_OPEN:
		return may_be_stuck(op);
	case SMI_OP_ADVISE:
		return op->length > UINT32_MAX; /* there it has 32 bits */
	case SMI_OP_SENDFILE:
		return true; /* it knows splices, two for one, by threads too */
	default:
		return false;
	}
}

/* Is there somewhere to put what comes? */
static int prepare_to_receive(struct uring *u)
{
	int r;

	if (u->deaf)
		return -EOPNOTSUPP;
	if (u->buffers.ring)
		return 0;
	r = smi_uring_buffers_open(&u->buffers, &u->ring, true);
	u->deaf = r < 0 && r != -ENOMEM;
	return r < 0 ? -EOPNOTSUPP : 0;
}

static int give_to_worker(struct uring *u, struct smi_op *op)
{
	op->stage = AT_WORK;
	return smi_op_offload(u->loop, op);
}

static void give_to_kernel(struct uring *u, struct smi_op *op)
{
	op->stage = SUBMITTED;
	if (u->first || !start(u, op))
		enqueue(u, op, WAITING);
}

static int submit(void *state, struct smi_op *op)
{
	struct uring *u = state;
	int r = op->kind == SMI_OP_RECEIVE ? prepare_to_receive(u) : 0;

	if (r < 0)
		return r;
	if (is_for_worker(u, op))
		return give_to_worker(u, op);
	if (op->kind == SMI_OP_OPEN)
		smi_uring_open_begin(op);
	give_to_kernel(u, op);
	return 0;
}

static void cancel(void *state, struct smi_op *op)
{
	struct uring *u = state;

	/* What is to be closed must be closed. */
	if (op->kind == SMI_OP_CLOSE)
		return;
	if (op->stage == WAITING) {
		dequeue(u, op);
		smi_op_finish(u->loop, op, -ECANCELED);
	} else if (op->stage == SUBMITTED) {
		if (start_cancel(u, op))
			op->stage = GIVEN_UP;
		else
			enqueue(u, op, CANCEL_WAITING);
	} else if (op->stage == AT_WORK) {
		smi_op_offload_cancel(u->loop, op);
	}
}

/* What found no entry before. */
static void start_waiting(struct uring *u)
{
	struct smi_op *op;

	while ((op = u->first)) {
		bool new = op->stage == WAITING;

		if (!(new ? start(u, op) : start_cancel(u, op)))
			return;
		dequeue(u, op);
		op->stage = new ? SUBMITTED : GIVEN_UP;
	}
}

/* ---- Completion */

/* The kernel's -ERESTARTSYS, by which an open says that it was interrupted.
 * Only system calls translate it. */
enum { STOPPED = -512 };

static void end(struct uring *u, struct smi_op *op, int result)
{
	if (op->stage == CANCEL_WAITING)
		dequeue(u, op);
	smi_op_finish(u->loop, op, result == STOPPED ? -EINTR : result);
}

/* One way to open a file has come to this. */
static void opened(struct uring *u, struct smi_op *op, int result)
{
	enum smi_uring_open_next next = smi_uring_open_next(op, result);
	int r = 0;

	if (next == SMI_OPEN_ENDED)
		r = result;
	else if (op->stage != SUBMITTED)
		r = -ECANCELED; /* it has been given up meanwhile */
	else if (next == SMI_OPEN_AGAIN)
		give_to_kernel(u, op);
	else
		r = give_to_worker(u, op);
	if (next == SMI_OPEN_ENDED || r < 0)
		end(u, op, r);
}

/* The kernel knows buffers, but not that they can be filled again and again. */
static int explain(struct uring *u, int result)
{
	if (result != -EINVAL)
		return result;
	u->deaf = true;
	return -EOPNOTSUPP;
}

/* Something has come, or will come no more. op may be gone afterwards. */
static void receive(struct uring *u, struct smi_op *op, int result,
		    unsigned flags)
{
	bool filled = flags & IORING_CQE_F_BUFFER;

	op->buffer = filled ? smi_uring_buffers_at(&u->buffers, flags) : NULL;
	if (flags & IORING_CQE_F_MORE)
		smi_op_deliver(op, result);
	else
		end(u, op, explain(u, result));
	if (filled)
		smi_uring_buffers_return(&u->buffers, flags,
					 result > 0 ? (unsigned)result : 0);
}

/* A poll that stays tells of each write to the eventfd, though nobody reads it.
 * The kernel ends it where it had no room to tell. */
static bool listen_for_wake(struct uring *u)
{
	struct io_uring_sqe *sqe = u->listening ? NULL : get_entry(u);

	if (sqe) {
		io_uring_prep_poll_multishot(sqe, u->loop->mailbox.wake_fd,
					     POLLIN);
		io_uring_sqe_set_data(sqe, u);
		u->listening = true;
	}
	return u->listening;
}

/* What is there now, and no more: to look once more while the kernel has work
 * for us is to enter it, which the next turn does anyway, and then with all
 * that was submitted meanwhile. */
static void collect(struct uring *u)
{
	unsigned n = io_uring_cq_ready(&u->ring);
	struct io_uring_cqe *cqe;

	while (n-- > 0 && io_uring_peek_cqe(&u->ring, &cqe) == 0) {
		struct smi_op *op = io_uring_cqe_get_data(cqe);
		int result = cqe->res;
		unsigned flags = cqe->flags;

		io_uring_cqe_seen(&u->ring, cqe);
		if (!op)
			continue;
		if (op == (void *)u)
			u->listening = flags & IORING_CQE_F_MORE;
		else if (op->kind == SMI_OP_RECEIVE)
			receive(u, op, result, flags);
		else if (op->kind == SMI_OP_OPEN)
			opened(u, op, result);
		else
			end(u, op, result);
	}
}

/* Has the kernel something for us that it will only do when we enter it?
 * Reading a flag of the ring is much cheaper than entering in vain. */
static bool kernel_waits(const struct uring *u)
{
	return io_uring_sq_ready(&u->ring) > 0 ||
	       (IO_URING_READ_ONCE(*u->ring.sq.kflags) &
		(IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW));
}

static int enter(struct uring *u, uint64_t timeout)
{
	struct __kernel_timespec span;
	struct io_uring_cqe *cqe;

	if (timeout == 0)
		return kernel_waits(u)
			       ? io_uring_submit_and_get_events(&u->ring)
			       : 0;
	span.tv_sec = (long long)(timeout / 1000000000);
	span.tv_nsec = (long long)(timeout % 1000000000);
	return io_uring_submit_and_wait_timeout(
		&u->ring, &cqe, 1, timeout == SMI_NEVER ? NULL : &span, NULL);
}

static int wait(void *state, uint64_t timeout)
{
	struct uring *u = state;
	int r;

	start_waiting(u);
	if (!listen_for_wake(u) || u->first)
		timeout = 0;
	r = enter(u, timeout);
	collect(u);
	/* What the kernel would not take is still to be handed over. */
	if (u->first || !u->listening || io_uring_sq_ready(&u->ring) > 0)
		u->loop->unsent = true;
	/* Time is up; a signal; or the kernel wants us to collect first. */
	if (r == -ETIME || r == -EINTR || r == -EBUSY || r == -EAGAIN)
		return 0;
	return r < 0 ? r : 0;
}

static int descriptor(void *state)
{
	const struct uring *u = state;

	return u->ring.ring_fd;
}

/* ---- Life */

/* From what a new kernel does best to what every one can. Only the last wakes
 * those who poll the ring, wherever our thread is: by the others the kernel
 * leaves its work to us until we enter it. */
static const unsigned setups[] = {
	IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
		IORING_SETUP_TASKRUN_FLAG,
	IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
	0,
};

static int set_up(struct io_uring *ring, bool guest)
{
	const size_t n = sizeof setups / sizeof *setups;
	int r = -EINVAL;

	for (size_t i = guest ? n - 1 : 0; r == -EINVAL && i < n; i++) {
		struct io_uring_params p = {
			.flags = setups[i] | IORING_SETUP_SUBMIT_ALL |
				 IORING_SETUP_CQSIZE,
			.cq_entries = COMPLETIONS,
		};

		r = io_uring_queue_init_params(ENTRIES, ring, &p);
		/* Came with polls that stay; before it had that, a wait had
		 * no time limit. */
		if (r >= 0 && !(p.features & IORING_FEAT_RSRC_TAGS)) {
			io_uring_queue_exit(ring);
			return -ENOSYS;
		}
	}
	return r;
}

static int open_uring(struct smi_loop *loop, void **ret_state)
{
	struct uring *u = smi_alloc_zero(sizeof *u);
	int r;

	if (!u)
		return -ENOMEM;
	u->loop = loop;
	r = set_up(&u->ring, loop->guest);
	if (r < 0) {
		smi_free(u);
		return r;
	}
	u->able = smi_uring_abilities(&u->ring);
	/* Only a ring that leaves its work to us until we enter it takes
	 * nothing from a socket between two turns, behind our back. */
	u->deaf = !(u->ring.flags & IORING_SETUP_DEFER_TASKRUN);
	/* Saves the kernel a look-up per call; it may refuse. */
	io_uring_register_ring_fd(&u->ring);
	*ret_state = u;
	return 0;
}

static void close_uring(void *state)
{
	struct uring *u = state;

	smi_uring_buffers_close(&u->buffers, &u->ring);
	io_uring_queue_exit(&u->ring);
	smi_free(u);
}

const struct smi_backend smi_uring_backend = {
	.name = "io_uring",
	.open = open_uring,
	.close = close_uring,
	.submit = submit,
	.cancel = cancel,
	.wait = wait,
	.descriptor = descriptor,
};
