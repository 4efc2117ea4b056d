/* SPDX-License-Identifier: MIT
 * io/input.c - what a stream has received and nobody has taken yet. */
#include "io/input.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

void smi_input_init(struct smi_input *in, size_t unit,
		    struct smi_spares *spares)
{
	*in = (struct smi_input){ .unit = unit, .spares = spares };
}

static void free_block(struct smi_input *in)
{
	if (in->room == SMI_INPUT_SMALL)
		smi_spare_give(in->spares, in->block);
	else
		smi_free(in->block);
}

static char *new_block(struct smi_input *in, size_t room)
{
	if (room == SMI_INPUT_SMALL)
		return smi_spare_take(in->spares);
	return room < SIZE_MAX ? smi_alloc(room + 1) : NULL;
}

void smi_input_done(struct smi_input *in)
{
	free_block(in);
	in->block = NULL;
	in->start = in->end = in->room = 0;
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
	char *block = new_block(in, room);

	if (!block)
		return -ENOMEM;
	if (length > 0)
		memcpy(block, smi_input_bytes(in), length);
	free_block(in);
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
 * there is no memory, one that is there will do. */
static int prepare_empty(struct smi_input *in)
{
	size_t wish = larger_of(in->unit, SMI_INPUT_SMALL);

	if (in->eager)
		wish = larger_of(wish, SMI_INPUT_LARGE);
	in->start = in->end = 0;
	return in->room >= wish || move(in, wish) == 0 || in->room > 0
		       ? 0
		       : -ENOMEM;
}

int smi_input_prepare(struct smi_input *in)
{
	int r;

	if (smi_input_length(in) == 0)
		return prepare_empty(in);
	/* A block that was made to measure may be of one byte. */
	if (smi_input_space(in) > in->room / 4)
		return 0;
	if (in->start > 0 && in->start >= in->room / 2) {
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

int smi_input_append_buffer(struct smi_input *in, struct smi_buffer *b)
{
	int r = 0;

	/* A zero must fit behind what is there. */
	if (smi_input_length(in) == 0 && b->end < b->room) {
		free_block(in);
		in->block = b->data;
		in->start = b->start;
		in->end = b->end;
		in->room = b->room - 1;
		*b = (struct smi_buffer){ 0 };
	} else {
		r = smi_input_append(in, smi_buffer_bytes(b),
				     smi_buffer_length(b));
	}
	if (r >= 0)
		smi_buffer_done(b);
	return r;
}

void smi_input_take(struct smi_input *in, size_t n)
{
	in->start += n;
}

struct smi_buffer smi_input_detach(struct smi_input *in)
{
	struct smi_buffer b = { in->block, in->start, in->end, in->room };

	in->block = NULL;
	in->start = in->end = in->room = 0;
	return b;
}

void smi_input_rest(struct smi_input *in)
{
	if (smi_input_length(in) == 0 && in->unit == 0 && in->block)
		smi_input_done(in);
}

void smi_input_release(struct smi_input *in)
{
	if (in->room > SMI_INPUT_SMALL && !in->eager)
		smi_input_rest(in);
}
