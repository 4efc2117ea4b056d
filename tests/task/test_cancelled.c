/* SPDX-License-Identifier: MIT
 * tests/task/test_cancelled.c - programs of tasks, cancelled wherever they
 * suspend: what has begun ends, what was deferred runs, nothing is left. */
#include "reads.h"
#include "sweep.h"

#include <fcntl.h>
#include <unistd.h>

#include <simul.h>

struct counts {
	int begun, ended;	/* functions of tasks */
	int deferred, run;	/* deferred functions */
	int shielded, finished; /* clean-up behind shields */
	int opened, closed;	/* generators */
	int put, got;		/* values set and seen */
};

static void check(void *state, int result)
{
	const struct counts *c = state;

	(void)result;
	CHECK_INT(c->ended, ==, c->begun);
	CHECK_INT(c->run, ==, c->deferred);
	CHECK_INT(c->finished, ==, c->shielded);
	CHECK_INT(c->closed, ==, c->opened);
}

static void count_run(void *arg)
{
	struct counts *c = arg;

	c->run++;
}

static void defer(struct counts *c)
{
	CHECK_INT(simul_defer(count_run, c), ==, 0);
	c->deferred++;
}

static int sleep_one(void *arg)
{
	(void)arg;
	return simul_sleep(1);
}

static int clean_up(void *arg)
{
	struct counts *c = arg;

	/* Nothing from outside reaches here, but the sweep may hit this very
	 * task, which is behind the shield as well. */
	CHECK_INT(simul_sleep(1), ==, 0);
	c->finished++;
	return 0;
}

static void clean_up_shielded(struct counts *c)
{
	c->shielded++;
	CHECK_INT(simul_shield(clean_up, c), ==, 0);
}

/* ---- Children, deferred functions, shields */

static int leaf(void *arg)
{
	struct counts *c = arg;

	c->begun++;
	defer(c);
	simul_sleep(0);
	simul_sleep(2);
	clean_up_shielded(c);
	c->ended++;
	return 1;
}

static int branch(void *arg)
{
	struct counts *c = arg;
	simul_task *t[2], *left;
	int r;

	c->begun++;
	defer(c);
	t[0] = simul_create_task(leaf, c);
	t[1] = simul_create_task(leaf, c);
	left = simul_create_task(leaf, c);
	CHECK(left);
	defer(c);
	r = simul_gather(t, 2, NULL);
	simul_sleep(1);
	c->ended++;
	return r;
}

static int tree(void *arg)
{
	struct counts *c = arg;
	simul_task *t = simul_create_task(branch, c), *u;
	int r;

	u = simul_create_task_with(&(simul_task_options){ .eager = true },
				   branch, c);
	CHECK(u);
	r = simul_await(t);
	return r < 0 ? r : simul_await(u);
}

TEST(a_tree_of_tasks_ends_in_order_wherever_it_is_cancelled)
{
	sweep_cancellations(tree, sizeof(struct counts), check);
}

/* ---- Deadlines */

static int hurried(void *arg)
{
	struct counts *c = arg;
	simul_timeout outer, inner;
	int r;

	c->begun++;
	CHECK_INT(simul_timeout_open(&outer, 3), ==, 0);
	CHECK_INT(simul_timeout_open(&inner, 2), ==, 0);
	r = simul_wait_for(1, leaf, c);
	simul_sleep(1);
	r = simul_timeout_close(&inner, r);
	simul_sleep(5);
	r = simul_timeout_close(&outer, r);
	c->ended++;
	return r;
}

static int gathers_late(void *arg)
{
	struct counts *c = arg;
	simul_task *t[3];
	int r = 0;

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(i < 2 ? hurried : leaf, c);
	SIMUL_WITH_TIMEOUT(2.5, r)
	r = simul_gather(t, 3, NULL);
	for (int i = 0; i < 3; i++)
		CHECK(!t[i] || simul_task_is_done(t[i]));
	return r;
}

TEST(deadlines_hold_wherever_they_are_cancelled)
{
	sweep_cancellations(gathers_late, sizeof(struct counts), check);
}

/* ---- Groups */

struct member {
	struct counts *counts;
	simul_group *group;
	int depth;
};

static int member(void *arg)
{
	const struct member *my = arg;
	int r;

	my->counts->begun++;
	defer(my->counts);
	r = simul_sleep(1);
	for (int i = 0; i < 2 && my->depth > 0 && r >= 0; i++)
		r = simul_group_go(my->group, member, my->counts, my->group,
				   my->depth - 1);
	simul_sleep(my->depth);
	my->counts->ended++;
	return r < 0 ? r : my->depth == 0 && my->counts->ended > 5 ? -EIO : 0;
}

static int grows(void *arg)
{
	simul_group group = { 0 };
	int r = simul_group_go(&group, member, arg, &group, 2);

	if (r >= 0)
		simul_sleep(1);
	r = simul_group_wait(&group);
	CHECK_INT(group.running, ==, 0);
	simul_group_done(&group);
	return r;
}

TEST(a_growing_group_ends_wherever_it_is_cancelled)
{
	sweep_cancellations(grows, sizeof(struct counts), check);
}

/* ---- Generators */

static int numbers(void *arg)
{
	struct counts *c = arg;
	int r = 0;

	c->begun++;
	for (int i = 0; i < 4 && r >= 0; i++) {
		if (i % 2)
			simul_sleep(1);
		r = simul_yield_value(c);
	}
	clean_up_shielded(c);
	c->ended++;
	return r;
}

static int all_numbers(void *arg)
{
	struct counts *c = arg;
	simul_generator *inner = simul_generator_new(NULL, numbers, c);
	int r;

	c->begun++;
	c->opened++;
	r = simul_yield_from(inner);
	simul_generator_close(inner);
	c->closed++;
	c->ended++;
	return r;
}

static void *same(void *value, void *arg)
{
	(void)arg;
	return value;
}

static bool is_odd(void *value, void *arg)
{
	int *n = arg;

	(void)value;
	return ++*n % 2;
}

static int consumes(void *arg)
{
	struct counts *c = arg;
	int n = 0, r;
	simul_generator *g = simul_map(
		simul_filter(simul_generator_new(NULL, all_numbers, c), is_odd,
			     &n),
		same, NULL);
	void *value;

	c->opened++;
	while ((r = simul_next(g, &value)) > 0)
		simul_sleep(0.5);
	simul_generator_close(g);
	c->closed++;
	/* And one that is left to its owner's end. */
	g = simul_generator_new(NULL, numbers, c);
	simul_next(g, &value);
	return r;
}

static int consume_in_tasks(void *arg)
{
	simul_task *t[2] = { simul_create_task(consumes, arg),
			     simul_create_task_with(
				     &(simul_task_options){ .eager = true },
				     consumes, arg) };

	return simul_gather(t, 2, NULL);
}

TEST(generators_clean_up_wherever_they_are_cancelled)
{
	sweep_cancellations(consume_in_tasks, sizeof(struct counts), check);
}

/* ---- Waiting for some */

static int picks(void *arg)
{
	struct counts *c = arg;
	simul_task *t[3];
	simul_completed done = { .tasks = t, .count = 3 };
	size_t i;
	int r;

	for (int k = 0; k < 3; k++)
		t[k] = simul_create_task(leaf, c);
	r = simul_wait(t, 3, SIMUL_FIRST_COMPLETED);
	while (r >= 0 && (r = simul_next_completed(&done, &i)) > 0)
		CHECK(simul_task_is_done(t[i]));
	simul_completed_done(&done);
	simul_gather(t, 3, NULL);
	return r;
}

TEST(picking_tasks_leaves_none_behind_wherever_it_is_cancelled)
{
	sweep_cancellations(picks, sizeof(struct counts), check);
}

/* ---- Futures: what was delivered is seen */

struct promise {
	simul_future future;
	struct counts *counts;
};

static int keeps(void *arg)
{
	struct promise *p = arg;

	simul_sleep(1);
	simul_future_set(&p->future, 1, p);
	p->counts->put++;
	return 0;
}

static int hopes(void *arg)
{
	struct promise *p = arg;
	void *value = NULL;
	int r = simul_future_wait(&p->future, &value);

	CHECK_INT(r == 1, ==, value == p);
	CHECK(r == 1 || r == -ECANCELED);
	p->counts->got += r == 1;
	return r;
}

static int promises(void *arg)
{
	struct promise p = { .counts = arg };
	simul_task *t[3] = { simul_create_task(hopes, &p),
			     simul_create_task(keeps, &p),
			     simul_create_task(hopes, &p) };
	int r = simul_gather(t, 3, NULL);

	CHECK_INT(p.counts->put, ==, 1);
	CHECK(p.future.is_set && !p.future.waiters.first);
	return r;
}

TEST(futures_are_kept_wherever_those_who_wait_are_cancelled)
{
	sweep_cancellations(promises, sizeof(struct counts), check);
}

/* ---- The kernel */

struct talk {
	int fds[2];
	struct counts *counts;
};

static int writes(void *arg)
{
	struct talk *my = arg;

	for (int i = 0; i < 3; i++) {
		simul_sleep(1);
		CHECK_INT(write(my->fds[1], "x", 1), ==, 1);
		my->counts->put++;
	}
	return 0;
}

static int reads(void *arg)
{
	struct talk *my = arg;
	int r = 0;
	char byte;

	while (my->counts->got < 3 && r >= 0) {
		r = wait_readable(my->fds[0]);
		if (r > 0) {
			CHECK_INT(read(my->fds[0], &byte, 1), ==, 1);
			my->counts->got++;
		}
	}
	return r;
}

static int talks(void *arg)
{
	struct talk my = { .counts = arg };
	simul_task *t[2];
	int r;

	CHECK_INT(pipe2(my.fds, O_CLOEXEC), ==, 0);
	t[0] = simul_create_task(reads, &my);
	t[1] = simul_create_task(writes, &my);
	r = simul_gather(t, 2, NULL);
	close(my.fds[0]);
	close(my.fds[1]);
	return r;
}

TEST(operations_are_over_when_their_frame_is_wherever_they_are_cancelled)
{
	sweep_cancellations(talks, sizeof(struct counts), check);
}

/* ---- Threads */

static int works(void *arg)
{
	struct counts *c = arg;

	c->ended++;
	return 3;
}

static int goes_out(void *arg)
{
	struct counts *c = arg;
	int r = simul_to_thread(works, c);

	CHECK(r == 3 || r == -ECANCELED);
	c->begun += r == 3;
	return r;
}

static int go_out(void *arg)
{
	int r;

	goes_out(arg);
	simul_sleep(1);
	r = goes_out(arg);
	return r < 0 ? r : simul_wait_for(1, sleep_one, NULL);
}

TEST(threads_have_done_all_or_nothing_wherever_who_waits_is_cancelled)
{
	sweep_cancellations(go_out, sizeof(struct counts), check);
}
