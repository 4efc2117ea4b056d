/* SPDX-License-Identifier: MIT
 * io/input.c - what a stream has received and nobody has taken yet. */
#include "io/input.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

static bool is_large(const struct smi_input *in)
{
	return in->block != in->small;
}

static void use_small(struct smi_input *in)
{
	if (is_large(in))
		smi_free(in->block);
	in->block = in->small;
	in->room = SMI_INPUT_SMALL;
	in->start = in->end = 0;
}

void smi_input_init(struct smi_input *in, size_t unit)
{
	in->block = in->small;
	in->unit = unit;
	in->eager = false;
	use_small(in);
}

void smi_input_done(struct smi_input *in)
{
	use_small(in);
}

static void move_to_front(struct smi_input *in)
{
	size_t length = smi_input_length(in);

	memmove(in->block, smi_input_bytes(in), length);
	in->start = 0;
	in->end = length;
}

/* Move to a block of this size. */
static int move(struct smi_input *in, size_t room)
{
	size_t length = smi_input_length(in);
	char *block = room < SIZE_MAX ? smi_alloc(room + 1) : NULL;

	if (!block)
		return -ENOMEM;
	memcpy(block, smi_input_bytes(in), length);
	if (is_large(in))
		smi_free(in->block);
	in->block = block;
	in->room = room;
	in->start = 0;
	in->end = length;
	return 0;
}

static size_t larger_of(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Nothing is to be kept: choose the block by what is to be expected. Where
 * there is no memory, a small one will do. */
static void prepare_empty(struct smi_input *in)
{
	size_t wish = in->unit;

	if (in->eager)
		wish = larger_of(wish, SMI_INPUT_LARGE);
	in->start = in->end = 0;
	if (wish == 0)
		use_small(in);
	if (in->room < wish)
		move(in, wish);
}

int smi_input_prepare(struct smi_input *in)
{
	int r;

	if (smi_input_length(in) == 0) {
		prepare_empty(in);
		return 0;
	}
	if (smi_input_space(in) >= in->room / 4)
		return 0;
	if (in->start >= in->room / 2) {
		move_to_front(in);
		return 0;
	}
	r = move(in, larger_of(in->room * 2, SMI_INPUT_LARGE));
	return r < 0 && smi_input_space(in) > 0 ? 0 : r;
}

void smi_input_commit(struct smi_input *in, size_t n)
{
	in->eager = n == smi_input_space(in);
	in->end += n;
}

int smi_input_append(struct smi_input *in, const void *bytes, size_t n)
{
	size_t length = smi_input_length(in);
	int r;

	if (smi_input_space(in) < n && in->room - length >= n)
		move_to_front(in);
	if (smi_input_space(in) < n) {
		r = n < SIZE_MAX / 2 ? move(in, length + n) : -ENOMEM;
		if (r < 0)
			return r;
	}
	if (n > 0)
		memcpy(smi_input_tail(in), bytes, n);
	in->end += n;
	return 0;
}

void smi_input_take(struct smi_input *in, size_t n)
{
	in->start += n;
}

void smi_input_release(struct smi_input *in)
{
	if (smi_input_length(in) == 0 && !in->eager && in->unit == 0)
		use_small(in);
}
