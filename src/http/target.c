/* SPDX-License-Identifier: MIT
 * http/target.c - what a request asks for, and of which host. */
#include "http/target.h"

#include <simul/error.h>

#include "http/url.h"

static int read_host(const struct smi_http_message *m,
		     struct smi_http_target *target)
{
	struct smi_slice name = smi_slice_of("host");
	struct smi_slice value, another;
	size_t at = 0;

	if (!smi_http_find_next(m, name, &at, &value))
		return m->minor ? -SIMUL_EPROTOCOL : 0;
	if (smi_http_find_next(m, name, &at, &another))
		return -SIMUL_EPROTOCOL;
	if (value.length == 0)
		return 0;
	if (smi_url_parse_host(value, &target->host, &target->port) < 0)
		return -SIMUL_EPROTOCOL;
	return 0;
}

/* Path and query. A fragment stays with the client: a # is an attempt to make
 * two readers see two paths. */
static int read_origin(struct smi_slice text, struct smi_http_target *target)
{
	const char *end = text.at + text.length;
	const char *mark = memchr(text.at, '?', text.length);

	if (memchr(text.at, '#', text.length))
		return -SIMUL_EPROTOCOL;
	target->form = SMI_HTTP_ORIGIN;
	target->path = text;
	if (mark) {
		target->path.length = (size_t)(mark - text.at);
		target->query = smi_slice(mark + 1, (size_t)(end - mark - 1));
	}
	return 0;
}

/* Userinfo in a target hides the host from whoever reads it (RFC 9110, section
 * 4.2.4). */
static int read_absolute(struct smi_slice text, struct smi_http_target *target)
{
	struct smi_url url;

	if (smi_url_parse(text, &url) < 0 || url.userinfo.at || url.fragment.at)
		return -SIMUL_EPROTOCOL;
	target->form = SMI_HTTP_ABSOLUTE;
	target->host = url.host;
	target->port = url.port;
	target->path = url.path.length ? url.path : smi_slice_of("/");
	target->query = url.query;
	return 0;
}

static int read_authority(struct smi_slice text, struct smi_http_target *target)
{
	if (smi_url_parse_host(text, &target->host, &target->port) < 0 ||
	    target->port == 0)
		return -SIMUL_EPROTOCOL;
	target->form = SMI_HTTP_AUTHORITY;
	return 0;
}

int smi_http_read_target(const struct smi_http_message *m,
			 struct smi_http_target *ret_target)
{
	struct smi_slice text = smi_http_slice(m, m->target);
	struct smi_slice method = smi_http_method(m);
	struct smi_http_target target = { .host = smi_slice_of("") };
	int r = read_host(m, &target);

	if (r < 0)
		return r;
	if (smi_slice_is(method, smi_slice_of("CONNECT"))) {
		r = read_authority(text, &target);
	} else if (*text.at == '/') {
		r = read_origin(text, &target);
	} else if (smi_slice_is(text, smi_slice_of("*"))) {
		target.form = SMI_HTTP_ASTERISK;
		if (!smi_slice_is(method, smi_slice_of("OPTIONS")))
			r = -SIMUL_EPROTOCOL;
	} else {
		r = read_absolute(text, &target);
	}
	if (r == 0)
		*ret_target = target;
	return r;
}
