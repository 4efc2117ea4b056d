/* SPDX-License-Identifier: MIT
 * process/signal.c - wait for signals in a task.
 *
 * A handler, not a signalfd(2), as that hears only of signals that every thread
 * of the process has blocked. The handler counts the signal at everybody who
 * listens for it and writes to an eventfd, which wakes the tasks.
 *
 * The handler may run in any thread at any time, and can't take a lock. So the
 * list of listeners is changed by single stores, and who leaves it waits until
 * no handler is at work any more that may have seen it there.
 */
#include <simul/signal.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <simul/stream.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "task/interrupt.h"
#include "task/wait.h"

enum { MOST = 64 };

struct simul_signals {
	_Atomic(struct simul_signals *) next;
	int fd; /* an eventfd */
	unsigned users;
	atomic_bool listens[MOST + 1];
	atomic_uint came[MOST + 1]; /* and nobody has taken them */
};

/* What is done about one signal in this process. */
struct action {
	unsigned listeners;
	struct sigaction before;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of changes to: */
static _Atomic(struct simul_signals *) first;
static struct action actions[MOST + 1];

static atomic_int handlers; /* at work now */

/* Of this thread: who listens, and what was blocked before. */
static _Thread_local unsigned char listening[MOST + 1];
static _Thread_local bool was_blocked[MOST + 1];

/* ---- The handler */

static void tell(struct simul_signals *s, int number)
{
	const uint64_t one = 1;

	if (!s->listens[number])
		return;
	atomic_fetch_add(&s->came[number], 1);
	/* It can only fail when it is as full as can be. */
	if (write(s->fd, &one, sizeof one) < 0)
		return;
}

static void handle(int number)
{
	int saved = errno;

	atomic_fetch_add(&handlers, 1);
	for (struct simul_signals *s = first; s; s = s->next)
		tell(s, number);
	atomic_fetch_sub(&handlers, 1);
	errno = saved;
}

/* ---- What the process does about a signal */

static int catch_signal(int number)
{
	struct action *a = &actions[number];
	struct sigaction action = { .sa_handler = handle,
				    .sa_flags = SA_RESTART };

	sigfillset(&action.sa_mask);
	if (a->listeners == 0 && sigaction(number, &action, &a->before) < 0)
		return -errno;
	a->listeners++;
	return 0;
}

/* Unless somebody else has put a handler there meanwhile. */
static void release_signal(int number)
{
	struct action *a = &actions[number];
	struct sigaction now;

	if (--a->listeners > 0)
		return;
	sigaction(number, NULL, &now);
	if (now.sa_handler != handle)
		return;
	sigaction(number, &a->before, NULL);
	smi_settle_interrupt(number);
}

static void set_mask(int how, int number, sigset_t *ret_old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(how, &set, ret_old);
}

static void unblock(int number)
{
	sigset_t old;

	if (listening[number]++ > 0)
		return;
	set_mask(SIG_UNBLOCK, number, &old);
	was_blocked[number] = sigismember(&old, number);
}

static void block_again(int number)
{
	if (--listening[number] == 0 && was_blocked[number])
		set_mask(SIG_BLOCK, number, NULL);
}

/* ---- Life */

static bool can_be_waited_for(int number)
{
	switch (number) {
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
		return false;
	default:
		return number > 0 && number <= MOST;
	}
}

static void join_listeners(struct simul_signals *s)
{
	s->next = first;
	first = s;
}

static void leave_listeners(struct simul_signals *s)
{
	_Atomic(struct simul_signals *) *link = &first;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	while (handlers > 0)
		sched_yield();
}

/* Those that s listens for up to now. */
static void stop(struct simul_signals *s)
{
	for (int n = 1; n <= MOST; n++)
		if (s->listens[n]) {
			block_again(n);
			release_signal(n);
		}
	leave_listeners(s);
}

static void stop_listening(struct simul_signals *s)
{
	pthread_mutex_lock(&mutex);
	stop(s);
	pthread_mutex_unlock(&mutex);
}

static int listen_for(struct simul_signals *s, int number)
{
	int r;

	if (!can_be_waited_for(number))
		return -EINVAL;
	if (s->listens[number])
		return 0;
	s->listens[number] = true;
	r = catch_signal(number);
	if (r < 0)
		s->listens[number] = false;
	else
		unblock(number);
	return r;
}

/* It is in the list before the first signal can come. */
static int listen_for_all(struct simul_signals *s, const int *numbers)
{
	int r = 0;

	pthread_mutex_lock(&mutex);
	join_listeners(s);
	for (; *numbers && r >= 0; numbers++)
		r = listen_for(s, *numbers);
	if (r < 0)
		stop(s);
	pthread_mutex_unlock(&mutex);
	return r;
}

static void free_signals(struct simul_signals *s)
{
	close(s->fd);
	smi_free(s);
}

int simul_signals_open(const int *numbers, simul_signals **ret_signals)
{
	struct simul_signals *s;
	int r;

	if (!smi_current)
		return -EPERM;
	s = smi_alloc_zero(sizeof *s);
	if (!s)
		return -ENOMEM;
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->fd < 0) {
		r = -errno;
		smi_free(s);
		return r;
	}
	r = listen_for_all(s, numbers);
	if (r < 0) {
		free_signals(s);
		return r;
	}
	*ret_signals = s;
	return 0;
}

void simul_signals_close(simul_signals *signals)
{
	if (!signals)
		return;
	if (signals->users > 0)
		smi_bug("task '%s' stops to listen for signals that others "
			"wait for",
			simul_task_name(smi_current));
	stop_listening(signals);
	free_signals(signals);
}

/* ---- Waiting */

static bool take_one(struct simul_signals *s, int number)
{
	if (atomic_load(&s->came[number]) == 0)
		return false;
	/* Nobody else takes: we are the loop's thread. */
	atomic_fetch_sub(&s->came[number], 1);
	return true;
}

static int take(struct simul_signals *s)
{
	for (int n = 1; n <= MOST; n++)
		if (take_one(s, n))
			return n;
	return 0;
}

/* Others wait here, too: if there is more, they are to be woken. */
static void pass_on(struct simul_signals *s)
{
	const uint64_t one = 1;

	for (int n = 1; n <= MOST; n++)
		if (atomic_load(&s->came[n]) > 0 &&
		    write(s->fd, &one, sizeof one) > 0)
			return;
}

/* A signal that comes after this has been read is counted before it writes. */
static void clear(struct simul_signals *s)
{
	uint64_t count;

	if (read(s->fd, &count, sizeof count) < 0)
		return;
}

int simul_signals_next(simul_signals *signals)
{
	struct simul_signals *s = signals;
	int r = smi_may_suspend(), number = 0;

	s->users++;
	while (r >= 0) {
		clear(s);
		number = take(s);
		if (number > 0)
			break;
		r = simul_wait_fd(s->fd, POLLIN);
	}
	s->users--;
	if (number > 0)
		pass_on(s);
	return r < 0 ? r : number;
}

int simul_wait_signals(const int *numbers)
{
	simul_signals *s = NULL;
	int r = simul_signals_open(numbers, &s), number = 0;

	if (!s)
		return r;
	r = simul_signals_next(s);
	stop_listening(s);
	/* Of one that came after the cancellation nobody else was told. */
	if (r < 0)
		number = take(s);
	free_signals(s);
	return number > 0 ? number : r;
}
