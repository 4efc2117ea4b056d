/* SPDX-License-Identifier: MIT
 * task/end.c - what a task carries along until its end: deferred functions
 * and locals. */
#include <errno.h>
#include <stdbool.h>

#include <simul/local.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "task/task.h"

/* ---- Deferred functions */

struct smi_deferred {
	struct smi_deferred *next;
	void (*fn)(void *arg);
	void *arg;
};

int simul_defer(void (*fn)(void *arg), void *arg)
{
	struct simul_task *self = smi_current;
	struct smi_deferred *d;

	if (!self)
		return -EPERM;
	d = smi_alloc(sizeof *d);
	if (!d)
		return -ENOMEM;
	smi_task_load(self);
	*d = (struct smi_deferred){ self->deferred, fn, arg };
	self->deferred = d;
	return 0;
}

/* One at a time is taken off, as it may defer others, and create children,
 * which are the scope's that we are in. */
void smi_run_deferred(struct simul_task *task)
{
	struct smi_deferred *d;

	while ((d = task->deferred)) {
		struct smi_deferred now = *d;

		task->deferred = d->next;
		smi_free(d);
		now.fn(now.arg);
		if (task->scope->first_child)
			smi_end_children(task->scope);
	}
}

/* ---- Locals
 *
 * Bindings are never changed once they are made, so that a child can share its
 * parent's: a list whose tail may have many heads. */

struct smi_binding {
	struct smi_binding *next;
	size_t references;
	const simul_local *local;
	void *value;
};

struct smi_binding *smi_locals_share(struct smi_binding *locals)
{
	locals->references++;
	return locals;
}

void smi_locals_release(struct smi_binding *b)
{
	while (b && --b->references == 0) {
		struct smi_binding *next = b->next;

		smi_free(b);
		b = next;
	}
}

static struct smi_binding *find(const simul_local *local)
{
	const struct simul_task *self = smi_current;
	struct smi_binding *b = self && self->laden ? self->locals : NULL;

	while (b && b->local != local)
		b = b->next;
	return b;
}

void *simul_local_get(const simul_local *local)
{
	const struct smi_binding *b = find(local);

	return b ? b->value : local->initial;
}

/* Is every binding from the task's newest down to b its own? */
static bool is_own(const struct smi_binding *newest,
		   const struct smi_binding *b)
{
	for (; newest->references == 1; newest = newest->next)
		if (newest == b)
			return true;
	return false;
}

static int bind(struct smi_binding **list, const simul_local *local,
		void *value)
{
	struct smi_binding *b = smi_alloc(sizeof *b);

	if (!b)
		return -ENOMEM;
	*b = (struct smi_binding){ *list, 1, local, value };
	*list = b;
	return 0;
}

/* A list of the task's own, without the binding of local, so that a variable
 * that is set again and again does not grow it. */
static int copy_without(const struct smi_binding *from,
			const simul_local *local, struct smi_binding **ret_copy)
{
	struct smi_binding *copy = NULL;

	for (; from; from = from->next) {
		if (from->local != local &&
		    bind(&copy, from->local, from->value) < 0) {
			smi_locals_release(copy);
			return -ENOMEM;
		}
	}
	*ret_copy = copy;
	return 0;
}

int simul_local_set(const simul_local *local, void *value)
{
	struct simul_task *self = smi_current;
	struct smi_binding *b, *copy;

	if (!self)
		return -EPERM;
	smi_task_load(self);
	b = find(local);
	if (!b)
		return bind(&self->locals, local, value);
	if (is_own(self->locals, b)) {
		b->value = value;
		return 0;
	}
	if (copy_without(self->locals, local, &copy) < 0)
		return -ENOMEM;
	if (bind(&copy, local, value) < 0) {
		smi_locals_release(copy);
		return -ENOMEM;
	}
	smi_locals_release(self->locals);
	self->locals = copy;
	return 0;
}

/* ---- A part of a task's life */

static int call_in_scope(struct simul_task *self, simul_fn *fn, void *arg)
{
	struct simul_scope scope;
	int r;

	smi_scope_open(self, &scope);
	r = fn(arg);
	if (self->scope != &scope)
		smi_bug("task '%s' has left a scope open",
			simul_task_name(self));
	smi_end_children(&scope);
	smi_run_deferred(self);
	smi_scope_close(&scope);
	return r;
}

int smi_call_apart(simul_fn *fn, void *arg)
{
	struct simul_task *self = smi_current;
	struct smi_deferred *deferred;
	struct smi_binding *locals;
	int r;

	smi_task_load(self);
	deferred = self->deferred;
	locals = self->locals;
	self->deferred = NULL;
	if (locals)
		smi_locals_share(locals);
	r = call_in_scope(self, fn, arg);
	self->deferred = deferred;
	if (self->locals)
		smi_locals_release(self->locals);
	self->locals = locals;
	return r;
}
