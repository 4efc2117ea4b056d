/* SPDX-License-Identifier: MIT
 * task/scope.c - deadlines and shields. */
#include <simul/scope.h>

#include <errno.h>
#include <math.h>

#include "base/bug.h"
#include "task/task.h"

static simul_timeout *timeout_of(struct simul_timer *timer)
{
	return (simul_timeout *)((char *)timer -
				 offsetof(simul_timeout, timer));
}

static void expire(struct simul_timer *timer)
{
	simul_timeout *timeout = timeout_of(timer);

	timeout->expired = true;
	smi_scope_cancel(&timeout->scope);
}

/* Arm the timer for a point of time; SMI_NEVER is none. */
static inline int arm(simul_timeout *timeout, struct simul_loop *loop,
		      uint64_t when)
{
	timeout->timer.when = when;
	timeout->timer.fire = expire;
	return when == SMI_NEVER
		       ? 0
		       : smi_loop_set_timer(&loop->loop, &timeout->timer);
}

static inline int open_at(simul_timeout *timeout, uint64_t when, bool at_once)
{
	struct simul_task *self = smi_current;
	int r;

	if (!self)
		return -EPERM;
	timeout->expired = false;
	timeout->timer.slot = 0;
	r = arm(timeout, self->loop, at_once ? SMI_NEVER : when);
	if (r < 0)
		return r;
	timeout->timer.when = when;
	smi_scope_open(self, &timeout->scope);
	if (at_once)
		expire(&timeout->timer);
	return 0;
}

int simul_timeout_open(simul_timeout *timeout, double seconds)
{
	uint64_t now;

	if (isnan(seconds))
		return -EINVAL;
	if (!smi_current)
		return -EPERM;
	now = smi_loop_now(&smi_current->loop->loop);
	return open_at(timeout, smi_after(now, smi_nanoseconds(seconds)),
		       seconds <= 0);
}

int simul_timeout_open_at(simul_timeout *timeout, double when)
{
	uint64_t then = smi_nanoseconds(when);

	if (isnan(when))
		return -EINVAL;
	if (!smi_current)
		return -EPERM;
	/* By the time that the loop knows without looking: to look costs more
	 * than all of this, and a later deadline is seen in the next turn. */
	return open_at(timeout, then, then <= smi_current->loop->loop.now);
}

int simul_timeout_close(simul_timeout *timeout, int result)
{
	struct simul_task *self = smi_current;

	if (self->scope != &timeout->scope)
		smi_bug("task '%s' closes a timeout that is not its innermost "
			"scope",
			simul_task_name(self));
	smi_loop_clear_timer(&self->loop->loop, &timeout->timer);
	smi_scope_close(&timeout->scope);
	if (result == -ECANCELED && timeout->expired && !self->scope->cancelled)
		return -ETIMEDOUT;
	return result;
}

int simul_timeout_reschedule(simul_timeout *timeout, double seconds)
{
	struct simul_task *owner = timeout->scope.task;
	struct smi_loop *loop;
	uint64_t old;
	int r;

	if (isnan(seconds) || !owner || timeout->expired)
		return -EINVAL;
	loop = &owner->loop->loop;
	old = timeout->timer.when;
	smi_loop_clear_timer(loop, &timeout->timer);
	if (seconds <= 0) {
		expire(&timeout->timer);
		return 0;
	}
	/* There was room for it a moment ago, unless it was not set. */
	r = arm(timeout, owner->loop,
		smi_after(smi_loop_now(loop), smi_nanoseconds(seconds)));
	if (r < 0)
		timeout->timer.when = old;
	return r;
}

double simul_timeout_when(const simul_timeout *timeout)
{
	return timeout->timer.when == SMI_NEVER
		       ? INFINITY
		       : (double)timeout->timer.when * 1e-9;
}

bool simul_timeout_expired(const simul_timeout *timeout)
{
	return timeout->expired;
}

int simul_wait_for(double seconds, simul_fn *fn, void *arg)
{
	simul_timeout timeout;
	int r = simul_timeout_open(&timeout, seconds);

	if (r < 0)
		return r;
	return simul_timeout_close(&timeout, fn(arg));
}

int simul_shield(simul_fn *fn, void *arg)
{
	struct simul_scope shield;
	int r;

	if (!smi_current)
		return -EPERM;
	smi_scope_open(smi_current, &shield);
	shield.shielded = true;
	shield.cancelled = false;
	r = fn(arg);
	if (smi_current->scope != &shield)
		smi_bug("a function run by simul_shield returned with a scope "
			"open");
	smi_scope_close(&shield);
	return r;
}

/* ---- The block form */

struct simul_timeout_block *
simul_timeout_block_open(struct simul_timeout_block *block, double seconds,
			 int *result)
{
	int r = simul_timeout_open(&block->timeout, seconds);

	block->result = result;
	block->once = r >= 0;
	if (r < 0) {
		*result = r;
		block->timeout.scope.task = NULL;
	}
	return block;
}

void simul_timeout_block_close(struct simul_timeout_block *block)
{
	if (block->timeout.scope.task)
		*block->result =
			simul_timeout_close(&block->timeout, *block->result);
}
