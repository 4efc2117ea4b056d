/* SPDX-License-Identifier: MIT
 * tests/task/test_thread.c - between a loop and other threads. */
#include "trail.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include <simul.h>

#include "base/alloc.h"
#include "task/task.h"

static pthread_t start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, fn, arg), ==, 0);
	return thread;
}

/* ---- Out */

static int in_a_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	CHECK(!simul_current_task());
	CHECK(!simul_current_loop());
	usleep(1000);
	return 9;
}

static int goes_out(void *arg)
{
	pthread_t other;

	(void)arg;
	CHECK_INT(simul_to_thread(in_a_thread, &other), ==, 9);
	CHECK(!pthread_equal(other, pthread_self()));
	return 0;
}

TEST(blocking_code_runs_in_another_thread)
{
	CHECK_INT(simul_run(goes_out, NULL), ==, 0);
}

static int adds(void *arg)
{
	return *(int *)arg + 1;
}

static int goes_out_often(void *arg)
{
	int n = 0;

	(void)arg;
	for (int i = 0; i < 300; i++) {
		int r = simul_to_thread(adds, &n);

		CHECK_INT(r, ==, n + 1);
		n = r;
	}
	return n;
}

static int many_go_out(void *arg)
{
	simul_task *t[20];
	int results[20];

	(void)arg;
	for (int i = 0; i < 20; i++)
		t[i] = simul_create_task(goes_out_often, NULL);
	CHECK_INT(simul_gather(t, 20, results), ==, 0);
	for (int i = 0; i < 20; i++)
		CHECK_INT(results[i], ==, 300);
	return 0;
}

TEST(many_tasks_use_threads_at_once)
{
	CHECK_INT(simul_run(many_go_out, NULL), ==, 0);
}

static atomic_int at_once, most_at_once;

static int counts(void *arg)
{
	int n = ++at_once, most = most_at_once;

	while (n > most &&
	       !atomic_compare_exchange_weak(&most_at_once, &most, n))
		;
	usleep(20000);
	at_once--;
	(void)arg;
	return 0;
}

static int to_thread(void *arg)
{
	return simul_to_thread(counts, arg);
}

static int forty_go_out(void *arg)
{
	simul_task *t[40];

	(void)arg;
	for (int i = 0; i < 40; i++)
		t[i] = simul_create_task(to_thread, NULL);
	return simul_gather(t, 40, NULL);
}

TEST(threads_work_side_by_side_up_to_a_limit)
{
	CHECK_INT(simul_run(forty_go_out, NULL), ==, 0);
	CHECK_INT(most_at_once, >, 4);
	CHECK_INT(most_at_once, <=, 16);
}

/* ---- Cancelled while out */

static sem_t may_go_on;
static atomic_int calls;

static int blocks(void *arg)
{
	(void)arg;
	calls++;
	while (sem_wait(&may_go_on) < 0)
		;
	return 6;
}

static int goes_and_blocks(void *arg)
{
	int r = simul_to_thread(blocks, arg);

	mark(r == 6 ? 'd' : r == -ECANCELED ? 'c' : '?');
	r = simul_sleep(0);
	mark(r == -ECANCELED ? 'c' : '0');
	return r;
}

static int cancels_what_has_begun(void *arg)
{
	simul_task *t = simul_create_task(goes_and_blocks, NULL);

	(void)arg;
	while (calls == 0)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	CHECK(!simul_task_is_done(t)); /* its argument may be in its frame */
	sem_post(&may_go_on);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	return 0;
}

TEST(what_a_thread_has_begun_is_waited_for_and_its_result_is_delivered)
{
	sem_init(&may_go_on, 0, 0);
	CHECK_INT(simul_run(cancels_what_has_begun, NULL), ==, 0);
	CHECK_TRAIL("dc");
}

enum { ALL_THREADS = 16 };

static int cancels_what_has_not_begun(void *arg)
{
	simul_task *t[ALL_THREADS + 1];

	(void)arg;
	for (int i = 0; i < ALL_THREADS + 1; i++)
		t[i] = simul_create_task(goes_and_blocks, NULL);
	while (calls < ALL_THREADS)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	simul_cancel(t[ALL_THREADS]);
	CHECK_INT(simul_await(t[ALL_THREADS]), ==, -ECANCELED);
	CHECK_TRAIL("cc");
	for (int i = 0; i < ALL_THREADS; i++)
		sem_post(&may_go_on);
	CHECK_INT(simul_gather(t, ALL_THREADS, NULL), ==, 0);
	CHECK_INT(calls, ==, ALL_THREADS);
	return 0;
}

TEST(what_no_thread_has_begun_is_taken_back)
{
	sem_init(&may_go_on, 0, 0);
	CHECK_INT(simul_run(cancels_what_has_not_begun, NULL), ==, 0);
}

static int goes_out_cancelled(void *arg)
{
	(void)arg;
	simul_cancel(simul_current_task());
	CHECK_INT(simul_to_thread(blocks, NULL), ==, -ECANCELED);
	CHECK_INT(calls, ==, 0);
	return 0;
}

TEST(who_is_cancelled_does_not_go_out)
{
	CHECK_INT(simul_run(goes_out_cancelled, NULL), ==, 0);
	CHECK_INT(simul_to_thread(blocks, NULL), ==, -EPERM);
}

/* ---- In */

static atomic_int received;

static int receives(void *arg)
{
	CHECK(simul_current_task());
	CHECK(!simul_task_parent(simul_current_task()));
	CHECK_INT(simul_sleep(0), ==, 0);
	received += (int)(intptr_t)arg;
	return 0;
}

enum { SUBMITTERS = 4, EACH = 500 };

static void *submits(void *arg)
{
	for (int i = 0; i < EACH; i++)
		CHECK_INT(simul_submit(arg, receives, (void *)1), ==, 0);
	simul_loop_release(arg);
	return NULL;
}

static int takes_submissions(void *arg)
{
	pthread_t threads[SUBMITTERS];

	(void)arg;
	for (int i = 0; i < SUBMITTERS; i++)
		threads[i] = start_thread(
			submits, simul_loop_hold(simul_current_loop()));
	while (received < SUBMITTERS * EACH)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	for (int i = 0; i < SUBMITTERS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

TEST(many_threads_submit_to_one_loop_and_nothing_is_lost)
{
	CHECK_INT(simul_run(takes_submissions, NULL), ==, 0);
	CHECK_INT(received, ==, SUBMITTERS * EACH);
}

struct post {
	simul_loop *loop;
	simul_future *future;
	int result;
};

static void *posts(void *arg)
{
	struct post *my = arg;

	usleep(10000);
	CHECK_INT(simul_future_post(my->loop, my->future, my->result, my), ==,
		  0);
	simul_loop_release(my->loop);
	return NULL;
}

static int waits_for_a_post(void *arg)
{
	simul_future future = { 0 };
	struct post post = { simul_loop_hold(simul_current_loop()), &future,
			     8 };
	pthread_t thread = start_thread(posts, &post);
	void *value;

	(void)arg;
	CHECK_INT(simul_future_wait(&future, &value), ==, 8);
	CHECK(value == &post);
	pthread_join(thread, NULL);
	return 0;
}

TEST(a_future_is_set_from_another_thread)
{
	CHECK_INT(simul_run(waits_for_a_post, NULL), ==, 0);
}

/* The last hold is given back the very moment after the letter is posted. */
static void *posts_at_once(void *arg)
{
	struct post *my = arg;

	CHECK_INT(simul_future_post(my->loop, my->future, my->result, my), ==,
		  0);
	simul_loop_release(my->loop);
	return NULL;
}

static int waits_for_posts_at_once(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		simul_future future = { 0 };
		struct post post = { simul_loop_hold(simul_current_loop()),
				     &future, i };
		pthread_t thread = start_thread(posts_at_once, &post);

		CHECK_INT(simul_future_wait(&future, NULL), ==, i);
		pthread_join(thread, NULL);
	}
	return 0;
}

TEST(a_post_before_the_last_hold_is_given_back_is_no_deadlock)
{
	CHECK_INT(simul_run(waits_for_posts_at_once, NULL), ==, 0);
}

/* ---- The end of a loop */

static simul_loop *left;

static int leaves_a_hold(void *arg)
{
	(void)arg;
	left = simul_loop_hold(simul_current_loop());
	return 0;
}

TEST(a_loop_that_has_ended_takes_nothing_more)
{
	simul_future future = { 0 };

	CHECK_INT(simul_run(leaves_a_hold, NULL), ==, 0);
	CHECK_INT(simul_submit(left, receives, NULL), ==, -ESHUTDOWN);
	CHECK_INT(simul_future_post(left, &future, 0, NULL), ==, -ESHUTDOWN);
	CHECK(!future.is_set);
	simul_loop_release(left);
	simul_loop_release(NULL);
}

static atomic_int accepted, run;

static int counts_run(void *arg)
{
	(void)arg;
	run++;
	return 0;
}

static void *submits_until_it_is_refused(void *arg)
{
	int r;

	while ((r = simul_submit(arg, counts_run, NULL)) == 0) {
		accepted++;
		usleep(2000); /* not faster than the loop can run them */
	}
	CHECK_INT(r, ==, -ESHUTDOWN);
	simul_loop_release(arg);
	return NULL;
}

static pthread_t submitters[3];

static int ends_while_others_submit(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		submitters[i] =
			start_thread(submits_until_it_is_refused,
				     simul_loop_hold(simul_current_loop()));
	return simul_sleep(0.02);
}

TEST(what_was_submitted_is_run_though_the_loop_ends)
{
	CHECK_INT(simul_run(ends_while_others_submit, NULL), ==, 0);
	for (int i = 0; i < 3; i++)
		pthread_join(submitters[i], NULL);
	CHECK_INT(run, ==, accepted);
	CHECK_INT(run, >, 0);
}

enum { SLAB = 31 }; /* stacks besides ours: the next one needs memory */

static int naps(void *arg)
{
	(void)arg;
	return simul_sleep(0.2);
}

static simul_timeout timeouts[4 * SLAB];
static size_t timeout_count;

/* Set so many that only the next sleep still finds room. */
static void fill_timers(const struct smi_heap *timers)
{
	while (timers->count + 1 < timers->room) {
		CHECK_INT(timeout_count, <, 4 * SLAB);
		CHECK_INT(simul_timeout_open(&timeouts[timeout_count++], 100),
			  ==, 0);
	}
}

static void clear_timers(void)
{
	while (timeout_count > 0)
		CHECK_INT(simul_timeout_close(&timeouts[--timeout_count], 0),
			  ==, 0);
}

/* Memory is missing for some 50 ms. */
static int takes_what_it_has_no_memory_for(void *arg)
{
	simul_loop *loop = simul_loop_hold(simul_current_loop());
	simul_task *t[SLAB];
	long tried;

	(void)arg;
	for (int i = 0; i < SLAB; i++)
		t[i] = simul_create_task(naps, NULL);
	CHECK_INT(simul_sleep(0.001), ==, 0);
	fill_timers(&loop->loop.timers);
	for (int i = 0; i < 3; i++)
		CHECK_INT(simul_submit(loop, counts_run, NULL), ==, 0);
	tried = smi_alloc_probe->calls;
	smi_alloc_probe->fail_from = tried + 1;
	smi_alloc_probe->fail_count = LONG_MAX / 2;
	CHECK_INT(simul_sleep(0.05), ==, 0);
	smi_alloc_probe->fail_from = 0;
	CHECK_INT(run, ==, 0);
	CHECK_INT(smi_alloc_probe->calls - tried, <=, 100);
	CHECK_INT(simul_gather(t, SLAB, NULL), ==, 0);
	while (run < 3)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	clear_timers();
	simul_loop_release(loop);
	return 0;
}

TEST(a_loop_without_memory_for_a_submission_tries_again_and_rests_in_between)
{
	CHECK_INT(simul_run(takes_what_it_has_no_memory_for, NULL), ==, 0);
}

static int ends_without_memory(void *arg)
{
	simul_loop *loop = simul_loop_hold(simul_current_loop());

	(void)arg;
	for (int i = 0; i < SLAB; i++)
		simul_create_task(naps, NULL);
	CHECK_INT(simul_sleep(0.001), ==, 0);
	CHECK_INT(simul_submit(loop, counts_run, NULL), ==, 0);
	smi_alloc_probe->fail_from = smi_alloc_probe->calls + 1;
	smi_alloc_probe->fail_count = LONG_MAX / 2;
	CHECK_INT(simul_sleep(0.001), ==, 0);
	CHECK_INT(run, ==, 0);
	simul_loop_release(loop);
	return 0;
}

TEST(what_was_submitted_and_found_no_memory_is_run_when_the_loop_ends)
{
	CHECK_INT(simul_run(ends_without_memory, NULL), ==, 0);
	CHECK_INT(run, ==, 1);
}

static int takes_out(void *arg)
{
	int r = simul_to_thread(adds, arg);

	received = r;
	return r;
}

static int insists(void *arg)
{
	return simul_shield(takes_out, arg);
}

static void *submits_one(void *arg)
{
	static int one_less = 41;

	usleep(5000);
	CHECK_INT(simul_submit(arg, insists, &one_less), ==, 0);
	return NULL;
}

/* Its letter is still in the mailbox when the run ends. */
static int ends_with_a_letter(void *arg)
{
	pthread_t thread = start_thread(submits_one, simul_current_loop());

	pthread_join(thread, NULL);
	(void)arg;
	return 3;
}

TEST(what_runs_last_may_still_use_threads)
{
	CHECK_INT(simul_run(ends_with_a_letter, NULL), ==, 3);
	CHECK_INT(received, ==, 42);
}

static int forty_one = 41;

static void submits_in_the_last_moment(struct smi_letter *letter)
{
	(void)letter;
	CHECK_INT(simul_submit(left, insists, &forty_one), ==, 0);
	simul_loop_release(left);
}

/* It is delivered when all tasks have ended. */
static struct smi_letter last_letter = { .deliver =
						 submits_in_the_last_moment };

static int leaves_a_letter(void *arg)
{
	(void)arg;
	left = simul_loop_hold(simul_current_loop());
	CHECK_INT(smi_mailbox_post(&left->loop.mailbox, &last_letter), ==, 0);
	return 3;
}

TEST(what_is_submitted_when_all_have_ended_is_run_too)
{
	CHECK_INT(simul_run(leaves_a_letter, NULL), ==, 3);
	CHECK_INT(received, ==, 42);
}

static int blocks_behind_a_shield(void *arg)
{
	return simul_to_thread(blocks, arg);
}

static int in_background(void *arg)
{
	return simul_shield(blocks_behind_a_shield, arg);
}

static int leaves_a_thread_at_work(void *arg)
{
	(void)arg;
	CHECK(simul_create_task_with(
		&(simul_task_options){ .background = true }, in_background,
		NULL));
	while (calls == 0)
		simul_sleep(0.001);
	sem_post(&may_go_on);
	return 2;
}

TEST(a_run_does_not_end_before_its_threads)
{
	sem_init(&may_go_on, 0, 0);
	CHECK_INT(simul_run(leaves_a_thread_at_work, NULL), ==, 2);
}

/* ---- Several loops */

static int sleeps_a_little(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	return simul_to_thread(adds, &(int){ 4 });
}

static void *runs_a_loop(void *arg)
{
	*(int *)arg = simul_run(sleeps_a_little, NULL);
	return NULL;
}

TEST(loops_of_several_threads_share_nothing)
{
	pthread_t threads[4];
	int results[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(runs_a_loop, &results[i]);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		CHECK_INT(results[i], ==, 5);
	}
}
