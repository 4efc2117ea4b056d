/* SPDX-License-Identifier: MIT
 * loop/loop.c - one thread's loop. */
#include "loop/loop.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "loop/awake.h"
#include "loop/workers.h"

enum { FIRST_RING = 64, FAST_TURNS = 64 };

uint64_t smi_loop_grace = 20000000;

uint64_t smi_loop_now(const struct smi_loop *loop)
{
	return loop->virtual_clock ? loop->now : smi_clock();
}

/* ---- Belongings */

struct smi_belonging *
smi_loop_belonging(const struct smi_loop *loop,
		   void (*free)(struct smi_belonging *belonging))
{
	struct smi_belonging *b = loop->belongings;

	while (b && b->free != free)
		b = b->next;
	return b;
}

void smi_loop_keep(struct smi_loop *loop, struct smi_belonging *belonging)
{
	belonging->next = loop->belongings;
	loop->belongings = belonging;
}

static void free_belongings(struct smi_loop *loop)
{
	struct smi_belonging *b;

	while ((b = loop->belongings)) {
		loop->belongings = b->next;
		b->free(b);
	}
}

/* ---- Jobs */

int smi_loop_grow(struct smi_loop *loop)
{
	size_t room = loop->ring ? (loop->mask + 1) * 2 : FIRST_RING;
	struct smi_job **ring = smi_alloc(room * sizeof *ring);

	if (!ring)
		return -ENOMEM;
	for (size_t i = loop->head; loop->ring && i != loop->tail; i++)
		ring[i & (room - 1)] = loop->ring[i & loop->mask];
	smi_free(loop->ring);
	loop->ring = ring;
	loop->mask = room - 1;
	return 0;
}

static void run_ready(struct smi_loop *loop)
{
	struct smi_job *job;

	loop->turn_end = loop->tail;
	loop->fast_turns = FAST_TURNS;
	do {
		while ((job = smi_loop_peek(loop))) {
			smi_loop_take(loop);
			job->run(job);
		}
	} while (smi_loop_fast_turn(loop));
}

/* ---- Timers */

/* Fire what is due by loop->now. A timer that is set meanwhile lies later, as
 * no span of time is less than a nanosecond. */
static void fire_due(struct smi_loop *loop)
{
	struct simul_timer *timer;

	while ((timer = smi_heap_first(&loop->timers)) &&
	       timer->when <= loop->now) {
		smi_heap_remove(&loop->timers, timer);
		timer->fire(timer);
	}
}

/* ---- Operations */

/* Is somebody waiting for it to end? */
static bool is_counted(const struct smi_op *op)
{
	return op->kind != SMI_OP_RECEIVE;
}

int smi_op_submit(struct smi_loop *loop, struct smi_op *op)
{
	int r = loop->backend->submit(loop->backend_state, op);

	loop->unsent = true;
	loop->in_flight += r == 0 && is_counted(op);
	return r;
}

void smi_op_cancel(struct smi_loop *loop, struct smi_op *op)
{
	loop->unsent = true;
	loop->backend->cancel(loop->backend_state, op);
}

void smi_op_forget(struct smi_loop *loop, int fd)
{
	if (loop->backend->forget)
		loop->backend->forget(loop->backend_state, fd);
}

void smi_op_finish(struct smi_loop *loop, struct smi_op *op, int result)
{
	loop->in_flight -= is_counted(op);
	op->result = result;
	op->more = false;
	op->done(op);
}

void smi_op_deliver(struct smi_op *op, int result)
{
	op->result = result;
	op->more = true;
	op->done(op);
}

/* ---- A turn */

uint64_t smi_loop_patience(const struct smi_loop *loop)
{
	const struct simul_timer *first = smi_heap_first(&loop->timers);
	uint64_t now;

	if (loop->head != loop->tail)
		return 0;
	if (!first)
		return SMI_NEVER;
	now = smi_loop_now(loop);
	return first->when > now ? first->when - now : 0;
}

/* Can anything that is not a timer wake us? */
static bool world_may_speak(const struct smi_loop *loop)
{
	return loop->in_flight > 0 || loop->holds > 0;
}

uint64_t smi_loop_leisure(const struct smi_loop *loop)
{
	uint64_t patience = smi_loop_patience(loop);

	if (loop->unsent)
		return 0;
	if (loop->virtual_clock && patience != SMI_NEVER && patience > 0)
		return world_may_speak(loop) ? smi_loop_grace : 0;
	return patience;
}

/* A loop that has something to do asks only if there is something that might
 * have ended: a letter is seen in the mailbox itself. */
static int ask_world(struct smi_loop *loop, uint64_t timeout)
{
	int r = 0;

	if (loop->head == loop->tail || loop->in_flight > 0) {
		loop->unsent = false;
		r = timeout > 0 && loop->spin > 0
			    ? smi_loop_wait_awake(loop, timeout)
			    : loop->backend->wait(loop->backend_state, timeout);
	}
	smi_mailbox_deliver(&loop->mailbox);
	return r;
}

/* Ask the world until something is ready or so much time has passed; a backend
 * may return early for no reason. */
static int be_quiet(struct smi_loop *loop, uint64_t span)
{
	uint64_t now = smi_clock(), end = now + span;
	int r;

	do {
		r = ask_world(loop, end - now);
		now = smi_clock();
	} while (r >= 0 && loop->head == loop->tail && now < end);
	return r;
}

/* Has the world had its time? Who drives the loop from outside waits between
 * two turns, and may have been woken for nothing. */
static bool was_quiet(struct smi_loop *loop, bool block)
{
	if (block || !world_may_speak(loop))
		return true;
	if (!loop->idled)
		loop->idle_since = smi_clock();
	return smi_clock() - loop->idle_since >= smi_loop_grace;
}

/* Nothing is ready: let the world speak first, then jump to the next timer. */
static int jump(struct smi_loop *loop, bool block)
{
	bool may_jump = was_quiet(loop, block);
	const struct simul_timer *first = smi_heap_first(&loop->timers);
	uint64_t timeout = 0;
	int r;

	if (block && world_may_speak(loop))
		timeout = first ? smi_loop_grace : SMI_NEVER;
	r = first ? be_quiet(loop, timeout) : ask_world(loop, timeout);
	if (r < 0 || loop->head != loop->tail)
		return r;
	/* The letters may have set or cleared timers. */
	first = smi_heap_first(&loop->timers);
	if (first && first->when > loop->now && may_jump)
		loop->now = first->when;
	return 0;
}

int smi_loop_turn(struct smi_loop *loop, bool block)
{
	uint64_t timeout;
	int r;

	run_ready(loop);
	smi_mailbox_deliver(&loop->mailbox);
	if (loop->hurry) {
		loop->hurry = false;
		return 0;
	}
	timeout = smi_loop_patience(loop);
	if (timeout == SMI_NEVER && !world_may_speak(loop) && block)
		/* Who held the loop last may have posted before it let go. */
		return smi_mailbox_deliver(&loop->mailbox) ? 0 : -EDEADLK;
	if (loop->virtual_clock) {
		r = timeout ? jump(loop, block) : ask_world(loop, 0);
	} else {
		r = ask_world(loop, block ? timeout : 0);
		if (loop->timers.count > 0 || timeout > 0)
			loop->now = smi_clock();
	}
	loop->idled = timeout > 0 && loop->head == loop->tail;
	fire_due(loop);
	return r;
}

/* ---- Life */

static int choose_backend(struct smi_loop *loop, const char *name)
{
	int r = -EINVAL;

	for (int i = 0; smi_backends[i]; i++) {
		const struct smi_backend *b = smi_backends[i];

		if (name && strcmp(name, b->name) != 0)
			continue;
		r = b->open(loop, &loop->backend_state);
		if (r >= 0) {
			loop->backend = b;
			return 0;
		}
	}
	return r;
}

int smi_loop_init(struct smi_loop *loop, const struct smi_loop_options *o)
{
	int r;

	*loop = (struct smi_loop){ .virtual_clock = o->virtual_clock,
				   .guest = o->guest,
				   .unsent = true };
	r = smi_loop_grow(loop);
	if (r >= 0)
		r = smi_heap_grow(&loop->timers);
	if (r >= 0)
		r = smi_mailbox_init(&loop->mailbox);
	if (r < 0)
		goto no_mailbox;
	r = choose_backend(loop, o->backend);
	if (r < 0)
		goto no_backend;
	if (!o->virtual_clock)
		smi_loop_set_spin(loop, o->spin);
	return 0;

no_backend:
	smi_mailbox_done(&loop->mailbox);
no_mailbox:
	smi_heap_done(&loop->timers);
	smi_free(loop->ring);
	return r;
}

void smi_loop_close(struct smi_loop *loop)
{
	smi_mailbox_close(&loop->mailbox);
}

void smi_loop_done(struct smi_loop *loop)
{
	while (loop->pools)
		smi_workers_free(loop->pools);
	loop->workers = NULL;
	/* Work that nobody waited for any more has still to be put away. */
	smi_mailbox_deliver(&loop->mailbox);
	free_belongings(loop);
	loop->backend->close(loop->backend_state);
	smi_heap_done(&loop->timers);
	smi_spares_done(&loop->spares);
	smi_free(loop->ring);
	loop->ring = NULL;
}
