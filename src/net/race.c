/* SPDX-License-Identifier: MIT
 * net/race.c - happy eyeballs (RFC 8305, section 5).
 *
 * An attempt begins when the one before it has failed or has had its time, and
 * all go on until one connects. They are operations in the frame of the task
 * that connects, which sleeps between the news of them: there is no other task.
 * Nothing of them may be left when it goes on, so it cancels those that lost,
 * waits for their ends, and closes them.
 */
#include "net/race.h"

#include <errno.h>
#include <netinet/in.h>

#include "io/perform.h"
#include "net/socket.h"
#include "net/socket_options.h"
#include "task/wait.h"

static const double ATTEMPT_DELAY = 0.25; /* seconds; RFC 8305, section 8 */

struct attempt {
	struct smi_op op;
	int fd; /* -1: it has no socket */
	int result;
	uint64_t began;
	uint64_t ended;
	bool running;
};

struct race {
	const simul_connect_options *options;
	const simul_address *addresses;
	size_t count;
	struct simul_task *task;
	bool waiting; /* the task, for news */
	bool over;    /* it only waits for all to end */
	struct simul_timer timer;
	size_t begun;
	size_t running;
	struct attempt *winner;
	struct attempt attempts[SIMUL_MOST_ATTEMPTS];
};

static uint64_t now(const struct race *race)
{
	return smi_loop_now(&race->task->loop->loop);
}

/* ---- News */

static void tell(struct race *race, int result)
{
	if (!race->waiting || (race->over && race->running > 0))
		return;
	race->waiting = false;
	smi_resume(race->task, result);
}

static void settle(struct race *race, struct attempt *a, int result)
{
	a->result = result;
	a->ended = now(race);
	if (result >= 0 && !race->winner)
		race->winner = a;
}

static void ended(struct smi_op *op)
{
	struct race *race = op->owner;
	struct attempt *a = (struct attempt *)op;

	a->running = false;
	race->running--;
	settle(race, a, op->result);
	tell(race, 0);
}

static void time_is_up(struct simul_timer *timer)
{
	struct race *race =
		(struct race *)((char *)timer - offsetof(struct race, timer));

	tell(race, 0);
}

static void interrupt(struct simul_task *task, void *race)
{
	(void)task;
	tell(race, -ECANCELED);
}

/* 0, or -ENOMEM. */
static int set_timer(struct race *race)
{
	double delay = race->options->attempt_delay;
	uint64_t span = smi_nanoseconds(delay > 0 ? delay : ATTEMPT_DELAY);

	race->timer = (struct simul_timer){ .when = smi_after(now(race), span),
					    .fire = time_is_up };
	if (race->begun == race->count || race->timer.when == SMI_NEVER)
		return 0;
	return smi_loop_set_timer(&race->task->loop->loop, &race->timer);
}

static int wait_for_news(struct race *race)
{
	static const struct smi_wait waiting = { "a connection to be made",
						 interrupt };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	/* Without memory for a timer the next attempt has to begin now: there
	 * may be no other news for minutes. */
	if (set_timer(race) < 0)
		return 0;
	race->waiting = true;
	r = smi_suspend(&waiting, race);
	smi_loop_clear_timer(&race->task->loop->loop, &race->timer);
	return r;
}

/* ---- Attempts */

static int bind_to(int fd, const simul_address *local, int family)
{
	const int on = 1;

	if (local->storage.ss_family != family)
		return -EAFNOSUPPORT;
	/* The port is chosen when it is known to where: more are free then. */
	if (simul_address_port(local) == 0)
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
			   sizeof on);
	else /* All attempts come from there, at the same time. */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&local->storage, local->length) <
	    0)
		return -errno;
	return 0;
}

static int set_up(int fd, const simul_connect_options *o, int family)
{
	int r = 0;

	if (o->local)
		r = bind_to(fd, o->local, family);
	if (r >= 0 && o->keep_alive.idle > 0)
		r = smi_socket_keep_alive(fd, &o->keep_alive);
	return r;
}

static int open_socket(struct race *race, struct attempt *a, int family)
{
	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	a->fd = socket(family, SOCK_STREAM | smi_socket_flags(), 0);
	if (a->fd < 0)
		return -errno;
	return set_up(a->fd, race->options, family);
}

static int start(struct race *race, struct attempt *a,
		 const simul_address *address)
{
	a->op = (struct smi_op){ .kind = SMI_OP_CONNECT,
				 .fd = a->fd,
				 .buffer = (void *)&address->storage,
				 .length = address->length,
				 .done = ended,
				 .owner = race };
	return smi_op_submit(&race->task->loop->loop, &a->op);
}

static void begin_next(struct race *race)
{
	const simul_address *address = &race->addresses[race->begun];
	struct attempt *a = &race->attempts[race->begun++];
	int r;

	a->fd = -1;
	a->began = now(race);
	r = open_socket(race, a, address->storage.ss_family);
	if (r >= 0)
		r = start(race, a, address);
	a->running = r == 0;
	race->running += a->running;
	if (!a->running)
		settle(race, a, r > 0 ? a->op.result : r);
}

/* ---- The race */

/* Nothing can be done but wait. One that failed at once, as there is no way to
 * its address, has made room for the next. */
static bool must_wait(const struct race *race)
{
	return !race->winner && race->running > 0 &&
	       (race->begun == race->count ||
		race->attempts[race->begun - 1].running);
}

static int run(struct race *race)
{
	int r = 0;

	while (r >= 0 && !race->winner) {
		if (race->begun < race->count)
			begin_next(race);
		else if (race->running == 0)
			break;
		if (must_wait(race))
			r = wait_for_news(race);
	}
	return r;
}

/* What is cancelled is not finished. */
static void end_all(struct race *race)
{
	static const struct smi_wait waiting = {
		"attempts to connect to be given up", NULL
	};
	struct smi_loop *loop = &race->task->loop->loop;

	race->over = true;
	for (size_t i = 0; i < race->begun; i++)
		if (race->attempts[i].running)
			smi_op_cancel(loop, &race->attempts[i].op);
	if (race->running == 0)
		return;
	race->waiting = true;
	smi_suspend(&waiting, race);
}

static void close_all(const struct race *race, int but)
{
	for (size_t i = 0; i < race->begun; i++)
		if (race->attempts[i].fd >= 0 && race->attempts[i].fd != but)
			smi_close_fd(race->attempts[i].fd);
}

static void report(const struct race *race, int connection)
{
	simul_connect_report *to = race->options->report;

	if (!to)
		return;
	to->count = race->begun;
	for (size_t i = 0; i < race->begun; i++) {
		const struct attempt *a = &race->attempts[i];

		to->attempts[i] = (simul_attempt){
			.address = race->addresses[i],
			.result = a->result >= 0 && a->fd != connection
					  ? -ECANCELED
					  : a->result,
			.seconds = (double)(a->ended - a->began) * 1e-9,
		};
	}
}

/* How much an error tells: that there is no way from here to an address says
 * less than what was heard on the way, and that is less than that this machine
 * can't do its part. */
static int weight(int error)
{
	switch (error) {
	case -ECANCELED:
		return 0;
	case -EADDRNOTAVAIL:
	case -EAFNOSUPPORT:
	case -ENETUNREACH:
		return 1;
	case -EHOSTUNREACH:
		return 2;
	case -EMFILE:
	case -ENFILE:
	case -ENOBUFS:
	case -ENOMEM:
		return 4;
	default:
		return 3;
	}
}

/* Of those that tell as much, the first: it was the best address. */
static int final_error(const struct race *race)
{
	int error = -ECANCELED;

	for (size_t i = 0; i < race->begun; i++)
		if (weight(race->attempts[i].result) > weight(error))
			error = race->attempts[i].result;
	return error;
}

int smi_race(const simul_connect_options *options,
	     const simul_address *addresses, size_t n)
{
	struct race race = { .options = options,
			     .addresses = addresses,
			     .count = n,
			     .task = smi_current };
	int r = run(&race), fd = -1;

	end_all(&race);
	if (r >= 0 && race.winner)
		fd = race.winner->fd;
	close_all(&race, fd);
	report(&race, fd);
	if (r < 0)
		return r;
	return fd >= 0 ? fd : final_error(&race);
}
