/* SPDX-License-Identifier: MIT
 * tests/task/test_create.c - starting tasks. */
#include "trail.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <simul.h>

#include "arch/guard.h"
#include "arch/stack.h"
#include "sanitized.h"
#include "task/task.h"

static char a[] = "a", b[] = "b", c[] = "c";

static int marks(void *arg)
{
	mark(*(const char *)arg);
	return *(const char *)arg;
}

static int marks_twice(void *arg)
{
	mark(*(const char *)arg);
	simul_sleep(0);
	mark((char)(*(const char *)arg - 'a' + 'A'));
	return 0;
}

/* ---- Order: asyncio's */

TEST_VIRTUAL(a_new_task_starts_when_its_creator_suspends)
{
	simul_task *t = simul_create_task(marks, a);

	mark('m');
	CHECK_TRAIL("m");
	CHECK(!simul_task_is_done(t));
	CHECK_INT(simul_sleep(0), ==, 0);
	CHECK_TRAIL("a");
	CHECK_INT(simul_await(t), ==, 'a');
}

TEST_VIRTUAL(tasks_start_in_the_order_in_which_they_were_created)
{
	simul_task *t[3] = { simul_create_task(marks_twice, a),
			     simul_create_task(marks_twice, b),
			     simul_create_task(marks_twice, c) };

	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_TRAIL("abcABC");
}

static int creates_then_marks(void *arg)
{
	simul_task *t = simul_create_task(marks, c);

	mark(*(const char *)arg);
	return simul_await(t);
}

TEST_VIRTUAL(a_new_task_waits_behind_those_that_are_ready)
{
	simul_task *t[2] = { simul_create_task(creates_then_marks, a),
			     simul_create_task(marks, b) };

	CHECK_INT(simul_gather(t, 2, NULL), ==, 0);
	CHECK_TRAIL("abc");
}

/* What Python prints for three tasks that say One, sleep 1 and say Two. */
static int count(void *arg)
{
	(void)arg;
	mark('1');
	CHECK_INT(simul_sleep(1), ==, 0);
	mark('2');
	return 0;
}

TEST_VIRTUAL(three_that_sleep_at_once_take_one_second)
{
	double start = simul_now();
	simul_task *t[3];

	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(count, NULL);
	CHECK_INT(simul_gather(t, 3, NULL), ==, 0);
	CHECK_TRAIL("111222");
	CHECK_NEAR(simul_now() - start, 1, 1e-6);
}

/* ---- Arguments */

struct greet {
	const char *whom;
	int times;
	long left_out;
};

static int greet(void *arg)
{
	const struct greet *my = arg;

	CHECK_STR(my->whom, "world");
	CHECK_INT(my->times, ==, 3);
	CHECK_INT(my->left_out, ==, 0);
	CHECK_INT((uintptr_t)arg % 16, ==, 0);
	return my->times;
}

static simul_task *go_from_a_frame_that_is_gone(void)
{
	return simul_go(greet, .whom = "world", .times = 3);
}

TEST_VIRTUAL(named_arguments_are_copied_and_what_is_left_out_is_zero)
{
	simul_task *t = go_from_a_frame_that_is_gone();
	char over[2000];

	memset(over, 0xee, sizeof over);
	CHECK_INT(over[5] & 0xff, ==, 0xee);
	CHECK_STR(simul_task_name(t), "greet");
	CHECK_INT(simul_await(t), ==, 3);
}

struct big {
	char bytes[8192];
};

static int big(void *arg)
{
	const struct big *my = arg;

	for (size_t i = 0; i < sizeof my->bytes; i++)
		CHECK_INT(my->bytes[i], ==, 9);
	return 1;
}

TEST_VIRTUAL(an_argument_may_take_half_a_stack_and_no_more)
{
	struct big *arg = malloc(sizeof *arg + 1);
	simul_task_options o = { .arg_size = sizeof *arg,
				 .stack_size = 2 * sizeof *arg };

	memset(arg, 9, sizeof *arg + 1);
	CHECK_INT(simul_await(simul_create_task_with(&o, big, arg)), ==, 1);
	o.arg_size++;
	CHECK_INT(simul_await(simul_create_task_with(&o, big, arg)), ==,
		  -ENOMEM);
	o.arg_size = SIZE_MAX;
	CHECK_INT(simul_await(simul_create_task_with(&o, big, arg)), ==,
		  -ENOMEM);
	free(arg);
}

/* ---- Stacks */

static int needs(void *arg)
{
	volatile char block[200000];

	block[0] = block[sizeof block - 1] = *(const char *)arg;
	CHECK_INT(simul_sleep(0), ==, 0);
	return block[sizeof block - 1];
}

TEST_VIRTUAL(a_task_has_200_kilobytes_unless_it_is_said_otherwise)
{
	CHECK_INT(simul_await(simul_create_task(needs, a)), ==, 'a');
}

static int uses_printf(void *arg)
{
	char text[100];

	(void)arg;
	snprintf(text, sizeof text, "%.10f %s", 3.14159, "pi");
	CHECK_INT(simul_sleep(0), ==, 0);
	return (int)strlen(text);
}

TEST_VIRTUAL(stacks_may_be_of_different_sizes)
{
	for (size_t size = 1; size <= (1 << 24); size *= 16) {
		simul_task_options o = { .stack_size = size };

		CHECK_INT(simul_await(simul_create_task_with(&o, uses_printf,
							     NULL)),
			  >, 10);
	}
}

static int stays(void *arg)
{
	uintptr_t mine = (uintptr_t)arg ^ 0x5a5a;

	CHECK_INT(simul_sleep(10), ==, 0);
	CHECK_INT(mine, ==, (uintptr_t)arg ^ 0x5a5a);
	return 0;
}

enum { THOUSANDS = 3000 };

static int creates_thousands(void *arg)
{
	simul_task **t = malloc(THOUSANDS * sizeof *t);

	for (uintptr_t i = 0; i < THOUSANDS; i++)
		t[i] = simul_create_task(stays, (void *)i);
	CHECK_INT(simul_gather(t, THOUSANDS, NULL), ==, 0);
	free(t);
	(void)arg;
	return 0;
}

enum { DEEP = 100000 };

static size_t resident_pages(void)
{
	char *from =
		smi_stack_bottom(smi_task_top(smi_current), smi_current->shift);
	size_t page = smi_page_size(), n = 0;

	for (size_t i = page; i < (size_t)1 << smi_current->shift; i += page) {
		unsigned char there = 0;

		CHECK_INT(mincore(from + i, page, &there), ==, 0);
		n += there & 1;
	}
	return n;
}

static __attribute__((noinline)) int go_deep(int depth)
{
	volatile char frame[1000];

	frame[depth % 1000] = 1;
	return depth > 0 ? go_deep(depth - 1000) + frame[depth % 1000] : 0;
}

TEST_VIRTUAL(a_task_gives_back_what_a_deep_call_has_touched_and_goes_on)
{
	char kept[64] = "what is in this frame stays";

	CHECK_INT(go_deep(DEEP), ==, DEEP / 1000);
	CHECK_INT(resident_pages(), >=, DEEP / smi_page_size());
	smi_task_trim_stack();
	CHECK_INT(resident_pages(), <=, IS_SANITIZED ? 8 : 3);
	CHECK_STR(kept, "what is in this frame stays");
	CHECK_INT(go_deep(DEEP), ==, DEEP / 1000);
}

TEST(a_task_with_the_smallest_stack_may_create_thousands)
{
	simul_options o = { .virtual_clock = true, .stack_size = 1 };

	if (IS_SANITIZED)
		o.stack_size = 65536;
	CHECK_INT(simul_run_with(&o, creates_thousands, NULL), ==, 0);
}

static int runs_in_what_the_loop_says(void *arg)
{
	volatile char block[500000];

	block[0] = 1;
	return arg ? 0
		   : simul_await(
			     simul_create_task(runs_in_what_the_loop_says, a)) +
			       block[0];
}

TEST(the_options_of_the_run_set_the_size_of_all_stacks)
{
	CHECK_INT(simul_run_with(&(simul_options){ .stack_size = 1 << 20 },
				 runs_in_what_the_loop_says, NULL),
		  ==, 1);
}

TEST(the_environment_sets_the_size_where_the_options_do_not)
{
	setenv("SIMUL_STACK_SIZE", "1048576", 1);
	CHECK_INT(simul_run(runs_in_what_the_loop_says, NULL), ==, 1);
}

/* ---- Many */

static int adds_one(void *arg)
{
	simul_sleep(1);
	++*(int *)arg;
	return 0;
}

TEST_VIRTUAL(a_hundred_thousand_tasks_sleep_at_once)
{
	enum { MANY = IS_SANITIZED ? 5000 : 100000 };
	static simul_task *t[MANY];
	int n = 0, r;

	for (int i = 0; i < MANY; i++)
		t[i] = simul_create_task(adds_one, &n);
	r = simul_gather(t, MANY, NULL);
	/* Where guards are mappings there are some 30,000 stacks. */
	if (r == -ENOMEM && n > 5000)
		SKIP("only %d stacks are to be had here", n);
	CHECK_INT(r, ==, 0);
	CHECK_INT(n, ==, MANY);
}
