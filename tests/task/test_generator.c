/* SPDX-License-Identifier: MIT
 * tests/task/test_generator.c - coroutines that produce values one by one. */
#include "powers.h"
#include "trail.h"

#include <errno.h>
#include <stdint.h>

#include <simul.h>

TEST_VIRTUAL(a_generator_gives_values_one_by_one_and_then_none)
{
	simul_generator *g = simul_generate(powers, .limit = 4);
	int expected = 1;
	void *v;

	while (simul_next(g, &v) > 0) {
		CHECK_INT(value_of(v), ==, expected);
		expected *= 2;
	}
	CHECK_INT(expected, ==, 16);
	CHECK_INT(simul_next(g, &v), ==, 0);
	CHECK_INT(simul_next(g, &v), ==, 0);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

TEST_VIRTUAL(the_error_that_its_function_returned_is_said_by_every_later_call)
{
	simul_generator *g = generator(fails_after_one, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_next(g, &v), ==, -EIO);
	CHECK_INT(simul_next(g, &v), ==, -EIO);
	CHECK_INT(simul_generator_close(g), ==, -EIO);
}

static int other(void *arg)
{
	(void)arg;
	mark('o');
	return 0;
}

TEST_VIRTUAL(nobody_else_runs_between_the_question_and_the_value)
{
	simul_generator *g = simul_generate(powers, .limit = 3);
	simul_task *t = simul_create_task(other, NULL);
	void *v;

	while (simul_next(g, &v) > 0)
		mark('v');
	CHECK_TRAIL("vvv");
	simul_generator_close(g);
	simul_await(t);
	CHECK_TRAIL("o");
}

static int sleeps_between(void *arg)
{
	int n = *(int *)arg, r = 0;

	for (int i = 0; i < n && r >= 0; i++) {
		r = simul_sleep(10);
		if (r >= 0)
			r = simul_yield_value(&i);
	}
	return r;
}

TEST_VIRTUAL(a_generator_may_sleep_while_others_run)
{
	int n = 3;
	simul_generator *g = generator(sleeps_between, &n);
	simul_task *t = simul_create_task(other, NULL);
	double start = simul_now();
	void *v;

	while (simul_next(g, &v) > 0)
		mark((char)('0' + value_of(v)));
	CHECK_TRAIL("o012");
	CHECK_NEAR(simul_now() - start, 30, 1e-6);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_INT(simul_await(t), ==, 0);
}

/* ---- Sending */

static int adds_up(void *arg)
{
	intptr_t sum = 0;
	void *sent;
	int r;

	(void)arg;
	while ((r = simul_yield_sent((void *)sum, &sent)) >= 0)
		sum += (intptr_t)sent;
	return r;
}

TEST_VIRTUAL(what_is_sent_is_what_yield_returns)
{
	simul_generator *g = generator(adds_up, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 0);
	CHECK_INT(simul_send(g, (void *)5, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 5);
	CHECK_INT(simul_send(g, (void *)7, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 12);
	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 12);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

TEST_VIRTUAL(the_first_value_sent_is_lost)
{
	simul_generator *g = generator(adds_up, NULL);
	void *v;

	CHECK_INT(simul_send(g, (void *)100, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 0);
	simul_generator_close(g);
}

/* ---- Yield from */

static int delegates(void *arg)
{
	simul_generator *inner = generator((simul_fn *)(uintptr_t)arg, NULL);
	int r = simul_yield_from(inner);
	int closed = simul_generator_close(inner);

	mark('c');
	return r < 0 ? r : closed;
}

static int yields_three(void *arg)
{
	static int values[] = { 1, 2, 3 };
	int r = 0;

	(void)arg;
	for (int i = 0; i < 3 && r >= 0; i++)
		r = simul_yield_value(&values[i]);
	return r;
}

TEST_VIRTUAL(yield_from_gives_all_that_another_generator_gives)
{
	simul_generator *g =
		generator(delegates, (void *)(uintptr_t)yields_three);
	int sum = 0;
	void *v;

	while (simul_next(g, &v) > 0)
		sum = sum * 10 + value_of(v);
	CHECK_INT(sum, ==, 123);
	CHECK_TRAIL("c");
	CHECK_INT(simul_generator_close(g), ==, 0);
}

TEST_VIRTUAL(yield_from_hands_on_what_is_sent)
{
	simul_generator *g = generator(delegates, (void *)(uintptr_t)adds_up);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_send(g, (void *)5, &v), ==, 1);
	CHECK_INT(simul_send(g, (void *)6, &v), ==, 1);
	CHECK_INT((intptr_t)v, ==, 11);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("c");
}

TEST_VIRTUAL(yield_from_returns_the_error_of_the_other)
{
	simul_generator *g =
		generator(delegates, (void *)(uintptr_t)fails_after_one);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_next(g, &v), ==, -EIO);
	simul_generator_close(g);
}

/* ---- Closing */

static int cleans_up(void *arg)
{
	int r = simul_yield_value(arg);

	CHECK_INT(r, ==, -ECANCELED);
	CHECK_INT(simul_yield_value(arg), ==, -ECANCELED);
	CHECK_INT(simul_sleep(1), ==, -ECANCELED);
	mark('c');
	return r;
}

TEST_VIRTUAL(closing_early_runs_its_clean_up)
{
	simul_generator *g = generator(cleans_up, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("c");
}

TEST_VIRTUAL(one_that_is_closed_before_it_was_asked_never_runs)
{
	simul_generator *g = generator(cleans_up, NULL);

	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("");
}

static int asked;

static int forgets_to_close(void *arg)
{
	simul_generator *g = generator(cleans_up, NULL);
	void *v;

	if (arg)
		CHECK_INT(simul_next(g, &v), ==, 1);
	return 5;
}

TEST_VIRTUAL(a_generator_is_closed_when_its_owner_ends)
{
	CHECK_INT(simul_await(simul_create_task(forgets_to_close, &asked)), ==,
		  5);
	CHECK_TRAIL("c");
	CHECK_INT(simul_await(simul_create_task(forgets_to_close, NULL)), ==,
		  5);
	CHECK_TRAIL("");
}

static int sleep_long(void *arg)
{
	(void)arg;
	return simul_sleep(5);
}

static int cleans_up_slowly(void *arg)
{
	int r = simul_yield_value(arg);

	CHECK_INT(simul_shield(sleep_long, NULL), ==, 0);
	mark('c');
	return r;
}

TEST_VIRTUAL(closing_waits_for_shielded_clean_up_even_when_cancelled)
{
	simul_generator *g = generator(cleans_up_slowly, NULL);
	double start = simul_now();
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	simul_cancel(simul_current_task());
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("c");
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
}

TEST_VIRTUAL(a_generator_made_in_a_cancelled_scope_can_be_closed)
{
	simul_generator *g;
	void *v;

	simul_cancel(simul_current_task());
	g = generator(cleans_up, NULL);
	CHECK(g);
	CHECK_INT(simul_next(g, &v), ==, -ECANCELED);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("");
}

static int makes_one_while_cancelled(void *arg)
{
	(void)arg;
	simul_cancel(simul_current_task());
	CHECK(generator(cleans_up, NULL));
	return 6;
}

TEST_VIRTUAL(a_generator_made_in_a_cancelled_scope_ends_with_its_owner)
{
	simul_task *t = simul_create_task(makes_one_while_cancelled, NULL);

	CHECK_INT(simul_await(t), ==, 6);
}

static int yields_once(void *arg)
{
	return simul_yield_value(arg);
}

static int yields_behind_a_shield(void *arg)
{
	int r = simul_shield(yields_once, arg);

	mark(r == -ECANCELED ? 'c' : '?');
	return simul_shield(yields_once, arg);
}

TEST_VIRTUAL(a_generator_that_yields_behind_a_shield_can_be_closed)
{
	simul_generator *g = generator(yields_behind_a_shield, NULL);
	void *v;

	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(simul_generator_close(g), ==, 0);
	CHECK_TRAIL("c");
}

static int leaves_a_shielded_one(void *arg)
{
	void *v;

	(void)arg;
	return simul_next(generator(yields_behind_a_shield, NULL), &v);
}

TEST_VIRTUAL(a_generator_that_yields_behind_a_shield_ends_with_its_owner)
{
	simul_task *t = simul_create_task(leaves_a_shielded_one, NULL);

	CHECK_INT(simul_await(t), ==, 1);
	CHECK_TRAIL("c");
}

TEST_VIRTUAL(closing_null_is_nothing)
{
	void *v;

	CHECK_INT(simul_generator_close(NULL), ==, 0);
	CHECK_INT(simul_next(NULL, &v), ==, -ENOMEM);
	CHECK_INT(simul_send(NULL, NULL, &v), ==, -ENOMEM);
}

TEST_VIRTUAL(closing_says_what_its_function_returned)
{
	simul_generator *g = generator(yields_three, NULL);
	void *v;

	while (simul_next(g, &v) > 0)
		;
	CHECK_INT(simul_generator_close(g), ==, 0);
}

/* ---- Who may ask */

static int asks(void *arg)
{
	void *v;

	return simul_next(arg, &v);
}

TEST_VIRTUAL(only_one_at_a_time_may_wait_for_a_value)
{
	int n = 1;
	simul_generator *g = generator(sleeps_between, &n);
	simul_task *t = simul_create_task(asks, g);
	void *v;

	simul_sleep(1);
	CHECK_INT(simul_next(g, &v), ==, -EBUSY);
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(simul_next(g, &v), ==, 0);
	simul_generator_close(g);
}

static int asks_itself(void *arg)
{
	void *v;

	CHECK_INT(simul_next(*(simul_generator **)arg, &v), ==, -EDEADLK);
	CHECK_INT(simul_generator_close(*(simul_generator **)arg), ==,
		  -EDEADLK);
	return 0;
}

TEST_VIRTUAL(a_generator_may_not_ask_or_close_itself)
{
	simul_generator *g = NULL;
	void *v;

	g = generator(asks_itself, &g);
	CHECK_INT(simul_next(g, &v), ==, 0);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

TEST_VIRTUAL(yielding_outside_of_a_generator_is_an_error)
{
	void *sent;

	CHECK_INT(simul_yield_value(NULL), ==, -EINVAL);
	CHECK_INT(simul_yield_sent(NULL, &sent), ==, -EINVAL);
	CHECK_INT(simul_yield_from(NULL), ==, -EINVAL);
}

/* ---- Cancelled */

TEST_VIRTUAL(a_cancelled_caller_gets_nothing_and_the_generator_is_left_alone)
{
	simul_generator *g = simul_generate(powers, .limit = 2);
	void *v;
	int r = 0;

	SIMUL_WITH_TIMEOUT(0, r)
	r = simul_next(g, &v);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(value_of(v), ==, 1);
	simul_generator_close(g);
}

TEST_VIRTUAL(a_deadline_while_a_generator_produces_ends_the_generator)
{
	int n = 3, r = 0;
	simul_generator *g = generator(sleeps_between, &n);
	double start = simul_now();
	void *v;

	SIMUL_WITH_TIMEOUT(5, r)
	r = simul_next(g, &v);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_NEAR(simul_now() - start, 5, 1e-6);
	CHECK_INT(simul_next(g, &v), ==, -ECANCELED);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

static int asks_twice(void *arg)
{
	void *v;
	int r = simul_next(arg, &v);

	mark(r > 0 ? 'v' : '?');
	r = simul_next(arg, &v);
	mark(r == -ECANCELED ? 'c' : '?');
	return r;
}

TEST_VIRTUAL(cancelling_the_owner_of_a_generator_ends_both)
{
	int n = 3;
	simul_generator *g = generator(sleeps_between, &n);
	simul_task *t = simul_create_task(asks_twice, g);

	simul_sleep(15);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_TRAIL("vc");
	simul_generator_close(g);
}

static int closes(void *arg)
{
	return simul_generator_close(arg);
}

TEST_VIRTUAL(closing_while_another_asks_ends_the_question)
{
	int n = 3;
	simul_generator *g = generator(sleeps_between, &n);
	simul_task *t = simul_create_task(asks, g);
	simul_task *c;

	simul_sleep(5);
	c = simul_create_task(closes, g);
	CHECK_INT(simul_await(c), ==, 0);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
}

/* ---- Deep */

static void *same(void *value, void *arg)
{
	(void)arg;
	return value;
}

static int naps_then_yields(void *arg)
{
	int r = simul_sleep(1);

	return r < 0 ? r : simul_yield_value(arg);
}

TEST_VIRTUAL(a_long_chain_of_generators_works_and_can_be_cancelled)
{
	enum { DEPTH = 5000 };
	simul_generator *g = generator(naps_then_yields, NULL);
	int r = 0;
	void *v;

	for (int i = 0; i < DEPTH; i++)
		g = simul_map(g, same, NULL);
	SIMUL_WITH_TIMEOUT(0.5, r)
	r = simul_next(g, &v);
	CHECK_INT(r, ==, -ETIMEDOUT);
	CHECK_INT(simul_generator_close(g), ==, 0);
}

static int generators_argument(void *arg)
{
	CHECK_INT(((uintptr_t)arg) % 16, ==, 0);
	return simul_yield_value(arg);
}

TEST_VIRTUAL(a_generator_has_a_copy_of_its_argument)
{
	struct powers p = { 77 };
	simul_generator *g = simul_generator_new(
		&(simul_task_options){ .arg_size = sizeof p },
		generators_argument, &p);
	void *v;

	p.limit = 0;
	CHECK_INT(simul_next(g, &v), ==, 1);
	CHECK_INT(((struct powers *)v)->limit, ==, 77);
	simul_generator_close(g);
}
