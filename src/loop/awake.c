/* SPDX-License-Identifier: MIT
 * loop/awake.c - a wait in which the thread stays awake. */
#include "loop/awake.h"

#include <stdbool.h>

/* What a wait counts for at most, in times of what is spent awake: so a long
 * rest is forgotten after a few short waits. */
enum { LONGEST = 4 };

void smi_loop_set_spin(struct smi_loop *loop, uint64_t spin)
{
	loop->spin = spin;
	loop->usual_wait = LONGEST * spin;
}

/* An average, in which the last one counts for a quarter. */
static void learn(struct smi_loop *loop, uint64_t waited)
{
	uint64_t most = LONGEST * loop->spin;

	loop->usual_wait =
		(3 * loop->usual_wait + (waited < most ? waited : most)) / 4;
}

/* Is there something to do, or a letter? */
static bool is_over(const struct smi_loop *loop)
{
	return loop->head != loop->tail || smi_mailbox_has_some(&loop->mailbox);
}

/* Look until there is something. With io_uring that is to read memory, and no
 * system call. */
static int look_until(struct smi_loop *loop, uint64_t end)
{
	int r;

	do
		r = loop->backend->wait(loop->backend_state, 0);
	while (r >= 0 && !is_over(loop) && smi_clock() < end);
	return r;
}

static int stay_awake(struct smi_loop *loop, uint64_t start, uint64_t timeout)
{
	uint64_t span = timeout < loop->spin ? timeout : loop->spin;
	int r = look_until(loop, start + span);
	bool vain = !is_over(loop) && span < timeout;

	/* Even if it was almost long enough: a peer may be waiting for our
	 * core. From here the loop asks anew what there is to wait for, as
	 * operations may have ended that nobody waited for, or a handler of a
	 * signal may have woken us; then it sleeps. */
	learn(loop, vain ? SMI_NEVER : smi_clock() - start);
	return r;
}

int smi_loop_wait_awake(struct smi_loop *loop, uint64_t timeout)
{
	uint64_t start = smi_clock();
	int r;

	if (loop->usual_wait < loop->spin)
		return stay_awake(loop, start, timeout);
	r = loop->backend->wait(loop->backend_state, timeout);
	learn(loop, smi_clock() - start);
	return r;
}
