/* SPDX-License-Identifier: MIT
 * net/names.c - what a loop knows of host names.
 *
 * A name is in the list while it is being looked up and as long as the answer
 * is good, the one that was asked for last in front: names that are asked for
 * often are found at once. Tasks that ask meanwhile wait for the same look-up.
 *
 * A look-up may take as long as the slowest name server and can't be stopped.
 * So it has all that it needs on the heap, and who is cancelled leaves it
 * behind; what it finds is kept as if somebody had waited.
 */
#include "net/names.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include <simul/error.h>
#include <simul/resolve.h>

#include "base/alloc.h"
#include "net/lookup.h"
#include "task/wait.h"

static const double SECONDS = 10, NEGATIVE = 1;

enum { MOST_NAMES = 256, MOST_THREADS = 8 };

struct name {
	struct smi_work work; /* the look-up */
	struct names *names;
	struct name *newer; /* neighbours in the list, if it is kept */
	struct name *older;
	bool kept;
	bool asked;		      /* it is being looked up */
	size_t users;		      /* calls that look at it */
	struct simul_waiters waiters; /* for the answer */
	int result;		      /* how many addresses, or an error */
	simul_address *addresses;
	uint64_t until; /* the answer is good */
	char host[];
};

/* One a loop. */
struct names {
	struct smi_belonging belonging;
	struct smi_loop *loop;
	struct smi_workers *workers;
	simul_resolve_options options;
	struct name *newest;
	struct name *oldest;
	size_t count;
};

/* ---- The list */

static void free_if_unused(struct name *n)
{
	if (n->kept || n->asked || n->users > 0)
		return;
	smi_free(n->addresses);
	smi_free(n);
}

static void link_first(struct names *names, struct name *n)
{
	n->kept = true;
	n->newer = NULL;
	n->older = names->newest;
	if (n->older)
		n->older->newer = n;
	else
		names->oldest = n;
	names->newest = n;
	names->count++;
}

static void unlink_name(struct names *names, struct name *n)
{
	if (n->newer)
		n->newer->older = n->older;
	else
		names->newest = n->older;
	if (n->older)
		n->older->newer = n->newer;
	else
		names->oldest = n->newer;
	n->kept = false;
	names->count--;
}

static void forget(struct names *names, struct name *n)
{
	unlink_name(names, n);
	free_if_unused(n);
}

static void forget_all(struct names *names)
{
	while (names->newest)
		forget(names, names->newest);
}

/* Names that are being looked up are not counted out: tasks wait for them. */
static void make_room(struct names *names)
{
	struct name *n = names->oldest, *newer;

	for (; n && names->count > names->options.names; n = newer) {
		newer = n->newer;
		if (!n->asked)
			forget(names, n);
	}
}

/* What is known of host and still good, or NULL. */
static struct name *find(struct names *names, const char *host)
{
	struct name *n = names->newest;

	while (n && strcasecmp(n->host, host) != 0)
		n = n->older;
	if (n && !n->asked && smi_loop_now(names->loop) >= n->until) {
		forget(names, n);
		n = NULL;
	}
	return n;
}

/* ---- Looking up */

static void look_up(struct smi_work *work)
{
	struct name *n = (struct name *)work;

	n->result = smi_look_up(n->host, &n->addresses);
}

/* How long an answer is good. */
static double term(const struct names *names, int result)
{
	if (result >= 0)
		return names->options.seconds;
	return result == -SIMUL_ENONAME ? names->options.negative : 0;
}

static void looked_up(struct smi_work *work)
{
	struct name *n = (struct name *)work;
	struct names *names = n->names;

	n->asked = false;
	n->until = smi_after(smi_loop_now(names->loop),
			     smi_nanoseconds(term(names, n->result)));
	smi_wake_all(&n->waiters, n->result);
	if (n->kept && term(names, n->result) <= 0)
		unlink_name(names, n);
	/* It may be the one that makes room. */
	n->users++;
	make_room(names);
	n->users--;
	free_if_unused(n);
}

static int ask(struct names *names, const char *host, struct name **ret_name)
{
	size_t size = strlen(host) + 1;
	struct name *n = smi_alloc_zero(sizeof *n + size);
	int r;

	if (!n)
		return -ENOMEM;
	memcpy(n->host, host, size);
	n->names = names;
	n->work.run = look_up;
	n->work.done = looked_up;
	r = smi_workers_submit(names->workers, &n->work);
	if (r < 0) {
		smi_free(n);
		return r;
	}
	n->asked = true;
	link_first(names, n);
	make_room(names);
	*ret_name = n;
	return 0;
}

/* The last one that waited is gone: it need not begin any more. */
static void give_up(struct names *names, struct name *n)
{
	if (!n->asked || n->waiters.first ||
	    !smi_work_cancel(names->loop, &n->work))
		return;
	n->asked = false;
	if (n->kept)
		unlink_name(names, n);
}

static int wait_for(struct names *names, struct name *n)
{
	static const struct smi_wait waiting = { "a host name to be looked up",
						 smi_interrupt_waiter };
	struct simul_waiter waiter = { 0 };
	int r = smi_wait_in(&n->waiters, &waiter, &waiting);

	if (r == -ECANCELED)
		give_up(names, n);
	return r;
}

/* ---- Life */

static void free_names(struct smi_belonging *belonging)
{
	struct names *names = (struct names *)belonging;

	forget_all(names);
	smi_free(names);
}

static int set(struct names *names, const simul_resolve_options *o)
{
	simul_resolve_options options = *o;

	if (isnan(o->seconds) || isnan(o->negative))
		return -EINVAL;
	options.seconds = o->seconds != 0 ? o->seconds : SECONDS;
	options.negative = o->negative != 0 ? o->negative : NEGATIVE;
	options.names = o->names ? o->names : MOST_NAMES;
	options.threads = o->threads ? o->threads : MOST_THREADS;
	names->options = options;
	return 0;
}

/* Those of the current loop, or NULL: there is no memory. */
static struct names *current_names(void)
{
	static const simul_resolve_options none;
	struct smi_loop *loop = &smi_current_loop->loop;
	struct names *names =
		(struct names *)smi_loop_belonging(loop, free_names);

	if (names)
		return names;
	names = smi_alloc_zero(sizeof *names);
	if (!names)
		return NULL;
	names->belonging.free = free_names;
	names->loop = loop;
	set(names, &none);
	smi_loop_keep(loop, &names->belonging);
	return names;
}

static struct smi_workers *workers(struct names *names)
{
	if (!names->workers)
		names->workers = smi_workers_new(names->loop, "simul-resolver",
						 names->options.threads);
	return names->workers;
}

struct smi_workers *smi_names_workers(void)
{
	struct names *names = current_names();

	return names ? workers(names) : NULL;
}

/* ---- Finding */

static int copy(const struct name *n, simul_address *addresses, size_t room)
{
	size_t count = (size_t)n->result < room ? (size_t)n->result : room;

	memcpy(addresses, n->addresses, count * sizeof *addresses);
	return (int)count;
}

static int use(struct names *names, struct name *n, simul_address *addresses,
	       size_t room)
{
	int r;

	n->users++;
	r = n->asked ? wait_for(names, n) : n->result;
	if (r >= 0)
		r = copy(n, addresses, room);
	n->users--;
	free_if_unused(n);
	return r;
}

int smi_names_find(const char *host, simul_address *addresses, size_t room)
{
	struct names *names = current_names();
	struct name *n;
	int r;

	if (!names || !workers(names))
		return -ENOMEM;
	n = find(names, host);
	if (n) {
		unlink_name(names, n);
		link_first(names, n);
	} else {
		r = ask(names, host, &n);
		if (r < 0)
			return r;
	}
	return use(names, n, addresses, room);
}

/* ---- What the program may say to it */

int simul_resolve_set(const simul_resolve_options *options)
{
	static const simul_resolve_options none;
	struct names *names;
	int r;

	if (!smi_current)
		return -EPERM;
	names = current_names();
	if (!names)
		return -ENOMEM;
	r = set(names, options ? options : &none);
	if (r >= 0)
		forget_all(names);
	return r;
}

void simul_resolve_forget(void)
{
	struct names *names = smi_current ? current_names() : NULL;

	if (names)
		forget_all(names);
}
