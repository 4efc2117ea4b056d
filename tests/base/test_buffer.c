/* SPDX-License-Identifier: MIT
 * tests/base/test_buffer.c - bytes in at one end, out at the other. */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"

static void check_holds(const struct smi_buffer *b, const char *text)
{
	CHECK_INT(smi_buffer_length(b), ==, strlen(text));
	CHECK_BYTES(smi_buffer_bytes(b), text, strlen(text));
}

static void refuse_allocations(void)
{
	smi_alloc_probe->fail_from = 1;
	smi_alloc_probe->fail_count = 1000;
}

TEST(a_zero_buffer_is_empty_and_ready)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_length(&b), ==, 0);
	CHECK_INT(smi_buffer_space(&b), ==, 0);
	CHECK_INT(smi_buffer_append(&b, NULL, 0), ==, 0);
	CHECK_INT(smi_buffer_append(&b, "hello", 5), ==, 0);
	check_holds(&b, "hello");
	smi_buffer_done(&b);
}

TEST(bytes_leave_in_the_order_in_which_they_came)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, "one", 3), ==, 0);
	CHECK_INT(smi_buffer_append(&b, "two", 3), ==, 0);
	smi_buffer_consume(&b, 2);
	CHECK_INT(smi_buffer_append(&b, "three", 5), ==, 0);
	check_holds(&b, "etwothree");
	smi_buffer_done(&b);
}

TEST(a_buffer_that_is_done_with_may_be_used_again)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, "hello", 5), ==, 0);
	smi_buffer_done(&b);
	CHECK_INT(smi_buffer_length(&b), ==, 0);
	CHECK_INT(smi_buffer_append(&b, "again", 5), ==, 0);
	check_holds(&b, "again");
	smi_buffer_done(&b);
	smi_buffer_done(&b);
}

TEST(reserved_room_can_be_filled_in_place)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_reserve(&b, 1000), ==, 0);
	CHECK_INT(smi_buffer_space(&b), >=, 1000);
	CHECK_INT(smi_buffer_length(&b), ==, 0);
	memcpy(smi_buffer_tail(&b), "hello", 5);
	smi_buffer_commit(&b, 5);
	check_holds(&b, "hello");
	smi_buffer_done(&b);
}

TEST(a_buffer_grows_to_any_size_and_keeps_its_bytes)
{
	struct smi_buffer b = { 0 };
	const char *bytes;

	for (unsigned i = 0; i < 100000; i++)
		CHECK_INT(smi_buffer_append(&b, &i, sizeof i), ==, 0);
	bytes = smi_buffer_bytes(&b);
	for (unsigned i = 0; i < 100000; i++)
		CHECK_BYTES(bytes + i * sizeof i, &i, sizeof i);
	smi_buffer_done(&b);
}

TEST(a_buffer_used_as_a_pipe_does_not_grow)
{
	struct smi_buffer b = { 0 };
	char piece[100] = { 0 };
	size_t room = 0;

	for (int i = 0; i < 10000; i++) {
		CHECK_INT(smi_buffer_append(&b, piece, sizeof piece), ==, 0);
		if (i == 10)
			room = b.room;
		if (i >= 10)
			smi_buffer_consume(&b, sizeof piece);
	}
	CHECK_INT(b.room, <=, 4 * room);
	smi_buffer_done(&b);
}

TEST(text_is_appended_without_its_zero)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_printf(&b, "%s %d", "number", 7), ==, 0);
	CHECK_INT(smi_buffer_printf(&b, "%s", ""), ==, 0);
	CHECK_INT(smi_buffer_printf(&b, "!"), ==, 0);
	check_holds(&b, "number 7!");
	smi_buffer_done(&b);
}

TEST(long_text_makes_the_buffer_grow)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_printf(&b, "%5000d", 7), ==, 0);
	CHECK_INT(smi_buffer_length(&b), ==, 5000);
	CHECK_INT(smi_buffer_bytes(&b)[4999], ==, '7');
	smi_buffer_done(&b);
}

TEST(without_memory_the_buffer_stays_as_it_was)
{
	struct smi_buffer b = { 0 };
	char large[5000] = { 0 };

	CHECK_INT(smi_buffer_append(&b, "hello", 5), ==, 0);
	refuse_allocations();
	CHECK_INT(smi_buffer_append(&b, large, sizeof large), ==, -ENOMEM);
	CHECK_INT(smi_buffer_printf(&b, "%5000d", 7), ==, -ENOMEM);
	check_holds(&b, "hello");
	smi_buffer_done(&b);
}

TEST(a_size_that_no_memory_has_is_refused)
{
	struct smi_buffer b = { 0 };

	CHECK_INT(smi_buffer_append(&b, "hello", 5), ==, 0);
	CHECK_INT(smi_buffer_reserve(&b, SIZE_MAX), ==, -ENOMEM);
	CHECK_INT(smi_buffer_reserve(&b, SIZE_MAX - 5), ==, -ENOMEM);
	check_holds(&b, "hello");
	smi_buffer_done(&b);
}

static void use_a_buffer(void)
{
	struct smi_buffer b = { 0 };

	smi_buffer_append(&b, "hello", 5);
	smi_buffer_printf(&b, "%2000d", 7);
	smi_buffer_consume(&b, smi_buffer_length(&b));
	smi_buffer_reserve(&b, 10000);
	smi_buffer_done(&b);
}

TEST(every_allocation_of_a_buffer_may_fail)
{
	sweep_allocations(use_a_buffer);
}
