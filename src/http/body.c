/* SPDX-License-Identifier: MIT
 * http/body.c - finds a body's data in the bytes behind its head, and its end.
 *
 * Chunked (RFC 9112, section 7.1):
 *
 *	5;name=value CRLF	size in hexadecimal, extensions
 *	hello CRLF
 *	0 CRLF			the last chunk has none
 *	Name: value CRLF	trailers
 *	CRLF
 *
 * Extensions and trailers are passed over, but every line break must be CRLF:
 * a lone LF in them ends the line for some readers and not for others. */
#include "http/body.h"

#include <assert.h>

#include <simul/error.h>

#include "http/chars.h"

/* Extensions and trailers without end keep a reader busy with no data. Each
 * chunk allows for some, so that a long body may have many small ones. */
enum { OVERHEAD_LIMIT = 16 * 1024, OVERHEAD_OF_CHUNK = 16 };

enum state {
	SIZE_FIRST, /* a digit must come */
	SIZE,
	BEFORE_EXTENSION, /* white space; a semicolon must follow */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_FIRST, /* a trailer or the empty line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	DONE
};

struct smi_http_body smi_http_body(const struct smi_http_framing *framing)
{
	struct smi_http_body b = { .kind = framing->kind };

	if (b.kind == SMI_HTTP_LENGTH)
		b.left = framing->length;
	else if (b.kind == SMI_HTTP_UNTIL_CLOSE)
		b.left = UINT64_MAX;
	return b;
}

bool smi_http_body_is_done(const struct smi_http_body *body)
{
	if (body->kind == SMI_HTTP_CHUNKED)
		return body->state == DONE;
	return body->left == 0;
}

uint64_t smi_http_body_run(const struct smi_http_body *body)
{
	if (body->kind == SMI_HTTP_CHUNKED && body->state != DATA)
		return 0;
	return body->left;
}

int smi_http_body_close(struct smi_http_body *body)
{
	if (body->kind == SMI_HTTP_UNTIL_CLOSE)
		body->left = 0;
	return smi_http_body_is_done(body) ? 0 : -SIMUL_EEOF;
}

/* One more digit of the chunk's size. */
static int add_digit(struct smi_http_body *b, char c)
{
	if (!smi_char_is(c, SMI_CHAR_HEX) || b->left > INT64_MAX >> 4)
		return -SIMUL_EPROTOCOL;
	b->left = b->left << 4 | smi_hex_value(c);
	return SIZE;
}

/* The line with the size is over. */
static int begin_data(struct smi_http_body *b)
{
	uint64_t usual = OVERHEAD_OF_CHUNK + b->left;

	b->overhead -= b->overhead < usual ? b->overhead : (uint32_t)usual;
	return b->left ? DATA : TRAILER_FIRST;
}

/* The state after c where a line's end is at hand: a CR leads to `next`, and
 * what is of this class leaves everything as it is. */
static int stay(const struct smi_http_body *b, char c,
		enum smi_char_class class, int next)
{
	if (c == '\r')
		return next;
	return smi_char_is(c, class) ? b->state : -SIMUL_EPROTOCOL;
}

static int expect(char c, char wanted, int next)
{
	return c == wanted ? next : -SIMUL_EPROTOCOL;
}

static int after_size(char c)
{
	switch (c) {
	case '\r':
		return SIZE_LF;
	case ';':
		return EXTENSION;
	case ' ':
	case '\t':
		return BEFORE_EXTENSION;
	default:
		return -SIMUL_EPROTOCOL;
	}
}

/* The state that a byte of framing leads to, or an error. */
static int step(struct smi_http_body *b, char c)
{
	switch ((enum state)b->state) {
	case SIZE_FIRST:
		return add_digit(b, c);
	case SIZE:
		if (smi_char_is(c, SMI_CHAR_HEX))
			return add_digit(b, c);
		return after_size(c);
	case BEFORE_EXTENSION:
		return c == '\r' ? -SIMUL_EPROTOCOL : after_size(c);
	case EXTENSION:
		return stay(b, c, SMI_CHAR_TEXT, SIZE_LF);
	case SIZE_LF:
		return c == '\n' ? begin_data(b) : -SIMUL_EPROTOCOL;
	case DATA_CR:
		return expect(c, '\r', DATA_LF);
	case DATA_LF:
		return expect(c, '\n', SIZE_FIRST);
	case TRAILER_FIRST:
		if (c == '\r')
			return END_LF;
		return smi_char_is(c, SMI_CHAR_TOKEN) ? TRAILER_NAME
						      : -SIMUL_EPROTOCOL;
	case TRAILER_NAME:
		if (c == ':')
			return TRAILER_VALUE;
		return smi_char_is(c, SMI_CHAR_TOKEN) ? TRAILER_NAME
						      : -SIMUL_EPROTOCOL;
	case TRAILER_VALUE:
		return stay(b, c, SMI_CHAR_TEXT, TRAILER_LF);
	case TRAILER_LF:
		return expect(c, '\n', TRAILER_FIRST);
	case END_LF:
		return expect(c, '\n', DONE);
	case DATA:
	case DONE:
		break; /* never: skip_framing stops at these */
	}
	return -SIMUL_EPROTOCOL;
}

/* Framing, up to where data begins or the body ends. */
static ptrdiff_t skip_framing(struct smi_http_body *b, const char *bytes,
			      size_t length)
{
	size_t i;

	for (i = 0; i < length && b->state != DATA && b->state != DONE; i++) {
		int r;

		if (++b->overhead > OVERHEAD_LIMIT)
			return -SIMUL_ETOOLONG;
		r = step(b, bytes[i]);
		if (r < 0)
			return r;
		b->state = r;
	}
	return (ptrdiff_t)i;
}

ptrdiff_t smi_http_body_next(struct smi_http_body *body, const char *bytes,
			     size_t length, struct smi_slice *ret_data)
{
	ptrdiff_t skipped = 0;
	size_t n;

	if (body->kind == SMI_HTTP_CHUNKED) {
		skipped = skip_framing(body, bytes, length);
		if (skipped < 0)
			return skipped;
		if (body->state != DATA) {
			*ret_data = smi_slice(NULL, 0);
			return skipped;
		}
	}
	n = length - (size_t)skipped;
	if (n > body->left)
		n = (size_t)body->left;
	*ret_data = smi_slice(n ? bytes + skipped : NULL, n);
	if (body->kind != SMI_HTTP_UNTIL_CLOSE)
		body->left -= n;
	if (body->kind == SMI_HTTP_CHUNKED && body->left == 0)
		body->state = DATA_CR;
	return skipped + (ptrdiff_t)n;
}

size_t smi_http_chunk_head(char to[SMI_HTTP_CHUNK_HEAD_ROOM], uint64_t size)
{
	size_t length = 1;

	assert(size > 0);
	for (uint64_t rest = size >> 4; rest; rest >>= 4)
		length++;
	for (size_t i = length; i-- > 0; size >>= 4)
		to[i] = "0123456789abcdef"[size & 15];
	to[length] = '\r';
	to[length + 1] = '\n';
	return length + 2;
}
