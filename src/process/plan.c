/* SPDX-License-Identifier: MIT
 * process/plan.c - what a program gets, from the caller's options.
 *
 * Everything that takes memory is done here, as the child may not ask for any.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "process/process.h"

/* ---- The environment */

/* The length of the name in "NAME=value" or "NAME". */
static size_t name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_length(a);

	return n == name_length(b) && memcmp(a, b, n) == 0;
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Set or remove one entry of a list with room for it; how many there are then.
 * There may be several of that name: they all go. */
static size_t change(const char **list, size_t n, const char *entry)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!same_name(list[i], entry))
			list[kept++] = list[i];
	if (strchr(entry, '='))
		list[kept++] = entry;
	return kept;
}

static int make_environment(struct smi_plan *plan,
			    const simul_process_options *o)
{
	const char *const *base =
		o->environment ? o->environment : (const char *const *)environ;
	const char *const *changes = o->change_environment;
	size_t n = count(base);
	const char **list = smi_alloc((n + count(changes) + 1) * sizeof *list);

	if (!list)
		return -ENOMEM;
	if (n > 0)
		memcpy(list, base, n * sizeof *list);
	for (; changes && *changes; changes++)
		n = change(list, n, *changes);
	list[n] = NULL;
	plan->environment = list;
	plan->child.environment = list;
	return 0;
}

static const char *look_up(const char *const *environment, const char *name)
{
	for (; *environment; environment++)
		if (same_name(*environment, name) &&
		    (*environment)[strlen(name)] == '=')
			return *environment + strlen(name) + 1;
	return NULL;
}

/* ---- The files to try */

static size_t count_directories(const char *path)
{
	size_t n = 1;

	for (; *path; path++)
		n += *path == ':';
	return n;
}

/* An empty directory is where we are. */
static char *join(char *to, const char *directory, size_t length,
		  const char *name)
{
	memcpy(to, directory, length);
	if (length > 0)
		to[length++] = '/';
	strcpy(to + length, name);
	return to + length + strlen(name) + 1;
}

static int search_path(struct smi_plan *plan, const char *name,
		       const char *path)
{
	size_t n = count_directories(path), i;
	char *to;

	plan->programs = smi_alloc((n + 1) * sizeof *plan->programs);
	plan->names = smi_alloc(strlen(path) + n * (strlen(name) + 2));
	if (!plan->programs || !plan->names)
		return -ENOMEM;
	to = plan->names;
	for (i = 0; i < n; i++) {
		size_t length = strcspn(path, ":");

		plan->programs[i] = to;
		to = join(to, path, length, name);
		path += length + (path[length] == ':');
	}
	plan->programs[n] = NULL;
	return 0;
}

static int find_programs(struct smi_plan *plan, const char *name)
{
	const char *path = look_up(plan->environment, "PATH");

	/* As execvp(3) says for an environment without one. */
	if (strchr(name, '/') || !*name)
		return search_path(plan, name, "");
	return search_path(plan, name, path ? path : "/bin:/usr/bin");
}

/* ---- The rest */

static void copy_user(struct smi_child *c, const struct simul_child_user *user)
{
	if (!user)
		return;
	c->set_user = true;
	c->uid = user->uid;
	c->gid = user->gid;
	c->groups = user->groups;
	c->group_count = user->group_count;
}

static int copy_limits(struct smi_plan *plan, const simul_process_options *o)
{
	if (o->limit_count == 0)
		return 0;
	plan->limits = smi_alloc(o->limit_count * sizeof *plan->limits);
	if (!plan->limits)
		return -ENOMEM;
	for (size_t i = 0; i < o->limit_count; i++) {
		plan->limits[i].resource = o->limits[i].resource;
		plan->limits[i].limit = o->limits[i].limit;
	}
	plan->child.limits = plan->limits;
	plan->child.limit_count = o->limit_count;
	return 0;
}

static void copy_settings(struct smi_child *c, const simul_process_options *o)
{
	c->directory = o->directory;
	c->new_session = o->new_session || o->terminal;
	/* Who leads a session leads a group already. */
	c->set_group = !c->new_session && (o->new_group || o->group);
	c->group = o->group;
	c->set_umask = o->set_umask;
	c->umask = o->umask;
	c->nice = o->nice;
	c->death_signal = o->death_signal;
	copy_user(c, o->user);
}

static bool makes_sense(const char *const *argv, const simul_process_options *o)
{
	bool leads = o->new_group || o->new_session || o->terminal;

	return argv && argv[0] && !(o->group && leads) && o->group >= 0 &&
	       o->death_signal >= 0 && o->death_signal < 65;
}

int smi_plan_make(struct smi_plan *plan, const char *const *argv,
		  const simul_process_options *o)
{
	int r;

	if (!makes_sense(argv, o))
		return -EINVAL;
	plan->child.argv = (const char **)argv;
	copy_settings(&plan->child, o);
	r = make_environment(plan, o);
	if (r >= 0)
		r = find_programs(plan, o->program ? o->program : argv[0]);
	if (r >= 0)
		r = copy_limits(plan, o);
	plan->child.programs = plan->programs;
	return r;
}

void smi_plan_done(struct smi_plan *plan)
{
	smi_free(plan->environment);
	smi_free(plan->programs);
	smi_free(plan->names);
	smi_free(plan->limits);
}
