/* SPDX-License-Identifier: MIT
 * task/thread.c - other threads reach a loop. */
#include <simul/thread.h>

#include <errno.h>
#include <semaphore.h>

#include <simul/scope.h>

#include "base/alloc.h"
#include "task/wait.h"

/* ---- Holds
 *
 * Two counts: of those who may yet speak to the loop, which keep it waiting,
 * and of those for whom its memory must last. The one is given up before the
 * loop is woken to see that, the other after. */

simul_loop *simul_loop_hold(simul_loop *loop)
{
	atomic_fetch_add(&loop->references, 1);
	atomic_fetch_add(&loop->loop.holds, 1);
	return loop;
}

void smi_loop_unreference(struct simul_loop *loop)
{
	if (atomic_fetch_sub(&loop->references, 1) > 1)
		return;
	smi_mailbox_done(&loop->loop.mailbox);
	smi_free(loop);
}

void simul_loop_release(simul_loop *loop)
{
	if (!loop)
		return;
	if (atomic_fetch_sub(&loop->loop.holds, 1) == 1)
		smi_mailbox_wake(&loop->loop.mailbox);
	smi_loop_unreference(loop);
}

/* ---- In: letters with something to do */

/* How long a submission waits for memory until it is tried again. */
static const uint64_t RETRY = 10000000; /* ns */

struct submission {
	struct smi_letter letter;
	struct simul_loop *loop;
	simul_fn *fn;
	void *arg;
};

static bool start(const struct submission *s)
{
	struct simul_loop *loop = s->loop;
	struct simul_task *task = smi_task_new(
		loop, &(struct smi_task_plan){ .fn = s->fn,
					       .arg = s->arg,
					       .shift = loop->shift,
					       .scope = &loop->scope });

	if (!task)
		return false;
	smi_task_detach(task);
	smi_task_start(task);
	return true;
}

static void retry(struct simul_timer *timer)
{
	smi_retry_submissions(
		(struct simul_loop *)((char *)timer -
				      offsetof(struct simul_loop, retry)));
}

/* Put it behind those that wait for memory already. */
static void postpone(struct submission *s)
{
	struct simul_loop *loop = s->loop;

	if (!smi_timer_is_set(&loop->retry)) {
		loop->retry.fire = retry;
		loop->retry.when = smi_loop_now(&loop->loop) + RETRY;
		smi_heap_add_anyway(&loop->loop.timers, &loop->retry);
	}
	s->letter.next = NULL;
	if (loop->postponed)
		loop->last_postponed->next = &s->letter;
	else
		loop->postponed = &s->letter;
	loop->last_postponed = &s->letter;
}

/* Whoever submitted it has been told that it will run. So if there is no memory
 * for a task it is tried again a little later; and if there will be none,
 * because the run has ended, it must do without a task. */
static void receive_submission(struct smi_letter *letter)
{
	struct submission *s = (struct submission *)letter;

	if (!start(s)) {
		if (!smi_mailbox_is_closed(&s->loop->loop.mailbox)) {
			postpone(s);
			return;
		}
		s->fn(s->arg);
	}
	smi_free(s);
}

void smi_retry_submissions(struct simul_loop *loop)
{
	struct smi_letter *first = loop->postponed, *letter;

	loop->postponed = NULL;
	smi_loop_clear_timer(&loop->loop, &loop->retry);
	while ((letter = first)) {
		first = letter->next;
		letter->deliver(letter);
	}
}

/* Post a letter that was allocated for it. */
static int post(simul_loop *loop, struct smi_letter *letter)
{
	int r = smi_mailbox_post(&loop->loop.mailbox, letter);

	if (r < 0)
		smi_free(letter);
	return r;
}

int simul_submit(simul_loop *loop, simul_fn *fn, void *arg)
{
	struct submission *s = smi_alloc(sizeof *s);

	if (!s)
		return -ENOMEM;
	*s = (struct submission){
		{ .deliver = receive_submission }, loop, fn, arg
	};
	return post(loop, &s->letter);
}

/* ---- In, and wait for what comes of it */

struct errand_there {
	simul_fn *fn;
	void *arg;
	double seconds;
	int result;
	sem_t done;
};

static int runs_errand(void *arg)
{
	struct errand_there *e = arg;

	/* The run has ended, and there was no memory for a task. */
	e->result = smi_current ? simul_wait_for(e->seconds, e->fn, e->arg)
				: -ESHUTDOWN;
	/* Whose it was may be gone when this returns. */
	sem_post(&e->done);
	return 0;
}

int simul_submit_wait(simul_loop *loop, simul_fn *fn, void *arg, double seconds)
{
	struct errand_there e = { .fn = fn, .arg = arg, .seconds = seconds };
	int r;

	if (smi_current_loop)
		return -EDEADLK;
	sem_init(&e.done, 0, 0);
	r = simul_submit(loop, runs_errand, &e);
	while (r >= 0 && sem_wait(&e.done) < 0)
		;
	sem_destroy(&e.done);
	return r < 0 ? r : e.result;
}

/* ---- In: the result of a future */

struct answer {
	struct smi_letter letter;
	simul_future *future;
	int result;
	void *value;
};

static void receive_answer(struct smi_letter *letter)
{
	struct answer *a = (struct answer *)letter;

	simul_future_set(a->future, a->result, a->value);
	smi_free(a);
}

int simul_future_post(simul_loop *loop, simul_future *future, int result,
		      void *value)
{
	struct answer *a = smi_alloc(sizeof *a);

	if (!a)
		return -ENOMEM;
	*a = (struct answer){
		{ .deliver = receive_answer }, future, result, value
	};
	return post(loop, &a->letter);
}
