/* SPDX-License-Identifier: MIT
 * task/loops.c - several loops, each in a thread of its own. */
#include <simul/loops.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>

#include <simul/group.h>
#include <simul/thread.h>

#include "base/alloc.h"
#include "base/cores.h"
#include "task/wait.h"

enum { MOST_LOOPS = 1024 };

struct member {
	struct smi_letter letter; /* to whoever opened the loops; and at the
				   * end to the member itself */
	simul_loops *loops;
	simul_loop *loop; /* held, once it runs */
	const simul_options *options;
	pthread_t thread;
	sem_t to_end; /* somebody waits for its end */
	int result;   /* of its run */
};

struct simul_loops {
	simul_loop *home; /* whose task has opened them */
	struct simul_waiters waiters;
	size_t awaited; /* letters from members that are to come: one when it
			 * has started, one when it has ended */
	size_t started; /* threads */
	size_t count;
	atomic_size_t turn;
	struct member members[];
};

/* ---- In the member's thread */

static void receive_news(struct smi_letter *letter)
{
	simul_loops *loops = ((struct member *)letter)->loops;

	loops->home->loop.in_flight--;
	if (--loops->awaited == 0)
		smi_wake_all(&loops->waiters, 0);
}

static void tell_home(struct member *m)
{
	m->letter.deliver = receive_news;
	smi_mailbox_answer(&m->loops->home->loop.mailbox, &m->letter);
}

/* Its main task has nothing to do but to be there. */
static int stay(void *arg)
{
	struct member *m = arg;

	m->loop = simul_loop_hold(simul_current_loop());
	tell_home(m);
	return simul_sleep(INFINITY);
}

/* A run that breaks down by itself is no news before somebody asks. */
static void *run_member(void *arg)
{
	struct member *m = arg;

	m->result = simul_run_with(m->options, stay, m);
	if (!m->loop)
		tell_home(m);
	while (sem_wait(&m->to_end) < 0)
		;
	tell_home(m);
	return NULL;
}

/* ---- Threads */

/* The i-th of the cores that we may use. */
static int pin(pthread_attr_t *attributes, size_t i)
{
	cpu_set_t allowed, one;
	size_t left;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return -errno;
	left = i % (size_t)CPU_COUNT(&allowed) + 1;
	while (left > 0)
		left -= CPU_ISSET(++cpu, &allowed) != 0;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return -pthread_attr_setaffinity_np(attributes, sizeof one, &one);
}

/* Signals are for the program's own threads; but what a fault of the program
 * sends must find its handler. */
static void block_signals(sigset_t *ret_old)
{
	static const int faults[] = { SIGBUS, SIGFPE, SIGILL, SIGSEGV,
				      SIGTRAP };
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&set, faults[i]);
	pthread_sigmask(SIG_SETMASK, &set, ret_old);
}

static int create_thread(struct member *m, const pthread_attr_t *attributes)
{
	sigset_t old;
	int r;

	block_signals(&old);
	r = pthread_create(&m->thread, attributes, run_member, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}

static void name_thread(pthread_t thread, const char *name, size_t i)
{
	char text[16];
	int digits = snprintf(NULL, 0, "-%zu", i);

	snprintf(text, sizeof text, "%.*s-%zu", (int)sizeof text - 1 - digits,
		 name ? name : "simul-loop", i);
	pthread_setname_np(thread, text);
}

static int start(simul_loops *loops, size_t i, const simul_loops_options *o)
{
	struct member *m = &loops->members[i];
	pthread_attr_t attributes;
	int r = -pthread_attr_init(&attributes);

	if (r < 0)
		return r;
	m->loops = loops;
	m->options = &o->loop;
	sem_init(&m->to_end, 0, 0);
	if (o->pinned)
		r = pin(&attributes, i);
	if (r >= 0)
		r = create_thread(m, &attributes);
	pthread_attr_destroy(&attributes);
	if (r < 0)
		return r;
	name_thread(m->thread, o->name, i);
	loops->started++;
	return 0;
}

static void wait_for_news(simul_loops *loops, const char *what)
{
	const struct smi_wait waiting = { what, NULL };
	struct simul_waiter waiter;

	loops->awaited += loops->started;
	loops->home->loop.in_flight += loops->started;
	while (loops->awaited > 0)
		smi_wait_in(&loops->waiters, &waiter, &waiting);
}

static int start_all(simul_loops *loops, const simul_loops_options *o)
{
	int r = 0;

	for (size_t i = 0; i < loops->count && r >= 0; i++)
		r = start(loops, i, o);
	wait_for_news(loops, "other loops to start");
	for (size_t i = 0; i < loops->started && r >= 0; i++)
		r = loops->members[i].loop ? 0 : loops->members[i].result;
	return r;
}

/* ---- Life */

int simul_loops_open(const simul_loops_options *options,
		     simul_loops **ret_loops)
{
	static const simul_loops_options none;
	const simul_loops_options *o = options ? options : &none;
	size_t count = o->count ? o->count : smi_core_count();
	simul_loops *loops;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (count > MOST_LOOPS)
		return -EINVAL;
	loops = smi_alloc_zero(sizeof *loops + count * sizeof *loops->members);
	if (!loops)
		return -ENOMEM;
	loops->home = smi_current_loop;
	loops->count = count;
	r = start_all(loops, o);
	if (r < 0) {
		simul_loops_close(loops);
		return r;
	}
	*ret_loops = loops;
	return 0;
}

static void receive_end(struct smi_letter *letter)
{
	simul_cancel(((struct member *)letter)->loop->main);
}

/* One that has broken down takes no letters. */
static void end_member(struct member *m)
{
	m->letter.deliver = receive_end;
	if (m->loop)
		smi_mailbox_post(&m->loop->loop.mailbox, &m->letter);
	sem_post(&m->to_end);
}

static int join(struct member *m)
{
	pthread_join(m->thread, NULL);
	sem_destroy(&m->to_end);
	simul_loop_release(m->loop);
	return m->result == -ECANCELED ? 0 : m->result;
}

int simul_loops_close(simul_loops *loops)
{
	int result = 0;

	if (!loops)
		return 0;
	if (!smi_current)
		return -EPERM;
	for (size_t i = 0; i < loops->started; i++)
		end_member(&loops->members[i]);
	wait_for_news(loops, "other loops to end");
	for (size_t i = 0; i < loops->started; i++) {
		int r = join(&loops->members[i]);

		result = result < 0 ? result : r;
	}
	smi_free(loops);
	return result;
}

/* ---- Which */

size_t simul_loops_count(const simul_loops *loops)
{
	return loops->count;
}

simul_loop *simul_loops_at(const simul_loops *loops, size_t index)
{
	return index < loops->count ? loops->members[index].loop : NULL;
}

simul_loop *simul_loops_next(simul_loops *loops)
{
	size_t turn = atomic_fetch_add_explicit(&loops->turn, 1,
						memory_order_relaxed);

	return loops->members[turn % loops->count].loop;
}

int simul_loops_index(const simul_loops *loops)
{
	for (size_t i = 0; i < loops->count; i++)
		if (loops->members[i].loop == smi_current_loop)
			return (int)i;
	return -ENOENT;
}

/* ---- In all of them */

struct call {
	simul_loop *loop;
	simul_fn *fn;
	void *arg;
};

static int call_one(void *arg)
{
	const struct call *my = arg;

	return simul_to_loop(my->loop, my->fn, my->arg);
}

int simul_loops_call(simul_loops *loops, simul_fn *fn, void *arg)
{
	simul_group group = { 0 };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	for (size_t i = 0; i < loops->count && r >= 0; i++)
		r = simul_group_create_task_with(
			&group,
			&(simul_task_options){ .name = "call in a loop",
					       .arg_size =
						       sizeof(struct call) },
			call_one,
			&(struct call){ loops->members[i].loop, fn, arg });
	r = simul_group_wait(&group);
	simul_group_done(&group);
	return r;
}
