/* SPDX-License-Identifier: MIT
 * http/framing.c - where a message's body ends, and whether its connection
 * goes on after it. */
#include "http/framing.h"

#include <simul/error.h>

/* What the fields say. A fault in them is an error only if they count: the
 * answer to HEAD has no body whatever its Content-Length. */
struct facts {
	uint64_t length;
	bool has_length;
	bool has_coding;
	bool chunked;
	bool foreign; /* a coding other than chunked */
	bool close;
	bool keep_alive;
	bool expects_continue;
	bool fault;
};

static bool parse_length(struct smi_slice s, uint64_t *ret_length)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.length; i++) {
		unsigned digit = (unsigned)s.at[i] - '0';

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		n = 10 * n + digit;
	}
	*ret_length = n;
	return s.length > 0;
}

static void note_length(struct facts *f, struct smi_slice value)
{
	if (f->has_length || !parse_length(value, &f->length))
		f->fault = true;
	f->has_length = true;
}

static void note_codings(struct facts *f, struct smi_slice list)
{
	struct smi_slice coding;

	f->has_coding = true;
	while (smi_http_list_next(&list, &coding)) {
		if (f->chunked) /* twice, or not the last */
			f->fault = true;
		if (smi_slice_is_like(coding, smi_slice_of("chunked")))
			f->chunked = true;
		else
			f->foreign = true;
	}
}

static void note_connection(struct facts *f, struct smi_slice list)
{
	struct smi_slice option;

	while (smi_http_list_next(&list, &option)) {
		if (smi_slice_is_like(option, smi_slice_of("close")))
			f->close = true;
		if (smi_slice_is_like(option, smi_slice_of("keep-alive")))
			f->keep_alive = true;
	}
}

/* One pass over all fields; their names' lengths tell most of them apart. */
static struct facts gather_facts(const struct smi_http_message *m)
{
	struct facts f = { 0 };

	for (size_t i = 0; i < m->count; i++) {
		struct smi_slice name = smi_http_name(m, i);
		struct smi_slice value = smi_http_value(m, i);

		if (smi_slice_is_like(name, smi_slice_of("content-length")))
			note_length(&f, value);
		else if (smi_slice_is_like(name,
					   smi_slice_of("transfer-encoding")))
			note_codings(&f, value);
		else if (smi_slice_is_like(name, smi_slice_of("connection")))
			note_connection(&f, value);
		else if (smi_slice_is_like(name, smi_slice_of("expect")))
			f.expects_continue |= smi_slice_is_like(
				value, smi_slice_of("100-continue"));
	}
	return f;
}

/* Chunked at last it shall be, and no length beside it. HTTP/1.0 had no
 * transfer codings: who passed one on did not understand it. */
static int frame_coded(const struct smi_http_message *m, const struct facts *f,
		       struct smi_http_framing *framing)
{
	if (f->fault || f->has_length || !f->chunked || m->minor == 0)
		return -SIMUL_EPROTOCOL;
	if (f->foreign)
		return -SIMUL_EUNSUPPORTED;
	framing->kind = SMI_HTTP_CHUNKED;
	return 0;
}

static int frame(const struct smi_http_message *m, const struct facts *f,
		 enum smi_http_body_kind otherwise,
		 struct smi_http_framing *framing)
{
	if (f->has_coding)
		return frame_coded(m, f, framing);
	if (f->fault)
		return -SIMUL_EPROTOCOL;
	framing->kind = otherwise;
	if (f->has_length) {
		framing->kind = f->length ? SMI_HTTP_LENGTH : SMI_HTTP_NO_BODY;
		framing->length = f->length;
	}
	return 0;
}

static bool keeps_alive(const struct smi_http_message *m, const struct facts *f)
{
	return !f->close && (m->minor > 0 || f->keep_alive);
}

int smi_http_frame_request(const struct smi_http_message *m,
			   struct smi_http_framing *ret_framing)
{
	struct facts f = gather_facts(m);
	struct smi_http_framing framing = {
		.keep_alive = keeps_alive(m, &f),
		.expects_continue = f.expects_continue && m->minor > 0
	};
	int r = frame(m, &f, SMI_HTTP_NO_BODY, &framing);

	if (r < 0)
		return r;
	*ret_framing = framing;
	return 0;
}

/* Does the connection belong to another protocol from here on? */
static bool changes_protocol(unsigned status, struct smi_slice method)
{
	return status == 101 || (status / 100 == 2 &&
				 smi_slice_is(method, smi_slice_of("CONNECT")));
}

static bool has_no_body(unsigned status, struct smi_slice method)
{
	return status / 100 == 1 || status == 204 || status == 304 ||
	       smi_slice_is(method, smi_slice_of("HEAD"));
}

int smi_http_frame_response(const struct smi_http_message *m,
			    struct smi_slice method,
			    struct smi_http_framing *ret_framing)
{
	struct facts f = gather_facts(m);
	struct smi_http_framing framing = { .keep_alive = keeps_alive(m, &f) };
	int r;

	if (changes_protocol(m->status, method)) {
		framing.keep_alive = false;
	} else if (!has_no_body(m->status, method)) {
		r = frame(m, &f, SMI_HTTP_UNTIL_CLOSE, &framing);
		if (r < 0)
			return r;
		framing.keep_alive &= framing.kind != SMI_HTTP_UNTIL_CLOSE;
	}
	*ret_framing = framing;
	return 0;
}
