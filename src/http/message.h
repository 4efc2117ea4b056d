/* SPDX-License-Identifier: MIT
 * http/message.h - the head of a request or response, as the parser found it.
 *
 * Nothing is copied: method, target, names and values are places in the bytes
 * that were parsed, counted from .bytes. When those bytes move (their buffer
 * grew), set .bytes to their new address and everything is right again; when
 * they are gone, so is the message.
 *
 * All bits zero is an empty message. One message serves a connection for all
 * its life: the table of fields grows to what the largest head needs and is
 * used again.
 */
#ifndef SMI_HTTP_MESSAGE_H
#define SMI_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/slice.h"

/* A run of bytes, counted from .bytes of its message. */
struct smi_http_span {
	uint32_t at;
	uint32_t length;
};

struct smi_http_field {
	struct smi_http_span name;
	struct smi_http_span value; /* no white space around it */
};

struct smi_http_message {
	const char *bytes;
	struct smi_http_span method; /* of a request */
	struct smi_http_span target; /* of a request */
	struct smi_http_span reason; /* of a response; may be empty */
	unsigned status;	     /* of a response: 100 to 999 */
	unsigned minor;		     /* version 1.minor */
	uint32_t count;
	uint32_t room;
	struct smi_http_field *fields;
};

static inline struct smi_slice smi_http_slice(const struct smi_http_message *m,
					      struct smi_http_span span)
{
	return smi_slice(m->bytes + span.at, span.length);
}

static inline struct smi_slice smi_http_name(const struct smi_http_message *m,
					     size_t i)
{
	return smi_http_slice(m, m->fields[i].name);
}

static inline struct smi_slice smi_http_value(const struct smi_http_message *m,
					      size_t i)
{
	return smi_http_slice(m, m->fields[i].value);
}

static inline struct smi_slice smi_http_method(const struct smi_http_message *m)
{
	return smi_http_slice(m, m->method);
}

/* Append a field. -SIMUL_ETOOLONG if there are limit of them, -ENOMEM. */
int smi_http_message_add(struct smi_http_message *m,
			 struct smi_http_field field, uint32_t limit);

/* Free the table of fields; the message is empty and may be used again. */
void smi_http_message_done(struct smi_http_message *m);

/* ---- Looking things up. Names are compared without regard to case. */

/* Find the first field of this name from number *at on: its value, and its
 * number plus one in *at, so that a loop sees them all. */
bool smi_http_find_next(const struct smi_http_message *m, struct smi_slice name,
			size_t *at, struct smi_slice *ret_value);

/* Find the first field of this name. */
bool smi_http_find(const struct smi_http_message *m, struct smi_slice name,
		   struct smi_slice *ret_value);

/* Take the first element off a list such as `gzip, "a, b"; q=1`: what comes
 * before the first comma outside quotes. Empty elements are passed over. False
 * when the list is used up. */
bool smi_http_list_next(struct smi_slice *list, struct smi_slice *ret_element);

/* Is there an element token (whatever its case) in a field of this name? */
bool smi_http_has(const struct smi_http_message *m, struct smi_slice name,
		  struct smi_slice token);

#endif /* SMI_HTTP_MESSAGE_H */
