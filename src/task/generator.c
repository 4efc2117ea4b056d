/* SPDX-License-Identifier: MIT
 * task/generator.c - coroutines that produce values one by one.
 *
 * A generator is a task that takes no turns of its own: whoever asks for a
 * value hands the thread over to it, and gets it handed back with the value.
 * Only if the generator itself waits for something is it woken like any task,
 * while the one that asked goes on waiting for it.
 */
#include <simul/generator.h>

#include <errno.h>

#include "task/wait.h"

/* It lies on its task's stack, and goes with it. */
struct simul_generator {
	struct simul_task *task;
	struct simul_task *asking; /* waits for a value */
	simul_fn *fn;
	bool started;
	bool parked;	/* at a yield, or before its start */
	bool has_value; /* for the one that asks */
	void *value;
	void *sent;
	struct simul_generator *source; /* closed with it */
};

static void wake_parked(struct simul_task *task, void *arg)
{
	struct simul_generator *g = arg;

	g->parked = false;
	smi_resume(task, -ECANCELED);
}

const struct smi_wait smi_parked = { "being asked for its next value",
				     wake_parked };

static void cancel_asked(struct simul_task *self, void *arg)
{
	struct simul_generator *g = arg;

	(void)self;
	simul_cancel(g->task);
}

static const struct smi_wait asking = { "the next value of a generator",
					cancel_asked };

/* What runs as the task. One that was never asked has nothing to clean up. */
static int generate(void *arg)
{
	struct simul_generator *g = smi_current->owner;

	return g->started ? g->fn(arg) : -ECANCELED;
}

/* Hand the thread to the one that asks, when self next leaves, and with it
 * whom self owes the thread: who started the one that asks eagerly. */
static void hand_back(struct simul_task *self, struct simul_generator *g)
{
	if (!g->asking)
		return;
	g->asking->result = 0;
	g->asking->state = SMI_RUNNING;
	g->asking->hand_to = self->hand_to;
	self->hand_to = g->asking;
	g->asking = NULL;
}

static void ended(struct simul_task *task)
{
	struct simul_generator *g = task->owner;

	g->has_value = false;
	hand_back(task, g);
}

simul_generator *simul_generator_new(const simul_task_options *options,
				     simul_fn *fn, const void *arg)
{
	struct simul_task *self = smi_current, *task;
	struct simul_generator *g;
	struct smi_task_plan plan;

	if (!self)
		return NULL;
	plan = smi_task_plan(self->loop, options, self->scope, generate, arg);
	plan.room = sizeof *g;
	task = smi_task_new(self->loop, &plan);
	if (!task)
		return NULL;
	g = task->owner;
	g->task = task;
	g->fn = fn;
	g->parked = true;
	smi_task_tell(task, ended);
	task->wait = &smi_parked;
	task->wait_on = g;
	task->interrupted = false;
	if (task->root.cancelled)
		wake_parked(task, g);
	return g;
}

/* ---- Outside */

/* What its function returned is said once more. */
static int last_word(const struct simul_generator *g)
{
	g->task->observed = true;
	return g->task->result < 0 ? g->task->result : 0;
}

int simul_send(simul_generator *g, void *value, void **ret_value)
{
	struct simul_task *self = smi_current;
	int r = smi_may_suspend();

	if (!g)
		return -ENOMEM;
	if (r < 0)
		return r;
	if (g->task == self)
		return -EDEADLK;
	if (g->task->state == SMI_DONE)
		return last_word(g);
	if (g->asking)
		return -EBUSY;
	g->asking = self;
	if (g->parked) {
		g->parked = false;
		g->started = true;
		g->sent = value;
		g->task->result = 0;
		g->task->state = SMI_RUNNING; /* it waits no more */
		g->task->hand_to = self->hand_to;
		self->hand_to = g->task;
	}
	smi_suspend(&asking, g);
	if (!g->has_value)
		return last_word(g);
	g->has_value = false;
	*ret_value = g->value;
	return 1;
}

int simul_next(simul_generator *g, void **ret_value)
{
	return simul_send(g, NULL, ret_value);
}

/* End it, and tell which one it reads from. */
static int end_one(simul_generator *g, simul_generator **ret_source)
{
	int result;

	simul_cancel(g->task);
	smi_task_join(g->task);
	result = g->task->result;
	*ret_source = g->source;
	smi_task_release(g->task);
	return result == -ECANCELED ? 0 : result;
}

int simul_generator_close(simul_generator *g)
{
	simul_generator *source;
	int result;

	if (!g)
		return 0;
	if (g->task == smi_current)
		return -EDEADLK;
	result = end_one(g, &source);
	/* As many as there are: no recursion. */
	while ((g = source) && g->task != smi_current)
		end_one(g, &source);
	return result;
}

/* ---- Inside */

static struct simul_generator *current_generator(void)
{
	struct simul_task *self = smi_current;

	return self && self->fn == generate ? self->owner : NULL;
}

int simul_yield_sent(void *value, void **ret_sent)
{
	struct simul_generator *g = current_generator();
	int r = smi_may_suspend();

	if (!g)
		return -EINVAL;
	if (r < 0)
		return r;
	if (g->task->root.cancelled) /* behind a shield */
		return -ECANCELED;
	g->value = value;
	g->has_value = g->parked = true;
	hand_back(g->task, g);
	r = smi_suspend(&smi_parked, g);
	if (r >= 0)
		*ret_sent = g->sent;
	return r;
}

int simul_yield_value(void *value)
{
	void *sent;

	return simul_yield_sent(value, &sent);
}

int simul_yield_from(simul_generator *inner)
{
	void *value, *sent = NULL;
	int r;

	if (!current_generator())
		return -EINVAL;
	while ((r = simul_send(inner, sent, &value)) > 0) {
		r = simul_yield_sent(value, &sent);
		if (r < 0)
			break;
	}
	return r;
}

/* ---- Comprehensions */

struct comprehension {
	struct simul_generator *source;
	void *(*map)(void *value, void *arg);
	bool (*test)(void *value, void *arg);
	void *arg;
};

static int comprehend(void *arg)
{
	const struct comprehension *my = arg;
	void *value;
	int r;

	while ((r = simul_next(my->source, &value)) > 0) {
		if (my->test && !my->test(value, my->arg))
			continue;
		r = simul_yield_value(my->map ? my->map(value, my->arg)
					      : value);
		if (r < 0)
			break;
	}
	return r;
}

static simul_generator *new_comprehension(const char *name,
					  const struct comprehension *c)
{
	simul_generator *g;

	if (!c->source)
		return NULL;
	g = simul_generator_new(
		&(simul_task_options){ .name = name, .arg_size = sizeof *c },
		comprehend, c);
	if (g)
		g->source = c->source;
	else
		simul_generator_close(c->source);
	return g;
}

simul_generator *simul_map(simul_generator *source,
			   void *(*fn)(void *value, void *arg), void *arg)
{
	return new_comprehension(
		"map", &(struct comprehension){
			       .source = source, .map = fn, .arg = arg });
}

simul_generator *simul_filter(simul_generator *source,
			      bool (*test)(void *value, void *arg), void *arg)
{
	return new_comprehension(
		"filter", &(struct comprehension){
				  .source = source, .test = test, .arg = arg });
}
