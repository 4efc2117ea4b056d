/* SPDX-License-Identifier: MIT
 * http/url.c - parses http and https URLs. */
#include "http/url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <simul/error.h>

#include "http/chars.h"
#include "http/url_parts.h"

enum { HOST_LIMIT = 255 };

static struct smi_slice until(const char *from, const char *to)
{
	return smi_slice(from, (size_t)(to - from));
}

/* The first c in s, or its end. */
static const char *find(struct smi_slice s, char c)
{
	const char *at = s.length ? memchr(s.at, c, s.length) : NULL;

	return at ? at : s.at + s.length;
}

/* Take what is behind the first c off *s; absent if there is no c. */
static struct smi_slice cut(struct smi_slice *s, char c)
{
	const char *end = s->at + s->length;
	const char *at = find(*s, c);

	*s = until(s->at, at);
	return at < end ? until(at + 1, end) : smi_slice(NULL, 0);
}

static bool is_alpha(char c)
{
	return smi_lower(c) >= 'a' && smi_lower(c) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the scheme that s begins with, 0 if with none. */
static size_t scheme_length(struct smi_slice s)
{
	size_t i = 0;

	if (!s.length || !is_alpha(s.at[0]))
		return 0;
	while (i < s.length && (is_alpha(s.at[i]) || is_digit(s.at[i]) ||
				memchr("+-.", s.at[i], 3)))
		i++;
	return i < s.length && s.at[i] == ':' ? i : 0;
}

struct smi_url_parts smi_url_split(struct smi_slice text)
{
	struct smi_url_parts u = { .path = text };
	size_t n;

	u.fragment = cut(&u.path, '#');
	u.query = cut(&u.path, '?');
	n = scheme_length(u.path);
	if (n) {
		u.scheme = smi_slice(u.path.at, n);
		u.path = smi_slice(u.path.at + n + 1, u.path.length - n - 1);
	}
	if (u.path.length >= 2 && memcmp(u.path.at, "//", 2) == 0) {
		const char *end = u.path.at + u.path.length;

		u.authority = smi_slice(u.path.at + 2, u.path.length - 2);
		u.authority = until(u.authority.at, find(u.authority, '/'));
		u.path = until(u.authority.at + u.authority.length, end);
	}
	return u;
}

struct smi_slice smi_url_trim(struct smi_slice s)
{
	while (s.length && memchr(" \t\r\n\f", *s.at, 5)) {
		s.at++;
		s.length--;
	}
	while (s.length && memchr(" \t\r\n\f", s.at[s.length - 1], 5))
		s.length--;
	/* Not NULL, whatever it was: an empty text is there. */
	return s.length ? s : smi_slice_of("");
}

const char *smi_url_text_complaint(struct smi_slice text)
{
	if (text.length > SMI_URL_LIMIT)
		return "it is longer than 16384 bytes";
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return "it has a control character in it";
	return NULL;
}

/* ---- Host and port. Each returns a complaint, or NULL. */

static const char *parse_port(struct smi_slice s, uint16_t *port)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.length; i++) {
		if (!is_digit(s.at[i]))
			return "its port is not a number";
		n = 10 * n + (unsigned)(s.at[i] - '0');
		if (n > 65535)
			return "its port is over 65535";
	}
	if (s.length && n == 0)
		return "its port is 0";
	*port = (uint16_t)n;
	return NULL;
}

static const char *check_name(struct smi_slice s)
{
	if (s.length == 0)
		return "it has no host";
	if (s.length > HOST_LIMIT)
		return "its host is longer than 255 bytes";
	for (size_t i = 0; i < s.length; i++) {
		if (s.at[i] & 0x80)
			return "its host has a character that is not ASCII";
		if (!smi_char_is(s.at[i], SMI_CHAR_HOST))
			return "its host has a character that no host has";
	}
	return NULL;
}

static const char *check_ipv6(struct smi_slice s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (s.length < sizeof(text)) {
		memcpy(text, s.at, s.length);
		text[s.length] = '\0';
		if (inet_pton(AF_INET6, text, &address) == 1)
			return NULL;
	}
	return "what is in brackets is not an IPv6 address";
}

static const char *parse_host(struct smi_slice s, struct smi_slice *host,
			      uint16_t *port)
{
	const char *end, *close, *complaint;

	if (s.length == 0)
		return "it has no host";
	end = s.at + s.length;
	if (*s.at != '[') {
		close = find(s, ':');
		*host = until(s.at, close);
		complaint = check_name(*host);
	} else {
		close = find(s, ']');
		if (close == end)
			return "its host has no closing bracket";
		*host = until(s.at + 1, close++);
		complaint = check_ipv6(*host);
	}
	if (complaint)
		return complaint;
	*port = 0;
	if (close == end)
		return NULL;
	if (*close != ':')
		return "there is something between its host and its port";
	return parse_port(until(close + 1, end), port);
}

int smi_url_parse_host(struct smi_slice text, struct smi_slice *ret_host,
		       uint16_t *ret_port)
{
	struct smi_slice host;
	uint16_t port;

	if (parse_host(text, &host, &port))
		return -SIMUL_EURL;
	*ret_host = host;
	*ret_port = port;
	return 0;
}

/* ---- All of it */

static const char *parse_scheme(struct smi_slice scheme, struct smi_url *u)
{
	u->secure = smi_slice_is_like(scheme, smi_slice_of("https"));
	if (scheme.at == NULL)
		return "it does not begin with http:// or https://";
	if (!u->secure && !smi_slice_is_like(scheme, smi_slice_of("http")))
		return "its scheme is neither http nor https";
	u->scheme = scheme;
	return NULL;
}

static const char *parse_authority(struct smi_slice authority,
				   struct smi_url *u)
{
	struct smi_slice rest = authority;
	struct smi_slice behind = cut(&rest, '@');
	const char *complaint;

	u->authority = authority;
	if (behind.at) {
		if (memchr(behind.at, '@', behind.length))
			return "it has more than one @ before its path";
		if (memchr(rest.at, '\\', rest.length))
			return "it has a backslash before its path";
		u->userinfo = rest;
		rest = behind;
	}
	complaint = parse_host(rest, &u->host, &u->port);
	if (!complaint && u->port == 0)
		u->port = u->secure ? 443 : 80;
	return complaint;
}

static const char *parse(struct smi_slice text, struct smi_url *u)
{
	struct smi_slice trimmed = smi_url_trim(text);
	const char *complaint = smi_url_text_complaint(trimmed);
	struct smi_url_parts parts;

	*u = (struct smi_url){ 0 };
	if (complaint)
		return complaint;
	parts = smi_url_split(trimmed);
	complaint = parse_scheme(parts.scheme, u);
	if (complaint)
		return complaint;
	if (parts.authority.at == NULL)
		return "there is no // behind its scheme";
	u->path = parts.path;
	u->query = parts.query;
	u->fragment = parts.fragment;
	return parse_authority(parts.authority, u);
}

int smi_url_parse(struct smi_slice text, struct smi_url *ret_url)
{
	struct smi_url url;

	if (parse(text, &url))
		return -SIMUL_EURL;
	*ret_url = url;
	return 0;
}

const char *smi_url_complaint(struct smi_slice text)
{
	struct smi_url url;

	return parse(text, &url);
}

bool smi_url_same_origin(const struct smi_url *a, const struct smi_url *b)
{
	return a->secure == b->secure && a->port == b->port &&
	       smi_slice_is_like(a->host, b->host);
}
