/* SPDX-License-Identifier: MIT
 * http/parser.c - finds the parts of a head in the bytes that arrived.
 *
 * One pass, line by line. The functions that parse a line return its length
 * with its end; 0 if the bytes run out before it is complete; or an error.
 * They go from left to right and say nothing that more bytes could change, so
 * that the answer does not depend on how the bytes came in. */
#include "http/parser.h"

#include <assert.h>
#include <string.h>

#include <simul/error.h>

#include "http/chars.h"

/* The head that is being parsed. */
struct work {
	struct smi_http_message *message;
	const char *bytes;
	const char *end;
	char *folds; /* bytes, where folded lines are to be joined; or NULL */
	uint32_t field_limit;
	bool started;  /* the first line was seen */
	bool complete; /* the empty line was */
};

typedef ptrdiff_t parse_line(struct work *w, const char *line);

static struct smi_http_span span(const struct work *w, const char *from,
				 const char *to)
{
	return (struct smi_http_span){ (uint32_t)(from - w->bytes),
				       (uint32_t)(to - from) };
}

/* The length of a line that ought to end at p. */
static ptrdiff_t end_line(const struct work *w, const char *line, const char *p)
{
	if (p < w->end && *p == '\r')
		p++;
	else if (p < w->end && !(w->folds && *p == '\n'))
		return -SIMUL_EPROTOCOL;
	if (p == w->end)
		return 0;
	return *p == '\n' ? p + 1 - line : -SIMUL_EPROTOCOL;
}

/* The same for the first line of a head, which has no fields yet. */
static ptrdiff_t end_first(struct work *w, const char *line, const char *p)
{
	ptrdiff_t n = end_line(w, line, p);

	w->started = n > 0;
	w->message->count = 0;
	return n;
}

/* HTTP/1.x at p, of which all eight bytes are there. */
static int parse_version(struct work *w, const char *p)
{
	if (memcmp(p, "HTTP/", 5) != 0 || p[5] < '0' || p[5] > '9' ||
	    p[6] != '.' || p[7] < '0' || p[7] > '9')
		return -SIMUL_EPROTOCOL;
	if (p[5] != '1')
		return -SIMUL_EUNSUPPORTED;
	w->message->minor = (unsigned)(p[7] - '0');
	return 0;
}

/* A word of the first line: not empty, and a space behind it. 1 if so, 0 if
 * the bytes ran out. */
static int end_word(const struct work *w, const char *word, const char *p)
{
	if (p == w->end)
		return 0;
	return p > word && *p == ' ' ? 1 : -SIMUL_EPROTOCOL;
}

static ptrdiff_t parse_request_line(struct work *w, const char *line)
{
	const char *target, *version, *p;
	int r;

	/* RFC 9112 2.2: pass over empty lines, for clients that send one
	 * behind a body. */
	if (*line == '\r')
		return end_line(w, line, line);
	p = smi_skip(line, w->end, SMI_CHAR_TOKEN);
	r = end_word(w, line, p);
	if (r <= 0)
		return r;
	w->message->method = span(w, line, p);
	target = p + 1;
	p = smi_skip_visible(target, w->end);
	r = end_word(w, target, p);
	if (r <= 0)
		return r;
	w->message->target = span(w, target, p);
	version = p + 1;
	if (w->end - version < 8)
		return 0;
	r = parse_version(w, version);
	if (r < 0)
		return r;
	return end_first(w, line, version + 8);
}

static bool parse_status(struct work *w, const char *p)
{
	if (p[0] < '1' || p[0] > '9' || p[1] < '0' || p[1] > '9' ||
	    p[2] < '0' || p[2] > '9')
		return false;
	w->message->status = (unsigned)(p[0] - '0') * 100 +
			     (unsigned)(p[1] - '0') * 10 +
			     (unsigned)(p[2] - '0');
	return true;
}

static ptrdiff_t parse_status_line(struct work *w, const char *line)
{
	const char *p = line + 12, *reason;
	int r;

	if (w->end - line < 12)
		return 0;
	r = parse_version(w, line);
	if (r < 0)
		return r;
	if (line[8] != ' ' || !parse_status(w, line + 9))
		return -SIMUL_EPROTOCOL;
	if (p < w->end && *p == ' ')
		p++;
	reason = p;
	if (p[-1] == ' ')
		p = smi_skip_text(p, w->end);
	w->message->reason = span(w, reason, p);
	return end_first(w, line, p);
}

/* The text from p to end, less the white space around it. */
static struct smi_http_span trimmed(const struct work *w, const char *p,
				    const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return span(w, p, end);
}

/* A line that continues the value of the field before it. */
static ptrdiff_t parse_fold(struct work *w, const char *line)
{
	struct smi_http_message *m = w->message;
	const char *p = smi_skip_text(line, w->end);
	ptrdiff_t n = end_line(w, line, p);
	struct smi_http_span more;
	struct smi_http_span *value;
	uint32_t end;

	if (n <= 0)
		return n;
	more = trimmed(w, line, p);
	value = &m->fields[m->count - 1].value;
	if (value->length == 0) {
		*value = more;
	} else if (more.length) {
		end = value->at + value->length;
		memset(w->folds + end, ' ', more.at - end);
		value->length = more.at + more.length - value->at;
	}
	return n;
}

/* The empty line, or one that continues a value. */
static ptrdiff_t parse_nameless(struct work *w, const char *line)
{
	ptrdiff_t n;

	if ((*line == ' ' || *line == '\t') && w->folds && w->message->count)
		return parse_fold(w, line);
	n = end_line(w, line, line);
	w->complete = n > 0;
	return n;
}

static ptrdiff_t parse_field(struct work *w, const char *line)
{
	const char *colon, *p;
	ptrdiff_t n;
	int r;

	colon = smi_skip(line, w->end, SMI_CHAR_TOKEN);
	if (colon == w->end)
		return 0;
	if (colon == line)
		return parse_nameless(w, line);
	if (*colon != ':')
		return -SIMUL_EPROTOCOL;
	p = smi_skip_text(colon + 1, w->end);
	n = end_line(w, line, p);
	if (n <= 0)
		return n;
	r = smi_http_message_add(
		w->message,
		(struct smi_http_field){ span(w, line, colon),
					 trimmed(w, colon + 1, p) },
		w->field_limit);
	return r < 0 ? r : n;
}

/* All lines that are complete, from where the parser stopped. */
static ptrdiff_t parse_lines(struct smi_http_parser *p, struct work *w,
			     parse_line *parse_start)
{
	while (!w->complete) {
		const char *line = w->bytes + p->line;
		ptrdiff_t n;

		if (line == w->end)
			return 0;
		n = p->started ? parse_field(w, line) : parse_start(w, line);
		if (n <= 0)
			return n;
		p->line += (uint32_t)n;
		p->started |= w->started;
	}
	return p->line;
}

static ptrdiff_t parse_head(struct smi_http_parser *p, struct work *w,
			    size_t length, parse_line *parse_start)
{
	uint32_t limit = p->head_limit ? p->head_limit : SMI_HTTP_HEAD_LIMIT;
	uint32_t end = length < limit ? (uint32_t)length : limit;
	ptrdiff_t n;

	assert(p->searched <= length);
	w->end = w->bytes + end;
	w->field_limit = p->field_limit ? p->field_limit : SMI_HTTP_FIELD_LIMIT;
	w->message->bytes = w->bytes;
	/* The line that was incomplete last time is parsed again, but only
	 * when its end is there: every byte is looked at three times at most.
	 */
	if (p->searched > p->line && end < limit &&
	    !memchr(w->bytes + p->searched, '\n', end - p->searched)) {
		p->searched = end;
		return 0;
	}
	n = parse_lines(p, w, parse_start);
	if (n == 0 && end == limit)
		return -SIMUL_ETOOLONG;
	if (n == 0)
		p->searched = end;
	if (n > 0) {
		p->line = p->searched = 0;
		p->started = false;
	}
	return n;
}

ptrdiff_t smi_http_parse_request(struct smi_http_parser *parser,
				 const char *bytes, size_t length,
				 struct smi_http_message *message)
{
	struct work w = { .message = message, .bytes = bytes };

	if (length == 0)
		return 0;
	return parse_head(parser, &w, length, parse_request_line);
}

ptrdiff_t smi_http_parse_response(struct smi_http_parser *parser, char *bytes,
				  size_t length,
				  struct smi_http_message *message)
{
	struct work w = { .message = message, .bytes = bytes, .folds = bytes };

	if (length == 0)
		return 0;
	return parse_head(parser, &w, length, parse_status_line);
}
