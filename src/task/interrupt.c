/* SPDX-License-Identifier: MIT
 * task/interrupt.c - SIGINT, and perhaps SIGTERM, cancel the main task.
 *
 * As asyncio's Runner does: the first SIGINT lets the program clean up, the
 * second ends it as if nobody had caught the first. SA_RESETHAND does the
 * latter without any code of ours.
 */
#include "task/interrupt.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "task/task.h"

/* The one loop that has caught it, and whether it has come. */
static _Atomic(struct simul_loop *) catching;
static atomic_bool came;

static atomic_int handlers; /* at work now, in whatever thread */

static void interrupted(int number)
{
	struct simul_loop *loop;

	(void)number;
	handlers++;
	loop = catching;
	came = true;
	if (loop)
		smi_mailbox_wake(&loop->loop.mailbox);
	handlers--;
}

static void catch (int number)
{
	struct sigaction action = { .sa_handler = interrupted,
				    .sa_flags = SA_RESETHAND };
	struct sigaction old;

	sigaction(number, NULL, &old);
	if (old.sa_handler != SIG_DFL)
		return;
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void smi_catch_interrupt(struct simul_loop *loop, bool sigint, bool sigterm)
{
	if (getpid() != (pid_t)syscall(SYS_gettid) || catching)
		return;
	came = false;
	catching = loop;
	if (sigint)
		catch (SIGINT);
	if (sigterm)
		catch (SIGTERM);
}

bool smi_was_interrupted(const struct simul_loop *loop)
{
	return atomic_load_explicit(&came, memory_order_relaxed) &&
	       catching == loop && atomic_exchange(&came, false);
}

static void release(int number)
{
	struct sigaction action;

	sigaction(number, NULL, &action);
	if (action.sa_handler != interrupted)
		return;
	action.sa_handler = SIG_DFL;
	action.sa_flags = 0;
	sigaction(number, &action, NULL);
}

void smi_release_interrupt(struct simul_loop *loop)
{
	if (catching != loop)
		return;
	release(SIGINT);
	release(SIGTERM);
	catching = NULL;
	/* One that has seen the loop still wakes it. */
	while (handlers > 0)
		sched_yield();
}

void smi_settle_interrupt(int number)
{
	if (!catching)
		release(number);
}
