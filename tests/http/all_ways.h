/* SPDX-License-Identifier: MIT
 * tests/http/all_ways.h - heads that arrive whole, in two pieces, by the byte.
 */
#ifndef ALL_WAYS_H
#define ALL_WAYS_H

#include <stdlib.h>
#include <string.h>

#include "http/parser.h"
#include "test.h"

typedef ptrdiff_t parse_head(struct smi_http_parser *p, char *bytes,
			     size_t length, struct smi_http_message *m);

static inline ptrdiff_t parse_request(struct smi_http_parser *p, char *bytes,
				      size_t length, struct smi_http_message *m)
{
	return smi_http_parse_request(p, bytes, length, m);
}

/* Parse a copy with exactly these bytes, so that reading beyond them shows
 * under a sanitizer; *ret_copy is to be freed. */
static inline ptrdiff_t parse_copy(parse_head *parse, struct smi_http_parser *p,
				   const char *text, size_t length,
				   struct smi_http_message *m, char **ret_copy)
{
	char *copy = malloc(length ? length : 1);

	CHECK(copy);
	memcpy(copy, text, length);
	*ret_copy = copy;
	return parse(p, copy, length, m);
}

/* Parse what arrives in two pieces, the first of so many bytes; if it is a
 * response, what the first call wrote is there in the second. */
static inline ptrdiff_t parse_split(parse_head *parse,
				    struct smi_http_parser *p, const char *text,
				    size_t length, size_t first,
				    struct smi_http_message *m, char **ret_copy)
{
	ptrdiff_t n = parse_copy(parse, p, text, first, m, ret_copy);
	char *copy = *ret_copy, *moved;

	if (n != 0)
		return n;
	moved = malloc(length ? length : 1);
	CHECK(moved);
	memcpy(moved, text, length);
	memcpy(moved, copy, first);
	free(copy);
	*ret_copy = moved;
	return parse(p, moved, length, m);
}

static inline ptrdiff_t
parse_bytewise(parse_head *parse, struct smi_http_parser *p, const char *text,
	       size_t length, struct smi_http_message *m, char **ret_copy)
{
	char *copy = calloc(1, length + 1);
	ptrdiff_t n = 0;

	CHECK(copy);
	for (size_t i = 0; i < length && n == 0; i++) {
		copy[i] = text[i];
		n = parse(p, copy, i + 1, m);
	}
	*ret_copy = copy;
	return n;
}

static inline void check_same(const struct smi_http_message *a,
			      const struct smi_http_message *b)
{
	CHECK_INT(a->count, ==, b->count);
	CHECK_INT(a->minor, ==, b->minor);
	CHECK_INT(a->status, ==, b->status);
	CHECK_BYTES(&a->method, &b->method, sizeof(a->method));
	CHECK_BYTES(&a->target, &b->target, sizeof(a->target));
	CHECK_BYTES(&a->reason, &b->reason, sizeof(a->reason));
	if (a->count)
		CHECK_BYTES(a->fields, b->fields,
			    a->count * sizeof(a->fields[0]));
	for (size_t i = 0; i < a->count; i++) {
		CHECK(smi_slice_is(smi_http_name(a, i), smi_http_name(b, i)));
		CHECK(smi_slice_is(smi_http_value(a, i), smi_http_value(b, i)));
	}
}

/* Parse these bytes in one piece, every two, and byte by byte: the result,
 * which is returned, must be the same (so what is wrong must be in a line that
 * ends). *m may be looked at until the next call. */
static inline ptrdiff_t parse_all_ways(parse_head *parse,
				       struct smi_http_parser start,
				       const char *text, size_t length,
				       struct smi_http_message *m)
{
	static char *whole;
	struct smi_http_message other = { 0 };
	struct smi_http_parser p = start;
	ptrdiff_t n, again;
	char *copy;

	free(whole);
	n = parse_copy(parse, &p, text, length, m, &whole);
	for (size_t i = 0; i <= length; i++) {
		p = start;
		again = parse_split(parse, &p, text, length, i, &other, &copy);
		CHECK_INT(again, ==, n);
		if (n > 0)
			check_same(m, &other);
		free(copy);
	}
	p = start;
	CHECK_INT(parse_bytewise(parse, &p, text, length, &other, &copy), ==,
		  n);
	if (n > 0)
		check_same(m, &other);
	free(copy);
	smi_http_message_done(&other);
	return n;
}

#endif /* ALL_WAYS_H */
