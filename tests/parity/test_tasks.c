/* SPDX-License-Identifier: MIT
 * tests/parity/test_tasks.c - what asyncio promises of tasks, and what it does
 * not; see docs/parity.md. */
#include "../task/trail.h"

#include <errno.h>

#include <simul.h>

/* ---- Held strongly */

static int works_in_steps(void *arg)
{
	for (int i = 0; i < 10; i++)
		CHECK_INT(simul_sleep(1), ==, 0);
	++*(int *)arg;
	return 0;
}

static void starts_and_forgets(int *finished)
{
	for (int i = 0; i < 100; i++)
		CHECK(simul_create_task(works_in_steps, finished));
}

TEST_VIRTUAL(tasks_are_held_though_nobody_refers_to_them)
{
	int finished = 0;

	starts_and_forgets(&finished);
	CHECK_INT(simul_sleep(11), ==, 0);
	CHECK_INT(finished, ==, 100);
}

/* ---- No cancel is lost */

static int naps(void *arg)
{
	return simul_sleep(*(const double *)arg);
}

static int awaits_a_future(void *arg)
{
	return simul_future_wait(arg, NULL);
}

struct guarded {
	simul_fn *fn;
	void *arg;
	int result; /* of wait_for */
};

/* What asyncio's wait_for got wrong: after it, the cancel must still be seen,
 * if it was not by wait_for itself. */
static int guarded(void *arg)
{
	struct guarded *my = arg;

	my->result = simul_wait_for(5, my->fn, my->arg);
	return my->result == -ECANCELED ? my->result : simul_sleep(1);
}

TEST_VIRTUAL(a_cancel_is_not_lost_in_a_race_with_a_timeout)
{
	double ever = 1000;
	struct guarded g = { naps, &ever, 0 };
	simul_task *t = simul_create_task(guarded, &g);

	/* The time is up in this turn, just before: our timer is the later.
	 * So it is told by the call after wait_for. */
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_INT(simul_sleep(5), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(g.result, ==, -ETIMEDOUT);
	/* And just after: ours was set first. */
	t = simul_create_task(guarded, &g);
	CHECK_INT(simul_sleep(5), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(g.result, ==, -ECANCELED);
}

TEST_VIRTUAL(a_cancel_is_not_lost_in_a_race_with_completion)
{
	simul_future future = { 0 };
	struct guarded g = { awaits_a_future, &future, 0 };
	simul_task *t = simul_create_task(guarded, &g);

	/* The inner call has its result, but has not run yet: that is
	 * delivered, and the next call tells of the cancel. */
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_future_set(&future, 7, NULL);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(g.result, ==, 7);
	/* The other way round, the cancel is told at once. */
	future = (simul_future){ 0 };
	t = simul_create_task(guarded, &g);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	simul_future_set(&future, 7, NULL);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(g.result, ==, -ECANCELED);
}

/* ---- Clean-up functions */

static char a[] = "a", b[] = "b", c[] = "c";

static void marks(void *arg)
{
	mark(*(const char *)arg);
}

struct ends {
	double after;
	int result;
};

static int ends(void *arg)
{
	const struct ends *my = arg;
	int r;

	CHECK_INT(simul_defer(marks, a), ==, 0);
	CHECK_INT(simul_defer(marks, b), ==, 0);
	CHECK_INT(simul_defer(marks, c), ==, 0);
	r = my->after > 0 ? simul_sleep(my->after) : 0;
	return r < 0 ? r : my->result;
}

static int ends_early(void *arg)
{
	(void)arg;
	CHECK(simul_go(ends, .after = 1000));
	return simul_sleep(1);
}

static int waits_in_vain(void *arg)
{
	simul_event never = { 0 };

	CHECK_INT(simul_defer(marks, a), ==, 0);
	CHECK_INT(simul_defer(marks, b), ==, 0);
	CHECK_INT(simul_defer(marks, c), ==, 0);
	(void)arg;
	return simul_event_wait(&never);
}

static int leaves_one_in_the_background(void *arg)
{
	static struct ends my = { .after = 1000 };

	(void)arg;
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, ends, &my));
	return simul_sleep(1);
}

TEST(clean_up_functions_run_in_reverse_order_however_a_task_ends)
{
	/* The main task: with success, with an error, in a deadlock. */
	CHECK_INT(run_virtual(ends, &(struct ends){ 0, 3 }), ==, 3);
	CHECK_TRAIL("cba");
	CHECK_INT(run_virtual(ends, &(struct ends){ 1, -EIO }), ==, -EIO);
	CHECK_TRAIL("cba");
	CHECK_INT(run_virtual(waits_in_vain, NULL), ==, -EDEADLK);
	CHECK_TRAIL("cba");
	/* Others: because their parent ends, or the run. */
	CHECK_INT(run_virtual(ends_early, NULL), ==, 0);
	CHECK_TRAIL("cba");
	CHECK_INT(run_virtual(leaves_one_in_the_background, NULL), ==, 0);
	CHECK_TRAIL("cba");
}

TEST_VIRTUAL(clean_up_functions_run_when_a_task_is_cancelled)
{
	simul_group group = { 0 };
	simul_task *t;

	t = simul_go(ends, .after = 1000);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("cba");
	/* Before it began. */
	t = simul_go(ends, .after = 1000);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("cba");
	/* In a group that was given up. */
	simul_group_go(&group, ends, .after = 1000);
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_group_cancel(&group);
	CHECK_INT(simul_group_wait(&group), ==, 0);
	CHECK_TRAIL("cba");
}

/* ---- Looking */

static int returns_five(void *arg)
{
	(void)arg;
	return 5;
}

TEST_VIRTUAL(whether_a_task_is_done_and_its_result_are_known_without_waiting)
{
	simul_task *t = simul_create_task(returns_five, NULL);

	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, -EBUSY);
	CHECK_INT(simul_sleep(0), ==, 0);
	/* Also where nobody may wait any more. */
	simul_cancel(simul_current_task());
	CHECK(simul_task_is_done(t));
	CHECK_INT(simul_task_result(t), ==, 5);
}

/* ---- In the background */

static int starts_one_in_the_background(void *arg)
{
	const simul_task_options options = { .name = "sweeper",
					     .background = true };

	return simul_create_task_with(&options, works_in_steps, arg) ? 0
								     : -ENOMEM;
}

TEST_VIRTUAL(background_tasks_are_owned_by_the_loop_and_have_names)
{
	simul_task *all[3];
	int finished = 0;

	CHECK_INT(simul_await(simul_create_task(starts_one_in_the_background,
						&finished)),
		  ==, 0);
	CHECK_INT(simul_all_tasks(all, 3), ==, 2);
	CHECK_STR(simul_task_name(all[1]), "sweeper");
	CHECK(!simul_task_parent(all[1]));
	CHECK_INT(simul_sleep(11), ==, 0);
	CHECK_INT(finished, ==, 1);
}
