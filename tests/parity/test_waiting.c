/* SPDX-License-Identifier: MIT
 * tests/parity/test_waiting.c - what asyncio promises of tasks that wait for
 * each other; see docs/parity.md. */
#include "../task/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <simul.h>

/* ---- First in, first out */

struct arrive {
	void *at;
	char letter;
};

static int waits_for_event(void *arg)
{
	const struct arrive *my = arg;
	int r = simul_event_wait(my->at);

	mark(my->letter);
	return r;
}

static int waits_at_barrier(void *arg)
{
	const struct arrive *my = arg;
	int r = simul_barrier_wait(my->at);

	mark(my->letter);
	return r;
}

TEST_VIRTUAL(those_that_wait_for_an_event_go_on_first_in_first_out)
{
	simul_event event = { 0 };
	struct arrive who[4];
	simul_task *t[4];

	for (int i = 0; i < 4; i++) {
		who[i] = (struct arrive){ &event, (char)('a' + i) };
		t[i] = simul_create_task(waits_for_event, &who[i]);
	}
	CHECK_INT(simul_sleep(1), ==, 0);
	simul_event_set(&event);
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	CHECK_TRAIL("abcd");
}

/* The last one does not wait, so it is the first to go on. */
TEST_VIRTUAL(those_that_wait_at_a_barrier_go_on_first_in_first_out)
{
	simul_barrier barrier = { .parties = 4 };
	struct arrive who[4];
	simul_task *t[4];
	int results[4];

	for (int i = 0; i < 4; i++) {
		who[i] = (struct arrive){ &barrier, (char)('a' + i) };
		t[i] = simul_create_task(waits_at_barrier, &who[i]);
	}
	CHECK_INT(simul_gather(t, 4, results), ==, 0);
	CHECK_TRAIL("dabc");
	for (int i = 0; i < 4; i++)
		CHECK_INT(results[i], ==, i);
}

/* ---- Queue */

TEST(a_queue_whose_maximum_size_is_0_is_unlimited)
{
	static char items[10000];
	simul_queue queue = { .capacity = 0 };
	void *item;

	for (size_t i = 0; i < sizeof items; i++) {
		CHECK(!simul_queue_is_full(&queue));
		CHECK_INT(simul_queue_try_put(&queue, &items[i]), ==, 0);
	}
	CHECK_INT(queue.count, ==, sizeof items);
	for (size_t i = 0; i < sizeof items; i++) {
		CHECK_INT(simul_queue_try_get(&queue, &item), ==, 0);
		CHECK(item == &items[i]);
	}
	CHECK_INT(simul_queue_try_get(&queue, &item), ==, -EAGAIN);
	simul_queue_done(&queue);
}

TEST(a_queue_is_full_at_its_maximum_size)
{
	simul_queue queue = { .capacity = 2 };
	void *item;

	CHECK_INT(simul_queue_try_put(&queue, NULL), ==, 0);
	CHECK(!simul_queue_is_full(&queue));
	CHECK_INT(simul_queue_try_put(&queue, NULL), ==, 0);
	CHECK(simul_queue_is_full(&queue));
	CHECK_INT(simul_queue_try_put(&queue, NULL), ==, -EAGAIN);
	CHECK_INT(simul_queue_try_get(&queue, &item), ==, 0);
	CHECK(!simul_queue_is_full(&queue));
	simul_queue_done(&queue);
}

/* ---- Future */

static int asks(void *arg)
{
	void *answer = NULL;
	int r = simul_future_wait(arg, &answer);

	CHECK(answer == arg);
	return r;
}

static int asks_three_times(void *arg)
{
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(asks, arg);
	return simul_gather(t, 3, NULL);
}

/* A library that knows nothing of tasks. */
static void calls_back(void (*callback)(void *arg, int reply), void *arg)
{
	callback(arg, 0);
}

static int replies;

static void on_reply(void *arg, int reply)
{
	replies += simul_future_set(arg, reply, arg) == 0;
}

TEST(a_future_is_set_once_from_a_callback_and_many_may_wait)
{
	simul_future future = { 0 };
	simul_loop *loop;

	CHECK_INT(simul_loop_new(NULL, asks_three_times, &future, &loop), ==,
		  0);
	for (int i = 0; i < 5; i++)
		CHECK_INT(simul_loop_turn(loop), ==, 1);
	CHECK(simul_loop_timeout(loop) < 0);
	/* Between two turns, outside of all tasks. */
	calls_back(on_reply, &future);
	calls_back(on_reply, &future);
	CHECK_INT(replies, ==, 1);
	CHECK_NEAR(simul_loop_timeout(loop), 0, 0);
	while (simul_loop_turn(loop) > 0)
		CHECK_NEAR(simul_loop_timeout(loop), 0, 0);
	CHECK_INT(simul_loop_free(loop), ==, 0);
}

/* ---- Select */

enum { GET, PUT, EVENT, FUTURE, TASK, ACQUIRE, READABLE, WRITABLE, SLEEP, N };

static char first[] = "first", second[] = "second";

/* One of everything that can be waited for. */
struct world {
	simul_queue from, to;
	simul_event event;
	simul_future future;
	simul_event end;
	simul_task *task;
	simul_semaphore permits;
	int in[2], out[2];
	void *item, *value;
};

static int waits(void *arg)
{
	CHECK_INT(simul_event_wait(arg), ==, 0);
	return 8;
}

static void fill(int fd)
{
	static const char bytes[4096];

	while (write(fd, bytes, sizeof bytes) > 0)
		;
	CHECK_INT(errno, ==, EAGAIN);
}

static void drain(int fd)
{
	char bytes[65536];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

static void make(struct world *w)
{
	*w = (struct world){ .to = { .capacity = 1 } };
	CHECK_INT(simul_queue_try_put(&w->to, first), ==, 0);
	w->task = simul_create_task(waits, &w->end);
	CHECK_INT(pipe2(w->in, O_CLOEXEC | O_NONBLOCK), ==, 0);
	CHECK_INT(pipe2(w->out, O_CLOEXEC | O_NONBLOCK), ==, 0);
	fill(w->out[1]);
}

static void unmake(struct world *w)
{
	simul_event_set(&w->end);
	CHECK_INT(simul_await(w->task), ==, 8);
	for (int i = 0; i < 2; i++) {
		close(w->in[i]);
		close(w->out[i]);
	}
	simul_queue_done(&w->from);
	simul_queue_done(&w->to);
}

/* Make one of the things ready. */
static void happen(struct world *w, int which)
{
	void *item;

	switch (which) {
	case GET:
		CHECK_INT(simul_queue_try_put(&w->from, first), ==, 0);
		break;
	case PUT:
		CHECK_INT(simul_queue_try_get(&w->to, &item), ==, 0);
		break;
	case EVENT:
		simul_event_set(&w->event);
		break;
	case FUTURE:
		simul_future_set(&w->future, 5, first);
		break;
	case TASK:
		simul_event_set(&w->end);
		break;
	case ACQUIRE:
		CHECK_INT(simul_semaphore_release(&w->permits), ==, 0);
		break;
	case READABLE:
		CHECK_INT(write(w->in[1], "x", 1), ==, 1);
		break;
	case WRITABLE:
		drain(w->out[0]);
		break;
	default:
		break; /* time passes by itself */
	}
}

struct choose {
	simul_case *cases;
	size_t n;
};

static int choose(void *arg)
{
	const struct choose *my = arg;

	return simul_select(my->cases, my->n);
}

/* What was taken is gone, and all the rest is there. */
static void check_taken(struct world *w, int taken)
{
	CHECK(w->item == (taken == GET ? first : NULL));
	CHECK_INT(w->from.count, ==, 0);
	CHECK_INT(w->to.count, ==, 1);
	CHECK(w->value == (taken == FUTURE ? first : NULL));
	CHECK_INT(w->permits.value, ==, 0);
	CHECK_INT(simul_wait_fd(w->in[1], POLLOUT), ==, POLLOUT);
	/* Nobody waits any more: what comes now is there for others. */
	happen(w, GET);
	CHECK_INT(w->from.count, ==, 1);
	happen(w, PUT);
	CHECK_INT(w->to.count, ==, 0);
	happen(w, ACQUIRE);
	CHECK_INT(w->permits.value, ==, 1);
}

TEST_VIRTUAL(select_waits_for_everything_at_once_and_takes_exactly_one)
{
	static const int results[N] = { [FUTURE] = 5, [TASK] = 8 };

	for (int taken = 0; taken < N; taken++) {
		double start = simul_now();
		struct world w;
		simul_case cases[N];
		simul_task *t;

		make(&w);
		cases[GET] = simul_case_get(&w.from, &w.item);
		cases[PUT] = simul_case_put(&w.to, second);
		cases[EVENT] = simul_case_event(&w.event);
		cases[FUTURE] = simul_case_future(&w.future, &w.value);
		cases[TASK] = simul_case_task(w.task);
		cases[ACQUIRE] = simul_case_acquire(&w.permits);
		cases[READABLE] = simul_case_readable(w.in[0]);
		cases[WRITABLE] = simul_case_writable(w.out[1]);
		cases[SLEEP] = simul_case_sleep(60);
		t = simul_go(choose, cases, N);
		CHECK_INT(simul_sleep(1), ==, 0);
		CHECK(!simul_task_is_done(t));
		happen(&w, taken);
		CHECK_INT(simul_await(t), ==, taken);
		CHECK_INT(cases[taken].result, ==, results[taken]);
		CHECK((simul_now() - start >= 60) == (taken == SLEEP));
		check_taken(&w, taken);
		unmake(&w);
	}
}
