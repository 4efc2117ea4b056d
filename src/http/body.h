/* SPDX-License-Identifier: MIT
 * http/body.h - finds a body's data in the bytes behind its head, and its end.
 *
 *	struct smi_http_body body = smi_http_body(&framing);
 *
 *	while (!smi_http_body_is_done(&body)) {
 *		n = smi_http_body_next(&body, bytes, length, &data);
 *		if (n < 0)
 *			return n;
 *		use data, if any; drop n bytes; if n was 0, read more
 *	}
 *
 * Data is never copied or held back: what there is of it in the bytes is
 * returned, in the order it stands there.
 */
#ifndef SMI_HTTP_BODY_H
#define SMI_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/framing.h"
#include "http/slice.h"

struct smi_http_body {
	enum smi_http_body_kind kind;
	int state;	   /* in the framing of chunks */
	uint64_t left;	   /* bytes of data to come, in this chunk or in all */
	uint32_t overhead; /* bytes that were no data, less what is usual */
};

/* A body framed like that, of which nothing was seen. */
struct smi_http_body smi_http_body(const struct smi_http_framing *framing);

/* Take one step through these bytes. Returns how many of them are dealt with;
 * *ret_data is the data among them, one run, or empty (length 0) if there is
 * none. Takes up all bytes in the end, unless the body ends before.
 *   -SIMUL_EPROTOCOL  bad chunks
 *   -SIMUL_ETOOLONG   16 KiB of chunk extensions or trailers (beyond what goes
 *                     with the data) */
ptrdiff_t smi_http_body_next(struct smi_http_body *body, const char *bytes,
			     size_t length, struct smi_slice *ret_data);

/* Has all of it been seen? */
bool smi_http_body_is_done(const struct smi_http_body *body);

/* How many of the bytes that come next are data for certain. So many may be
 * received straight into the place where data is wanted, and then be passed to
 * smi_http_body_next, which will return them all. */
uint64_t smi_http_body_run(const struct smi_http_body *body);

/* The connection was closed by the peer. -SIMUL_EEOF if something is missing;
 * else the body is done. */
int smi_http_body_close(struct smi_http_body *body);

/* ---- Sending chunks: head, data, tail; and after the last of them, the end.
 */

enum { SMI_HTTP_CHUNK_HEAD_ROOM = 18 };

/* Write the head of a chunk of so many bytes, not 0; returns its length. */
size_t smi_http_chunk_head(char to[SMI_HTTP_CHUNK_HEAD_ROOM], uint64_t size);

static inline struct smi_slice smi_http_chunk_tail(void)
{
	return smi_slice_of("\r\n");
}

static inline struct smi_slice smi_http_chunks_end(void)
{
	return smi_slice_of("0\r\n\r\n");
}

#endif /* SMI_HTTP_BODY_H */
