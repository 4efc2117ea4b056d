/* SPDX-License-Identifier: MIT
 * task/run.c - a loop with tasks in it: its life, and its turns. */
#include <simul/run.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "task/debug.h"
#include "task/interrupt.h"
#include "task/task.h"

/* ---- Options */

static bool is_on(const char *value)
{
	return value && *value && strcmp(value, "0") != 0;
}

static int read_clock(const char *value, bool *ret_virtual)
{
	if (!value || !*value || strcmp(value, "real") == 0)
		return 0;
	if (strcmp(value, "virtual") != 0)
		return -EINVAL;
	*ret_virtual = true;
	return 0;
}

static int read_size(const char *value, size_t *ret_size)
{
	char *end;
	unsigned long long size;

	if (!value || !*value)
		return 0;
	size = strtoull(value, &end, 0);
	if (*end || *value == '-')
		return -EINVAL;
	*ret_size = (size_t)size;
	return 0;
}

/* More than a second is a mistake, in ns maybe; so is what is no number. */
static bool is_spin(double seconds)
{
	return seconds >= 0 && seconds <= 1;
}

static int read_spin(const char *value, double *ret_spin)
{
	char *end;
	double spin;

	if (!value || !*value)
		return 0;
	spin = strtod(value, &end);
	if (*end)
		return -EINVAL;
	*ret_spin = spin;
	return 0;
}

/* What the program left open is the user's to say. */
static int fill_in(simul_options *o)
{
	const char *backend = getenv("SIMUL_BACKEND");
	int r = 0;

	o->debug = o->debug || is_on(getenv("SIMUL_DEBUG"));
	if (!o->virtual_clock)
		r = read_clock(getenv("SIMUL_CLOCK"), &o->virtual_clock);
	if (r >= 0 && !o->stack_size)
		r = read_size(getenv("SIMUL_STACK_SIZE"), &o->stack_size);
	if (r >= 0 && o->spin == 0)
		r = read_spin(getenv("SIMUL_SPIN"), &o->spin);
	if (!o->backend && backend && *backend)
		o->backend = backend;
	return r >= 0 && !is_spin(o->spin) ? -EINVAL : r;
}

/* ---- Turns */

/* The loop of this thread while it turns; there may be another around it, if
 * one drives the other. */
static int turn(struct simul_loop *l, bool block)
{
	struct simul_loop *outer = smi_current_loop;
	int r;

	smi_current_loop = l;
	r = smi_loop_turn(&l->loop, block);
	smi_current_loop = outer;
	if (smi_was_interrupted(l))
		simul_cancel(l->main);
	if (l->loop.idled)
		smi_stacks_trim(&l->stacks, l->loop.now);
	return r;
}

static bool main_has_ended(struct simul_loop *l)
{
	return l->main->state == SMI_DONE;
}

static bool all_have_ended(struct simul_loop *l)
{
	return main_has_ended(l) && l->scope.first_child == l->scope.last_child;
}

/* Turn until the main task, or every task, has ended. When nothing can wake
 * those that wait, they are cancelled; and if that is no help, because they
 * wait behind shields or for a lock that is gone, they are abandoned. */
static int turn_until(struct simul_loop *l,
		      bool (*is_over)(struct simul_loop *))
{
	int result = 0, r;

	while (!is_over(l)) {
		r = turn(l, true);
		if (r >= 0 || is_over(l))
			continue;
		if (result < 0)
			return result;
		if (r == -EDEADLK && l->debug)
			smi_report_deadlock(l);
		result = r;
		smi_cancel_everything(l);
	}
	return result;
}

/* ---- Life */

static void free_loop(struct simul_loop *l)
{
	if (l->debug)
		smi_report_open(l);
	smi_debug_stop(l);
	smi_wake_others(l);
	smi_loop_close(&l->loop);
	smi_loop_done(&l->loop);
	smi_stacks_done(&l->stacks);
	smi_loop_unreference(l);
}

/* The main task has ended: don't wait for the world. */
static void hurry(struct simul_task *task)
{
	task->loop->loop.hurry = true;
}

static int start_main(struct simul_loop *l, simul_fn *fn, void *arg)
{
	struct smi_task_plan plan = { .fn = fn,
				      .arg = arg,
				      .shift = l->shift,
				      .name = "main",
				      .scope = &l->scope };

	l->main = smi_task_new(l, &plan);
	if (!l->main)
		return -ENOMEM;
	smi_task_tell(l->main, hurry);
	smi_task_start(l->main);
	return 0;
}

static int new_loop(const simul_options *options, bool guest, simul_fn *fn,
		    void *arg, simul_loop **ret_loop)
{
	simul_options o = options ? *options : (simul_options){ 0 };
	struct simul_loop *l;
	int r;

	if (smi_current)
		return -EBUSY;
	r = fill_in(&o);
	if (r < 0)
		return r;
	l = smi_alloc_zero(sizeof *l);
	if (!l)
		return -ENOMEM;
	l->debug = o.debug;
	l->run = smi_task_run;
	l->wakes.run = smi_wakes_run;
	l->shift = (unsigned char)smi_stack_shift(o.stack_size);
	l->references = 1;
	r = smi_loop_init(&l->loop, &(struct smi_loop_options){
					    .backend = o.backend,
					    .virtual_clock = o.virtual_clock,
					    .spin = smi_nanoseconds(o.spin),
					    .guest = guest });
	if (r < 0) {
		smi_free(l);
		return r;
	}
	l->epoch = smi_clock_epoch() + smi_clock() - smi_loop_now(&l->loop);
	smi_fiber_adopt(&l->home.fiber);
	if (l->debug)
		smi_debug_start(l);
	r = start_main(l, fn, arg);
	if (r < 0) {
		free_loop(l);
		return r;
	}
	*ret_loop = l;
	return 0;
}

/* The main task has ended, or must now. */
static int end_loop(struct simul_loop *l)
{
	int r, result;

	simul_cancel(l->main);
	r = turn_until(l, main_has_ended);
	smi_scope_cancel(&l->scope);
	if (r >= 0)
		r = turn_until(l, all_have_ended);
	/* What others had submitted by now was promised to run. */
	smi_loop_close(&l->loop);
	smi_retry_submissions(l);
	if (r >= 0)
		r = turn_until(l, all_have_ended);
	result = main_has_ended(l) ? l->main->result : r;
	if (main_has_ended(l))
		smi_task_release(l->main);
	free_loop(l);
	return r < 0 ? r : result;
}

int simul_run_with(const simul_options *options, simul_fn *fn, void *arg)
{
	struct simul_loop *l;
	int r, deadlock;

	if (smi_current_loop)
		return -EBUSY;
	r = new_loop(options, false, fn, arg, &l);
	if (r < 0)
		return r;
	smi_catch_interrupt(l, !(options && options->keep_sigint),
			    options && options->catch_sigterm);
	deadlock = turn_until(l, main_has_ended);
	smi_release_interrupt(l);
	r = end_loop(l);
	return deadlock < 0 ? deadlock : r;
}

int simul_run(simul_fn *fn, void *arg)
{
	return simul_run_with(NULL, fn, arg);
}

/* ---- Driven from outside */

int simul_loop_new(const simul_options *options, simul_fn *fn, void *arg,
		   simul_loop **ret_loop)
{
	return new_loop(options, true, fn, arg, ret_loop);
}

int simul_loop_turn(simul_loop *loop)
{
	int r;

	if (smi_current)
		return -EBUSY;
	r = turn(loop, false);
	if (r < 0)
		return r;
	/* What the main task leaves in the background ends with it. */
	if (main_has_ended(loop))
		smi_scope_cancel(&loop->scope);
	return !all_have_ended(loop);
}

int simul_loop_fd(const simul_loop *loop)
{
	return loop->loop.backend->descriptor(loop->loop.backend_state);
}

double simul_loop_timeout(const simul_loop *loop)
{
	uint64_t leisure = smi_loop_leisure(&loop->loop);

	return leisure == SMI_NEVER ? -1 : (double)leisure * 1e-9;
}

int simul_loop_free(simul_loop *loop)
{
	return loop ? end_loop(loop) : 0;
}

const char *simul_loop_backend(const simul_loop *loop)
{
	return loop->loop.backend->name;
}
