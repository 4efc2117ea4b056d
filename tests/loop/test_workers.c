/* SPDX-License-Identifier: MIT
 * tests/loop/test_workers.c - threads do for a loop what would block. */
#include "loops.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "loop/workers.h"

struct piece {
	struct smi_work work; /* the first member */
	bool done;
	int result;
};

static pthread_t loop_thread;
static sem_t may_go_on;
static atomic_int begun;
static int ended;

static void compute(struct smi_work *work)
{
	struct piece *p = (struct piece *)work;

	CHECK(!pthread_equal(pthread_self(), loop_thread));
	p->result *= 2;
}

static void block(struct smi_work *work)
{
	(void)work;
	begun++;
	while (sem_wait(&may_go_on) < 0)
		;
}

static void finish(struct smi_work *work)
{
	struct piece *p = (struct piece *)work;

	CHECK(pthread_equal(pthread_self(), loop_thread));
	CHECK(!p->done);
	p->done = true;
	ended++;
}

static void begin(struct piece *p, void (*run)(struct smi_work *), int n)
{
	*p = (struct piece){ { .run = run, .done = finish }, false, n };
	CHECK_INT(smi_work_submit(&loop, &p->work), ==, 0);
}

static bool is_named(const char *thread, const char *expected)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%s/comm", thread);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(name, sizeof name, file))
		name[0] = '\0';
	fclose(file);
	name[strcspn(name, "\n")] = 0;
	return strcmp(name, expected) == 0;
}

/* Others may be a sanitizer's. */
static int count_named(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir)))
		n += is_named(entry->d_name, name);
	closedir(dir);
	return n;
}

static int count_threads(void)
{
	return count_named("simul-worker");
}

/* A thread that has been joined is still listed for a moment. */
static void await_none_named(const char *name)
{
	while (count_named(name) > 0)
		usleep(100);
}

static void start(void)
{
	loop_thread = pthread_self();
	sem_init(&may_go_on, 0, 0);
	start_loop(NULL, false);
}

TEST(work_is_done_in_a_thread_and_reported_in_the_loops)
{
	struct piece p;

	start();
	begin(&p, compute, 21);
	turn_until(&p.done);
	CHECK_INT(p.result, ==, 42);
	CHECK_INT(loop.in_flight, ==, 0);
	end_loop();
}

TEST(threads_are_started_on_demand_and_joined_at_the_end)
{
	struct piece p[3];

	start();
	CHECK_INT(count_threads(), ==, 0);
	begin(&p[0], compute, 1);
	turn_until(&p[0].done);
	CHECK_INT(count_threads(), ==, 1);
	/* One that waits for work does the next, once it waits again. */
	usleep(20000);
	begin(&p[1], compute, 1);
	turn_until(&p[1].done);
	CHECK_INT(count_threads(), ==, 1);
	begin(&p[0], block, 0);
	begin(&p[1], block, 0);
	begin(&p[2], block, 0);
	while (begun < 3)
		usleep(100);
	CHECK_INT(count_threads(), >=, 3);
	for (int i = 0; i < 3; i++)
		sem_post(&may_go_on);
	while (ended < 5)
		turn_some(1);
	end_loop();
	await_none_named("simul-worker");
}

enum { LIMIT = 16, MORE = 40 };

TEST(with_all_threads_at_work_more_waits_its_turn)
{
	static struct piece p[MORE];

	start();
	for (int i = 0; i < MORE; i++)
		begin(&p[i], block, 0);
	while (begun < LIMIT)
		usleep(100);
	usleep(10000);
	CHECK_INT(begun, ==, LIMIT);
	CHECK_INT(count_threads(), ==, LIMIT);
	for (int i = 0; i < MORE; i++)
		sem_post(&may_go_on);
	while (ended < MORE)
		CHECK_INT(smi_loop_turn(&loop, true), >=, -EDEADLK);
	end_loop();
}

TEST(work_that_no_thread_has_begun_can_be_taken_back)
{
	static struct piece p[LIMIT + 3];

	start();
	for (int i = 0; i < LIMIT; i++)
		begin(&p[i], block, 0);
	while (begun < LIMIT)
		usleep(100);
	for (int i = LIMIT; i < LIMIT + 3; i++)
		begin(&p[i], compute, 5);
	/* The middle one, then the ends of the queue. */
	CHECK(smi_work_cancel(&loop, &p[LIMIT + 1].work));
	CHECK(smi_work_cancel(&loop, &p[LIMIT + 2].work));
	CHECK(smi_work_cancel(&loop, &p[LIMIT].work));
	begin(&p[LIMIT], compute, 5);
	CHECK(!smi_work_cancel(&loop, &p[0].work));
	for (int i = 0; i < LIMIT; i++)
		sem_post(&may_go_on);
	turn_until(&p[LIMIT].done);
	while (ended < LIMIT + 1)
		turn_some(1);
	CHECK_INT(p[LIMIT].result, ==, 10);
	CHECK_INT(p[LIMIT + 1].result, ==, 5);
	CHECK(!p[LIMIT + 1].done);
	CHECK_INT(loop.in_flight, ==, 0);
	end_loop();
}

TEST(much_work_is_done_each_piece_once)
{
	enum { MANY = 3000 };
	static struct piece p[MANY];

	start();
	for (int i = 0; i < MANY; i++)
		begin(&p[i], compute, i);
	while (ended < MANY)
		turn_some(1);
	for (int i = 0; i < MANY; i++) {
		CHECK(p[i].done);
		CHECK_INT(p[i].result, ==, 2 * i);
	}
	end_loop();
}

static void look_at_signals(struct smi_work *work)
{
	struct piece *p = (struct piece *)work;
	sigset_t blocked;

	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	p->result = sigismember(&blocked, SIGINT) &&
		    sigismember(&blocked, SIGTERM) &&
		    sigismember(&blocked, SIGCHLD);
}

TEST(threads_leave_signals_to_the_program)
{
	struct piece p;
	sigset_t blocked;

	start();
	begin(&p, look_at_signals, 0);
	turn_until(&p.done);
	CHECK(p.result);
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	CHECK(!sigismember(&blocked, SIGINT));
	end_loop();
}

TEST(pools_do_not_wait_for_each_other_and_have_limits_of_their_own)
{
	static struct piece slow[5], quick;
	struct smi_workers *few;

	start();
	few = smi_workers_new(&loop, "few", 2);
	CHECK(few != NULL);
	for (int i = 0; i < 5; i++) {
		slow[i] = (struct piece){ { .run = block, .done = finish },
					  false,
					  0 };
		CHECK_INT(smi_workers_submit(few, &slow[i].work), ==, 0);
	}
	while (begun < 2)
		usleep(100);
	begin(&quick, compute, 21);
	turn_until(&quick.done);
	CHECK_INT(begun, ==, 2);
	CHECK_INT(count_named("few"), ==, 2);
	CHECK_INT(count_threads(), ==, 1);
	CHECK(smi_work_cancel(&loop, &slow[4].work));
	for (int i = 0; i < 4; i++)
		sem_post(&may_go_on);
	while (ended < 5)
		turn_some(1);
	CHECK_INT(loop.in_flight, ==, 0);
	end_loop();
	await_none_named("few");
}

TEST(a_pool_may_end_before_its_loop_and_finishes_what_was_queued)
{
	static struct piece p[3];
	struct smi_workers *one;

	start();
	one = smi_workers_new(&loop, "one", 1);
	for (int i = 0; i < 3; i++) {
		p[i] = (struct piece){ { .run = compute, .done = finish },
				       false,
				       i + 1 };
		CHECK_INT(smi_workers_submit(one, &p[i].work), ==, 0);
	}
	smi_workers_free(one);
	await_none_named("one");
	CHECK_INT(ended, ==, 0);
	turn_until(&p[2].done);
	CHECK_INT(p[2].result, ==, 6);
	end_loop();
}

/* ---- Belongings */

struct thing {
	struct smi_belonging belonging;
	int freed;
};

static void free_thing(struct smi_belonging *b)
{
	((struct thing *)b)->freed++;
}

static void free_other(struct smi_belonging *b)
{
	((struct thing *)b)->freed += 10;
}

TEST(what_belongs_to_a_loop_is_found_again_and_freed_with_it)
{
	struct thing one = { .belonging = { .free = free_thing } };
	struct thing other = { .belonging = { .free = free_other } };

	start();
	CHECK(!smi_loop_belonging(&loop, free_thing));
	smi_loop_keep(&loop, &one.belonging);
	CHECK(!smi_loop_belonging(&loop, free_other));
	smi_loop_keep(&loop, &other.belonging);
	CHECK(smi_loop_belonging(&loop, free_thing) == &one.belonging);
	CHECK(smi_loop_belonging(&loop, free_other) == &other.belonging);
	end_loop();
	CHECK_INT(one.freed, ==, 1);
	CHECK_INT(other.freed, ==, 10);
}

static void submits_work(void)
{
	struct piece p = { { .run = compute, .done = finish }, false, 4 };

	loop_thread = pthread_self();
	if (smi_loop_init(&loop,
			  &(struct smi_loop_options){ .backend = "epoll" }) < 0)
		return;
	if (smi_work_submit(&loop, &p.work) == 0)
		while (!p.done && smi_loop_turn(&loop, true) >= -EDEADLK)
			;
	/* Without memory to be woken it does not wait: it is done by now. */
	end_loop();
}

TEST(workers_take_every_refusal_of_memory)
{
	sweep_allocations(submits_work);
}
