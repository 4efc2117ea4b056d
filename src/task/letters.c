/* SPDX-License-Identifier: MIT
 * task/letters.c - letters from loop to loop.
 *
 * To wake another loop is a system call and, if it sleeps, work for two
 * processors. So a loop does so once for all that its tasks ask of it in one
 * turn: a job of its own wakes the others when the tasks have had theirs. That
 * is for who waits for the answer at once; others wake it immediately. (With
 * 64 calls at a time that is a quarter of the time. A message from ring to
 * ring, IORING_OP_MSG_RING, was no faster than the write to an eventfd that it
 * saves, and slower where one call is made at a time.)
 */
#include "task/task.h"

enum { ROOM = sizeof((struct simul_loop *)0)->to_wake / sizeof(void *) };

static bool is_owed(const struct simul_loop *here,
		    const struct simul_loop *there)
{
	for (size_t i = 0; i < here->to_wake_count; i++)
		if (here->to_wake[i] == there)
			return true;
	return false;
}

/* Each is kept until it has been woken: it may end as soon as it has the
 * letter, which it may find by itself. */
static bool wake_later(struct simul_loop *there)
{
	struct simul_loop *here = smi_current_loop;

	if (!here)
		return false;
	if (is_owed(here, there))
		return true;
	if (here->to_wake_count == ROOM)
		return false;
	if (here->to_wake_count == 0) {
		if (smi_loop_reserve(&here->loop) < 0)
			return false;
		smi_loop_ready(&here->loop, &here->wakes);
	}
	atomic_fetch_add(&there->references, 1);
	here->to_wake[here->to_wake_count++] = there;
	return true;
}

static void wake(struct simul_loop *there)
{
	if (!wake_later(there))
		smi_mailbox_wake(&there->loop.mailbox);
}

int smi_letter_post(struct simul_loop *there, struct smi_letter *letter)
{
	int r = smi_mailbox_put(&there->loop.mailbox, letter, false);

	if (r > 0)
		wake(there);
	return r < 0 ? r : 0;
}

void smi_letter_answer(struct simul_loop *there, struct smi_letter *letter)
{
	if (smi_mailbox_put(&there->loop.mailbox, letter, true) > 0)
		wake(there);
}

void smi_wake_others(struct simul_loop *here)
{
	size_t count = here->to_wake_count;

	here->to_wake_count = 0;
	for (size_t i = 0; i < count; i++) {
		smi_mailbox_wake(&here->to_wake[i]->loop.mailbox);
		smi_loop_unreference(here->to_wake[i]);
	}
}

void smi_wakes_run(struct smi_job *job)
{
	struct simul_loop *here =
		(struct simul_loop *)((char *)job -
				      offsetof(struct simul_loop, wakes));

	smi_loop_unreserve(&here->loop);
	smi_wake_others(here);
}
