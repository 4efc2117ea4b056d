/* SPDX-License-Identifier: MIT
 * base/buffer.c - bytes that arrive at one end and leave at the other. */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

int smi_buffer_make_room(struct smi_buffer *b, size_t n)
{
	size_t length = smi_buffer_length(b);
	size_t room = b->room ? b->room : 512;
	char *data;

	/* Moving is worth it only if it frees much more than it moves, or a
	 * full buffer that is consumed in small bites would be moved each
	 * time. */
	if (b->room - length >= n && b->start >= length) {
		memmove(b->data, b->data + b->start, length);
		b->start = 0;
		b->end = length;
		return 0;
	}
	if (n > SIZE_MAX / 4 - length)
		return -ENOMEM;
	while (room < length + n || room - length < length / 2)
		room *= 2;
	data = smi_alloc(room);
	if (!data)
		return -ENOMEM;
	if (length)
		memcpy(data, b->data + b->start, length);
	smi_free(b->data);
	*b = (struct smi_buffer){ data, 0, length, room };
	return 0;
}

int smi_buffer_append(struct smi_buffer *b, const void *bytes, size_t n)
{
	int r;

	if (n == 0)
		return 0;
	r = smi_buffer_reserve(b, n);
	if (r < 0)
		return r;
	memcpy(smi_buffer_tail(b), bytes, n);
	smi_buffer_commit(b, n);
	return 0;
}

int smi_buffer_printf(struct smi_buffer *b, const char *format, ...)
{
	va_list args;
	int n, r;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return -EINVAL;
	/* One more, for the zero that vsnprintf insists on. */
	r = smi_buffer_reserve(b, (size_t)n + 1);
	if (r < 0)
		return r;
	va_start(args, format);
	vsnprintf(smi_buffer_tail(b), (size_t)n + 1, format, args);
	va_end(args);
	smi_buffer_commit(b, (size_t)n);
	return 0;
}

void smi_buffer_consume(struct smi_buffer *b, size_t n)
{
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void smi_buffer_done(struct smi_buffer *b)
{
	smi_free(b->data);
	*b = (struct smi_buffer){ 0 };
}
