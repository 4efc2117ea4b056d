/* SPDX-License-Identifier: MIT
 * http/url_write.c - resolves references, and writes URLs. */
#include <errno.h>
#include <string.h>

#include <simul/error.h>

#include "http/chars.h"
#include "http/url.h"
#include "http/url_parts.h"

/* What is being written. After a step that failed the others do nothing, so
 * that the end is the only place to look. */
struct pen {
	struct smi_buffer *to;
	size_t start; /* bytes in the buffer that are not ours */
	int error;
};

static struct pen pen_on(struct smi_buffer *to)
{
	return (struct pen){ .to = to, .start = smi_buffer_length(to) };
}

/* Take back what was written if it did not succeed. */
static int pen_up(struct pen *pen)
{
	if (pen->error < 0)
		pen->to->end = pen->to->start + pen->start;
	return pen->error;
}

static void put(struct pen *pen, const char *bytes, size_t n)
{
	if (pen->error == 0)
		pen->error = smi_buffer_append(pen->to, bytes, n);
}

static void put_char(struct pen *pen, char c)
{
	put(pen, &c, 1);
}

static void put_slice(struct pen *pen, struct smi_slice s)
{
	put(pen, s.at, s.length);
}

static void put_lower(struct pen *pen, struct smi_slice s)
{
	put_slice(pen, s);
	if (pen->error < 0)
		return;
	for (char *p = smi_buffer_tail(pen->to) - s.length;
	     p < smi_buffer_tail(pen->to); p++)
		*p = smi_lower(*p);
}

static void put_encoded(struct pen *pen, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;

	put(pen, (char[]){ '%', digits[byte >> 4], digits[byte & 15] }, 3);
}

/* Is there %XX at p? */
static bool is_encoded(const char *p, const char *end)
{
	return end - p >= 3 && p[0] == '%' && smi_char_is(p[1], SMI_CHAR_HEX) &&
	       smi_char_is(p[2], SMI_CHAR_HEX);
}

/* Percent-encode what is neither of this class nor encoded already. */
static void put_quoted(struct pen *pen, struct smi_slice s,
		       enum smi_char_class class)
{
	const char *p = s.at, *end = s.at + s.length;

	while (p < end) {
		const char *run = p;

		while ((p = smi_skip(p, end, class)) < end &&
		       is_encoded(p, end))
			p += 3;
		put(pen, run, (size_t)(p - run));
		if (p < end)
			put_encoded(pen, *p++);
	}
}

/* The same, and what is encoded without need is not, and the rest in capitals
 * (RFC 3986, section 6.2.2). */
static void put_normal(struct pen *pen, struct smi_slice s,
		       enum smi_char_class class)
{
	const char *p = s.at, *end = s.at + s.length;

	while (p < end) {
		bool encoded = is_encoded(p, end);
		char c = *p;

		if (encoded)
			c = (char)(smi_hex_value(p[1]) << 4 |
				   smi_hex_value(p[2]));
		if (smi_char_is(c, encoded ? SMI_CHAR_UNRESERVED : class))
			put_char(pen, c);
		else
			put_encoded(pen, c);
		p += encoded ? 3 : 1;
	}
}

typedef void put_text(struct pen *pen, struct smi_slice s,
		      enum smi_char_class class);

/* A part that may be absent, behind the character that announces it. */
static void put_part(struct pen *pen, char mark, struct smi_slice s,
		     put_text *put_as)
{
	if (s.at == NULL)
		return;
	put_char(pen, mark);
	put_as(pen, s, SMI_CHAR_QUERY);
}

/* ---- Dot segments (RFC 3986, section 5.2.4) */

static bool begins(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

static bool is(const char *p, const char *end, const char *text)
{
	return (size_t)(end - p) == strlen(text) && begins(p, end, text);
}

/* Drop the last segment and the slash before it. */
static char *drop_segment(char *path, char *out)
{
	while (out > path && *--out != '/')
		;
	return out;
}

/* Remove the dot segments of a path in its place; returns its new end. The
 * letters are those of the standard's steps; a slash that it puts back in
 * front of the rest is `p` left on the one in the dot segment's place. */
static char *remove_dots(char *path, char *end)
{
	char *out = path, *p = path;

	while (p < end) {
		if (begins(p, end, "../")) { /* A */
			p += 3;
		} else if (begins(p, end, "./")) {
			p += 2;
		} else if (begins(p, end, "/./")) { /* B */
			p += 2;
		} else if (is(p, end, "/.")) {
			*out++ = '/';
			break;
		} else if (begins(p, end, "/../")) { /* C */
			p += 3;
			out = drop_segment(path, out);
		} else if (is(p, end, "/..")) {
			out = drop_segment(path, out);
			*out++ = '/';
			break;
		} else if (is(p, end, ".") || is(p, end, "..")) { /* D */
			break;
		} else { /* E */
			do
				*out++ = *p++;
			while (p < end && *p != '/');
		}
	}
	return out;
}

/* Remove the dot segments of the path that was written from here on (counted
 * from the first byte in the buffer). */
static void mend_path(struct pen *pen, size_t from)
{
	char *bytes;

	if (pen->error < 0 || smi_buffer_length(pen->to) == from)
		return;
	bytes = smi_buffer_bytes(pen->to);
	pen->to->end =
		(size_t)(remove_dots(bytes + from, smi_buffer_tail(pen->to)) -
			 pen->to->data);
}

/* ---- Resolving */

/* What the last segment of base gives way to, or all of its path. */
static struct smi_slice directory(struct smi_slice path)
{
	while (path.length && path.at[path.length - 1] != '/')
		path.length--;
	return path.length ? path : smi_slice_of("/");
}

/* A path that is relative to base's, or stands on its own if base is NULL. */
static void put_path(struct pen *pen, const struct smi_url *base,
		     struct smi_slice path)
{
	size_t from = smi_buffer_length(pen->to);

	if (base && path.length == 0) {
		put_quoted(pen, base->path, SMI_CHAR_PATH);
		return;
	}
	if (base && *path.at != '/')
		put_quoted(pen, directory(base->path), SMI_CHAR_PATH);
	put_quoted(pen, path, SMI_CHAR_PATH);
	mend_path(pen, from);
}

/* A path without an authority before it must not look as if it began with one
 * when its dot segments are gone: scheme:/.//path. */
static void check_path(struct pen *pen, size_t from)
{
	const char *path, *end;

	if (pen->error < 0)
		return;
	path = smi_buffer_bytes(pen->to) + from;
	end = smi_buffer_tail(pen->to);
	if (begins(path, end, "//"))
		pen->error = -SIMUL_EURL;
}

/* As it was given. Only userinfo is mended: a host that needs it is none. */
static void put_authority(struct pen *pen, struct smi_slice authority)
{
	const char *at = authority.length
				 ? memchr(authority.at, '@', authority.length)
				 : NULL;
	size_t n = at ? (size_t)(at - authority.at) : 0;

	put_slice(pen, smi_slice_of("//"));
	put_quoted(pen, smi_slice(authority.at, n), SMI_CHAR_USERINFO);
	put_slice(pen, smi_slice(authority.at + n, authority.length - n));
}

int smi_url_resolve(const struct smi_url *base, struct smi_slice reference,
		    struct smi_buffer *to)
{
	struct smi_slice text = smi_url_trim(reference);
	struct smi_url_parts r = smi_url_split(text);
	bool relative = !r.scheme.at && !r.authority.at;
	struct pen pen = pen_on(to);
	size_t from;

	if (smi_url_text_complaint(text))
		return -SIMUL_EURL;
	if (relative && r.path.length == 0 && !r.query.at)
		r.query = base->query;
	if (relative)
		r.authority = base->authority;
	put_slice(&pen, r.scheme.at ? r.scheme : base->scheme);
	put_char(&pen, ':');
	if (r.authority.at)
		put_authority(&pen, r.authority);
	from = smi_buffer_length(to);
	put_path(&pen, relative ? base : NULL, r.path);
	if (!r.authority.at)
		check_path(&pen, from);
	put_part(&pen, '?', r.query, put_quoted);
	put_part(&pen, '#', r.fragment, put_quoted);
	return pen_up(&pen);
}

/* ---- Writing what was parsed */

int smi_url_write(const struct smi_url *url, struct smi_buffer *to)
{
	struct pen pen = pen_on(to);

	put_slice(&pen, url->scheme);
	put_char(&pen, ':');
	put_authority(&pen, url->authority);
	put_quoted(&pen, url->path, SMI_CHAR_PATH);
	put_part(&pen, '?', url->query, put_quoted);
	put_part(&pen, '#', url->fragment, put_quoted);
	return pen_up(&pen);
}

static void put_host(struct pen *pen, const struct smi_url *url)
{
	bool ipv6 = memchr(url->host.at, ':', url->host.length) != NULL;

	if (ipv6)
		put_char(pen, '[');
	put_lower(pen, url->host);
	if (ipv6)
		put_char(pen, ']');
	if (url->port != (url->secure ? 443 : 80) && pen->error == 0)
		pen->error = smi_buffer_printf(pen->to, ":%u", url->port);
}

int smi_url_write_host(const struct smi_url *url, struct smi_buffer *to)
{
	struct pen pen = pen_on(to);

	put_host(&pen, url);
	return pen_up(&pen);
}

int smi_url_write_target(const struct smi_url *url, struct smi_buffer *to)
{
	struct pen pen = pen_on(to);

	if (url->path.length == 0)
		put_char(&pen, '/');
	put_quoted(&pen, url->path, SMI_CHAR_PATH);
	put_part(&pen, '?', url->query, put_quoted);
	return pen_up(&pen);
}

int smi_url_write_normal(const struct smi_url *url, struct smi_buffer *to)
{
	struct pen pen = pen_on(to);
	size_t path;

	put_lower(&pen, url->scheme);
	put_slice(&pen, smi_slice_of("://"));
	if (url->userinfo.at) {
		put_normal(&pen, url->userinfo, SMI_CHAR_USERINFO);
		put_char(&pen, '@');
	}
	put_host(&pen, url);
	path = smi_buffer_length(to);
	if (url->path.length == 0)
		put_char(&pen, '/');
	put_normal(&pen, url->path, SMI_CHAR_PATH);
	mend_path(&pen, path);
	put_part(&pen, '?', url->query, put_normal);
	return pen_up(&pen);
}
