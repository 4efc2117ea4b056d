/* SPDX-License-Identifier: MIT
 * tests/arch/test_switch.c - leave one stack and go on with another. */
#include "test.h"

#include <execinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

#include "arch/fiber.h"
#include "arch/stack.h"
#include "arch/switch.h"

/* One stack beside the thread's own, and where each was left. */
static struct smi_stacks stacks;
static struct smi_fiber home, away;
static void *home_sp, *away_sp;
static void *top;
static unsigned shift;
static void *given; /* to the entry */

static void go_away(void)
{
	smi_fiber_leave(&home, &away);
	smi_switch(&home_sp, away_sp, given);
	smi_fiber_arrive(&home);
}

static void go_home(void)
{
	smi_fiber_leave(&away, &home);
	smi_switch(&away_sp, home_sp, NULL);
	smi_fiber_arrive(&away);
}

static _Noreturn void go_home_for_good(void)
{
	smi_fiber_end(&home);
	smi_switch(&away_sp, home_sp, NULL);
	abort();
}

static void begin(size_t size, void (*entry)(void *), void *arg)
{
	shift = smi_stack_shift(size);
	top = smi_stack_take(&stacks, shift);
	CHECK(top);
	smi_fiber_adopt(&home);
	smi_fiber_new(&away, smi_stack_bottom(top, shift), (size_t)1 << shift);
	away_sp = smi_switch_prepare(top, entry);
	given = arg;
}

static void end(void)
{
	smi_fiber_done(&away);
	smi_stack_give(&stacks, shift, top);
	smi_stacks_done(&stacks);
}

/* ---- There and back */

static int steps;

static void makes_three_steps(void *arg)
{
	smi_switch_outermost();
	smi_fiber_begin(&home);
	CHECK(arg == &steps);
	for (int i = 0; i < 3; i++) {
		steps++;
		go_home();
	}
	go_home_for_good();
}

TEST(a_switch_goes_there_and_back_and_on_where_it_was)
{
	begin(0, makes_three_steps, &steps);
	for (int i = 1; i <= 3; i++) {
		go_away();
		CHECK_INT(steps, ==, i);
	}
	go_away();
	end();
}

/* ---- Registers */

/* More values alive across a switch than there are registers. The sum is
 * different if any of them is lost. */
static double work(unsigned seed, void (*change)(void))
{
	volatile unsigned v = seed;
	unsigned a = v + 1, b = v + 2, c = v + 3, d = v + 4, e = v + 5,
		 f = v + 6, g = v + 7, h = v + 8, i = v + 9, j = v + 10;
	double p = v * 1.5, q = v * 2.5, r = v * 3.5, s = v * 4.5, t = v * 5.5,
	       u = v * 6.5, w = v * 7.5, x = v * 8.5, y = v * 9.5, z = v * 10.5;

	for (int n = 0; n < 10; n++) {
		change();
		a += b;
		b ^= c;
		c += d;
		d ^= e;
		e += f;
		f ^= g;
		g += h;
		h ^= i;
		i += j;
		j ^= a;
		p += q;
		q -= r;
		r += s;
		s -= t;
		t += u;
		u -= w;
		w += x;
		x -= y;
		y += z;
		z -= p;
	}
	return a + b + c + d + e + f + g + h + i + j + p + q + r + s + t + u +
	       w + x + y + z;
}

static void stay(void)
{
}

static void works_away(void *arg)
{
	smi_switch_outermost();
	smi_fiber_begin(&home);
	*(double *)arg = work(77, go_home);
	go_home_for_good();
}

TEST(registers_of_both_sides_survive)
{
	double there = 0, here;

	begin(0, works_away, &there);
	here = work(5, go_away);
	go_away(); /* it has one step more to make, the first */
	CHECK(here == work(5, stay));
	CHECK(there == work(77, stay));
	end();
}

/* ---- Alignment */

static void is_aligned(void *arg)
{
	char *frame = __builtin_frame_address(0);
	_Alignas(16) char block[16];
	volatile uintptr_t at = (uintptr_t)block;

	smi_switch_outermost();
	smi_fiber_begin(&home);
	*(bool *)arg = at % 16 == 0 && (uintptr_t)frame % 16 == 0;
	/* Uses instructions that fault on a stack that is not aligned. */
	snprintf(block, sizeof block, "%.3f", 1.5);
	go_home_for_good();
}

TEST(the_stack_is_aligned_when_the_entry_is_called)
{
	bool fine = false;

	begin(0, is_aligned, &fine);
	go_away();
	CHECK(fine);
	end();
}

TEST(the_entry_gets_a_stack_that_ends_at_the_top)
{
	char *bottom;

	begin(0, makes_three_steps, &steps);
	bottom = smi_stack_bottom(top, shift);
	CHECK((char *)away_sp > bottom && (char *)away_sp < (char *)top);
	/* Little of it is gone. */
	CHECK((char *)top - (char *)away_sp < 4096);
	end();
}

/* ---- Unwinding */

static int frames;

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context,
				       void *arg)
{
	(void)context;
	(void)arg;
	return ++frames < 100 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

static __attribute__((noinline)) int unwinds(int depth)
{
	volatile int result = 0;

	if (depth > 0)
		result = unwinds(depth - 1) + 1;
	else
		_Unwind_Backtrace(count_frame, NULL);
	return result;
}

static void unwinds_away(void *arg)
{
	smi_switch_outermost();
	smi_fiber_begin(&home);
	*(int *)arg = unwinds(5);
	go_home_for_good();
}

TEST(unwinding_ends_at_the_entry)
{
	int depth = 0;

	begin(0, unwinds_away, &depth);
	go_away();
	CHECK_INT(depth, ==, 5);
	/* Six calls, the entry, and what may stand beneath it. */
	CHECK_INT(frames, >=, 7);
	CHECK_INT(frames, <=, 10);
	end();
}

static void takes_a_backtrace(void *arg)
{
	void *addresses[50];

	smi_switch_outermost();
	smi_fiber_begin(&home);
	*(int *)arg = backtrace(addresses, 50);
	go_home_for_good();
}

TEST(backtrace_works_and_ends_there)
{
	void *addresses[1];
	int n = 0;

	backtrace(addresses, 1); /* it allocates the first time */
	begin(0, takes_a_backtrace, &n);
	go_away();
	CHECK_INT(n, >=, 1);
	CHECK_INT(n, <=, 6);
	end();
}

/* A debugger looks at a stack that was left like this one. */
static __attribute__((noinline)) void leaves_deep(int depth)
{
	volatile int n = depth;

	if (n > 0)
		leaves_deep(n - 1);
	else
		go_home();
	n++;
}

static void leaves_and_unwinds(void *arg)
{
	(void)arg;
	smi_switch_outermost();
	smi_fiber_begin(&home);
	leaves_deep(5);
	unwinds(0);
	go_home_for_good();
}

TEST(unwinding_works_after_a_switch_back)
{
	begin(0, leaves_and_unwinds, NULL);
	go_away();
	go_away();
	CHECK_INT(frames, >=, 2);
	CHECK_INT(frames, <=, 6);
	end();
}

/* ---- Small stacks */

static void uses_much_stack(void *arg)
{
	char block[6000];

	smi_switch_outermost();
	smi_fiber_begin(&home);
	memset(block, 7, sizeof block);
	go_home();
	for (size_t i = 0; i < sizeof block; i++)
		CHECK_INT(block[i], ==, 7);
	*(bool *)arg = true;
	go_home_for_good();
}

TEST(the_smallest_stack_can_be_used)
{
	bool fine = false;

	begin(1, uses_much_stack, &fine);
	go_away();
	go_away();
	CHECK(fine);
	end();
}
