/* SPDX-License-Identifier: MIT
 * fuzz/fuzz_http.c - whatever arrives, HTTP's parsers stay right.
 *
 *	clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
 *		-Iinclude -Isrc fuzz/fuzz_http.c src/http/[a-z]*.c \
 *		src/base/alloc.c src/base/buffer.c -o fuzz_http
 *	./fuzz_http -max_len=600
 *
 * The first byte chooses what the rest is, the second where it is cut in two.
 * Beyond what the sanitizers see, it checks that pieces give the same result
 * as the whole, that what is found lies within what was given, and that what
 * is written can be read back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <simul/error.h>

#include "base/buffer.h"
#include "http/body.h"
#include "http/chars.h"
#include "http/framing.h"
#include "http/parser.h"
#include "http/target.h"
#include "http/url.h"
#include "http/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

/* A copy with nothing behind it, so that reading beyond it is seen. */
static char *copy_of(const char *bytes, size_t n)
{
	char *copy = malloc(n ? n : 1);

	check(copy != NULL);
	if (n)
		memcpy(copy, bytes, n);
	return copy;
}

static bool is_within(struct smi_slice s, const char *bytes, size_t n)
{
	return s.length == 0 || (s.at >= bytes && s.at + s.length <= bytes + n);
}

static struct smi_slice in(const struct smi_buffer *b)
{
	if (smi_buffer_length(b) == 0)
		return smi_slice_of("");
	return smi_slice(smi_buffer_bytes(b), smi_buffer_length(b));
}

/* ---- URLs */

/* What was written parses, and is written the same again. */
static void check_written(struct smi_buffer *b,
			  int write(const struct smi_url *,
				    struct smi_buffer *),
			  const struct smi_url *like)
{
	struct smi_buffer again = { 0 };
	struct smi_url url;

	check(smi_url_parse(in(b), &url) == 0);
	if (like)
		check(smi_url_same_origin(&url, like));
	check(write(&url, &again) == 0);
	check(smi_slice_is(in(b), in(&again)));
	check(smi_skip_visible(in(b).at, in(b).at + in(b).length) ==
	      in(b).at + in(b).length);
	smi_buffer_done(&again);
}

static void fuzz_url(const char *bytes, size_t n)
{
	struct smi_slice text = smi_slice(bytes, n);
	struct smi_buffer b = { 0 };
	struct smi_url url;

	if (smi_url_parse(text, &url) < 0) {
		check(smi_url_complaint(text) != NULL);
		return;
	}
	check(smi_url_complaint(text) == NULL);
	check(is_within(url.host, bytes, n) && url.host.length);
	check(is_within(url.path, bytes, n) && url.port);
	/* Written it may be longer than a URL may be. */
	check(smi_url_write(&url, &b) == 0);
	if (smi_buffer_length(&b) <= SMI_URL_LIMIT)
		check_written(&b, smi_url_write, &url);
	smi_buffer_done(&b);
	check(smi_url_write_normal(&url, &b) == 0);
	if (smi_buffer_length(&b) <= SMI_URL_LIMIT)
		check_written(&b, smi_url_write_normal, &url);
	smi_buffer_done(&b);
	check(smi_url_write_target(&url, &b) == 0);
	check(*in(&b).at == '/');
	smi_buffer_done(&b);
}

static void fuzz_resolve(const char *bytes, size_t n, size_t cut)
{
	struct smi_buffer b = { 0 };
	struct smi_url base, url;

	if (smi_url_parse(smi_slice(bytes, cut), &base) < 0)
		check(smi_url_parse(smi_slice_of("http://a/b/c/d;p?q"),
				    &base) == 0);
	if (smi_url_resolve(&base, smi_slice(bytes + cut, n - cut), &b) < 0) {
		check(smi_buffer_length(&b) == 0);
	} else if (smi_url_parse(in(&b), &url) == 0) {
		check_written(&b, smi_url_write, NULL);
	}
	smi_buffer_done(&b);
}

/* ---- Heads */

typedef ptrdiff_t parse_head(struct smi_http_parser *p, char *bytes,
			     size_t length, struct smi_http_message *m);

static ptrdiff_t parse_request(struct smi_http_parser *p, char *bytes,
			       size_t length, struct smi_http_message *m)
{
	return smi_http_parse_request(p, bytes, length, m);
}

static void check_same(const struct smi_http_message *a,
		       const struct smi_http_message *b)
{
	check(a->count == b->count && a->status == b->status &&
	      a->minor == b->minor);
	check(smi_slice_is(smi_http_method(a), smi_http_method(b)));
	check(smi_slice_is(smi_http_slice(a, a->target),
			   smi_http_slice(b, b->target)));
	check(smi_slice_is(smi_http_slice(a, a->reason),
			   smi_http_slice(b, b->reason)));
	for (size_t i = 0; i < a->count; i++) {
		check(smi_slice_is(smi_http_name(a, i), smi_http_name(b, i)));
		check(smi_slice_is(smi_http_value(a, i), smi_http_value(b, i)));
	}
}

/* Names and values are what a writer would let pass, and mean what they say
 * when they are written and parsed again. */
static void check_rewritten(const struct smi_http_message *m)
{
	struct smi_buffer b = { 0 };
	struct smi_http_writer w = smi_http_writer(&b);
	struct smi_http_parser p = { .head_limit = 1 << 20 };
	struct smi_http_message again = { 0 };

	if (m->method.length)
		smi_http_write_request(&w, smi_http_method(m),
				       smi_http_slice(m, m->target));
	else
		smi_http_write_status(&w, m->status,
				      smi_http_slice(m, m->reason));
	for (size_t i = 0; i < m->count; i++)
		smi_http_write_field(&w, smi_http_name(m, i),
				     smi_http_value(m, i));
	check(smi_http_write_end(&w) == 0);
	check((m->method.length ? parse_request : smi_http_parse_response)(
		      &p, smi_buffer_bytes(&b), smi_buffer_length(&b),
		      &again) == (ptrdiff_t)smi_buffer_length(&b));
	check(again.count == m->count);
	for (size_t i = 0; i < m->count; i++)
		check(smi_slice_is(smi_http_value(m, i),
				   smi_http_value(&again, i)));
	smi_http_message_done(&again);
	smi_buffer_done(&b);
}

static void look_at(const struct smi_http_message *m)
{
	struct smi_http_framing framing;
	struct smi_http_target target;

	if (m->method.length) {
		smi_http_frame_request(m, &framing);
		smi_http_read_target(m, &target);
	} else {
		smi_http_frame_response(m, smi_slice_of("GET"), &framing);
	}
	smi_http_has(m, smi_slice_of("connection"), smi_slice_of("close"));
	check_rewritten(m);
}

static void fuzz_head(parse_head *parse, const char *bytes, size_t n,
		      size_t cut)
{
	struct smi_http_parser start = { .head_limit = 500, .field_limit = 20 };
	struct smi_http_parser p = start;
	struct smi_http_message a = { 0 }, b = { 0 };
	char *whole = copy_of(bytes, n), *first = copy_of(bytes, cut);
	char *all = malloc(n + 1);
	ptrdiff_t r = parse(&p, whole, n, &a), again;

	check(all != NULL && r <= (ptrdiff_t)n);
	p = start;
	again = parse(&p, first, cut, &b);
	memcpy(all, bytes, n);
	memcpy(all, first, cut); /* what was joined stays so */
	if (again == 0)
		again = parse(&p, all, n, &b);
	/* An error may wait for the end of its line. */
	all[n] = '\n';
	if (again == 0 && r < 0)
		again = parse(&p, all, n + 1, &b);
	check(again == r);
	if (r > 0) {
		if (b.bytes == first)
			b.bytes = all;
		check_same(&a, &b);
		look_at(&a);
	}
	smi_http_message_done(&a);
	smi_http_message_done(&b);
	free(whole);
	free(first);
	free(all);
}

/* ---- Bodies */

static ptrdiff_t drain(struct smi_http_body *body, const char *bytes, size_t n,
		       struct smi_buffer *found)
{
	size_t used = 0;

	while (used < n && !smi_http_body_is_done(body)) {
		struct smi_slice data;
		ptrdiff_t taken =
			smi_http_body_next(body, bytes + used, n - used, &data);

		if (taken < 0)
			return taken;
		check(taken > 0 && (size_t)taken <= n - used);
		check(is_within(data, bytes + used, (size_t)taken));
		check(smi_buffer_append(found, data.at, data.length) == 0);
		used += (size_t)taken;
	}
	return (ptrdiff_t)used;
}

static void fuzz_chunks(const char *bytes, size_t n, size_t cut)
{
	struct smi_http_framing framing = { .kind = SMI_HTTP_CHUNKED };
	struct smi_http_body whole = smi_http_body(&framing), pieces = whole;
	struct smi_buffer a = { 0 }, b = { 0 };
	char *copy = copy_of(bytes, n), *first = copy_of(bytes, cut);
	ptrdiff_t r = drain(&whole, copy, n, &a), again;

	again = drain(&pieces, first, cut, &b);
	for (size_t i = cut; again >= 0 && i < n; i++) {
		ptrdiff_t one = drain(&pieces, copy + i, 1, &b);

		again = one < 0 ? one : again + one;
	}
	check(again == r);
	check(smi_slice_is(in(&a), in(&b)));
	check(smi_http_body_is_done(&whole) == smi_http_body_is_done(&pieces));
	smi_buffer_done(&a);
	smi_buffer_done(&b);
	free(copy);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes;
	size_t n, cut;

	if (size < 2)
		return 0;
	n = size - 2;
	cut = n ? data[1] % (n + 1) : 0;
	bytes = copy_of((const char *)data + 2, n);
	switch (data[0] % 5) {
	case 0:
		fuzz_url(bytes, n);
		break;
	case 1:
		fuzz_resolve(bytes, n, cut);
		break;
	case 2:
		fuzz_head(parse_request, bytes, n, cut);
		break;
	case 3:
		fuzz_head(smi_http_parse_response, bytes, n, cut);
		break;
	case 4:
		fuzz_chunks(bytes, n, cut);
		break;
	}
	free(bytes);
	return 0;
}
