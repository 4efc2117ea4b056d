/* SPDX-License-Identifier: MIT
 * tls/alpn.c - the protocol that is spoken inside (ALPN, RFC 7301). */
#include "tls/alpn.h"

#include <errno.h>
#include <string.h>

static int add(struct smi_tls_alpn *alpn, const char *name, size_t length)
{
	if (length == 0 || length + 1 > sizeof alpn->names - alpn->length)
		return -EINVAL;
	alpn->names[alpn->length] = (unsigned char)length;
	memcpy(alpn->names + alpn->length + 1, name, length);
	alpn->length = (unsigned char)(alpn->length + length + 1);
	return 0;
}

int smi_tls_alpn_parse(const char *text, struct smi_tls_alpn *ret_alpn)
{
	struct smi_tls_alpn alpn = { 0 };
	int r = 0;

	while (text && r >= 0) {
		size_t length = strcspn(text, ",");

		r = add(&alpn, text, length);
		text = text[length] ? text + length + 1 : NULL;
	}
	if (r >= 0)
		*ret_alpn = alpn;
	return r;
}
