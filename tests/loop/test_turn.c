/* SPDX-License-Identifier: MIT
 * tests/loop/test_turn.c - turns: jobs, timers, and when the world is asked. */
#include "loops.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static char trail[2000];
static size_t trail_length;

static void mark(char c)
{
	CHECK(trail_length < sizeof trail - 1);
	trail[trail_length++] = c;
	trail[trail_length] = '\0';
}

/* ---- Jobs */

struct letter_job {
	struct smi_job job;
	char letter;
	struct letter_job *next; /* made ready when this one runs */
};

static void run_letter(struct smi_job *job)
{
	struct letter_job *my = (struct letter_job *)job;

	mark(my->letter);
	if (my->next)
		smi_loop_ready(&loop, &my->next->job);
}

static void make(struct letter_job *j, char letter, struct letter_job *next)
{
	*j = (struct letter_job){ { run_letter, j }, letter, next };
	CHECK_INT(smi_loop_reserve(&loop), ==, 0);
}

TEST(jobs_run_in_the_order_in_which_they_became_ready)
{
	static struct letter_job jobs[26];

	start_loop("epoll", false);
	for (int i = 0; i < 26; i++)
		make(&jobs[i], (char)('a' + i), NULL);
	for (int i = 0; i < 26; i++)
		smi_loop_ready(&loop, &jobs[i].job);
	turn_some(1);
	CHECK_STR(trail, "abcdefghijklmnopqrstuvwxyz");
	end_loop();
}

TEST(a_job_that_becomes_ready_during_a_turn_runs_after_all_that_were)
{
	struct letter_job a, b, c, d;

	start_loop("epoll", false);
	make(&d, 'd', NULL);
	make(&c, 'c', NULL);
	make(&b, 'b', &d);
	make(&a, 'a', &c);
	smi_loop_ready(&loop, &a.job);
	smi_loop_ready(&loop, &b.job);
	turn_some(1);
	CHECK_STR(trail, "abcd");
	end_loop();
}

static int order_seen;

struct number_job {
	struct smi_job job;
	int number;
};

static void run_number(struct smi_job *job)
{
	CHECK_INT(((struct number_job *)job)->number, ==, order_seen);
	order_seen++;
}

TEST(the_ring_of_ready_jobs_grows_and_keeps_its_order)
{
	enum { MANY = 5000 };
	struct number_job *jobs = malloc(MANY * sizeof *jobs);
	int ready = 0;

	start_loop("epoll", false);
	/* Growing while the ring has wrapped: run some, then add more. */
	for (int i = 0; i < MANY; i++) {
		jobs[i] = (struct number_job){ { run_number, &jobs[i] }, i };
		CHECK_INT(smi_loop_reserve(&loop), ==, 0);
		smi_loop_ready(&loop, &jobs[i].job);
		ready++;
		if (i % 37 == 0 && i < MANY / 2) {
			turn_some(1);
			CHECK_INT(order_seen, ==, ready);
		}
	}
	turn_some(1);
	CHECK_INT(order_seen, ==, MANY);
	for (int i = 0; i < MANY; i++)
		smi_loop_unreserve(&loop);
	free(jobs);
	end_loop();
}

/* ---- Who keeps being ready, and the world */

static struct smi_job busy;
static bool stop;
static long runs;

static void run_busily(struct smi_job *job)
{
	runs++;
	if (!stop)
		smi_loop_ready(&loop, job);
}

static void stop_it(struct smi_op *op)
{
	(void)op;
	stop = true;
}

/* Two jobs that wake each other for ever, and a descriptor that is readable. */
TEST_BOTH(jobs_that_are_always_ready_do_not_keep_io_from_being_seen)
{
	struct smi_op op = { .kind = SMI_OP_POLL,
			     .flags = POLLIN,
			     .done = stop_it };
	int fds[2];

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	op.fd = fds[0];
	busy = (struct smi_job){ run_busily, &busy };
	CHECK_INT(smi_loop_reserve(&loop), ==, 0);
	smi_loop_ready(&loop, &busy);
	CHECK_INT(smi_op_submit(&loop, &op), ==, 0);
	turn_some(2);
	CHECK(!stop);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	runs = 0;
	turn_until(&stop);
	CHECK_INT(runs, <, 1000);
	close(fds[0]);
	close(fds[1]);
	turn_some(2);
}

/* Each that ends lets the next one end, which waits already. */
struct link {
	struct smi_op op; /* the first member */
	int next;	  /* descriptor that it writes to */
};

static int links_done;

static void pass_on(struct smi_op *op)
{
	links_done++;
	CHECK_INT(write(((struct link *)op)->next, "x", 1), ==, 1);
}

/* Else a chain of them could keep a turn from its end. */
TEST_BOTH(what_ends_while_others_are_told_is_told_in_the_next_turn)
{
	enum { LINKS = 8 };
	static struct link links[LINKS];
	int fds[LINKS + 1][2];

	links_done = 0;
	for (int i = 0; i <= LINKS; i++)
		CHECK_INT(pipe2(fds[i], O_CLOEXEC), ==, 0);
	for (int i = 0; i < LINKS; i++) {
		links[i] = (struct link){ .op = { .kind = SMI_OP_POLL,
						  .fd = fds[i][0],
						  .flags = POLLIN,
						  .done = pass_on },
					  .next = fds[i + 1][1] };
		CHECK_INT(smi_op_submit(&loop, &links[i].op), ==, 0);
	}
	turn_some(1);
	CHECK_INT(write(fds[0][1], "x", 1), ==, 1);
	for (int turns = 1; links_done < LINKS; turns++) {
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
		CHECK_INT(links_done, <=, turns);
	}
	for (int i = 0; i <= LINKS; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
}

static void fire_stop(struct simul_timer *timer)
{
	(void)timer;
	stop = true;
}

TEST(jobs_that_are_always_ready_do_not_keep_timers_from_firing)
{
	struct simul_timer timer = { .fire = fire_stop };

	start_loop("epoll", false);
	busy = (struct smi_job){ run_busily, &busy };
	CHECK_INT(smi_loop_reserve(&loop), ==, 0);
	smi_loop_ready(&loop, &busy);
	timer.when = smi_loop_now(&loop) + 1000000;
	CHECK_INT(smi_loop_set_timer(&loop, &timer), ==, 0);
	turn_until(&stop);
	turn_some(2);
	end_loop();
}

static bool delivered;

static void deliver(struct smi_letter *letter)
{
	(void)letter;
	stop = delivered = true;
}

TEST(jobs_that_are_always_ready_do_not_keep_letters_from_being_delivered)
{
	struct smi_letter letter = { .deliver = deliver };

	start_loop("epoll", false);
	busy = (struct smi_job){ run_busily, &busy };
	CHECK_INT(smi_loop_reserve(&loop), ==, 0);
	smi_loop_ready(&loop, &busy);
	turn_some(1);
	CHECK_INT(smi_mailbox_post(&loop.mailbox, &letter), ==, 0);
	runs = 0;
	turn_until(&delivered);
	CHECK_INT(runs, <, 1000);
	turn_some(2);
	end_loop();
}

/* ---- Timers */

struct letter_timer {
	struct simul_timer timer;
	char letter;
};

static void fire_letter(struct simul_timer *timer)
{
	mark(((struct letter_timer *)timer)->letter);
}

static void set(struct letter_timer *t, char letter, uint64_t when)
{
	*t = (struct letter_timer){ { .when = when, .fire = fire_letter },
				    letter };
	CHECK_INT(smi_loop_set_timer(&loop, &t->timer), ==, 0);
}

TEST(timers_fire_in_order_and_the_same_time_in_the_order_they_were_set)
{
	struct letter_timer t[6];

	start_loop("epoll", true);
	set(&t[0], 'e', 5000);
	set(&t[1], 'b', 2000);
	set(&t[2], 'c', 2000);
	set(&t[3], 'a', 1000);
	set(&t[4], 'd', 2000);
	set(&t[5], 'x', 1500);
	smi_loop_clear_timer(&loop, &t[5].timer);
	while (trail_length < 5)
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	CHECK_STR(trail, "abcde");
	CHECK_INT(smi_loop_turn(&loop, true), ==, -EDEADLK);
	end_loop();
}

TEST(a_real_timer_fires_when_its_time_has_come_and_not_before)
{
	struct simul_timer timer = { .fire = fire_stop };
	uint64_t when;

	start_loop(NULL, false);
	when = smi_loop_now(&loop) + 20000000;
	timer.when = when;
	CHECK_INT(smi_loop_set_timer(&loop, &timer), ==, 0);
	CHECK(smi_loop_patience(&loop) <= 20000000);
	turn_until(&stop);
	CHECK(smi_clock() >= when);
	CHECK(smi_clock() < when + 2000000000);
	end_loop();
}

TEST_BOTH(waiting_for_a_timer_can_be_longer_than_a_system_call_takes)
{
	struct simul_timer timer = { .fire = fire_stop };
	struct asked a;
	int fds[2];

	/* Centuries: nothing may overflow. */
	timer.when = smi_loop_now(&loop) + 9000000000000000000u;
	CHECK_INT(smi_loop_set_timer(&loop, &timer), ==, 0);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, (struct smi_op){
			.kind = SMI_OP_POLL, .fd = fds[0], .flags = POLLIN });
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(answer(&a), ==, POLLIN);
	smi_loop_clear_timer(&loop, &timer);
	close(fds[0]);
	close(fds[1]);
}

TEST_BOTH(a_wake_up_that_comes_late_costs_one_turn_and_not_all_the_time)
{
	struct simul_timer timer = { .fire = fire_stop };
	int turns = 0;

	/* Its letter has been seen already, or there was none. */
	smi_mailbox_wake(&loop.mailbox);
	timer.when = smi_loop_now(&loop) + 30000000;
	CHECK_INT(smi_loop_set_timer(&loop, &timer), ==, 0);
	while (!stop) {
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
		turns++;
	}
	CHECK_INT(turns, <, 10);
}

/* ---- The virtual clock */

TEST(time_jumps_only_when_nothing_else_can_happen)
{
	struct letter_job a, b, c;
	struct letter_timer t;

	start_loop("epoll", true);
	make(&c, 'c', NULL);
	make(&b, 'b', &c);
	make(&a, 'a', &b);
	set(&t, 't', 1000000000000);
	smi_loop_ready(&loop, &a.job);
	CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	CHECK_STR(trail, "abct");
	CHECK_INT(smi_loop_now(&loop), ==, 1000000000000);
	end_loop();
}

static void *writes_late(void *arg)
{
	int fd = *(int *)arg;

	usleep(5000);
	CHECK_INT(write(fd, "x", 1), ==, 1);
	return NULL;
}

static void mark_op(struct smi_op *op)
{
	(void)op;
	mark('o');
}

static void virtual_io(const char *backend)
{
	struct smi_op op = { .kind = SMI_OP_POLL,
			     .flags = POLLIN,
			     .done = mark_op };
	struct letter_timer soon, late;
	pthread_t thread;
	int fds[2];

	start_loop(backend, true);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	op.fd = fds[0];
	set(&soon, 's', 1);
	set(&late, 'l', 1000000000000);
	CHECK_INT(smi_op_submit(&loop, &op), ==, 0);
	pthread_create(&thread, NULL, writes_late, &fds[1]);
	while (trail_length < 3)
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	/* It was given its time, though a timer was due. */
	CHECK_STR(trail, "osl");
	pthread_join(thread, NULL);
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

TEST(what_the_real_world_does_gets_a_moment_before_time_jumps_by_io_uring)
{
	virtual_io("io_uring");
}

TEST(what_the_real_world_does_gets_a_moment_before_time_jumps_by_epoll)
{
	virtual_io("epoll");
}

TEST(what_takes_too_long_is_jumped_past)
{
	struct smi_op op = { .kind = SMI_OP_POLL,
			     .flags = POLLIN,
			     .done = mark_op };
	struct letter_timer t;
	uint64_t start = smi_clock();
	int fds[2];

	start_loop("epoll", true);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	op.fd = fds[0];
	set(&t, 't', 3600000000000);
	CHECK_INT(smi_op_submit(&loop, &op), ==, 0);
	while (trail_length < 1)
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	CHECK_STR(trail, "t");
	CHECK(smi_clock() - start >= 20000000);
	CHECK(smi_clock() - start < 2000000000);
	smi_op_cancel(&loop, &op);
	CHECK_STR(trail, "to");
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

/* ---- Deadlock */

TEST_BOTH(with_nothing_left_that_could_happen_a_turn_says_so)
{
	CHECK_INT(smi_loop_turn(&loop, true), ==, -EDEADLK);
	CHECK_INT(smi_loop_turn(&loop, false), ==, 0);
	CHECK_INT(smi_loop_turn(&loop, true), ==, -EDEADLK);
}

static struct smi_letter second = { .deliver = deliver };

/* As if somebody else posted and let go of the loop just after the look into
 * the mailbox. */
static void posts_another(struct smi_letter *letter)
{
	(void)letter;
	CHECK_INT(smi_mailbox_post(&loop.mailbox, &second), ==, 0);
	loop.holds--;
}

TEST(a_letter_by_the_last_who_held_the_loop_is_no_deadlock)
{
	struct smi_letter first = { .deliver = posts_another };

	start_loop("epoll", false);
	loop.holds++;
	CHECK_INT(smi_mailbox_post(&loop.mailbox, &first), ==, 0);
	CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	turn_until(&delivered);
	CHECK_INT(smi_loop_turn(&loop, true), ==, -EDEADLK);
	end_loop();
}
