/* SPDX-License-Identifier: MIT
 * base/buffer.h - bytes that arrive at one end and leave at the other.
 *
 * All bits zero is an empty buffer. The bytes in it are one contiguous piece,
 * so that parsers and system calls can use them where they are.
 */
#ifndef SMI_BASE_BUFFER_H
#define SMI_BASE_BUFFER_H

#include <stddef.h>

#include "base/shared.h"

struct smi_buffer {
	char *data;   /* the block */
	size_t start; /* first byte in use */
	size_t end;   /* one past the last byte in use */
	size_t room;  /* size of the block */
};

/* The bytes in the buffer (NULL if it never had any), and how many there
 * are. */
static inline char *smi_buffer_bytes(const struct smi_buffer *b)
{
	return b->data ? b->data + b->start : NULL;
}

static inline size_t smi_buffer_length(const struct smi_buffer *b)
{
	return b->end - b->start;
}

/* Where to store more, and how many bytes fit there. */
static inline char *smi_buffer_tail(const struct smi_buffer *b)
{
	return b->data ? b->data + b->end : NULL;
}

static inline size_t smi_buffer_space(const struct smi_buffer *b)
{
	return b->room - b->end;
}

/* There is not that much room at the tail: make it. */
SMI_SHARED int smi_buffer_make_room(struct smi_buffer *b, size_t n);

/* Make room for n more bytes at the tail; moves what is there to the front of
 * the block before it asks for a larger one. 0 or -ENOMEM. */
static inline int smi_buffer_reserve(struct smi_buffer *b, size_t n)
{
	return smi_buffer_space(b) >= n ? 0 : smi_buffer_make_room(b, n);
}

/* n bytes were stored at the tail. */
static inline void smi_buffer_commit(struct smi_buffer *b, size_t n)
{
	b->end += n;
}

/* Append a copy of n bytes. 0 or -ENOMEM. */
SMI_SHARED int smi_buffer_append(struct smi_buffer *b, const void *bytes,
				 size_t n);

/* Append formatted text, without a terminating zero. 0 or -ENOMEM. */
int smi_buffer_printf(struct smi_buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Remove n bytes from the front. */
SMI_SHARED void smi_buffer_consume(struct smi_buffer *b, size_t n);

/* Free the block; the buffer is empty and may be used again. */
SMI_SHARED void smi_buffer_done(struct smi_buffer *b);

#endif /* SMI_BASE_BUFFER_H */
