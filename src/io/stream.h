/* SPDX-License-Identifier: MIT
 * io/stream.h - what every stream is made of, and what lies under it.
 *
 * The buffers and the verbs are the same for all (read.c, write.c, close.c);
 * a kind of stream is a table of functions under them and a struct that begins
 * with struct simul_stream:
 *
 *	simul_read, simul_read_line, ...     simul_write, simul_flush, ...
 *	        |                                   |
 *	struct smi_input                     pending, leaving
 *	        |                                   |
 *	ops->read, in the reader's task      ops->write, by the loop
 *
 * Writing. Bytes gather in pending. The first ones make the stream's job
 * ready, which runs when the tasks of this turn have had theirs: it makes
 * pending the leaving bytes and hands them to ops->write. So at most one
 * ops->write is under way, its bytes stay in place, and what is written
 * meanwhile gathers for the next. None of this is in the frame of the task
 * that writes: to cancel it doesn't stop what it has written. What is large may
 * leave at once, by ops->write_now, without being gathered.
 */
#ifndef SMI_IO_STREAM_H
#define SMI_IO_STREAM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/stream.h>
#include <simul/sync.h>

#include "base/buffer.h"
#include "base/shared.h"
#include "io/input.h"
#include "loop/loop.h"
#include "sync/source.h"
#include "task/wait.h"

struct smi_stream_ops {
	/* Receive so much at once, also when nothing says that there is so
	 * much. 0: begin with a little. */
	size_t unit;

	/* Read up to n bytes, n > 0: how many, 0 at the end, or an error. May
	 * suspend, and looks for cancellation first. There is one reader at a
	 * time. */
	ptrdiff_t (*read)(simul_stream *s, void *bytes, size_t n);

	/* Wait until read has something, holding no memory for it: 0, or an
	 * error. What came on the way may be in in or late. As read: may
	 * suspend, looks for cancellation first. NULL: nobody knows. */
	int (*await)(simul_stream *s);

	/* Read what has come: as read, but -EAGAIN if nothing has, or if that
	 * will be put into late. Does not suspend; also outside of any task.
	 * NULL where that can't be done. */
	ptrdiff_t (*read_now)(simul_stream *s, void *bytes, size_t n);

	/* Something was read ahead, or somebody reads, and more is to be
	 * written: where both have one position, get ready. 0 or an error.
	 * Does not suspend. NULL where the two have nothing to do with each
	 * other. */
	int (*turn_to_write)(simul_stream *s);

	/* Write up to n bytes, n > 0, without suspending: how many were, or
	 * an error, or 0: that is under way, and smi_stream_wrote will be
	 * called, not inside this. Outside of any task. */
	ptrdiff_t (*write)(simul_stream *s, const void *bytes, size_t n);

	/* Write what goes at once, while no write is under way: how many bytes,
	 * or an error. NULL where write is as good. */
	ptrdiff_t (*write_now)(simul_stream *s, const struct iovec *parts,
			       int count);

	/* Ask for an end of the write that is under way. smi_stream_wrote will
	 * be called, perhaps inside this. */
	void (*cancel_write)(simul_stream *s);

	/* Everything has left: say that no more will come. Does not suspend.
	 * NULL where nobody can be told. */
	int (*shutdown_write)(simul_stream *s);

	/* Let go of what lies under the stream; nothing is under way. Not to be
	 * cancelled. aborted: something is missing from what was written. */
	int (*close)(simul_stream *s, bool aborted);

	/* Has nothing come that was not read yet, neither bytes nor the end?
	 * Does not suspend. NULL where that can't be told. */
	bool (*is_quiet)(simul_stream *s);

	/* A task waits in simul_select until it is not quiet any more: see
	 * struct smi_source_ops, and smi_stream_tell_watchers. NULL: that
	 * can't be done; and where nothing is to be undone. */
	int (*watch)(simul_stream *s);
	void (*unwatch)(simul_stream *s);

	/* For simul_copy, where much has come: send up to most bytes into to
	 * past us, when all that was written to to before has left: how many;
	 * an error; or 0 at the end, and wherever else it takes reading and
	 * writing to go on. *way is where to takes them, and becomes -1 if that
	 * is so for good. NULL where it always is. */
	ptrdiff_t (*send_into)(simul_stream *s, simul_stream *to, int *way,
			       uint64_t most);

	/* A descriptor into which bytes may be put past us, also by a thread:
	 * it waits there for a moment at most. Or an error: that can't be done
	 * just now. NULL where it never can. */
	int (*take_files)(simul_stream *s);

	/* For simul_stream_detach and simul_stream_attach. Have nothing under
	 * way for reading; suspends, and is not to be cancelled. NULL: the
	 * stream can't leave its loop. */
	void (*rest)(simul_stream *s);

	/* Then: the loop must know no more of it. */
	void (*leave)(simul_stream *s);

	/* It is to be the current loop's: 0 or an error. */
	int (*join)(simul_stream *s);

	/* The stream that this one lies over. NULL where it is none. */
	simul_stream *(*below)(const simul_stream *s);
};

/* A task that waits for something to write: it needn't, once it can't be
 * written any more. In its frame, from smi_copier_enter to smi_copier_leave,
 * which is given what it has waited for and returns that, or why not. */
struct smi_copier {
	struct simul_scope scope;
	struct smi_copier *next;
};

SMI_SHARED void smi_copier_enter(struct smi_copier *c, simul_stream *to);
SMI_SHARED ptrdiff_t smi_copier_leave(struct smi_copier *c, simul_stream *to,
				      ptrdiff_t n);

struct simul_stream {
	const struct smi_stream_ops *ops;
	struct simul_loop *loop; /* NULL: it is on its way to another */

	/* Reading */
	struct simul_task *reader; /* who is at it just now */
	size_t limit;
	int read_error;		  /* reading is over */
	bool ended;		  /* the peer has finished */
	struct smi_source source; /* for those who wait in simul_select */
	struct smi_input in;
	struct smi_buffer late; /* came when nobody was reading; after in */

	/* Writing */
	struct smi_job job; /* starts to write what is pending */
	bool queued;	    /* it is ready */
	bool writing;	    /* ops->write is under way, with leaving */
	bool seized;	    /* or by somebody past the buffers */
	bool shut;
	bool handed; /* it is the turn of a writer who has not run yet */
	int write_error;
	struct smi_buffer pending;
	struct smi_buffer leaving;
	size_t high;
	uint64_t left; /* bytes that have left so far, */
	uint64_t past; /* and that others sent, who seized it */
	size_t users;  /* tasks in a call that writes or copies */
	struct simul_waiters writers;  /* for their turn */
	struct simul_waiters flushers; /* for bytes to leave */
	struct smi_copier *copiers;
};

extern const struct smi_source_ops smi_stream_source;

/* It may not be quiet any more. */
static inline void smi_stream_tell_watchers(simul_stream *s)
{
	if (s->source.watchers.first)
		smi_wake_all(&s->source.watchers, 0);
}

/* The current task uses a stream that is not of its loop: say so and abort. */
_Noreturn void smi_stream_astray(const simul_stream *s);

/* That would end in a crash, or in waiting for ever, at another place. */
static inline void smi_stream_check_here(const simul_stream *s)
{
	if (s->loop != smi_current->loop)
		smi_stream_astray(s);
}

/* Make a stream of size bytes, all zero but for its first part, or NULL. */
SMI_SHARED simul_stream *smi_stream_new(const struct smi_stream_ops *ops,
					size_t size);

/* Free it, when what lies under it is gone. */
SMI_SHARED void smi_stream_free(simul_stream *s);

/* What ops->write has begun has ended: so many bytes, or an error. */
SMI_SHARED void smi_stream_wrote(simul_stream *s, ptrdiff_t n);

/* What a system call that wrote has come to: what wrote nothing would be tried
 * for ever. */
static inline ptrdiff_t smi_stream_outcome(ptrdiff_t n)
{
	return n == 0 ? -EIO : n;
}

/* Has nothing come, neither bytes nor the end, that nobody has taken? false
 * where that can't be told. */
SMI_SHARED bool smi_stream_is_quiet(simul_stream *s);

/* Have more of what has come in in: 1; 0 at the end; -EAGAIN if there is no
 * more; -SIMUL_EUNSUPPORTED where nobody knows; or another error. Does not
 * suspend; also outside of any task, but not while anybody reads. */
SMI_SHARED int smi_stream_fill_now(simul_stream *s);

/* Wait, as a write does, until little enough waits to leave; or why nothing can
 * be written. What is written next doesn't have to wait. */
int smi_stream_wait_for_room(simul_stream *s);

/* That was some time ago: 0 if it is still so, or why nothing can be
 * written. */
int smi_stream_get_ready(simul_stream *s);

/* If nothing is under way, keep it so, for a task that writes past the stream:
 * what is written meanwhile waits for it. false: something is. */
SMI_SHARED bool smi_stream_seize(simul_stream *s);

/* The end of that: how many bytes it was, or what ended writing for good. */
SMI_SHARED void smi_stream_let_go(simul_stream *s, int result);

/* Have room for n bytes more in pending: 0 or -ENOMEM. */
SMI_SHARED int smi_stream_reserve(simul_stream *s, size_t n);

/* Something is pending: see to it that it leaves when the tasks have had their
 * turn. */
void smi_stream_push_soon(simul_stream *s);

/* Write what is pending as far as it goes at once. Is nothing left to be
 * written? */
SMI_SHARED bool smi_stream_push_now(simul_stream *s);

/* Start to write what is pending, now. */
SMI_SHARED void smi_stream_push(simul_stream *s);

/* Drop what is pending, end what is under way, and accept no more. Suspends;
 * not to be cancelled. */
SMI_SHARED void smi_stream_settle(simul_stream *s);

#endif /* SMI_IO_STREAM_H */
