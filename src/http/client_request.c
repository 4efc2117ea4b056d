/* SPDX-License-Identifier: MIT
 * http/client_request.c - what a client sends, and how a redirect changes it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <simul/error.h>

#include "http/client.h"
#include "http/writer.h"

static bool is_one_of(const char *name, const char *const *names)
{
	struct smi_slice s = smi_slice_of(name);

	for (; *names; names++)
		if (smi_slice_is_like(s, smi_slice_of(*names)))
			return true;
	return false;
}

static bool is_method(struct smi_slice method, const char *name)
{
	return smi_slice_is(method, smi_slice_of(name));
}

/* ---- What may be sent */

static int check_call(const simul_http_call *call,
		      struct smi_client_fault *fault)
{
	/* What describes the message itself is ours to say. */
	static const char *const ours[] = { "connection", "content-length",
					    "expect",	  "keep-alive",
					    "te",	  "transfer-encoding",
					    "trailer",	  "upgrade",
					    NULL };

	if (call->method && strcmp(call->method, "CONNECT") == 0)
		return smi_client_fail(fault, -EINVAL,
				       "CONNECT is no request of a client's");
	for (size_t i = 0; i < call->field_count; i++)
		if (is_one_of(call->fields[i].name, ours))
			return smi_client_fail(
				fault, -EINVAL,
				"the header field %s is not the caller's",
				call->fields[i].name);
	return 0;
}

/* Parse url's text, of which the caller says what it is. */
static int parse_url(struct smi_slice text, struct smi_url *ret_url,
		     struct smi_client_fault *fault, const char *prefix)
{
	int r = smi_url_parse(text, ret_url);

	if (r < 0)
		return smi_client_fail(fault, r, "%s%s", prefix,
				       smi_url_complaint(text));
	return 0;
}

int smi_client_request_init(struct smi_client_request *request,
			    const simul_http_call *call,
			    struct smi_client_fault *fault)
{
	int r = check_call(call, fault);

	if (r < 0)
		return r;
	*request = (struct smi_client_request){
		.call = call,
		.method = smi_slice_of(call->method ? call->method : "GET"),
	};
	return parse_url(smi_slice_of(call->url), &request->url, fault,
			 "not a URL: ");
}

void smi_client_request_done(struct smi_client_request *request)
{
	smi_buffer_done(&request->location);
	smi_buffer_done(&request->authority);
	smi_buffer_done(&request->head);
}

/* ---- The head */

/* Is a field of the call left out, after redirects? */
static bool is_dropped(const struct smi_client_request *request,
		       const char *name)
{
	static const char *const credentials[] = {
		"authorization", "cookie", "host", "proxy-authorization", NULL
	};
	static const char *const about_body[] = { "content-encoding",
						  "content-language",
						  "content-location",
						  "content-type", NULL };

	return (request->astray && is_one_of(name, credentials)) ||
	       (request->without_body && is_one_of(name, about_body));
}

static bool has_field(const struct smi_client_request *request,
		      const char *name)
{
	const simul_http_call *call = request->call;

	for (size_t i = 0; i < call->field_count; i++)
		if (smi_slice_is_like(smi_slice_of(call->fields[i].name),
				      smi_slice_of(name)))
			return !is_dropped(request, name);
	return false;
}

static void write_default(struct smi_http_writer *w,
			  const struct smi_client_request *request,
			  const char *name, struct smi_slice value)
{
	if (!has_field(request, name))
		smi_http_write_field(w, smi_slice_of(name), value);
}

static void write_fields(struct smi_http_writer *w,
			 const struct smi_client_request *request)
{
	const simul_http_call *call = request->call;

	for (size_t i = 0; i < call->field_count; i++)
		if (!is_dropped(request, call->fields[i].name))
			smi_http_write_field(
				w, smi_slice_of(call->fields[i].name),
				smi_slice_of(call->fields[i].value));
}

/* Servers expect to be told of the body of a method that usually has one. */
static bool announces_body(const struct smi_client_request *request)
{
	return !request->without_body && (request->call->body_length > 0 ||
					  is_method(request->method, "POST") ||
					  is_method(request->method, "PUT") ||
					  is_method(request->method, "PATCH"));
}

static struct smi_slice slice_in(const struct smi_buffer *b)
{
	return smi_slice(smi_buffer_bytes(b), smi_buffer_length(b));
}

static int write_head(struct smi_client_request *request,
		      struct smi_slice target, const char *user_agent)
{
	struct smi_http_writer w = smi_http_writer(&request->head);

	smi_http_write_request(&w, request->method, target);
	write_default(&w, request, "Host", slice_in(&request->authority));
	write_default(&w, request, "User-Agent", smi_slice_of(user_agent));
	write_default(&w, request, "Accept", smi_slice_of("*/*"));
	write_fields(&w, request);
	request->has_body = announces_body(request);
	if (request->has_body)
		smi_http_write_length(&w, request->call->body_length);
	return smi_http_write_end(&w);
}

int smi_client_write_request(struct smi_client_request *request,
			     const char *user_agent,
			     struct smi_client_fault *fault)
{
	struct smi_buffer target = { 0 };
	int r;

	smi_buffer_done(&request->authority);
	smi_buffer_done(&request->head);
	r = smi_url_write_host(&request->url, &request->authority);
	if (r >= 0)
		r = smi_url_write_target(&request->url, &target);
	if (r >= 0)
		r = write_head(request, slice_in(&target), user_agent);
	smi_buffer_done(&target);
	if (r == -EINVAL)
		smi_client_fail(fault, r,
				"its method or a header field can't be sent");
	else if (r < 0)
		smi_client_fail(fault, r, "no memory");
	return r;
}

/* ---- Redirects */

/* What browsers have made of these for so long that it is the standard. */
static bool becomes_get(unsigned status, struct smi_slice method)
{
	if (status == 303)
		return !is_method(method, "HEAD");
	return (status == 301 || status == 302) && is_method(method, "POST");
}

/* A fragment is kept through redirects that don't name another. */
static int resolve(const struct smi_client_request *request,
		   struct smi_slice location, struct smi_buffer *to)
{
	struct smi_slice fragment = request->url.fragment;
	int r = smi_url_resolve(&request->url, location, to);

	if (r < 0 || !fragment.at || memchr(location.at, '#', location.length))
		return r;
	r = smi_buffer_append(to, "#", 1);
	if (r >= 0 && fragment.length)
		r = smi_buffer_append(to, fragment.at, fragment.length);
	return r;
}

/* Its text is for people to read, and a server's to choose. */
static int print_width(struct smi_slice s)
{
	return s.length < 100 ? (int)s.length : 100;
}

int smi_client_redirect(struct smi_client_request *request, unsigned status,
			struct smi_slice location,
			struct smi_client_fault *fault)
{
	struct smi_buffer text = { 0 };
	char prefix[160];
	struct smi_url url;
	int r = resolve(request, location, &text);

	snprintf(prefix, sizeof(prefix),
		 "redirected to \"%.*s\": ", print_width(location),
		 location.at);
	if (r == -SIMUL_EURL)
		smi_client_fail(fault, r, "%sthat is no URL", prefix);
	else if (r < 0)
		smi_client_fail(fault, r, "no memory");
	else
		r = parse_url(slice_in(&text), &url, fault, prefix);
	if (r < 0) {
		smi_buffer_done(&text);
		return r;
	}
	request->astray |= !smi_url_same_origin(&request->url, &url);
	if (becomes_get(status, request->method)) {
		request->method = smi_slice_of("GET");
		request->without_body = true;
	}
	smi_buffer_done(&request->location);
	request->location = text;
	request->url = url;
	return 0;
}
