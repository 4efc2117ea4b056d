/* SPDX-License-Identifier: MIT
 * sync/select.c - wait for several things at once, and take exactly one.
 *
 * The task stands in the queue of every case at once, with a record in each.
 * Whoever wakes one of the records settles the matter there and then: the case
 * is taken, its value delivered, and all other records leave their queues
 * before anybody else can look. What may remain to be waited for are
 * operations on descriptors, which the kernel is still busy with. */
#include <simul/select.h>

#include <errno.h>
#include <math.h>
#include <poll.h>

#include "base/alloc.h"
#include "sync/source.h"
#include "task/wait.h"

enum { MOST_CASES = 64, FEW_CASES = 4 };

/* ---- Is a case ready? If so it is taken, and its result says how that
 * went. */

static bool took(simul_case *c, int result)
{
	c->result = result;
	return true;
}

/* -EAGAIN: not yet. */
static bool took_unless_again(simul_case *c, int result)
{
	return result != -EAGAIN && took(c, result);
}

static bool try_future(simul_case *c)
{
	const simul_future *future = c->object;

	if (!future->is_set)
		return false;
	if (future->result >= 0 && c->value)
		*c->value = future->value;
	return took(c, future->result);
}

static bool try_task(simul_case *c)
{
	struct simul_task *task = c->object;

	if (!simul_task_is_done(task))
		return task == smi_current && took(c, -EDEADLK);
	if (task)
		task->observed = true;
	return took(c, simul_task_result(task));
}

static short events_of(const simul_case *c)
{
	return c->kind == SIMUL_CASE_WRITABLE ? POLLOUT : POLLIN;
}

/* What a poll has found, as a result. An error of the descriptor's is
 * something to be read. */
static int result_of_poll(int events)
{
	if (events < 0)
		return events;
	return events & POLLNVAL ? -EBADF : 0;
}

static bool try_descriptor(simul_case *c)
{
	struct pollfd p = { .fd = c->fd, .events = events_of(c) };

	if (c->fd < 0)
		return took(c, -EBADF);
	return poll(&p, 1, 0) > 0 && took(c, result_of_poll(p.revents));
}

static bool try_source(simul_case *c)
{
	struct smi_source *source = c->object;

	return took_unless_again(c, source->ops->look(source));
}

static bool try_sleep(simul_case *c)
{
	if (isnan(c->seconds))
		return took(c, -EINVAL);
	return c->seconds <= 0 && took(c, 0);
}

static bool try_case(simul_case *c)
{
	switch (c->kind) {
	case SIMUL_CASE_GET:
		return took_unless_again(
			c, simul_queue_try_get(c->object, c->value));
	case SIMUL_CASE_PUT:
		return took_unless_again(
			c, simul_queue_try_put(c->object, c->item));
	case SIMUL_CASE_EVENT:
		return ((const simul_event *)c->object)->is_set && took(c, 0);
	case SIMUL_CASE_FUTURE:
		return try_future(c);
	case SIMUL_CASE_TASK:
		return try_task(c);
	case SIMUL_CASE_ACQUIRE:
		return took_unless_again(
			c, simul_semaphore_try_acquire(c->object));
	case SIMUL_CASE_READABLE:
	case SIMUL_CASE_WRITABLE:
		return try_descriptor(c);
	case SIMUL_CASE_STREAM:
		return try_source(c);
	case SIMUL_CASE_SLEEP:
		return try_sleep(c);
	default:
		return false;
	}
}

int simul_try_select(simul_case *cases, size_t n)
{
	if (n > MOST_CASES)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (try_case(&cases[i]))
			return (int)i;
	return -EAGAIN;
}

/* ---- Waiting */

struct selection;

/* A record in the queue of a case. */
struct watch {
	struct simul_waiter waiter;
	struct selection *selection;
	simul_case *c;
	struct poll *poll; /* of its descriptor, once that was polled */
	bool at_source;	   /* the queue is that of a source */
};

/* An operation that watches the descriptor of a case. */
struct poll {
	struct smi_op op;
	struct watch *watch;
	bool under_way;
};

struct selection {
	struct simul_task *task;
	simul_case *cases;
	size_t n;
	struct watch *watches; /* one for each case */
	struct poll *polls;    /* one for each descriptor */
	size_t poll_count;     /* so many were started */
	size_t under_way;      /* so many of them have not ended */
	struct simul_timer timer;
	simul_case *soonest; /* the case that the timer is for */
	bool settled;
	int outcome;
};

/* The task goes on when it is settled which case is taken, and nothing is left
 * that writes to its memory. */
static bool is_over(const struct selection *s)
{
	return s->settled && s->under_way == 0;
}

static void resume_if_over(struct selection *s)
{
	if (is_over(s) && s->task->state == SMI_WAITING)
		smi_resume(s->task, 0);
}

static void leave_source(struct watch *w)
{
	struct smi_source *source = w->c->object;

	if (w->waiter.queue)
		smi_waiters_remove(&w->waiter);
	if (w->at_source)
		source->ops->unwatch(source);
	w->at_source = false;
}

/* The first who comes here decides. */
static void settle(struct selection *s, int outcome)
{
	s->settled = true;
	s->outcome = outcome;
	for (size_t i = 0; i < s->n; i++) {
		struct watch *w = &s->watches[i];

		if (w->waiter.queue)
			smi_waiters_remove(&w->waiter);
		if (w->at_source)
			leave_source(w);
	}
	smi_loop_clear_timer(&s->task->loop->loop, &s->timer);
	for (size_t i = 0; i < s->poll_count; i++)
		if (s->polls[i].under_way)
			smi_op_cancel(&s->task->loop->loop, &s->polls[i].op);
	resume_if_over(s);
}

static void settle_with(struct selection *s, simul_case *c, int result)
{
	c->result = result;
	settle(s, (int)(c - s->cases));
}

/* Cancelled. If a case was taken before, it stays taken. */
static void give_up(struct simul_task *task, void *on)
{
	struct selection *s = on;

	(void)task;
	if (!s->settled)
		settle(s, -ECANCELED);
}

/* ---- Waiting in queues */

static struct simul_waiters *queue_of(const simul_case *c)
{
	switch (c->kind) {
	case SIMUL_CASE_GET:
		return &((simul_queue *)c->object)->getters;
	case SIMUL_CASE_PUT:
		return &((simul_queue *)c->object)->putters;
	case SIMUL_CASE_EVENT:
		return &((simul_event *)c->object)->waiters;
	case SIMUL_CASE_FUTURE:
		return &((simul_future *)c->object)->waiters;
	case SIMUL_CASE_TASK:
		return &((simul_task *)c->object)->waiters;
	case SIMUL_CASE_ACQUIRE:
		return &((simul_semaphore *)c->object)->waiters;
	default:
		return NULL;
	}
}

static void look_at_stream(struct watch *w);

/* Called in place of waking the task: what the waker brings is taken now. */
static void deliver(struct simul_waiter *waiter, int result)
{
	struct watch *w = (struct watch *)waiter;
	simul_case *c = w->c;

	if (c->kind == SIMUL_CASE_STREAM) {
		look_at_stream(w);
		return;
	}
	if (c->kind == SIMUL_CASE_GET && result >= 0)
		*c->value = waiter->value;
	if (c->kind == SIMUL_CASE_FUTURE || c->kind == SIMUL_CASE_TASK) {
		try_case(c);
		result = c->result;
	}
	settle_with(w->selection, c, result);
}

static void join_queues(struct selection *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct watch *w = &s->watches[i];
		struct simul_waiters *queue = queue_of(&s->cases[i]);

		*w = (struct watch){ .selection = s, .c = &s->cases[i] };
		w->waiter.task = s->task;
		w->waiter.notify = deliver;
		w->waiter.value = s->cases[i].item;
		if (queue)
			smi_waiters_add(queue, &w->waiter);
	}
}

/* ---- Waiting for time to pass: one timer is enough, for the case that is due
 * first. */

static void passed(struct simul_timer *timer)
{
	struct selection *s =
		(struct selection *)((char *)timer -
				     offsetof(struct selection, timer));

	settle_with(s, s->soonest, 0);
}

static void set_timer(struct selection *s)
{
	struct smi_loop *loop = &s->task->loop->loop;

	for (size_t i = 0; i < s->n; i++) {
		simul_case *c = &s->cases[i];

		if (c->kind == SIMUL_CASE_SLEEP &&
		    (!s->soonest || c->seconds < s->soonest->seconds))
			s->soonest = c;
	}
	if (!s->soonest)
		return;
	s->timer.fire = passed;
	s->timer.when = smi_after(smi_loop_now(loop),
				  smi_nanoseconds(s->soonest->seconds));
	if (s->timer.when != SMI_NEVER &&
	    smi_loop_set_timer(loop, &s->timer) < 0)
		settle(s, -ENOMEM);
}

/* ---- Waiting for descriptors */

static void polled(struct smi_op *op)
{
	struct poll *p = op->owner;
	struct watch *w = p->watch;
	struct selection *s = w->selection;

	p->under_way = false;
	s->under_way--;
	if (s->settled)
		resume_if_over(s);
	else if (w->c->kind == SIMUL_CASE_STREAM && op->result >= 0)
		look_at_stream(w);
	else
		settle_with(s, w->c, result_of_poll(op->result));
}

static struct poll *poll_of(struct watch *w)
{
	if (!w->poll)
		w->poll = &w->selection->polls[w->selection->poll_count++];
	*w->poll = (struct poll){ .watch = w };
	return w->poll;
}

/* true: it has ended at once. */
static bool start_poll(struct watch *w, int fd)
{
	struct selection *s = w->selection;
	struct poll *p = poll_of(w);
	int r;

	p->op.kind = SMI_OP_POLL;
	p->op.fd = fd;
	p->op.flags = events_of(w->c);
	p->op.done = polled;
	p->op.owner = p;
	r = smi_op_submit(&s->task->loop->loop, &p->op);
	if (r == 0) {
		p->under_way = true;
		s->under_way++;
	} else if (r == -ENOMEM) {
		settle(s, r);
	} else if (r < 0) {
		settle_with(s, w->c, r);
	}
	return r > 0;
}

static void watch_descriptor(struct watch *w)
{
	if (start_poll(w, w->c->fd))
		settle_with(w->selection, w->c,
			    result_of_poll(w->poll->op.result));
}

/* ---- Waiting for streams: for their descriptors, or among their watchers */

/* true: it may be ready already. */
static bool start_watch(struct watch *w)
{
	struct smi_source *source = w->c->object;
	int r = source->ops->watch(source);

	if (r < 0 && r != -EAGAIN) {
		settle_with(w->selection, w->c, r);
		return false;
	}
	w->at_source = r == -EAGAIN;
	smi_waiters_add(&source->watchers, &w->waiter);
	/* It may have been told before what the poll has found. */
	if (w->at_source || (w->poll && w->poll->under_way))
		return false;
	return start_poll(w, r);
}

/* Something has come. It may not be enough, or another task has begun to
 * read. */
static void look_at_stream(struct watch *w)
{
	do {
		leave_source(w);
		if (try_source(w->c)) {
			settle_with(w->selection, w->c, w->c->result);
			return;
		}
	} while (start_watch(w));
}

static void watch_stream(struct watch *w)
{
	if (start_watch(w))
		look_at_stream(w);
}

static bool may_need_poll(const simul_case *c)
{
	return c->kind == SIMUL_CASE_READABLE ||
	       c->kind == SIMUL_CASE_WRITABLE || c->kind == SIMUL_CASE_STREAM;
}

static void start_polls(struct selection *s)
{
	for (size_t i = 0; i < s->n && !s->settled; i++) {
		simul_case *c = &s->cases[i];

		if (c->kind == SIMUL_CASE_STREAM)
			watch_stream(&s->watches[i]);
		else if (may_need_poll(c))
			watch_descriptor(&s->watches[i]);
	}
}

/* ---- Select */

static int allocate(struct selection *s)
{
	size_t descriptors = 0;

	for (size_t i = 0; i < s->n; i++)
		descriptors += may_need_poll(&s->cases[i]);
	if (descriptors) {
		s->polls = smi_alloc(descriptors * sizeof *s->polls);
		if (!s->polls)
			return -ENOMEM;
	}
	if (s->n > FEW_CASES) {
		s->watches = smi_alloc(s->n * sizeof *s->watches);
		if (!s->watches)
			return -ENOMEM;
	}
	return 0;
}

static int wait_for_one(struct selection *s)
{
	static const struct smi_wait waiting = { "one of several things",
						 give_up };

	join_queues(s);
	set_timer(s);
	start_polls(s);
	if (!is_over(s))
		smi_suspend(&waiting, s);
	return s->outcome;
}

/* A task's stack is small as long as it can be: few records fit into the
 * frame, many don't. */
static int select_waiting(simul_case *cases, size_t n)
{
	struct watch few[FEW_CASES];
	struct selection s = {
		.task = smi_current, .cases = cases, .n = n, .watches = few
	};
	int r = allocate(&s);

	if (r >= 0)
		r = wait_for_one(&s);
	if (s.watches != few)
		smi_free(s.watches);
	smi_free(s.polls);
	return r;
}

int simul_select(simul_case *cases, size_t n)
{
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	r = simul_try_select(cases, n);
	return r == -EAGAIN ? select_waiting(cases, n) : r;
}
