/* SPDX-License-Identifier: MIT
 * tests/http/slice_text.h - slices as strings, for CHECK_STR.
 */
#ifndef SLICE_TEXT_H
#define SLICE_TEXT_H

#include <string.h>

#include "test.h"

#include "base/buffer.h"
#include "http/slice.h"

/* Good until the next call; NULL for an absent slice. */
static inline const char *text_of(struct smi_slice s)
{
	static char text[70000];

	CHECK(s.length < sizeof(text));
	if (!s.at)
		return NULL;
	memcpy(text, s.at, s.length);
	text[s.length] = '\0';
	return text;
}

static inline const char *text_in(const struct smi_buffer *b)
{
	if (!b->data)
		return "";
	return text_of(smi_slice(smi_buffer_bytes(b), smi_buffer_length(b)));
}

#endif /* SLICE_TEXT_H */
