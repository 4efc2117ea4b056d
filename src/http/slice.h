/* SPDX-License-Identifier: MIT
 * http/slice.h - a run of bytes that belongs to somebody else.
 *
 * No zero at its end. Where a slice may be absent (the query of a URL that has
 * no question mark), an absent one has no address and an empty one has.
 */
#ifndef SMI_HTTP_SLICE_H
#define SMI_HTTP_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct smi_slice {
	const char *at;
	size_t length;
};

static inline struct smi_slice smi_slice(const char *at, size_t length)
{
	return (struct smi_slice){ at, length };
}

/* A string without its zero; costs nothing for a literal. */
static inline struct smi_slice smi_slice_of(const char *text)
{
	return (struct smi_slice){ text, strlen(text) };
}

static inline bool smi_slice_is(struct smi_slice a, struct smi_slice b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline char smi_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The same text but for the case of ASCII letters? */
static inline bool smi_slice_is_like(struct smi_slice a, struct smi_slice b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (smi_lower(a.at[i]) != smi_lower(b.at[i]))
			return false;
	return true;
}

/* Without the spaces and tabs at both ends. */
static inline struct smi_slice smi_slice_trim(struct smi_slice s)
{
	while (s.length && (*s.at == ' ' || *s.at == '\t')) {
		s.at++;
		s.length--;
	}
	while (s.length &&
	       (s.at[s.length - 1] == ' ' || s.at[s.length - 1] == '\t'))
		s.length--;
	return s;
}

#endif /* SMI_HTTP_SLICE_H */
