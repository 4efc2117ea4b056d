/* SPDX-License-Identifier: MIT
 * tests/task/test_threads.c - pools of threads, and threads that wait for a
 * loop. */
#include "dies.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include <simul.h>

#include "sweep.h"

static sem_t may_go_on;
static atomic_int calls;

static simul_threads *open_pool(size_t count, size_t queue_limit)
{
	simul_threads *pool = NULL;

	CHECK_INT(
		simul_threads_open(
			&(simul_threads_options){ .name = "a-pool-of-mine",
						  .count = count,
						  .queue_limit = queue_limit },
			&pool),
		==, 0);
	return pool;
}

static int doubles(void *arg)
{
	return *(int *)arg * 2;
}

static int blocks(void *arg)
{
	(void)arg;
	calls++;
	sem_wait(&may_go_on);
	return 1;
}

struct call {
	simul_threads *pool;
	simul_fn *fn;
};

static int call(void *arg)
{
	const struct call *my = arg;

	return simul_threads_call(my->pool, my->fn, NULL);
}

static void wait_for_calls(int n)
{
	while (calls < n)
		CHECK_INT(simul_sleep(0.001), ==, 0);
}

/* ---- Pools */

static int says_name(void *arg)
{
	return pthread_getname_np(pthread_self(), arg, 16);
}

TEST_VIRTUAL(its_threads_have_a_name)
{
	simul_threads *pool = open_pool(1, 0);
	char name[16];

	CHECK_INT(simul_threads_call(pool, says_name, name), ==, 0);
	CHECK_STR(name, "a-pool-of-mine");
	CHECK_INT(simul_to_thread(says_name, name), ==, 0);
	CHECK_STR(name, "simul-thread");
	simul_threads_close(pool);
	simul_threads_close(NULL);
}

TEST_VIRTUAL(a_pool_of_ones_own_returns_what_the_function_did)
{
	simul_threads *pool = NULL;

	CHECK_INT(simul_threads_open(NULL, &pool), ==, 0);
	CHECK_INT(simul_threads_call(pool, doubles, &(int){ 21 }), ==, 42);
	simul_threads_close(pool);
}

TEST_VIRTUAL(no_more_run_at_once_than_the_pool_has_threads)
{
	simul_threads *pool = open_pool(2, 0);
	simul_task *t[5];

	sem_init(&may_go_on, 0, 0);
	for (int i = 0; i < 5; i++)
		t[i] = simul_go(call, .pool = pool, .fn = blocks);
	wait_for_calls(2);
	CHECK_INT(simul_sleep(0.1), ==, 0);
	CHECK_INT(calls, ==, 2);
	for (int i = 0; i < 5; i++)
		sem_post(&may_go_on);
	CHECK_INT(simul_gather(t, 5, NULL), ==, 0);
	CHECK_INT(calls, ==, 5);
	simul_threads_close(pool);
}

TEST_VIRTUAL(
	unless_told_otherwise_it_has_a_thread_for_each_core_that_we_may_use)
{
	simul_threads *pool = NULL;
	simul_task *t[2];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CHECK_INT(sched_setaffinity(0, sizeof one, &one), ==, 0);
	CHECK_INT(simul_threads_open(NULL, &pool), ==, 0);
	sem_init(&may_go_on, 0, 0);
	for (int i = 0; i < 2; i++)
		t[i] = simul_go(call, .pool = pool, .fn = blocks);
	wait_for_calls(1);
	CHECK_INT(simul_sleep(0.1), ==, 0);
	CHECK_INT(calls, ==, 1);
	sem_post(&may_go_on);
	sem_post(&may_go_on);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	simul_threads_close(pool);
}

TEST_VIRTUAL(pools_do_not_wait_for_each_other)
{
	simul_threads *a = open_pool(1, 0), *b = open_pool(1, 0);
	simul_task *t;

	sem_init(&may_go_on, 0, 0);
	t = simul_go(call, .pool = a, .fn = blocks);
	wait_for_calls(1);
	CHECK_INT(simul_threads_call(b, doubles, &(int){ 2 }), ==, 4);
	sem_post(&may_go_on);
	CHECK_INT(simul_await(t), ==, 1);
	simul_threads_close(a);
	simul_threads_close(b);
}

struct to_thread {
	simul_fn *fn;
};

static int to_thread(void *arg)
{
	return simul_to_thread(((const struct to_thread *)arg)->fn, NULL);
}

TEST_VIRTUAL(files_do_not_wait_for_what_the_program_does_in_threads)
{
	enum { ALL = 16 };
	simul_task *t[ALL];
	simul_stream *f;
	char c;

	sem_init(&may_go_on, 0, 0);
	for (int i = 0; i < ALL; i++)
		t[i] = simul_go(to_thread, .fn = blocks);
	wait_for_calls(ALL);
	CHECK_INT(simul_open("/proc/self/comm", O_RDONLY, 0, &f), ==, 0);
	CHECK_INT(simul_read(f, &c, 1), ==, 1);
	CHECK_INT(simul_close(f), ==, 0);
	for (int i = 0; i < ALL; i++)
		sem_post(&may_go_on);
	CHECK_INT(simul_gather(t, ALL, NULL), ==, 0);
}

TEST_VIRTUAL(a_call_too_many_is_refused)
{
	simul_threads *pool = open_pool(1, 1);
	simul_task *t[2];

	sem_init(&may_go_on, 0, 0);
	t[0] = simul_go(call, .pool = pool, .fn = blocks);
	t[1] = simul_go(call, .pool = pool, .fn = blocks);
	wait_for_calls(1);
	CHECK_INT(simul_threads_call(pool, doubles, &(int){ 1 }), ==, -EAGAIN);
	sem_post(&may_go_on);
	wait_for_calls(2);
	sem_post(&may_go_on);
	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	CHECK_INT(simul_threads_call(pool, doubles, &(int){ 1 }), ==, 2);
	simul_threads_close(pool);
}

TEST_VIRTUAL(in_a_pool_too_only_what_has_not_begun_is_cancelled)
{
	simul_threads *pool = open_pool(1, 0);
	simul_task *begun, *waits;

	sem_init(&may_go_on, 0, 0);
	begun = simul_go(call, .pool = pool, .fn = blocks);
	waits = simul_go(call, .pool = pool, .fn = blocks);
	wait_for_calls(1);
	simul_cancel(begun);
	simul_cancel(waits);
	CHECK_INT(simul_await(waits), ==, -ECANCELED);
	CHECK(!simul_task_is_done(begun));
	sem_post(&may_go_on);
	CHECK_INT(simul_await(begun), ==, 1);
	CHECK_INT(calls, ==, 1);
	simul_threads_close(pool);
}

TEST_VIRTUAL(a_pool_that_makes_no_sense_is_refused)
{
	simul_threads *pool = NULL;

	CHECK_INT(simul_threads_open(
			  &(simul_threads_options){ .count = 100000 }, &pool),
		  ==, -EINVAL);
	CHECK(!pool);
}

static int closes_too_early(void *arg)
{
	simul_threads *pool = open_pool(1, 0);

	(void)arg;
	sem_init(&may_go_on, 0, 0);
	simul_go(call, .pool = pool, .fn = blocks);
	simul_sleep(0.001);
	simul_threads_close(pool);
	return 0;
}

static void close_too_early(void)
{
	simul_run(closes_too_early, NULL);
}

TEST(to_close_a_pool_that_others_wait_for_is_a_bug_that_aborts)
{
	CHECK_DIES(close_too_early, "closes a pool of threads");
}

/* ---- Map */

enum { MANY = 1000 };

static void number(int *items)
{
	for (int i = 0; i < MANY; i++)
		items[i] = i;
}

TEST_VIRTUAL(a_function_is_called_for_each_item)
{
	simul_threads *pool = open_pool(3, 0);
	static int items[MANY], results[MANY];

	number(items);
	for (int round = 0; round < 2; round++) {
		memset(results, 0, sizeof results);
		CHECK_INT(simul_threads_map(round ? pool : NULL, doubles, items,
					    MANY, sizeof *items, results),
			  ==, 0);
		for (int i = 0; i < MANY; i++)
			CHECK_INT(results[i], ==, 2 * i);
	}
	CHECK_INT(simul_threads_map(pool, doubles, NULL, 0, 1, NULL), ==, 0);
	CHECK_INT(simul_threads_map(pool, doubles, items, 1, 1, NULL), ==, 0);
	simul_threads_close(pool);
}

static atomic_int at_once, most_at_once;

static int counts_how_many(void *arg)
{
	int n = ++at_once, most = most_at_once;

	(void)arg;
	while (n > most &&
	       !atomic_compare_exchange_weak(&most_at_once, &most, n))
		;
	sched_yield();
	at_once--;
	return 0;
}

TEST_VIRTUAL(a_map_takes_no_more_threads_than_there_are)
{
	simul_threads *pool = open_pool(3, 1);
	static int items[MANY];

	CHECK_INT(
		simul_threads_map(pool, counts_how_many, items, MANY, 1, NULL),
		==, 0);
	CHECK_INT(most_at_once, <=, 3);
	simul_threads_close(pool);
}

static int fails_at_7(void *arg)
{
	return *(int *)arg == 7 ? -EDOM : 0;
}

TEST_VIRTUAL(after_a_failure_no_item_is_begun)
{
	simul_threads *pool = open_pool(1, 0);
	static int items[MANY], results[MANY];

	number(items);
	CHECK_INT(simul_threads_map(pool, fails_at_7, items, MANY,
				    sizeof *items, results),
		  ==, -EDOM);
	CHECK_INT(results[6], ==, 0);
	CHECK_INT(results[7], ==, -EDOM);
	CHECK_INT(results[8], ==, -ECANCELED);
	CHECK_INT(results[MANY - 1], ==, -ECANCELED);
	simul_threads_close(pool);
}

static int maps_blocks(void *arg)
{
	static int items[MANY];

	return simul_threads_map(arg, blocks, items, MANY, 1, items);
}

TEST_VIRTUAL(a_map_that_is_cancelled_waits_for_what_it_has_begun)
{
	simul_threads *pool = open_pool(2, 0);
	simul_task *t = simul_create_task(maps_blocks, pool);

	sem_init(&may_go_on, 0, 0);
	wait_for_calls(2);
	simul_cancel(t);
	CHECK_INT(simul_sleep(0.1), ==, 0);
	CHECK(!simul_task_is_done(t));
	sem_post(&may_go_on);
	sem_post(&may_go_on);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(calls, ==, 2);
	simul_threads_close(pool);
}

TEST_VIRTUAL(a_map_that_waits_for_threads_is_taken_back)
{
	simul_threads *pool = open_pool(1, 0);
	simul_task *busy = simul_go(call, .pool = pool, .fn = blocks), *t;

	sem_init(&may_go_on, 0, 0);
	wait_for_calls(1);
	t = simul_create_task(maps_blocks, pool);
	CHECK_INT(simul_sleep(0), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	sem_post(&may_go_on);
	CHECK_INT(simul_await(busy), ==, 1);
	CHECK_INT(calls, ==, 1);
	simul_threads_close(pool);
}

/* ---- A thread waits for a loop */

static pthread_t start_thread(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, run, arg), ==, 0);
	return thread;
}

static int sleeps(void *arg)
{
	int r = simul_sleep(*(double *)arg);

	return r < 0 ? r : 5;
}

static void *asks(void *arg)
{
	double little = 0.001, long_time = 1000;

	for (int i = 0; i < 20; i++)
		CHECK_INT(simul_submit_wait(arg, sleeps, &little, INFINITY), ==,
			  5);
	CHECK_INT(simul_submit_wait(arg, sleeps, &long_time, 0.01), ==,
		  -ETIMEDOUT);
	simul_loop_release(arg);
	return NULL;
}

static int is_asked(void *arg)
{
	pthread_t threads[3];
	double little = 0;
	simul_loop *loop = simul_current_loop();

	(void)arg;
	for (int i = 0; i < 3; i++)
		threads[i] = start_thread(asks, simul_loop_hold(loop));
	CHECK_INT(simul_submit_wait(loop, sleeps, &little, 1), ==, -EDEADLK);
	for (int i = 0; i < 3; i++)
		while (pthread_tryjoin_np(threads[i], NULL) != 0)
			CHECK_INT(simul_sleep(0.001), ==, 0);
	return 0;
}

TEST(a_thread_waits_for_a_coroutine_or_for_so_long)
{
	CHECK_INT(simul_run(is_asked, NULL), ==, 0);
}

static atomic_int asked_too_late;

static void *asks_for_ever(void *arg)
{
	double long_time = 1000;

	CHECK_INT(simul_submit_wait(arg, sleeps, &long_time, INFINITY), ==,
		  -ECANCELED);
	asked_too_late = simul_submit_wait(arg, sleeps, &long_time, INFINITY);
	simul_loop_release(arg);
	return NULL;
}

static pthread_t asking;

static int ends_soon(void *arg)
{
	(void)arg;
	asking = start_thread(asks_for_ever,
			      simul_loop_hold(simul_current_loop()));
	return simul_sleep(0.02);
}

TEST(a_thread_does_not_wait_for_a_loop_that_has_ended)
{
	CHECK_INT(simul_run(ends_soon, NULL), ==, 0);
	pthread_join(asking, NULL);
	/* The second may have come while the loop was ending. */
	CHECK(asked_too_late == -ESHUTDOWN || asked_too_late == -ECANCELED);
}

/* ---- Whatever happens */

static int uses_pool(void *arg)
{
	int items[10] = { 0 }, r;
	simul_threads *pool;

	(void)arg;
	r = simul_threads_open(&(simul_threads_options){ .count = 2 }, &pool);
	if (r < 0)
		return r;
	r = simul_threads_call(pool, doubles, items);
	if (r >= 0)
		r = simul_threads_map(pool, doubles, items, 10, sizeof *items,
				      NULL);
	if (r >= 0)
		r = simul_threads_map(NULL, doubles, items, 10, sizeof *items,
				      NULL);
	simul_threads_close(pool);
	return r;
}

static void use_pool(void)
{
	simul_run(uses_pool, NULL);
}

TEST(no_memory_is_no_pool_and_nothing_else)
{
	sweep_allocations(use_pool);
}

static void check_result(void *state, int result)
{
	(void)state;
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(who_uses_a_pool_is_cancelled_at_any_point)
{
	sweep_cancellations(uses_pool, 1, check_result);
}
