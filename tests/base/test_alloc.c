/* SPDX-License-Identifier: MIT
 * tests/base/test_alloc.c - the only door to malloc. */
#include "test.h"

#include <string.h>

#include "base/alloc.h"

static void refuse(long from, long count)
{
	atomic_store(&smi_alloc_probe->calls, 0);
	smi_alloc_probe->fail_from = from;
	smi_alloc_probe->fail_count = count;
}

TEST(what_is_allocated_is_counted_until_it_is_freed)
{
	void *a = smi_alloc(1);
	void *b = smi_alloc_zero(1);
	void *c = smi_resize(NULL, 1);

	CHECK_INT(smi_alloc_probe->live, ==, 3);
	c = smi_resize(c, 1000);
	CHECK_INT(smi_alloc_probe->live, ==, 3);
	smi_free(a);
	smi_free(b);
	smi_free(c);
	CHECK_INT(smi_alloc_probe->live, ==, 0);
}

TEST(zeroed_memory_is_zero)
{
	static const char zeros[1000];
	char *block = smi_alloc_zero(sizeof zeros);

	CHECK_BYTES(block, zeros, sizeof zeros);
	smi_free(block);
}

TEST(resizing_keeps_the_content)
{
	char *block = smi_alloc(6);

	strcpy(block, "hello");
	block = smi_resize(block, 100000);
	CHECK_STR(block, "hello");
	smi_free(block);
}

TEST(freeing_null_does_nothing)
{
	smi_free(NULL);
	CHECK_INT(smi_alloc_probe->live, ==, 0);
}

TEST(any_run_of_allocations_can_be_refused)
{
	void *first, *last;

	refuse(2, 2);
	first = smi_alloc(1);
	CHECK(first);
	CHECK(!smi_alloc(1));
	CHECK(!smi_alloc_zero(1));
	last = smi_alloc(1);
	CHECK(last);
	CHECK_INT(smi_alloc_probe->calls, ==, 4);
	smi_free(first);
	smi_free(last);
}

TEST(a_refused_resize_leaves_the_block_as_it_was)
{
	char *block = smi_alloc(6);

	strcpy(block, "hello");
	refuse(1, 1);
	CHECK(!smi_resize(block, 100));
	CHECK_STR(block, "hello");
	CHECK_INT(smi_alloc_probe->live, ==, 1);
	smi_free(block);
}

TEST(without_a_probe_nothing_is_counted_or_refused)
{
	struct smi_alloc_probe *probe = smi_alloc_probe;

	refuse(1, 1);
	smi_alloc_probe = NULL;
	CHECK(!smi_alloc_refused());
	smi_free(smi_alloc(1));
	smi_alloc_probe = probe;
	CHECK_INT(probe->calls, ==, 0);
}
