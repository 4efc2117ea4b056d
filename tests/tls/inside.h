/* SPDX-License-Identifier: MIT
 * tests/tls/inside.h - the inside of connections. */
#ifndef INSIDE_H
#define INSIDE_H

#include "io/stream.h"
#include "tls/both.h"
#include "tls/stream.h"

static inline SSL *ssl_of(simul_stream *s)
{
	return smi_tls_stream(s)->ssl;
}

/* What the server has to send, and has not handed on yet. */
static inline size_t take_unsent(char *bytes, size_t room)
{
	struct smi_buffer *b = &server_plain->pending;
	size_t n = smi_buffer_length(b);

	CHECK_INT(n, <=, room);
	memcpy(bytes, smi_buffer_bytes(b), n);
	smi_buffer_consume(b, n);
	return n;
}

static inline int read_one(void *s)
{
	char c;

	return (int)simul_read(s, &c, 1);
}

#endif /* INSIDE_H */
