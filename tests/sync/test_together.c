/* SPDX-License-Identifier: MIT
 * tests/sync/test_together.c - a program that uses everything that tasks wait
 * for each other with: workers start together at a barrier, select jobs from a
 * queue until an event tells them to stop, go through a semaphore, and count
 * under a lock, of which a watcher is notified by a condition; what it has
 * seen goes into a future. */
#include <errno.h>

#include <simul/error.h>
#include <simul/future.h>
#include <simul/gather.h>
#include <simul/group.h>
#include <simul/scope.h>
#include <simul/select.h>

#include "sweep.h"
#include "test.h"

enum { WORKERS = 3, CLERKS = 2, EACH = 3, JOBS = CLERKS * EACH };

struct office {
	simul_barrier start;
	simul_queue jobs;
	simul_event stop;
	simul_semaphore desks;
	simul_lock lock;
	simul_condition counted;
	simul_future seen;
	int count; /* under the lock, as closed */
	bool closed;
	int put[JOBS], got[JOBS], dropped[JOBS];
	int at_desks;
};

/* ---- Those who bring jobs */

struct clerk {
	struct office *office;
	int first;
};

static int clerk(void *arg)
{
	const struct clerk *my = arg;
	struct office *o = my->office;
	int r = 0;

	for (int i = my->first; i < my->first + EACH && r >= 0; i++) {
		r = simul_queue_put(&o->jobs, &o->put[i]);
		if (r >= 0)
			o->put[i]++;
		simul_sleep(i % 2);
	}
	return r;
}

/* ---- Those who do them */

static int count(void *arg)
{
	struct office *o = arg;

	CHECK_INT(simul_lock_acquire(&o->lock), ==, 0);
	o->count++;
	simul_sleep(0);
	simul_condition_notify(&o->counted, 1);
	return simul_lock_release(&o->lock);
}

/* What was begun is brought to its end and counted, cancelled or not. */
static int work_on(struct office *o, int job)
{
	int r = simul_semaphore_acquire(&o->desks);

	o->got[job]++;
	if (r >= 0) {
		CHECK_INT(++o->at_desks, <=, 2);
		simul_sleep(1);
		o->at_desks--;
		CHECK_INT(simul_semaphore_release(&o->desks), ==, 0);
	}
	CHECK_INT(simul_shield(count, o), ==, 0);
	CHECK_INT(simul_queue_task_done(&o->jobs), ==, 0);
	return r;
}

static int worker(void *arg)
{
	struct office *o = arg;
	int r = simul_barrier_wait(&o->start);

	if (r == -SIMUL_EBROKEN)
		r = 0;
	while (r >= 0) {
		void *item;
		simul_case cases[] = { simul_case_get(&o->jobs, &item),
				       simul_case_event(&o->stop),
				       simul_case_sleep(10) };

		r = simul_select(cases, 3);
		if (r == 1)
			break;
		if (r == 0)
			r = work_on(o, (int)((int *)item - o->put));
	}
	return r < 0 ? r : 0;
}

/* ---- Who watches them */

static bool is_complete(void *arg)
{
	const struct office *o = arg;

	return o->count == JOBS || o->closed;
}

static int watch(void *arg)
{
	struct office *o = arg;
	int r = simul_lock_acquire(&o->lock);

	if (r >= 0) {
		r = simul_condition_wait_for(&o->counted, &o->lock, is_complete,
					     o);
		CHECK_INT(simul_lock_release(&o->lock), ==, 0);
	}
	simul_future_set(&o->seen, r, o);
	return r;
}

static int close_office(void *arg)
{
	struct office *o = arg;
	int r = simul_lock_acquire(&o->lock);

	CHECK_INT(r, ==, 0);
	o->closed = true;
	simul_condition_notify_all(&o->counted);
	return simul_lock_release(&o->lock);
}

static int run_office(void *arg)
{
	struct office *o = arg;
	simul_group staff = { 0 }, clerks = { 0 };
	int r, s;

	o->start.parties = WORKERS;
	o->jobs.capacity = 2;
	o->desks.value = o->desks.bound = 2;
	simul_group_create_task(&staff, watch, o);
	for (int i = 0; i < WORKERS; i++)
		simul_group_create_task(&staff, worker, o);
	for (int i = 0; i < CLERKS; i++)
		simul_group_go(&clerks, clerk, o, i * EACH);
	r = simul_group_wait(&clerks);
	if (r >= 0)
		r = simul_queue_join(&o->jobs);
	CHECK_INT(simul_shield(close_office, o), ==, 0);
	simul_event_set(&o->stop);
	s = simul_group_wait(&staff);
	if (s >= 0)
		s = simul_future_wait(&o->seen, NULL);
	simul_group_done(&clerks);
	simul_group_done(&staff);
	return r < 0 ? r : s;
}

static struct office *office; /* for drop */

static void drop(void *item)
{
	office->dropped[(int *)item - office->put]++;
}

static void check_office(void *arg, int result)
{
	struct office *o = office = arg;
	int got = 0;

	CHECK(!o->start.waiters.first);
	CHECK(!o->jobs.getters.first && !o->jobs.putters.first);
	CHECK(!o->jobs.joiners.first);
	CHECK(!o->stop.waiters.first);
	CHECK(!o->desks.waiters.first);
	CHECK_INT(o->desks.value, ==, 2);
	CHECK(!o->lock.waiters.first && !o->lock.owner);
	CHECK(!o->counted.waiters.first);
	CHECK(!o->seen.waiters.first && o->seen.is_set);
	simul_queue_shutdown_now(&o->jobs, drop);
	CHECK_INT(o->jobs.unfinished, ==, 0);
	for (int i = 0; i < JOBS; i++) {
		CHECK_INT(o->got[i] + o->dropped[i], ==, o->put[i]);
		CHECK(result < 0 || !o->dropped[i]);
		got += o->got[i];
	}
	CHECK_INT(o->count, ==, got);
	simul_queue_done(&o->jobs);
}

TEST_VIRTUAL(a_program_that_uses_everything_does_its_work)
{
	static struct office o;

	CHECK_INT(run_office(&o), ==, 0);
	check_office(&o, 0);
	CHECK_INT(o.count, ==, JOBS);
}

TEST(a_program_that_uses_everything_loses_nothing_wherever_it_is_cancelled)
{
	sweep_cancellations(run_office, sizeof(struct office), check_office);
}
