/* SPDX-License-Identifier: MIT
 * io/perform.c - operations as calls that suspend. */
#include "io/perform.h"

#include <errno.h>
#include <unistd.h>

#include <simul/stream.h>

#include "task/wait.h"

static void ended(struct smi_op *op)
{
	smi_resume(op->owner, op->result);
}

/* The operation is in the frame of the call that waits. So the task stays
 * where it is until the operation has really ended. */
static void interrupt(struct simul_task *task, void *op)
{
	smi_op_cancel(&task->loop->loop, op);
}

static const struct smi_wait waits[SMI_OP_KINDS] = {
	[SMI_OP_POLL] = { "a descriptor to be ready", interrupt },
	[SMI_OP_ACCEPT] = { "a connection to come", interrupt },
	[SMI_OP_CONNECT] = { "a connection to be made", interrupt },
	[SMI_OP_AWAIT] = { "something to come from a socket", interrupt },
	[SMI_OP_RECV] = { "bytes from a socket", interrupt },
	[SMI_OP_SEND] = { "bytes to leave by a socket", interrupt },
	[SMI_OP_RECVMSG] = { "a datagram", interrupt },
	[SMI_OP_SENDMSG] = { "a datagram to leave", interrupt },
	[SMI_OP_OPEN] = { "a file to be opened", interrupt },
	[SMI_OP_READ] = { "bytes from a file", interrupt },
	[SMI_OP_WRITE] = { "bytes to be written to a file", interrupt },
	[SMI_OP_SYNC] = { "a file to be on its disk", interrupt },
	[SMI_OP_TRUNCATE] = { "a file to be cut", interrupt },
	[SMI_OP_ALLOCATE] = { "room for a file", interrupt },
	[SMI_OP_ADVISE] = { "a file to be prepared", interrupt },
	[SMI_OP_STAT] = { "the state of a file", interrupt },
	[SMI_OP_RENAME] = { "a file to be renamed", interrupt },
	[SMI_OP_LINK] = { "a link to be made", interrupt },
	[SMI_OP_SYMLINK] = { "a symbolic link to be made", interrupt },
	[SMI_OP_UNLINK] = { "a name to be removed", interrupt },
	[SMI_OP_MKDIR] = { "a directory to be made", interrupt },
	[SMI_OP_SENDFILE] = { "a file to leave by a socket", interrupt },
	/* What is to be closed must be closed. */
	[SMI_OP_CLOSE] = { "a descriptor to be closed", NULL },
};

/* Operations that have ended at once, one after the other: a peer that always
 * has more to say would let nobody else, not even a timer, have its turn. So
 * after so many of them the world is asked in between. */
enum { MOST_AT_ONCE = 8 };

void smi_give_way(void)
{
	struct simul_task *self = smi_current;
	struct simul_loop *loop = self->loop;

	if (loop->quick != self)
		loop->at_once = 0;
	loop->quick = self;
	if (++loop->at_once < MOST_AT_ONCE)
		return;
	loop->at_once = 0;
	loop->loop.fast_turns = 0;
	smi_yield();
}

static int perform(struct smi_op *op)
{
	struct simul_task *self = smi_current;
	int r;

	op->done = ended;
	op->owner = self;
	r = smi_op_submit(&self->loop->loop, op);
	if (r == 0) {
		self->loop->quick = NULL;
		return smi_suspend(&waits[op->kind], op);
	}
	if (r < 0)
		return r;
	smi_give_way();
	return op->result;
}

int smi_perform(struct smi_op *op)
{
	int r;

	/* A kernel's thread that works for us is stopped by a signal: then it
	 * says -EINTR, and we know better. */
	do {
		r = smi_may_suspend();
		if (r >= 0)
			r = perform(op);
	} while (r == -EINTR);
	return r;
}

int smi_close_fd(int fd)
{
	struct smi_op op = { .kind = SMI_OP_CLOSE, .fd = fd };
	int r = perform(&op);

	/* The descriptor is gone when this has happened. */
	return r == -EINTR ? 0 : r;
}

int simul_wait_fd(int fd, int events)
{
	struct smi_op op = { .kind = SMI_OP_POLL, .fd = fd, .flags = events };

	if (events <= 0 || events > INT16_MAX)
		return -EINVAL;
	return smi_perform(&op);
}
