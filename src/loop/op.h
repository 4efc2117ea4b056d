/* SPDX-License-Identifier: MIT
 * loop/op.h - what a loop asks of the world: operations.
 *
 * An operation says what is to be done and where the bytes are: "read this
 * into that", not "tell me when readable". It lives in its caller's frame and
 * belongs to the loop from smi_op_submit until its done function is called,
 * exactly once. Till then neither it nor its buffer may go away, even if it has
 * been cancelled: cancelled is not finished.
 */
#ifndef SMI_LOOP_OP_H
#define SMI_LOOP_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/shared.h"
#include "loop/workers.h"

struct smi_loop;

enum smi_op_kind {
	SMI_OP_POLL,	/* flags: POLLIN and such; result: which came */
	SMI_OP_ACCEPT,	/* flags as for accept4; result: the descriptor */
	SMI_OP_CONNECT, /* buffer, length: the address */
	SMI_OP_AWAIT,	/* sockets: until there is something to receive */
	SMI_OP_RECV,	/* sockets; flags as for recv */
	SMI_OP_RECEIVE, /* sockets: whatever comes, repeatedly; see below */
	SMI_OP_SEND,	/* sockets; flags as for send */
	SMI_OP_RECVMSG, /* sockets; buffer: a struct msghdr */
	SMI_OP_SENDMSG, /* sockets; buffer: a struct msghdr */
	SMI_OP_CLOSE,	/* of anything; closes even when it fails */

	/* From here on: on files and their names, which may block a thread.
	 * fd is the directory of the path in buffer, or the file; other_fd
	 * that of the path in other. */
	SMI_OP_OPEN,	 /* flags, mode as for openat; never stuck at a FIFO;
			  * length: 0 or SMI_OP_APART */
	SMI_OP_READ,	 /* offset, or SMI_OP_CURSOR; SMI_OP_APART in flags */
	SMI_OP_WRITE,	 /* offset, or SMI_OP_CURSOR; SMI_OP_APART in flags */
	SMI_OP_SYNC,	 /* SMI_OP_DATA in flags: as fdatasync */
	SMI_OP_TRUNCATE, /* offset: the new length */
	SMI_OP_ALLOCATE, /* flags, offset, length as for fallocate */
	SMI_OP_ADVISE,	 /* flags: POSIX_FADV_...; offset, length */
	SMI_OP_STAT,	 /* flags, mask in mode, other as for statx */
	SMI_OP_RENAME,	 /* from buffer to other; flags as for renameat2 */
	SMI_OP_LINK,	 /* from buffer to other; flags as for linkat */
	SMI_OP_SYMLINK,	 /* buffer: what it says; other, other_fd: its name */
	SMI_OP_UNLINK,	 /* flags as for unlinkat */
	SMI_OP_MKDIR,	 /* mode */
	SMI_OP_SENDFILE, /* from the file other_fd, at offset or SMI_OP_CURSOR,
			  * to fd, as far as there is room */
	SMI_OP_KINDS
};

#define SMI_OP_CURSOR UINT64_MAX

/* Flags of the kinds above that have none of the system's. */
enum {
	/* By another thread in any case. io_uring may write in the loop's
	 * thread, which a signal could hit; and by a cursor that there is, it
	 * must not write: when a disk is full it says how much it wrote and
	 * leaves the cursor where it was (seen with Linux 6.18). */
	SMI_OP_APART = 1,
	SMI_OP_DATA = 1
};

/* SMI_OP_RECEIVE stays under way. Whenever something has come, done is called
 * with buffer where the bytes are, during this call only, and result how many;
 * and with more set if it will be called again. So who waits holds no memory,
 * and what comes next needs no new operation. It ends with more unset and the
 * last bytes; 0, the end of the stream; or an error: -ENOBUFS means that just
 * now there was no buffer, -ECANCELED that it was cancelled, after which bytes
 * may still have come. -EOPNOTSUPP, from submit or as the result: the system
 * can't do it; there is SMI_OP_RECV. As nobody may be waiting for it, the loop
 * doesn't count it as under way: see smi_loop_expect. */

/* An SMI_OP_RECV without a buffer calls provide when there is something to
 * receive, so that who waits holds no memory: it sets buffer and length, and
 * returns 0 or a negative error. If there was nothing after all, withdraw takes
 * the memory back. Only where the backend says that it does so. */

struct smi_op {
	enum smi_op_kind kind;
	int fd;
	int other_fd;
	void *buffer;
	void *other;
	size_t length;
	uint64_t offset;
	int flags;
	unsigned mode;
	int result; /* when done: >= 0 or -errno */
	bool more;  /* RECEIVE: that was not all */
	int (*provide)(struct smi_op *op);
	void (*withdraw)(struct smi_op *op);
	void (*done)(struct smi_op *op); /* called by the loop, not inside
					  * smi_op_submit */
	void *owner;			 /* the caller's, for done */
	/* The backend's. */
	struct smi_op *next;
	struct smi_op *prev;
	unsigned char stage;
	union {
		struct smi_work work; /* for those that a thread carries out */
		uint64_t how[3];      /* what openat2(2) is told */
	};
};

/* Hand op to the loop.
 *   0: it is under way; op->done will be called.
 *   1: it has ended already, with op->result; op->done will not be called.
 *   negative: it could not be started; op->done will not be called. */
SMI_SHARED int smi_op_submit(struct smi_loop *loop, struct smi_op *op);

/* Ask for an end of op, which is under way. op->done will be called, with
 * -ECANCELED or with what it had come to by then; perhaps inside this call. */
SMI_SHARED void smi_op_cancel(struct smi_loop *loop, struct smi_op *op);

/* fd goes to another loop. No operation on it is under way. */
void smi_op_forget(struct smi_loop *loop, int fd);

/* For backends: op has ended. */
void smi_op_finish(struct smi_loop *loop, struct smi_op *op, int result);

/* For backends: something has come of op, which goes on. */
void smi_op_deliver(struct smi_op *op, int result);

#endif /* SMI_LOOP_OP_H */
