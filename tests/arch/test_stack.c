/* SPDX-License-Identifier: MIT
 * tests/arch/test_stack.c - memory for stacks, by the million. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/guard.h"
#include "arch/stack.h"
#include "base/alloc.h"
#include "sanitized.h"

static struct smi_stacks stacks;

static void *take(unsigned shift)
{
	char *top = smi_stack_take(&stacks, shift);

	CHECK(top);
	CHECK_INT((uintptr_t)top % 16, ==, 0);
	return top;
}

/* Does touching addr kill a process, and by which signal? */
static int signal_of_touch(volatile char *addr)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		*addr = 1;
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* ---- Sizes */

TEST(sizes_are_rounded_up_to_a_power_of_two)
{
	CHECK_INT(smi_stack_shift(0), ==, 18);
	CHECK_INT(smi_stack_shift(1), ==, 14);
	CHECK_INT(smi_stack_shift(16384), ==, 14);
	CHECK_INT(smi_stack_shift(16385), ==, 15);
	CHECK_INT(smi_stack_shift(1 << 20), ==, 20);
	CHECK_INT(smi_stack_shift(SIZE_MAX), ==, 30);
}

TEST(a_stack_can_be_used_from_its_top_down_to_its_guard)
{
	for (unsigned shift = 14; shift <= 22; shift++) {
		char *top = take(shift);
		char *bottom = smi_stack_bottom(top, shift);
		char *first = bottom + smi_stack_guard_size();

		CHECK_INT((uintptr_t)bottom % ((size_t)1 << shift), ==, 0);
		CHECK(top > first && top <= bottom + ((size_t)1 << shift));
		memset(first, 5, (size_t)(top - first));
		smi_stack_give(&stacks, shift, top);
	}
	smi_stacks_done(&stacks);
}

TEST(the_bottom_page_of_each_is_a_guard)
{
	for (unsigned shift = 14; shift <= 20; shift += 2) {
		void *tops[20];

		for (int i = 0; i < 20; i++)
			tops[i] = take(shift);
		for (int i = 0; i < 20; i += 19) {
			char *bottom = smi_stack_bottom(tops[i], shift);
			size_t page = smi_stack_guard_size();

			CHECK_INT(signal_of_touch(bottom), ==, SIGSEGV);
			CHECK_INT(signal_of_touch(bottom + page - 1), ==,
				  SIGSEGV);
			CHECK_INT(signal_of_touch(bottom + page), ==, 0);
		}
		for (int i = 0; i < 20; i++)
			smi_stack_give(&stacks, shift, tops[i]);
	}
	smi_stacks_done(&stacks);
}

TEST(stacks_do_not_overlap_over_many_slabs)
{
	enum { MANY = 3000 };
	static char *tops[MANY];
	unsigned shift = 14;

	for (int i = 0; i < MANY; i++) {
		tops[i] = take(shift);
		memcpy(tops[i] - sizeof i, &i, sizeof i);
	}
	CHECK(smi_stacks_live() > 3);
	for (int i = 0; i < MANY; i++) {
		CHECK_BYTES(tops[i] - sizeof i, (char *)&i, sizeof i);
		for (int k = 1; i + k < MANY && k < 40; k++)
			CHECK(smi_stack_bottom(tops[i], shift) !=
			      smi_stack_bottom(tops[i + k], shift));
	}
	CHECK_INT(stacks.taken, ==, MANY);
	for (int i = 0; i < MANY; i += 499)
		CHECK_INT(signal_of_touch(smi_stack_bottom(tops[i], shift)), ==,
			  SIGSEGV);
	for (int i = 0; i < MANY; i++)
		smi_stack_give(&stacks, shift, tops[i]);
	CHECK_INT(stacks.taken, ==, 0);
	smi_stacks_done(&stacks);
	CHECK_INT(smi_stacks_live(), ==, 0);
}

TEST(tops_are_staggered)
{
	unsigned seen = 0;
	void *tops[16];

	for (int i = 0; i < 16; i++) {
		tops[i] = take(18);
		seen |= 1u << ((uintptr_t)tops[i] % 4096 / 64 % 16);
	}
	CHECK_INT(seen, ==, 0xffff);
	for (int i = 0; i < 16; i++)
		smi_stack_give(&stacks, 18, tops[i]);
	smi_stacks_done(&stacks);
}

TEST(the_last_stack_that_was_given_back_is_the_first_to_be_taken)
{
	void *tops[5];

	for (int i = 0; i < 5; i++)
		tops[i] = take(16);
	for (int i = 0; i < 5; i++)
		smi_stack_give(&stacks, 16, tops[i]);
	for (int i = 4; i >= 0; i--)
		CHECK(take(16) == tops[i]);
	for (int i = 0; i < 5; i++)
		smi_stack_give(&stacks, 16, tops[i]);
	smi_stacks_done(&stacks);
}

TEST(stacks_of_different_sizes_live_apart)
{
	void *small = take(14), *large = take(20);

	smi_stack_give(&stacks, 14, small);
	smi_stack_give(&stacks, 20, large);
	CHECK(take(20) == large);
	CHECK(take(14) == small);
	smi_stack_give(&stacks, 14, small);
	smi_stack_give(&stacks, 20, large);
	smi_stacks_done(&stacks);
}

/* ---- Memory */

static size_t resident(char *from, size_t length)
{
	size_t page = smi_page_size(), n = 0;

	for (size_t i = 0; i < length; i += page) {
		unsigned char there;

		if (mincore(from + i, page, &there) == 0)
			n += there & 1;
	}
	return n;
}

enum { DEEP = 200, SPARED = 64 };

static void touch_all(unsigned shift, void **tops)
{
	for (int i = 0; i < DEEP; i++) {
		char *first;

		tops[i] = take(shift);
		first = smi_stack_bottom(tops[i], shift) +
			smi_stack_guard_size();
		memset(first, 1, (size_t)((char *)tops[i] - first));
	}
	for (int i = 0; i < DEEP; i++)
		smi_stack_give(&stacks, shift, tops[i]);
}

static size_t resident_of(unsigned shift, void *const *tops)
{
	size_t n = 0;

	for (int i = 0; i < DEEP; i++)
		n += resident(smi_stack_bottom(tops[i], shift) +
				      smi_stack_guard_size(),
			      ((size_t)1 << shift) - smi_stack_guard_size());
	return n;
}

TEST(trimming_gives_back_what_deep_calls_have_touched)
{
	static void *tops[DEEP], *again[DEEP];
	size_t pages = ((size_t)1 << 16) / smi_page_size();
	size_t before, after;

	touch_all(16, tops);
	before = resident_of(16, tops);
	CHECK_INT(before, ==, DEEP * (pages - 1));
	smi_stacks_trim(&stacks, 1000000000);
	after = resident_of(16, tops);
	for (int i = 0; i < DEEP; i++)
		CHECK_INT(((char *)tops[i])[-200], ==, 1);
	/* The page with the top stays, and so do those to be taken next. */
	CHECK_INT(after, ==, SPARED * (pages - 1) + DEEP - SPARED);
	/* All can be taken again, each once. */
	for (int i = 0; i < DEEP; i++) {
		again[i] = take(16);
		memset((char *)again[i] - 5000, 2, 5000);
		for (int k = 0; k < i; k++)
			CHECK(again[k] != again[i]);
	}
	CHECK_INT(smi_stacks_live(), ==, 3);
	for (int i = 0; i < DEEP; i++)
		smi_stack_give(&stacks, 16, again[i]);
	smi_stacks_done(&stacks);
}

TEST(trimming_is_done_ten_times_a_second_at_most)
{
	static void *tops[DEEP];
	size_t before;

	smi_stacks_trim(&stacks, 1000000000);
	touch_all(16, tops);
	before = resident_of(16, tops);
	smi_stacks_trim(&stacks, 1050000000);
	CHECK_INT(resident_of(16, tops), ==, before);
	smi_stacks_trim(&stacks, 1100000000);
	CHECK(resident_of(16, tops) < before);
	smi_stacks_done(&stacks);
}

/* ---- No memory */

TEST(without_address_space_there_is_no_stack_and_later_there_is)
{
	struct rlimit old, none;
	void *top;

	if (IS_SANITIZED)
		SKIP("sanitizers need all the address space there is");
	getrlimit(RLIMIT_AS, &old);
	none = old;
	none.rlim_cur = 1 << 20;
	CHECK_INT(setrlimit(RLIMIT_AS, &none), ==, 0);
	if (mmap(NULL, 1 << 24, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0) != MAP_FAILED)
		SKIP("address space can't be limited here");
	top = smi_stack_take(&stacks, 18);
	CHECK_INT(setrlimit(RLIMIT_AS, &old), ==, 0);
	CHECK(!top);
	CHECK_INT(stacks.taken, ==, 0);
	smi_stack_give(&stacks, 18, take(18));
	smi_stacks_done(&stacks);
}

TEST(where_address_space_is_short_slabs_are_smaller)
{
	void *big =
		mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(big, 1);
	/* The first slab may not be mapped in full, half of it may. */
	atomic_store(&smi_alloc_probe->calls, 0);
	smi_alloc_probe->fail_from = 2;
	smi_alloc_probe->fail_count = 2;
	smi_stack_give(&stacks, 14, take(14));
	CHECK_INT(smi_alloc_probe->calls, ==, 4);
	for (int i = 0; i < 100; i++)
		take(14);
	smi_stacks_done(&stacks);
}

static void takes_some(void)
{
	struct smi_stacks mine = { 0 };
	void *tops[40];
	int n = 0;

	while (n < 40 && (tops[n] = smi_stack_take(&mine, 14)))
		n++;
	CHECK_INT(mine.taken, ==, n);
	while (n-- > 0)
		smi_stack_give(&mine, 14, tops[n]);
	smi_stacks_done(&mine);
}

TEST(stacks_take_every_refusal_of_memory)
{
	sweep_allocations(takes_some);
}
