/* SPDX-License-Identifier: MIT
 * http/chars.h - which characters may stand where in HTTP and in URLs.
 */
#ifndef SMI_HTTP_CHARS_H
#define SMI_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum smi_char_class {
	SMI_CHAR_TOKEN = 1,	 /* methods, field names: RFC 9110's tchar */
	SMI_CHAR_TEXT = 2,	 /* field values: all but controls; tab may */
	SMI_CHAR_HEX = 4,	 /* 0-9 a-f A-F */
	SMI_CHAR_UNRESERVED = 8, /* RFC 3986, and so on down */
	SMI_CHAR_HOST = 16,	 /* a name: unreserved or sub-delims */
	SMI_CHAR_USERINFO = 32,	 /* that and : */
	SMI_CHAR_PATH = 64,	 /* that and @ / */
	SMI_CHAR_QUERY = 128	 /* that and ?; a fragment too */
};

extern const unsigned char smi_char_classes[256];

static inline bool smi_char_is(char c, enum smi_char_class class)
{
	return smi_char_classes[(unsigned char)c] & class;
}

/* The first byte from p on that is not of this class, or end. */
static inline const char *smi_skip(const char *p, const char *end,
				   enum smi_char_class class)
{
	while (p < end && smi_char_is(*p, class))
		p++;
	return p;
}

/* Is one of these eight bytes less than least (one byte eight times over, at
 * most 0x80)? One that is less sets the top bit of its difference though its
 * own is clear; a borrow can do so to a neighbour, but only beside one that is
 * less. */
static inline bool smi_any_less(uint64_t bytes, uint64_t least)
{
	return (bytes - least) & ~bytes & 0x8080808080808080;
}

/* Like smi_skip for SMI_CHAR_TEXT, eight bytes at a time: most of a head is
 * field values, and this halves the time that a large one takes. */
static inline const char *smi_skip_text(const char *p, const char *end)
{
	uint64_t eight;

	for (; end - p >= 8; p += 8) {
		memcpy(&eight, p, 8);
		if (smi_any_less(eight, 0x2020202020202020) ||
		    smi_any_less(eight ^ 0x7f7f7f7f7f7f7f7f,
				 0x0101010101010101)) {
			const char *stop = smi_skip(p, p + 8, SMI_CHAR_TEXT);

			if (stop < p + 8)
				return stop;
		}
	}
	return smi_skip(p, end, SMI_CHAR_TEXT);
}

/* Like smi_skip for what may be in a request's target: visible ASCII. */
static inline const char *smi_skip_visible(const char *p, const char *end)
{
	while (p<end && * p> 0x20 && *p < 0x7f)
		p++;
	return p;
}

/* The value of a hexadecimal digit. */
static inline unsigned smi_hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0')
			: (unsigned)((c | 0x20) - 'a') + 10;
}

#endif /* SMI_HTTP_CHARS_H */
