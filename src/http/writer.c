/* SPDX-License-Identifier: MIT
 * http/writer.c - writes the head of a request or response into a buffer. */
#include "http/writer.h"

#include <errno.h>

#include "http/chars.h"

/* Room for a line of n bytes; NULL after an error, now or before. */
static char *open_line(struct smi_http_writer *w, size_t n)
{
	if (w->error == 0)
		w->error = smi_buffer_reserve(w->to, n);
	return w->error < 0 ? NULL : smi_buffer_tail(w->to);
}

static void close_line(struct smi_http_writer *w, const char *end)
{
	smi_buffer_commit(w->to, (size_t)(end - smi_buffer_tail(w->to)));
}

static void refuse(struct smi_http_writer *w)
{
	if (w->error == 0)
		w->error = -EINVAL;
}

static char *put(char *p, struct smi_slice s)
{
	if (s.length)
		memcpy(p, s.at, s.length);
	return p + s.length;
}

static bool is_token(struct smi_slice s)
{
	return s.length && smi_skip(s.at, s.at + s.length, SMI_CHAR_TOKEN) ==
				   s.at + s.length;
}

static bool is_visible(struct smi_slice s)
{
	return s.length &&
	       smi_skip_visible(s.at, s.at + s.length) == s.at + s.length;
}

static bool is_text(struct smi_slice s)
{
	return s.length == 0 ||
	       smi_skip_text(s.at, s.at + s.length) == s.at + s.length;
}

void smi_http_write_request(struct smi_http_writer *w, struct smi_slice method,
			    struct smi_slice target)
{
	struct smi_slice version = smi_slice_of(" HTTP/1.1\r\n");
	char *p;

	if (!is_token(method) || !is_visible(target)) {
		refuse(w);
		return;
	}
	p = open_line(w, method.length + 1 + target.length + version.length);
	if (!p)
		return;
	p = put(p, method);
	*p++ = ' ';
	p = put(p, target);
	close_line(w, put(p, version));
}

void smi_http_write_status(struct smi_http_writer *w, unsigned status,
			   struct smi_slice reason)
{
	struct smi_slice version = smi_slice_of("HTTP/1.1 ");
	struct smi_slice end = smi_slice_of("\r\n");
	char *p;

	if (reason.length == 0)
		reason = smi_http_reason(status);
	if (status < 100 || status > 999 || !is_text(reason)) {
		refuse(w);
		return;
	}
	p = open_line(w, version.length + 4 + reason.length + end.length);
	if (!p)
		return;
	p = put(p, version);
	*p++ = (char)('0' + status / 100);
	*p++ = (char)('0' + status / 10 % 10);
	*p++ = (char)('0' + status % 10);
	*p++ = ' ';
	p = put(p, reason);
	close_line(w, put(p, end));
}

void smi_http_write_own_field(struct smi_http_writer *w, struct smi_slice name,
			      struct smi_slice value)
{
	struct smi_slice colon = smi_slice_of(": ");
	struct smi_slice end = smi_slice_of("\r\n");
	char *p = open_line(w, name.length + colon.length + value.length +
				       end.length);

	if (!p)
		return;
	p = put(p, name);
	p = put(p, colon);
	p = put(p, value);
	close_line(w, put(p, end));
}

void smi_http_write_field(struct smi_http_writer *w, struct smi_slice name,
			  struct smi_slice value)
{
	if (is_token(name) && is_text(value))
		smi_http_write_own_field(w, name, value);
	else
		refuse(w);
}

void smi_http_write_length(struct smi_http_writer *w, uint64_t length)
{
	char digits[20];
	size_t first = sizeof(digits);

	do
		digits[--first] = (char)('0' + length % 10);
	while (length /= 10);
	smi_http_write_own_field(
		w, smi_slice_of("Content-Length"),
		smi_slice(digits + first, sizeof(digits) - first));
}

int smi_http_write_end(struct smi_http_writer *w)
{
	char *p = open_line(w, 2);

	if (p)
		close_line(w, put(p, smi_slice_of("\r\n")));
	else
		w->to->end = w->to->start + w->start;
	return w->error;
}

/* As in the standard's registry; NULL where it has none. */
static const char *const reasons[] = {
	[100] = "Continue",
	[101] = "Switching Protocols",
	[103] = "Early Hints",
	[200] = "OK",
	[201] = "Created",
	[202] = "Accepted",
	[203] = "Non-Authoritative Information",
	[204] = "No Content",
	[205] = "Reset Content",
	[206] = "Partial Content",
	[300] = "Multiple Choices",
	[301] = "Moved Permanently",
	[302] = "Found",
	[303] = "See Other",
	[304] = "Not Modified",
	[305] = "Use Proxy",
	[307] = "Temporary Redirect",
	[308] = "Permanent Redirect",
	[400] = "Bad Request",
	[401] = "Unauthorized",
	[402] = "Payment Required",
	[403] = "Forbidden",
	[404] = "Not Found",
	[405] = "Method Not Allowed",
	[406] = "Not Acceptable",
	[407] = "Proxy Authentication Required",
	[408] = "Request Timeout",
	[409] = "Conflict",
	[410] = "Gone",
	[411] = "Length Required",
	[412] = "Precondition Failed",
	[413] = "Content Too Large",
	[414] = "URI Too Long",
	[415] = "Unsupported Media Type",
	[416] = "Range Not Satisfiable",
	[417] = "Expectation Failed",
	[421] = "Misdirected Request",
	[422] = "Unprocessable Content",
	[426] = "Upgrade Required",
	[428] = "Precondition Required",
	[429] = "Too Many Requests",
	[431] = "Request Header Fields Too Large",
	[500] = "Internal Server Error",
	[501] = "Not Implemented",
	[502] = "Bad Gateway",
	[503] = "Service Unavailable",
	[504] = "Gateway Timeout",
	[505] = "HTTP Version Not Supported",
	[511] = "Network Authentication Required",
};

struct smi_slice smi_http_reason(unsigned status)
{
	size_t known = sizeof(reasons) / sizeof(reasons[0]);

	if (status >= known || !reasons[status])
		return smi_slice_of("");
	return smi_slice_of(reasons[status]);
}
