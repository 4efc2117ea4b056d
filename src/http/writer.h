/* SPDX-License-Identifier: MIT
 * http/writer.h - writes the head of a request or response into a buffer.
 *
 *	struct smi_http_writer w = smi_http_writer(&buffer);
 *
 *	smi_http_write_status(&w, 200, smi_slice_of(""));
 *	smi_http_write_field(&w, smi_slice_of("Server"), smi_slice_of("Simul"));
 *	smi_http_write_length(&w, n);
 *	r = smi_http_write_end(&w);
 *
 * A call after one that failed does nothing, so the end is the one place to
 * check; and a head is written whole or not at all.
 *
 * What would be another field or another message on the way (a line break or
 * any other control character in a value, a space in a name) is refused with
 * -EINVAL, wherever it came from.
 */
#ifndef SMI_HTTP_WRITER_H
#define SMI_HTTP_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/slice.h"

struct smi_http_writer {
	struct smi_buffer *to;
	size_t start; /* bytes in the buffer before the head */
	int error;    /* the first */
};

/* Begin a head behind what is in the buffer. */
static inline struct smi_http_writer smi_http_writer(struct smi_buffer *to)
{
	return (struct smi_http_writer){ .to = to,
					 .start = smi_buffer_length(to) };
}

/* The first line of a request. */
void smi_http_write_request(struct smi_http_writer *w, struct smi_slice method,
			    struct smi_slice target);

/* The first line of a response. An empty reason is replaced by the usual. */
void smi_http_write_status(struct smi_http_writer *w, unsigned status,
			   struct smi_slice reason);

/* A field of our own words, which need not be looked at. */
void smi_http_write_own_field(struct smi_http_writer *w, struct smi_slice name,
			      struct smi_slice value);

void smi_http_write_field(struct smi_http_writer *w, struct smi_slice name,
			  struct smi_slice value);

/* Content-Length. */
void smi_http_write_length(struct smi_http_writer *w, uint64_t length);

/* The empty line. 0, or the first error: -EINVAL, -ENOMEM; then the buffer is
 * as it was. */
int smi_http_write_end(struct smi_http_writer *w);

/* What a status means, in the words of the standard; empty if it isn't in it.
 */
struct smi_slice smi_http_reason(unsigned status);

#endif /* SMI_HTTP_WRITER_H */
