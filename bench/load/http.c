/* SPDX-License-Identifier: MIT
 * bench/load/http.c - GET, and an answer with status 200, a length, and the
 * body that is expected. */
#include "load.h"

#include <strings.h>

static void prepare(struct load *load)
{
	char request[1024];
	int length = snprintf(request, sizeof(request),
			      "GET %s HTTP/1.1\r\n"
			      "Host: 127.0.0.1:%d\r\n"
			      "User-Agent: load\r\n"
			      "Accept: */*\r\n"
			      "\r\n",
			      load->options.path, load->options.port);
	size_t n = (size_t)length;

	if (n >= sizeof(request))
		load_fail("the path is too long");
	load->out.bytes = bench_alloc(n + AT_ONCE);
	for (size_t i = 0; i < n + AT_ONCE; i++)
		load->out.bytes[i] = request[i % n];
	load->out.period = load->out.request = n;
}

static size_t begin(const struct load *load, long i)
{
	(void)load;
	(void)i;
	return 0;
}

/* The number behind a header field's name in a line of a head, or -1. */
static long field(const char *line, const char *end, const char *name)
{
	size_t length = strlen(name);
	long value = 0;

	if ((size_t)(end - line) <= length ||
	    strncasecmp(line, name, length) != 0)
		return -1;
	for (line += length; line < end && *line == ' '; line++)
		continue;
	for (; line < end && *line >= '0' && *line <= '9'; line++)
		value = value * 10 + (*line - '0');
	return line == end ? value : -1;
}

/* The length of the body that this head announces, or -1. */
static long body_length(const char *head, const char *end)
{
	if (end - head < 13 || memcmp(head, "HTTP/1.1 200 ", 13) != 0)
		return -1;
	while (head < end) {
		const char *next = memchr(head, '\r', (size_t)(end - head));
		const char *stop = next ? next : end;
		long length = field(head, stop, "content-length:");

		if (length >= 0)
			return length;
		head = stop + 2;
	}
	return -1;
}

/* The length of the answer that begins here: 0 if it is not complete, -1 if it
 * is not what was asked for. */
static long answer(const struct load *load, const char *bytes, size_t n)
{
	const char *end = memmem(bytes, n, "\r\n\r\n", 4);
	const char *body = load->options.body;
	long length;

	if (!end)
		return n >= PART / 2 ? -1 : 0;
	length = body_length(bytes, end);
	if (length < 0 || length > PART / 2 - 8)
		return -1;
	end += 4;
	if ((size_t)(end - bytes) + (size_t)length > n)
		return 0;
	if (body && ((size_t)length != strlen(body) ||
		     memcmp(end, body, (size_t)length) != 0))
		return -1;
	return end - bytes + length;
}

static void keep(struct connection *c, const char *bytes, size_t n)
{
	if (n > 0 && !c->part)
		c->part = bench_alloc(PART);
	if (n > 0)
		memcpy(c->part, bytes, n);
	c->arrived = n;
}

static long take(struct load *load, struct connection *c, char *bytes, size_t n)
{
	long answers = 0, length;
	size_t at = 0;

	n += c->arrived;
	while (at < n && (length = answer(load, bytes + at, n - at)) != 0) {
		if (length < 0)
			return -1;
		at += (size_t)length;
		answers++;
	}
	keep(c, bytes + at, n - at);
	return answers;
}

const struct protocol protocol_http = {
	.name = "http", .prepare = prepare, .begin = begin, .take = take
};
