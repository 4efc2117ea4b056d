/* SPDX-License-Identifier: MIT
 * http/url.h - http and https URLs (RFC 3986): parse, resolve, write.
 *
 * A URL is parsed into slices of the text it was given as; nothing is copied
 * or allocated. Text may be what people write: spaces around it are passed
 * over, and characters that don't belong in a path, query or fragment (spaces,
 * quotes, what is not ASCII) are let in; they are percent-encoded when the URL
 * is written, as browsers do. Nothing is let in that could be read in two ways
 * as to which host is meant.
 *
 * What writes appends to a buffer, and returns 0, or -ENOMEM and leaves the
 * buffer as it was.
 */
#ifndef SMI_HTTP_URL_H
#define SMI_HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/slice.h"

enum { SMI_URL_LIMIT = 16 * 1024 /* bytes of text */ };

struct smi_url {
	struct smi_slice scheme;
	struct smi_slice authority; /* userinfo, host and port as given */
	struct smi_slice userinfo;  /* absent without @ */
	struct smi_slice host;	    /* an IPv6 address without brackets */
	struct smi_slice path;	    /* empty, or begins with / */
	struct smi_slice query;	    /* absent without ? */
	struct smi_slice fragment;  /* absent without # */
	uint16_t port;		    /* the scheme's if none is given */
	bool secure;		    /* https */
};

/* Parse an absolute http or https URL. -SIMUL_EURL if it is none. */
int smi_url_parse(struct smi_slice text, struct smi_url *ret_url);

/* Why smi_url_parse refuses this text, in words; NULL if it doesn't. */
const char *smi_url_complaint(struct smi_slice text);

/* Parse a host with or without a port, as in a Host field. The port is 0 if
 * there is none. -SIMUL_EURL if it can't be one. */
int smi_url_parse_host(struct smi_slice text, struct smi_slice *ret_host,
		       uint16_t *ret_port);

/* Do credentials and cookies for one of them belong to the other too: are
 * scheme, host and port the same? */
bool smi_url_same_origin(const struct smi_url *a, const struct smi_url *b);

/* ---- Writing */

/* The URL that a reference found in the document at base means (RFC 3986,
 * section 5). It may turn out to be one of another scheme (mailto:...), which
 * smi_url_parse then refuses. -SIMUL_EURL if the text can't be a reference. */
int smi_url_resolve(const struct smi_url *base, struct smi_slice reference,
		    struct smi_buffer *to);

/* All of it. */
int smi_url_write(const struct smi_url *url, struct smi_buffer *to);

/* All of it but the fragment, in the one form of the many that mean the same:
 * scheme and host in lower case, no default port, no dot segments, a path, and
 * no character percent-encoded without need. For comparing. */
int smi_url_write_normal(const struct smi_url *url, struct smi_buffer *to);

/* Path and query: what is asked for in a request. */
int smi_url_write_target(const struct smi_url *url, struct smi_buffer *to);

/* Host, and port if it is not the scheme's: what stands in a Host field. */
int smi_url_write_host(const struct smi_url *url, struct smi_buffer *to);

#endif /* SMI_HTTP_URL_H */
