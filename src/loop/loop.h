/* SPDX-License-Identifier: MIT
 * loop/loop.h - one thread's loop: what is ready, what is due, what has ended.
 *
 * The loop knows jobs, timers and operations; it has never heard of tasks.
 * One turn:
 *   1. run every job that was ready when the turn began;
 *   2. hand out letters from other threads;
 *   3. submit and collect operations, waiting only if nothing is ready;
 *   4. fire the timers that are due.
 * A job that becomes ready during a turn runs in the next. While there is
 * always another job ready, several turns are only made of step 1, so that
 * jobs that keep waking each other cost no system call; after FAST_TURNS of
 * them the world is asked again.
 */
#ifndef SMI_LOOP_LOOP_H
#define SMI_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/prefetch.h"
#include "base/clock.h"
#include "base/heap.h"
#include "base/spare.h"
#include "loop/backend.h"
#include "loop/mailbox.h"
#include "loop/op.h"

/* Something to run. It is ready at most once at a time. */
struct smi_job {
	void (*run)(struct smi_job *job);
	void *hot; /* what run touches first, worth fetching ahead of time */
};

struct smi_workers;

struct smi_loop {
	/* The ready jobs: a ring whose size is a power of two. head and tail
	 * only grow; the turn that runs ends at turn_end. */
	struct smi_job **ring;
	size_t mask;
	size_t head;
	size_t tail;
	size_t turn_end;
	unsigned fast_turns; /* turns until the world is asked again */

	bool virtual_clock;
	bool guest;	     /* others poll its descriptor */
	bool hurry;	     /* don't wait at the end of this turn */
	bool idled;	     /* nothing was ready at the end of the last turn */
	uint64_t idle_since; /* and since when, under the virtual clock */
	bool unsent;	     /* the backend may have something for the kernel */
	uint64_t spin;	     /* ns to stay awake for, and how long ... */
	uint64_t usual_wait; /* ... a wait takes: see loop/awake.h */
	uint64_t now; /* the virtual clock, or when the world was last asked */
	struct smi_heap timers;

	size_t jobs;	     /* that there are, ready or not */
	size_t in_flight;    /* operations and work that have not ended */
	atomic_size_t holds; /* outsiders who may yet post a letter */

	const struct smi_backend *backend;
	void *backend_state;
	struct smi_mailbox mailbox;
	struct smi_workers *workers; /* its own pool of threads ... */
	struct smi_workers *pools;   /* ... among all that serve it */
	struct smi_belonging *belongings;
	struct smi_spares spares; /* for what comes */
};

/* What a room to the right keeps for a loop, from its first use until the loop
 * has ended: the beginning of a struct of its own. */
struct smi_belonging {
	struct smi_belonging *next;
	/* Free it. The loop's threads have ended, and nothing is under way. It
	 * also tells whose it is: each kind has a function of its own. */
	void (*free)(struct smi_belonging *belonging);
};

/* How a loop is to be; see simul_options. */
struct smi_loop_options {
	const char *backend; /* NULL: the best that the kernel allows */
	bool virtual_clock;
	bool guest;    /* others poll its descriptor */
	uint64_t spin; /* ns to stay awake for, see loop/awake.h */
};

/* Make a loop in caller's memory. 0 or a negative error. */
int smi_loop_init(struct smi_loop *loop, const struct smi_loop_options *o);

/* Take no more letters from outside; those posted before are handed out, and
 * what they leave ready must be run before smi_loop_done. */
void smi_loop_close(struct smi_loop *loop);

/* End the threads and free what the loop holds, but for the mailbox, which
 * others may still see. No operation or timer may be left. */
void smi_loop_done(struct smi_loop *loop);

/* Run one turn; if block is set, wait until there is something to do. 0, or
 * -EDEADLK if nothing is left that could ever be done, or an error of the
 * backend's. */
int smi_loop_turn(struct smi_loop *loop, bool block);

/* Under the virtual clock, how many nanoseconds the real world is given to
 * answer before the clock jumps past it. Tests on slow machines give it more,
 * before there are loops. */
extern uint64_t smi_loop_grace;

/* How long a turn may wait: 0 if something is ready, SMI_NEVER without end. */
uint64_t smi_loop_patience(const struct smi_loop *loop);

/* How long whoever drives the loop may leave it alone if its descriptor stays
 * quiet. */
uint64_t smi_loop_leisure(const struct smi_loop *loop);

/* The time on the loop's clock. */
uint64_t smi_loop_now(const struct smi_loop *loop);

/* ---- Belongings */

/* The one that is freed by this function, or NULL. */
struct smi_belonging *
smi_loop_belonging(const struct smi_loop *loop,
		   void (*free)(struct smi_belonging *belonging));

/* Add one. */
void smi_loop_keep(struct smi_loop *loop, struct smi_belonging *belonging);

/* ---- Jobs */

/* Double the room for ready jobs. 0 or -ENOMEM. */
int smi_loop_grow(struct smi_loop *loop);

/* Make sure that one more job can be ready. 0 or -ENOMEM. */
static inline int smi_loop_reserve(struct smi_loop *loop)
{
	if (loop->jobs > loop->mask) {
		int r = smi_loop_grow(loop);

		if (r < 0)
			return r;
	}
	loop->jobs++;
	return 0;
}

/* One job fewer needs it. */
static inline void smi_loop_unreserve(struct smi_loop *loop)
{
	loop->jobs--;
}

/* Run job in the next turn. It must not be ready already. */
static inline void smi_loop_ready(struct smi_loop *loop, struct smi_job *job)
{
	loop->ring[loop->tail++ & loop->mask] = job;
}

/* Let another turn begin without asking the world, if that may be. */
static inline bool smi_loop_fast_turn(struct smi_loop *loop)
{
	if (loop->head == loop->tail || loop->fast_turns == 0)
		return false;
	loop->fast_turns--;
	loop->turn_end = loop->tail;
	return true;
}

/* How far ahead of their run jobs are fetched into the cache: first the job
 * itself, then what it points to. With tasks in random order, a hundred
 * thousand of them run in a quarter of the time that way. */
enum { SMI_FETCH_JOB = 8, SMI_FETCH_HOT = 4 };

/* The job that runs next in this turn, without taking it, or NULL. */
static inline struct smi_job *smi_loop_peek(const struct smi_loop *loop)
{
	return loop->head == loop->turn_end
		       ? NULL
		       : loop->ring[loop->head & loop->mask];
}

/* Take the job that smi_loop_peek has shown. */
static inline void smi_loop_take(struct smi_loop *loop)
{
	size_t head = loop->head++;

	if (loop->tail - head > SMI_FETCH_JOB) {
		const struct smi_job *soon =
			loop->ring[(head + SMI_FETCH_HOT) & loop->mask];

		smi_prefetch(loop->ring[(head + SMI_FETCH_JOB) & loop->mask]);
		smi_prefetch_stack(soon->hot);
	}
}

/* ---- Operations that nobody may be waiting for */

/* From now on a task waits for what an SMI_OP_RECEIVE brings; or no more. */
static inline void smi_loop_expect(struct smi_loop *loop)
{
	loop->in_flight++;
}

static inline void smi_loop_unexpect(struct smi_loop *loop)
{
	loop->in_flight--;
}

/* ---- Timers */

/* Call timer->fire at timer->when, on the loop's clock. 0 or -ENOMEM. */
static inline int smi_loop_set_timer(struct smi_loop *loop,
				     struct simul_timer *timer)
{
	return smi_heap_add(&loop->timers, timer);
}

/* Don't, if it has not been called yet. */
static inline void smi_loop_clear_timer(struct smi_loop *loop,
					struct simul_timer *timer)
{
	smi_heap_remove(&loop->timers, timer);
}

#endif /* SMI_LOOP_LOOP_H */
