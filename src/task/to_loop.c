/* SPDX-License-Identifier: MIT
 * task/to_loop.c - a call from one loop into another.
 *
 * All of it is in the caller's frame: nothing is allocated but the task over
 * there. Two letters travel, each to and fro. The first takes the call there
 * and comes back with its result; the second, if we are cancelled, takes that
 * there. The frame must last until both are back.
 */
#include <simul/loops.h>

#include <errno.h>

#include "task/wait.h"

struct visit {
	struct smi_letter call;
	struct smi_letter recall;
	struct simul_loop *here;
	struct simul_loop *there;
	struct simul_task *caller;
	simul_fn *fn;
	void *arg;
	/* There. */
	struct simul_task *guest; /* until it has ended */
	int result;
	/* Here: letters that are on their way. */
	unsigned away;
};

static struct visit *visit_of_recall(struct smi_letter *letter)
{
	return (struct visit *)((char *)letter -
				offsetof(struct visit, recall));
}

/* ---- The way
 *
 * Our loop may end as soon as it has the last letter, while whoever has posted
 * that still wakes it: each letter that is away keeps its memory. */

static int send(struct visit *v, struct smi_letter *letter,
		void (*deliver)(struct smi_letter *))
{
	int r;

	letter->deliver = deliver;
	atomic_fetch_add(&v->here->references, 1);
	r = smi_letter_post(v->there, letter);
	if (r < 0) {
		smi_loop_unreference(v->here);
		return r;
	}
	v->away++;
	return 0;
}

/* The visit may be gone when this returns. */
static void send_back(struct visit *v, struct smi_letter *letter,
		      void (*deliver)(struct smi_letter *))
{
	struct simul_loop *here = v->here;

	letter->deliver = deliver;
	smi_letter_answer(here, letter);
	smi_loop_unreference(here);
}

/* ---- Here again */

static void came_back(struct visit *v)
{
	if (--v->away > 0)
		return;
	v->here->loop.in_flight--;
	smi_resume(v->caller, v->result);
}

static void receive_result(struct smi_letter *letter)
{
	came_back((struct visit *)letter);
}

static void receive_receipt(struct smi_letter *letter)
{
	came_back(visit_of_recall(letter));
}

/* ---- There */

static void guest_ended(struct simul_task *task)
{
	struct visit *v = task->owner;

	v->guest = NULL;
	v->result = task->result;
	send_back(v, &v->call, receive_result);
}

static void receive_call(struct smi_letter *letter)
{
	struct visit *v = (struct visit *)letter;
	struct simul_loop *there = v->there;

	v->guest = smi_task_new(
		there, &(struct smi_task_plan){ .fn = v->fn,
						.arg = v->arg,
						.shift = there->shift,
						.name = "visitor",
						.scope = &there->scope });
	if (!v->guest) {
		v->result = -ENOMEM;
		send_back(v, &v->call, receive_result);
		return;
	}
	v->guest->owner = v;
	smi_task_detach(v->guest);
	smi_task_tell(v->guest, guest_ended);
	smi_task_start(v->guest);
}

static void receive_recall(struct smi_letter *letter)
{
	struct visit *v = visit_of_recall(letter);

	if (v->guest)
		simul_cancel(v->guest);
	send_back(v, letter, receive_receipt);
}

/* ---- Here */

/* If the other loop takes no letters any more it is at its end, and cancels the
 * call by itself. */
static void recall(struct simul_task *task, void *visit)
{
	struct visit *v = visit;

	(void)task;
	send(v, &v->recall, receive_recall);
}

int simul_to_loop(simul_loop *loop, simul_fn *fn, void *arg)
{
	static const struct smi_wait waiting = { "a call in another loop",
						 recall };
	struct visit v = { .there = loop, .fn = fn, .arg = arg };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	v.caller = smi_current;
	v.here = v.caller->loop;
	r = send(&v, &v.call, receive_call);
	if (r < 0)
		return r;
	v.here->loop.in_flight++;
	return smi_suspend(&waiting, &v);
}
